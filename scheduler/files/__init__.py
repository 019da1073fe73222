"""Import and export of series: the community file and the talks CSV."""
