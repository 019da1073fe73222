"""Import and export of the sections `organization` and `people`."""
