"""The inspection booth of a border post."""
