"""What the booth's screen shows, as plain values that the window paints."""
