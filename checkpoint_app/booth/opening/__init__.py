"""The booth opened: the key of its store, the officer, the status file."""
