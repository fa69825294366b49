"""Barcodes in a picture: regions that look like a code → laid upright → decoded several ways → believed or not."""
