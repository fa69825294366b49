"""The desk itself: state, jobs, clock, gate, and what every capability works with."""
