"""Telephones of a booking: in free text (IFT, SSR CTC…) and with addresses (ADD), as sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checkpoint_app.cargo.segments import Segment

# CTCE is an e-mail address and CTCA a postal one; some write the letters apart (CTC M).
_CONTACT = re.compile(r"\bCTC ?[BCHMPRTX]?\b[ .:/-]*(.+)", re.ASCII)
_ELSE = re.compile(r"\bCTC ?[AE]\b", re.ASCII)
_LEAST_DIGITS = 6
_MOST_SIGNS = 100


def phones_of(segment: Segment) -> Iterator[str]:
    """Iterate the telephone numbers that a segment states."""
    if segment.tag == "ADD":
        texts = [segment.get(place, 7) for place in range(len(segment.elements))]
    else:
        start = 0 if segment.tag == "SSR" else 1
        texts = [
            segment.get(place, component)
            for place in range(start, len(segment.elements))
            for component in range(min(len(segment.elements[place]), 20))
        ]
    for text in texts:
        if text is None or _ELSE.search(text):
            continue
        found = _CONTACT.search(text)
        phone = found[1] if found else text if segment.tag in {"ADD", "SSR"} else None
        if phone and sum(sign.isdigit() for sign in phone) >= _LEAST_DIGITS:
            yield phone[:_MOST_SIGNS].strip()
