"""Lists of lost, stolen, blank, revoked and void document numbers: sorted keyed hashes, up to a hundred million."""
