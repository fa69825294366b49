"""What an interchange's header (UNB) says of its sender and its date (ISO 9735-1)."""

from __future__ import annotations

from checkpoint_app.cargo.dates import day_of, joined
from checkpoint_app.cargo.segments import Segment


def prepared_of(header: Segment | None) -> str | None:
    """Return when the interchange was made (S004); None where it does not say."""
    return joined(day_of(header.get(3)), header.get(3, 1)) if header else None


def sender_of(header: Segment | None) -> str | None:
    """Return who sent the interchange (S002)."""
    return header.get(1) if header else None
