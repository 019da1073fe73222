"""The other way: rows -> the community file and the talks CSV."""
