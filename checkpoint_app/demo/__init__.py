"""Specimens, synthetic lists and the played demonstration."""
