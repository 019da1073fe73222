"""Files -> use cases: the community file and the talks CSV."""
