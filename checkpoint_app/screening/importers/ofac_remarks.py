"""Remarks of OFAC's SDN list: birth dates and places, states, sex, documents and weak names, as its texts state them.

A remark is a run of parts between semicolons, ended by a full stop: ``DOB 12 Mar 1960; alt. DOB circa 1961; POB Tulcan,
Ecuador; nationality Ecuador; Gender Female; Passport A0963 (Ecuador) issued 01 Jan 2001; a.k.a. 'LA MUESTRA'.``
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from checkpoint_app.screening.importers.births import in_words
from checkpoint_app.screening.importers.fields import FieldError

_PART = re.compile(r";\s+|;$")
_NAMED = re.compile(r"(?:alt\. )?(DOB|POB|nationality|citizen|Gender)[ :]+(.+)")
_WEAK = re.compile(r"(?:alt\. )?a\.k\.a\. '(.+)'")
_DOCUMENT = re.compile(
    r"(?:alt\. )?(?!Tax|Phone|Email|Registration|Vessel|Aircraft)(?:[\w.'-]+ ){0,5}?"
    r"(?:Passport|SSN|Cedula No\.|D\.N\.I\.|C\.U\.R\.P\.|ID No\.|ID Number|ID Card(?: No\.)?|Identification Number"
    r"|Identity Card(?: No\.)?|Travel Document(?: Number| No\.)?|Seafarer's Identification Document|Residency Number)"
    r" ([A-Za-z0-9][\w./ -]{1,38}?)(?: \(([^()]+)\))?( issued .*| expires .*)?"
)


@dataclass(slots=True)
class Remarks:
    """What a remark states. ``documents`` are (number, state as named), ``rest`` the parts that say something else."""

    births: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    sexes: list[str] = field(default_factory=list)
    documents: list[tuple[str, str]] = field(default_factory=list)
    weak_names: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)


def read_remarks(text: str, person: bool) -> Remarks:
    """Return what the remark of an individual states, or of another (``person`` false), which has weak names only."""
    found = Remarks()
    for part in _PART.split(text.strip().removesuffix(".")):
        if not (part := part.strip()):
            continue
        if weak := _WEAK.fullmatch(part):
            found.weak_names.append(weak[1].strip("' "))
        elif not (person and _person_part(part, found)):
            found.rest.append(part)
    return found


def _person_part(part: str, found: Remarks) -> bool:
    """Put what a part states where it belongs; tell whether it says no more than that."""
    if named := _NAMED.fullmatch(part):
        word, value = named[1], named[2].strip()
        if word == "DOB":
            found.births.append(_birth(value))
        else:
            kept = {"POB": found.places, "Gender": found.sexes}.get(word, found.states)
            kept.append(value)
        return True
    if document := _DOCUMENT.fullmatch(part):
        found.documents.append((document[1].strip(), document[2] or ""))
        return document[3] is None
    return False


def _birth(text: str) -> str:
    """Return the date in the form of all lists, or the text that an entry is then told to go without."""
    try:
        return in_words(text)
    except FieldError:
        return text


def joined(parts: Iterable[str]) -> str:
    """Return texts as one, without what is given twice."""
    return "; ".join(dict.fromkeys(part for part in parts if part))
