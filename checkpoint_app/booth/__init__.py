"""The use cases of the booth."""
