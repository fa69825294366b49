"""Lists at the booth: put in force, kept loaded, told on the screen."""
