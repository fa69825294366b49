"""Devices that yield documents, one small protocol each, and a simulator for each."""
