"""Cases: late hits and what else a person has to look at, found by the centre or by this booth itself."""
