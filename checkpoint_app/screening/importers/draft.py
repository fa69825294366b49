"""An entry in the making: parts as published lists give them, taken one by one; what cannot be taken is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from checkpoint_app.screening.entry import Entry, ListedDate, Name, Quality
from checkpoint_app.screening.importers.births import gregorian_years, in_words, is_gregorian, span
from checkpoint_app.screening.importers.fields import MAX_TEXT, FieldError, clean, listed_date, make_name, person_name
from checkpoint_app.screening.importers.peoples import state_of_people
from checkpoint_app.screening.importers.records import LeaveOut, make_entry
from checkpoint_app.screening.importers.states import state_of_name

_BRACKETED = re.compile(r"\(([^()]*)\)")
_APART = re.compile(r"[;؛،]")
_ISSUED = re.compile(r"\b(?:issued|issue date|expir\w*|valid|dated?|born)\b.*", re.IGNORECASE | re.DOTALL)
_NO_PREFIX = frozenset({"NO", "NR", "N°", "Nº"})

# Kinds of identifiers that no traveller shows and no cargo paper bears: words of OFAC's reference values.
_NO_DOCUMENTS = re.compile(
    r"website|e-?mail|phone|fax|swift|\bbic\b|digital currency|sanctions|executive order|\bdate\b|organi[sz]ation type"
    r"|target type|transactions|nationality of|title|citizenship|directive|regulation|prohibited|determination",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Draft:
    """Parts of one entry; ``entry`` makes it. ``leave_out`` is told of each part that the entry goes without."""

    leave_out: LeaveOut
    schema: str
    names: list[Name | None] = field(default_factory=list)
    births: list[ListedDate] = field(default_factory=list)
    sexes: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    documents: list[tuple[str, str]] = field(default_factory=list)
    places: dict[str, None] = field(default_factory=dict)  # a set in order
    remarks: dict[str, None] = field(default_factory=dict)

    @property
    def is_person(self) -> bool:
        """Whether the entry is one of a person, whose names have parts."""
        return self.schema == "Person"

    def add_name(self, family: str, given: str = "", *, weak: bool = False, whole: bool = False) -> None:
        """Take a name by its parts; ``whole`` where they cannot be told apart. Empty texts are no name."""
        shown = self._comparable(family, given)
        if shown is None:
            return
        family, given = shown
        whole = whole or not (family and given) or not self.is_person
        if whole:
            family, given = f"{family} {given}".strip(), ""
        self.names.append(make_name(family, given, _quality(weak), whole))

    def add_written(self, text: str, *, weak: bool = False) -> None:
        """Take a name written as one text; a person's parts are told by a comma or by a family name in capitals."""
        shown = self._comparable(text, "")
        if shown is None:
            return
        name = person_name(shown[0], _quality(weak)) if self.is_person else None
        self.names.append(name or make_name(shown[0], "", _quality(weak), whole=True))

    def add_birth(self, text: str, calendar: str = "") -> None:
        """Take a date of birth as `births.in_words` reads it; of other calendars only the year, told in the remarks."""
        if not text.strip():
            return
        try:
            plain = in_words(clean(text))
            if not is_gregorian(calendar):
                plain = self._converted(plain, calendar)
            self.births.append(listed_date(plain))
        except FieldError:
            self.leave_out("date of birth that cannot be read")

    def add_open_range(self, begin: str, end: str) -> None:
        """Take a range of years with one end open: no date to compare, so it is told and shown in the remarks."""
        self.leave_out("date of birth with one end open")
        self.add_remark(f"born in {begin} or later" if begin else f"born in {end} or earlier")

    def add_state(self, text: str) -> None:
        """Take a nationality by code, by the state's name or by that of its people."""
        if text.strip():
            self.states.append(state_of_people(text) or text)

    def add_document(self, text: str, issuer: str = "", kind: str = "") -> None:
        """Take a number with what stands around it ("Jordan 654781"), its issuer by code or name, and its kind."""
        if not text.strip():
            return
        if _NO_DOCUMENTS.search(kind):
            self.leave_out("identifier that is no document")
            return
        found = numbers_in(text) if len(text) <= MAX_TEXT else []
        if not found:
            self.leave_out("document number that cannot be read")
        stated = state_of_people(issuer) or issuer.strip()
        self.documents += [(number, stated or _state_in(words)) for number, words in found]

    def add_place(self, *parts: str) -> None:
        """Take a place of birth, the smallest part first."""
        place = ", ".join(text for part in parts if (text := part.strip()))
        if place:
            self.places[place] = None

    def add_remark(self, text: str) -> None:
        """Take a text for the officer."""
        if text := " ".join(text.split()):
            self.remarks[text] = None

    def entry(self, entry_id: str) -> Entry:
        """Return the entry. Raises FieldError: no id, no name that can be compared, or too many of one kind."""
        return make_entry(
            entry_id=entry_id,
            schema=self.schema,
            names=self.names,
            leave_out=self.leave_out,
            births=self.births,
            sexes=self.sexes,
            states=self.states,
            documents=self.documents,
            birth_place="; ".join(self.places),
            remarks=" · ".join(self.remarks),
            lenient=True,
        )

    def _comparable(self, family: str, given: str) -> tuple[str, str] | None:
        try:
            shown = clean(family), clean(given)
        except FieldError:
            self.leave_out("name that is too long")
            return None
        if any(c.isalpha() for c in "".join(shown)):
            return shown
        if any(shown):
            self.leave_out("name without a letter")
        return None

    def _converted(self, text: str, calendar: str) -> str:
        first, _, last = text.removeprefix("circa ").partition("/")
        begin, end = int(first[:4]), int((last or first)[:4])
        years = gregorian_years(begin, calendar)[0], gregorian_years(end, calendar)[1]
        word = calendar.replace("_", " ").casefold()
        self.add_remark(f"born in {begin if begin == end else f'{begin} to {end}'} of the {word} calendar")
        return span(f"{years[0]:04d}", f"{years[1]:04d}", text.startswith("circa "))


def names_in(text: str) -> list[str]:
    """Return the names that one text holds: apart by semicolons, and one in another script beside or in brackets.

    Brackets in the same script are kept in place: they hold a title or an abbreviation.
    """
    return [name for part in _APART.split(text) for name in _by_script(part)]


def numbers_in(text: str) -> list[tuple[str, str]]:
    """Return (number, words before it) of each document number in a text with words around it.

    Short capitals before the digits belong to it ("CV 9157521"); what tells of issue and expiry is passed over.
    """
    words = _ISSUED.sub("", _BRACKETED.sub(" ", text)).replace(";", ", ").split()
    found: list[tuple[str, str]] = []
    number: list[str] = []
    before: list[str] = []
    for word in [*words, ""]:
        bare = word.strip(",:#")
        if any(c.isdecimal() for c in bare):
            number.append(bare)
        elif number or not bare:
            number, before = _close(number, before, found), [bare]
        else:
            before.append(bare)
        if number and word.endswith(","):
            number, before = _close(number, before, found), []
    return found


def _close(number: list[str], before: list[str], found: list[tuple[str, str]]) -> list[str]:
    if number:
        while before and len(before[-1]) <= 2 and before[-1].isalpha() and before[-1].isupper():
            if before[-1] in _NO_PREFIX:
                break
            number = [before.pop(), *number]
        found.append((" ".join(number), " ".join(before)))
    return []


def _by_script(text: str) -> list[str]:
    """Return the runs of words of one script; marks and digits stay with what they follow, brackets left over go."""
    runs: list[list[str]] = []
    latin: bool | None = None
    for word in text.split():
        this = _is_latin(word) if any(c.isalpha() for c in word) else latin
        if not runs or (this is not latin and latin is not None):
            runs.append([])
        runs[-1].append(word)
        latin = this
    names = [" ".join(run) for run in runs]
    return [name if name.count("(") == name.count(")") and len(names) == 1 else name.strip(" ()") for name in names]


def _state_in(words: str) -> str:
    """Return the state that the words before a number name, as "Jordan" or "Afghan national identity card" do."""
    return state_of_name(words) or next((code for word in words.split() if (code := state_of_people(word))), "")


def _is_latin(text: str) -> bool:
    return all(ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 or 0x2B0 <= ord(c) < 0x300 for c in text if c.isalpha())


def _quality(weak: bool) -> Quality:
    return Quality.WEAK if weak else Quality.STRONG
