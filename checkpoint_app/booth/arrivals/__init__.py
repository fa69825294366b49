"""Passenger lists: screened before they arrive, met at the desk, closed when their time is over."""
