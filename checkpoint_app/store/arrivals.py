"""Messages that came before whom they tell of: line by line with what screening found, and who has appeared.

No projection, like the manifests they stand beside (`store.manifests`) and go with: what was found is an event of its
own, and who appeared is read from the Encounters that were decided. A *mark* names policy and lists as they were
screened by; a line of another mark is screened again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkpoint_app.store.connection import Database
from checkpoint_app.store.manifests import PASSENGER, Manifest
from checkpoint_app.wire.plain import from_plain, to_plain

_PASSED = "('let_pass', 'refer', 'protect')"
_WEIGHT = "CASE p.outcome WHEN 'hit' THEN 0 WHEN 'note' THEN 1 WHEN 'not_checked' THEN 2 WHEN '' THEN 3 ELSE 4 END"
_APPEARED = (
    "(SELECT min(e.decided_at) FROM arrival_matches m JOIN encounters e USING (encounter_id)"  # noqa: S608  constants
    " WHERE m.manifest = p.manifest AND m.place = p.place AND e.state = 'closed'"
    f" AND e.disposition IN {_PASSED})"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message on its way: what it is called, when it is due, and how far its lines are.

    ``indexed`` is the last line taken from the manifest, ``whole`` says that it was the last of all; ``people`` counts
    what is to be screened. ``done`` is the last of them screened by ``mark``, ``asked`` the last that the centre was
    asked about under ``asked_mark``. ``told`` is what the last event on it stood for. ``here``: an officer said
    that it is these who stand at the lane now. ``closed_at`` is None while open.
    """

    manifest: str
    holds: str
    kind: str
    label: str
    route: str
    received_at: datetime
    due: datetime
    ends: datetime
    indexed: int = -1
    whole: bool = False
    people: int = 0
    mark: str = ""
    done: int = -1
    asked_mark: str = ""
    asked: int = -1
    told: str = ""
    here: bool = False
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def is_of_people(self) -> bool:
        """Whether it is a passenger list."""
        return self.holds == PASSENGER


@dataclass(frozen=True, slots=True)
class Line:
    """One of those to be screened: the line of the manifest it stands in, and which of that line's people it is.

    ``within`` is -1 where the line is one person, or one consignment. ``keys`` are what it is found by.
    """

    place: int
    item: int
    within: int
    name: str
    document: str
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What screening came to: an outcome in a word, the field that was refused, and answers (JSON)."""

    place: int
    outcome: str
    refused: str
    answers: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as a page shows it. ``outcome`` is empty while it waits; ``appeared`` is when they were decided on."""

    place: int
    name: str
    document: str
    outcome: str
    refused: str
    appeared: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many lines of an arrival came to which outcome, and how many of its people have appeared."""

    outcomes: dict[str, int]
    appeared: int


class Arrivals:
    """The arrivals of a booth. Each method may raise the disk's StoreErrors."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # -- lines ---------------------------------------------------------------------------------------------------------

    def unknown(self, holds: Sequence[str]) -> Manifest | None:
        """Return the oldest manifest that holds one of ``holds`` and is no arrival yet."""
        marks = ", ".join("?" for _ in holds)
        row = self._db.row(
            f"SELECT * FROM manifests WHERE holds IN ({marks}) AND manifest NOT IN (SELECT manifest FROM arrivals)"  # noqa: S608
            " ORDER BY received_at LIMIT 1",
            tuple(holds),
        )
        return None if row is None else Manifest(**{**row, "received_at": _moment(row["received_at"])})

    def begin(self, one: Arrival) -> None:
        """Keep a new arrival, none of whose lines is there yet."""
        head = one.manifest, one.label, one.route, to_plain(one.due), to_plain(one.ends)
        self._db.execute(
            "INSERT INTO arrivals (manifest, label, route, due, ends, indexed) VALUES (?, ?, ?, ?, ?, ?)",
            (*head, one.indexed),
        )

    def unindexed(self) -> Arrival | None:
        """Return an arrival whose lines are not all there."""
        return next(iter(self._arrivals("a.whole = 0 ORDER BY a.due LIMIT 1")), None)

    def add(self, one: Arrival, lines: Iterable[Line], *, indexed: int, whole: bool) -> None:
        """Take further lines of an arrival; ``indexed`` is the manifest's line up to which they go."""
        count = 0
        with self._db.transaction():
            for line in lines:
                row = one.manifest, line.place, line.item, line.within, line.name, line.document
                self._db.execute(
                    "INSERT INTO arrival_lines (manifest, place, item, within, name, document)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    row,
                )
                for key in sorted(line.keys):
                    self._db.execute("INSERT INTO arrival_keys VALUES (?, ?, ?)", (key, *row[:2]))
                count += 1
            self._db.execute(
                "UPDATE arrivals SET indexed = ?, whole = ?, people = people + ? WHERE manifest = ?",
                (indexed, int(whole), count, one.manifest),
            )

    # -- screening -----------------------------------------------------------------------------------------------------

    def to_screen(self, mark: str) -> Arrival | None:
        """Return the open arrival to be screened by ``mark`` next; begun anew where it was another mark's.

        What was never screened goes first, then people, then what is due first.
        """
        found = next(
            iter(
                self._arrivals(
                    "a.closed_at IS NULL AND a.whole = 1 AND (a.mark <> ? OR a.done < a.people - 1)"
                    " ORDER BY a.told <> '', m.holds <> ?, a.due LIMIT 1",
                    mark,
                    PASSENGER,
                )
            ),
            None,
        )
        if found is None or found.mark == mark:
            return found
        self._db.execute("UPDATE arrivals SET mark = ?, done = -1 WHERE manifest = ?", (mark, found.manifest))
        return self.get(found.manifest)

    def to_ask(self, mark: str) -> Arrival | None:
        """Return the open passenger list that is due first of those the centre was not asked about under ``mark``."""
        found = next(
            iter(
                self._arrivals(
                    "a.closed_at IS NULL AND a.whole = 1 AND m.holds = ? AND a.people > 0"
                    " AND a.mark = ? AND a.done >= a.people - 1 AND (a.asked_mark <> ? OR a.asked < a.people - 1)"
                    " ORDER BY a.due LIMIT 1",
                    PASSENGER,
                    mark,
                    mark,
                )
            ),
            None,
        )
        if found is None or found.asked_mark == mark:
            return found
        self._db.execute("UPDATE arrivals SET asked_mark = ?, asked = -1 WHERE manifest = ?", (mark, found.manifest))
        return self.get(found.manifest)

    def lines(self, manifest: str, after: int, limit: int) -> list[Line]:
        """Return the lines after place ``after``, in their order, without their keys."""
        rows = self._db.rows(
            "SELECT place, item, within, name, document FROM arrival_lines WHERE manifest = ? AND place > ?"
            " ORDER BY place LIMIT ?",
            (manifest, after, limit),
        )
        return [Line(**row) for row in rows]

    def line(self, manifest: str, place: int) -> Line | None:
        """Return one line."""
        return next(iter(self.lines(manifest, place - 1, 1)), None)

    def own_and_centre(self, manifest: str, place: int) -> tuple[str, str, str]:
        """Return the answers of one line (JSON, or empty): this booth's, the centre's; and the field refused."""
        row = self._db.row(
            "SELECT answers, centre, refused FROM arrival_lines WHERE manifest = ? AND place = ?", (manifest, place)
        )
        return ("", "", "") if row is None else (row["answers"], row["centre"], row["refused"])

    def keep(self, one: Arrival, results: Iterable[Result], done: int) -> None:
        """Keep what was found here, up to the line ``done``; what the centre said of an older mark goes."""
        with self._db.transaction():
            for result in results:
                self._db.execute(
                    "UPDATE arrival_lines SET outcome = ?, refused = ?, answers = ?, centre = ''"
                    " WHERE manifest = ? AND place = ?",
                    (result.outcome, result.refused, result.answers, one.manifest, result.place),
                )
            self._db.execute("UPDATE arrivals SET done = ? WHERE manifest = ?", (done, one.manifest))

    def keep_centre(self, one: Arrival, results: Iterable[Result], asked: int) -> None:
        """Keep what the centre found, and what both together came to, up to the line ``asked``."""
        with self._db.transaction():
            for result in results:
                self._db.execute(
                    "UPDATE arrival_lines SET outcome = ?, centre = ? WHERE manifest = ? AND place = ?",
                    (result.outcome, result.answers, one.manifest, result.place),
                )
            self._db.execute("UPDATE arrivals SET asked = ? WHERE manifest = ?", (asked, one.manifest))

    def tell(self, manifest: str, told: str) -> None:
        """Keep what the last event on an arrival stood for."""
        self._db.execute("UPDATE arrivals SET told = ? WHERE manifest = ?", (told, manifest))

    def found(self, manifest: str, limit: int) -> list[tuple[int, str, str]]:
        """Return the lines with a note or a hit: place, and the answers of both (JSON, or empty)."""
        rows = self._db.rows(
            "SELECT place, answers, centre FROM arrival_lines WHERE manifest = ? AND outcome IN ('hit', 'note')"
            " ORDER BY place LIMIT ?",
            (manifest, limit),
        )
        return [(row["place"], row["answers"], row["centre"]) for row in rows]

    def counted(self, manifest: str) -> Counted:
        """Count the lines of an arrival by their outcome; and those who appeared."""
        rows = self._db.rows(
            "SELECT outcome, count(*) AS n FROM arrival_lines WHERE manifest = ? GROUP BY outcome", (manifest,)
        )
        appeared = self._db.value(
            "SELECT count(DISTINCT m.place) FROM arrival_matches m JOIN encounters e USING (encounter_id)"  # noqa: S608
            f" WHERE m.manifest = ? AND e.state = 'closed' AND e.disposition IN {_PASSED}",
            (manifest,),
        )
        return Counted({row["outcome"]: row["n"] for row in rows}, appeared or 0)

    # -- who stands there ----------------------------------------------------------------------------------------------

    def get(self, manifest: str) -> Arrival | None:
        """Return an arrival; None once it was purged."""
        return next(iter(self._arrivals("a.manifest = ?", manifest)), None)

    def of_people(self, limit: int) -> list[Arrival]:
        """Return the passenger lists, those open first, then by when they are due."""
        return self._arrivals(
            "m.holds = ? ORDER BY a.closed_at IS NOT NULL, CASE WHEN a.closed_at IS NULL THEN a.due END, a.due DESC"
            " LIMIT ?",
            PASSENGER,
            limit,
        )

    def open_at(self, now: datetime, before: datetime) -> list[Arrival]:
        """Return the passenger lists that are open and due before ``before``: their time may have come."""
        return self._arrivals(
            "m.holds = ? AND a.closed_at IS NULL AND a.due <= ? AND a.ends > ? ORDER BY a.due, a.manifest LIMIT 200",
            PASSENGER,
            to_plain(before),
            to_plain(now),
        )

    def over(self, now: datetime) -> list[Arrival]:
        """Return the open passenger lists whose time is over."""
        return self._arrivals(
            "m.holds = ? AND a.closed_at IS NULL AND a.ends <= ? ORDER BY a.ends LIMIT 50", PASSENGER, to_plain(now)
        )

    def find(self, manifest: str, keys: Sequence[str], limit: int = 100) -> list[Line]:
        """Return the lines of an arrival that bear one of ``keys``: those of the kind of key that sorts last first."""
        marks = ", ".join("?" for _ in keys)
        rows = self._db.rows(
            "SELECT l.place, l.item, l.within, l.name, l.document FROM arrival_keys k"  # noqa: S608  marks
            f" JOIN arrival_lines l USING (manifest, place) WHERE k.manifest = ? AND k.key IN ({marks})"
            " GROUP BY l.place ORDER BY max(substr(k.key, 1, 1)) DESC, l.place LIMIT ?",
            (manifest, *keys, limit),
        )
        return [Line(**row) for row in rows]

    def match(self, encounter_id: str, places: Iterable[tuple[str, int]]) -> None:
        """Keep which lines an Encounter's traveller is, one a list; what was kept of it before goes."""
        wanted = sorted(places)
        rows = self._db.rows("SELECT manifest, place FROM arrival_matches WHERE encounter_id = ?", (encounter_id,))
        if wanted == sorted((row["manifest"], row["place"]) for row in rows):
            return
        with self._db.transaction():
            self._db.execute("DELETE FROM arrival_matches WHERE encounter_id = ?", (encounter_id,))
            for manifest, place in wanted:
                self._db.execute("INSERT INTO arrival_matches VALUES (?, ?, ?)", (encounter_id, manifest, place))

    def page(self, manifest: str, limit: int) -> list[Shown]:
        """Return the lines of an arrival, those with hits first, then notes, then what was not checked."""
        rows = self._db.rows(
            f"SELECT p.place, p.name, p.document, p.outcome, p.refused, {_APPEARED} AS appeared"  # noqa: S608  constants
            f" FROM (SELECT * FROM arrival_lines p WHERE manifest = ? ORDER BY {_WEIGHT}, place LIMIT ?) p"
            f" ORDER BY {_WEIGHT}, p.place",
            (manifest, limit),
        )
        return [Shown(**{**row, "appeared": _moment_or_none(row["appeared"])}) for row in rows]

    def outcomes(self, manifest: str, limit: int) -> dict[int, str]:
        """Return what the lines of an arrival came to, by their line in the manifest; those that wait are missing."""
        rows = self._db.rows(
            "SELECT item, outcome FROM arrival_lines WHERE manifest = ? AND outcome <> '' ORDER BY place LIMIT ?",
            (manifest, limit),
        )
        return {row["item"]: row["outcome"] for row in rows}

    # -- closing -------------------------------------------------------------------------------------------------------

    def absent(self, manifest: str, limit: int) -> list[int]:
        """Return the places of those who have not appeared, in their order."""
        rows = self._db.rows(
            f"SELECT p.place FROM arrival_lines p WHERE p.manifest = ? AND {_APPEARED} IS NULL"  # noqa: S608  constants
            " ORDER BY p.place LIMIT ?",
            (manifest, limit),
        )
        return [row["place"] for row in rows]

    def stand(self, manifest: str) -> None:
        """Keep that it is these who stand at the lane now, and no others; of an empty id, nobody."""
        self._db.execute("UPDATE arrivals SET here = (manifest = ? AND closed_at IS NULL)", (manifest,))

    def close(self, manifest: str, at: datetime, officer: str) -> bool:
        """Close an arrival; tells whether it was open."""
        sql = "UPDATE arrivals SET closed_at = ?, closed_by = ?, here = 0 WHERE manifest = ? AND closed_at IS NULL"
        return self._db.execute(sql, (to_plain(at), officer, manifest)) == 1

    def _arrivals(self, condition: str, *params: Any) -> list[Arrival]:
        rows = self._db.rows(
            "SELECT a.*, m.holds, m.kind, m.received_at FROM arrivals a"  # noqa: S608  constant conditions
            f" JOIN manifests m USING (manifest) WHERE {condition}",
            params,
        )
        return [_arrival(row) for row in rows]


def _arrival(row: dict[str, Any]) -> Arrival:
    moments = {name: _moment_or_none(row[name]) for name in ("received_at", "due", "ends", "closed_at")}
    return Arrival(**{**row, **moments, "whole": bool(row["whole"]), "here": bool(row["here"])})


def _moment(text: str) -> datetime:
    return from_plain(datetime, text)


def _moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)
