"""The HTTP routes of the centre, an area a module."""
