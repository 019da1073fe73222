"""Import and export of the section `hosts`."""
