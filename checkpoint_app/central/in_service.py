"""Hits in service: of the travellers that a list was asked about, how many it hit, and how officers decided of those.

Counted out of the booths' events, without a name, a number or an id of anybody in what comes out. An Encounter counts
once for a list, whatever comes again: by what was answered since its last reading, under the version that hit first.
A false hit is one of which an officer decided that it is not the same person: for every candidate that was shown, or
as the reason to let pass. Encounters of a chain that was abandoned count too: those travellers were there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Row, select

from checkpoint_app.central import database, keeping
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.encounters import BodyShapeError, Place, read_body
from checkpoint_app.screening.checks import CLEARED, KIND_OF_CHECK
from checkpoint_app.verdict import Answer, Check, Outcome
from checkpoint_app.verdict.raising import open_count
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import PlainError, from_plain
from checkpoint_app.wire.sealing import SealError

MANY_TIMES, MOST_BY_CHANCE = 1.5, 20
"""Above so many times the promise, with so many false hits at least, a list is not as it was calibrated."""
TEN_THOUSAND, MILLION = 10_000, 1_000_000
COMPARED = "compared"  # the reason to let pass of whoever compared: not the same person
_PAGE = 200  # a page is a transaction: a long journal never keeps the booths waiting
_KINDS = (
    EventKind.ENCOUNTER_READ,
    EventKind.ENCOUNTER_CORRECTED,
    EventKind.ENCOUNTER_ANSWERED,
    EventKind.ENCOUNTER_REOPENED,
    EventKind.DISPOSITION,
    EventKind.SAME_PERSON,
    EventKind.NOT_SAME_PERSON,
)
_DECIDED = {"refer": "referred", "protect": "protected", "let_pass": "let_pass", "withdrawn": "withdrawn"}


@dataclass(slots=True)
class Counts:
    """Encounters: all that a list was asked about, those it hit, and of these how each was decided.

    ``cleared`` are those that it would have hit, had they not been cleared before.
    """

    screened: int = 0
    cleared: int = 0
    hits: int = 0
    not_same: int = 0
    same: int = 0
    referred: int = 0
    protected: int = 0
    let_pass: int = 0
    withdrawn: int = 0
    left_open: int = 0

    def add(self, other: Counts) -> None:
        """Add another's counts."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(frozen=True, slots=True)
class Measured:
    """A version of a list in service: its counts by post, and what was promised (None: not known any more).

    ``promised`` is in false hits of a million clean travellers.
    """

    list_name: str
    version: int
    check: Check
    promised: int | None
    posts: Mapping[str, Counts]

    @property
    def all(self) -> Counts:
        """The counts of all posts together."""
        total = Counts()
        for one in self.posts.values():
            total.add(one)
        return total

    @property
    def in_ten_thousand(self) -> float:
        """False hits of ten thousand travellers, as officers decided."""
        total = self.all
        return TEN_THOUSAND * total.not_same / total.screened if total.screened else 0.0

    @property
    def is_above(self) -> bool:
        """Whether there are clearly more false hits than were promised."""
        if self.promised is None or self.all.not_same < MOST_BY_CHANCE:
            return False
        return self.in_ten_thousand > MANY_TIMES * self.promised * TEN_THOUSAND / MILLION


@dataclass(frozen=True, slots=True)
class InService:
    """All versions that booths asked, in order of name and version, and how many events could not be read."""

    lists: tuple[Measured, ...]
    unread: int


@dataclass(slots=True)
class _Asked:
    """What one list said of one Encounter since its last reading."""

    version: int
    hit: bool = False
    cleared: bool = False
    unseen: bool = False
    shown: set[tuple[str, str]] = field(default_factory=set)

    def take(self, answer: Answer) -> None:
        """Take in one answer more; once the list has hit, the Encounter stays with the version that did."""
        if not self.hit:
            self.version = answer.source.version
        self.hit = self.hit or answer.outcome is Outcome.HIT
        self.cleared = self.cleared or any(finding.code == CLEARED for finding in answer.findings)
        count = open_count(answer) if answer.check is Check.WANTED else 0
        shown = answer.candidates[:count]
        self.shown |= {(one.entry_id, one.entry_digest) for one in shown}
        self.unseen = count > len(shown)


@dataclass(slots=True)
class _Encounter:
    """One Encounter, folded from its events."""

    asked: dict[tuple[Check, str], _Asked] = field(default_factory=dict)
    decided: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    disposition: str = ""
    reason: str = ""

    def counts_of(self, check: Check, list_name: str) -> Counts:
        """Return what the Encounter adds to the counts of a list."""
        one = self.asked[check, list_name]
        if not one.hit:
            return Counts(screened=1, cleared=int(one.cleared))
        counts = Counts(screened=1, hits=1)
        setattr(counts, self._outcome(check, list_name, one), 1)
        return counts

    def _outcome(self, check: Check, list_name: str, one: _Asked) -> str:
        found = [self.decided.get((list_name, *entry)) for entry in one.shown]
        if any(found):
            return "same"
        if found and not one.unseen and all(each is False for each in found):
            return "not_same"
        if check is Check.WANTED and self.disposition == "let_pass" and self.reason == COMPARED:
            return "not_same"
        return _DECIDED.get(self.disposition, "left_open")


def measured(centre: Centre, booth: str = "") -> InService:
    """Count all that was delivered, or what ``booth`` delivered. Raises CentreError: ``booth_unknown``."""
    table = database.booths
    asked = select(table.c.name, table.c.post).order_by(table.c.name)
    with centre.begin() as connection:
        rows = connection.execute(asked.where(table.c.name == booth) if booth else asked).all()
    if booth and not rows:
        raise CentreError("booth_unknown", f"booth {booth}: no such booth is enrolled; see central booths", 404)
    found: dict[tuple[str, int, Check], dict[str, Counts]] = {}
    unread = 0
    for row in rows:
        encounters, bad = _of_booth(centre, row.name)
        unread += bad
        for one in encounters:
            for check, name in one.asked:
                posts = found.setdefault((name, one.asked[check, name].version, check), {})
                posts.setdefault(row.post, Counts()).add(one.counts_of(check, name))
    with centre.begin() as connection:
        lists = tuple(
            Measured(name, version, check, keeping.promised(connection, name, version), dict(sorted(posts.items())))
            for (name, version, check), posts in sorted(found.items())
        )
    return InService(lists, unread)


def _of_booth(centre: Centre, booth: str) -> tuple[list[_Encounter], int]:
    """Return the Encounters of one booth, and how many events could not be read."""
    found: dict[str, _Encounter] = {}
    unread = 0
    for row in _events(centre, booth):
        try:
            place = Place(booth, row.chain, row.seq)
            _take(found, row.kind, read_body(centre.vault.open(row.sealed or b"", place.use)))  # none: not here
        except (BodyShapeError, SealError, PlainError, KeyError, TypeError, AttributeError):
            unread += 1
    return list(found.values()), unread


def _events(centre: Centre, booth: str) -> Iterator[Row[Any, Any, Any, Any]]:
    """Yield the events that tell of Encounters, those of a later chain after those of the one before."""
    events, bodies = database.events, database.bodies
    beside = (bodies.c.booth == events.c.booth) & (bodies.c.chain == events.c.chain) & (bodies.c.seq == events.c.seq)
    asked = (
        select(events.c.chain, events.c.seq, events.c.kind, bodies.c.sealed)
        .join(bodies, beside)
        .where(events.c.booth == booth, events.c.kind.in_([kind.value for kind in _KINDS]))
        .order_by(events.c.chain, events.c.seq)
        .limit(_PAGE)
    )
    chain, seq = 0, 0
    while True:
        later = (events.c.chain > chain) | ((events.c.chain == chain) & (events.c.seq > seq))
        with centre.begin(lasting=False) as connection:
            page = connection.execute(asked.where(later)).all()
        if not page:
            return
        yield from page
        chain, seq = page[-1].chain, page[-1].seq


def _take(found: dict[str, _Encounter], kind: str, body: Mapping[str, Any]) -> None:
    """Fold one event into its Encounter."""
    one = found.setdefault(from_plain(str, body["encounter_id"]), _Encounter())
    if kind in (EventKind.ENCOUNTER_READ, EventKind.ENCOUNTER_CORRECTED):
        one.asked = {}  # what was answered before, was of another reading
    elif kind == EventKind.ENCOUNTER_ANSWERED:
        _take_answers(one, body["answers"])
    elif kind == EventKind.DISPOSITION:
        one.disposition, one.reason = from_plain(str, body["disposition"]), from_plain(str, body["reason_code"])
    elif kind == EventKind.ENCOUNTER_REOPENED:
        one.disposition = one.reason = ""
    else:
        entry = tuple(from_plain(str, body[name]) for name in ("list", "entry_id", "entry_digest"))
        one.decided[entry[0], entry[1], entry[2]] = kind == EventKind.SAME_PERSON


def _take_answers(one: _Encounter, answers: Sequence[Mapping[str, Any]]) -> None:
    told = (from_plain(Answer, plain) for plain in answers if plain["check"] in KIND_OF_CHECK)
    for answer in told:
        if answer.outcome is not Outcome.NOT_CHECKED and answer.source.name:
            asked = one.asked.setdefault((answer.check, answer.source.name), _Asked(answer.source.version))
            asked.take(answer)
