"""Slips: a decision on paper for the next post."""
