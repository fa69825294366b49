"""Sticks: bundles taken and written by hand where there is no line."""
