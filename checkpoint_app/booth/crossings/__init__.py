"""Crossings: stays, the lot, the vehicle, and what all posts know."""
