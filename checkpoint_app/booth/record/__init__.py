"""What is written down and read back: Encounters and signed objects in the terms of the booth."""
