"""What goes wrong with a list that was built."""

from __future__ import annotations


class SegmentError(ValueError):
    """A segment can't be built or loaded: unknown kind, parts missing or damaged, or made for another engine."""
