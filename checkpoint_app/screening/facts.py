"""An entry's own values for the officer's eye: its caption, and what is laid beside the traveller's values."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint_app.screening.entry import Entry, ListedDate

MOST_SHOWN = 5
"""Values of one fact that are shown; how many more there are stands after them, as ``+3``."""


def caption(entry: Entry) -> str:
    """Return the entry in one line: ``ERIKSON, Ana María · 1974``."""
    name = entry.names[0] if entry.names else None
    parts = [part for part in (name.family.upper(), name.given) if part] if name else []
    years = sorted({text[:4] for date in entry.birth_dates for text in (date.first, date.last)})
    span = "" if not years else years[0] if len(years) == 1 else f"{years[0]}–{years[-1]}"
    return " · ".join(part for part in (", ".join(parts) or entry.id, span) if part)


def facts(entry: Entry, alias: int = 0) -> dict[str, str]:
    """Return the entry's values for comparison; what is not stated is absent. ``alias``: the name that agreed, first.

    Several values stand in one text, dates between `` / ``, aliases between ``; ``, others between ``, ``.
    """
    name = entry.names[0] if entry.names else None
    others = [n for place, n in enumerate(entry.names) if place and place == alias]
    others += [n for place, n in enumerate(entry.names) if place and place != alias]
    values = {
        "family_name": name.family if name else "",
        "given_names": name.given if name else "",
        "birth_date": _several([date_text(date) for date in entry.birth_dates], " / "),
        "sex": entry.sex,
        "nationality": _several(entry.nationalities, ", "),
        "document_number": _several([document.number for document in entry.documents], ", "),
        "birth_place": entry.birth_place,
        "alias": _several([f"{n.family} {n.given}".strip() for n in others], "; "),
    }
    return {key: value for key, value in values.items() if value}


def _several(values: Sequence[str], between: str) -> str:
    more = [f"+{len(values) - MOST_SHOWN}"] if len(values) > MOST_SHOWN else []
    return between.join([*values[:MOST_SHOWN], *more])


def date_text(date: ListedDate) -> str:
    """Return a listed date as text: 1974-08-12, 1972–1976, ~1951."""
    text = date.first if date.first == date.last else f"{date.first}–{date.last}"
    return f"~{text}" if date.circa else text
