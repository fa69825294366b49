"""The window: Qt Widgets, and nowhere else."""
