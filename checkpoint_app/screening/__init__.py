"""Entries, importers, the engine, its calibration and its explanations."""
