"""Drills, and the year of the line that they are told in."""
