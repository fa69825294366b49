"""The inspection booth of a border post."""

__version__ = "0.1.0"
