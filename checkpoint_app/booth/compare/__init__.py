"""Traveller and entry side by side."""
