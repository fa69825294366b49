"""What the screen shows of what the desk knows, in the officer's language."""
