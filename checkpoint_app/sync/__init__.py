"""The line to the centre: enrol, fetch lists, ask, deliver, receive cases."""
