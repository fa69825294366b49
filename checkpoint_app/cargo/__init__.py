"""Messages of carriers and customs: who and what comes, before it stands at the booth."""
