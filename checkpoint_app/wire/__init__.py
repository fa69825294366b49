"""What booth and centre share: canonical bytes, signed events, list packages, sealing. No I/O beyond given streams."""
