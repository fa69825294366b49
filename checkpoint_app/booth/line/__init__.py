"""The line to the centre: kept, asked, and written down when it fails."""
