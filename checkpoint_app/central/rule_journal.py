"""Passages for a back-test, out of the Encounters of all posts: fields, what inspections found, and whether drawn.

An Encounter's fields are those that the centre makes of its reading, and those that its booth's last evaluation told
(`rule_fields`): what decided nothing there is kept by nobody. Withdrawn Encounters are left out, for nobody passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from checkpoint_app.central import database, encounters, evaluations, lists, rule_fields
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.decided import BAD
from checkpoint_app.central.encounters import Place
from checkpoint_app.central.evaluations import Told
from checkpoint_app.central.transactions import retried
from checkpoint_app.risk.catalogue import Catalogue, catalogue
from checkpoint_app.risk.passages import Passage, passage_line
from checkpoint_app.risk.standing import Result
from checkpoint_app.verdict import LaneKind, Mode, Policy
from checkpoint_app.wire.plain import from_plain, to_plain

PAGE = 100
WITHDRAWN = "withdrawn"
SUBJECTS = {"traveller": LaneKind.PEOPLE, "consignment": LaneKind.CARGO}
_table, _subjects = database.encounters, database.rule_subjects


@dataclass
class Counted:
    """Encounters written, and those whose events say nothing sensible or no line holds."""

    written: int = 0
    left_out: int = 0


def passages(
    centre: Centre, days: int, counted: Counted, subject: str = "traveller", post: str = ""
) -> Iterator[bytes]:
    """Yield a line (`risk.passages`) for each Encounter of the last ``days`` in which ``subject`` was decided about.

    ``post`` names the one whose they are; empty: all. Bounded memory: a page of Encounters is held. Raises CentreError
    for a post that is none.
    """
    types = catalogue(f"{subject}/2")
    if types is None:
        raise CentreError("subject_unknown", f"{subject}: a subject is {' or '.join(SUBJECTS)}")
    since = centre.now() - timedelta(days=days)
    with centre.begin() as connection:
        policy = lists.policy(centre, connection)
        booths = _booths(connection, post)
    for booth in booths:
        after = ""
        while page := retried(centre, partial(_page, centre, booth, since, after)):
            after = page[-1][0]
            for _name, one in page:
                try:
                    passage = _passage(one, SUBJECTS[subject], types, policy, since)
                    line = b"" if passage is None else passage_line(passage)
                except BAD:
                    counted.left_out += 1
                    continue
                counted.written += bool(line)
                if line:
                    yield line


@dataclass(frozen=True, slots=True)
class _Encounter:
    """What the events of an Encounter tell."""

    decided_at: datetime
    read: Mapping[str, Any]
    disposition: str
    told: tuple[Told, ...]
    result: Result | None
    drawn: bool


def _booths(connection: Connection, post: str) -> list[str]:
    booths = database.booths
    asked = select(booths.c.name).order_by(booths.c.name)
    found = list(connection.scalars(asked.where(booths.c.post == post) if post else asked))
    if post and not found:
        raise CentreError("post_unknown", f"{post}: no booth is of such a post; `checkpoint central booths` tells them")
    return found


def _page(
    centre: Centre, booth: str, since: datetime, after: str, connection: Connection
) -> list[tuple[str, _Encounter | None]]:
    """Return the next Encounters by their ids; None for one whose events say nothing sensible."""
    beside = and_(_table.c.booth == _subjects.c.booth, _table.c.encounter_id == _subjects.c.encounter_id)
    columns = _subjects.c.chain.label("of"), _subjects.c.evaluated_seq, _subjects.c.drawn_seq, _subjects.c.result_seq
    asked = select(_table, *columns).join(_subjects, beside, isouter=True)
    asked = asked.where(_table.c.booth == booth, _table.c.encounter_id > after, _table.c.decided_seq.is_not(None))
    asked = asked.where(or_(_table.c.decided_at.is_(None), _table.c.decided_at >= to_plain(since)))
    rows = connection.execute(asked.order_by(_table.c.encounter_id).limit(PAGE)).all()
    return [(row.encounter_id, _encounter(centre, connection, row)) for row in rows]


def _encounter(centre: Centre, connection: Connection, row: Row[Any]) -> _Encounter | None:
    def body(chain: int | None, seq: int | None) -> tuple[str, Mapping[str, Any]]:
        place = None if chain is None or seq is None else Place(row.booth, chain, seq)
        return (place and encounters.body_at(centre, connection, place)) or ("", {})

    try:
        read, (header, decided) = body(row.chain, row.read_seq)[1], body(row.chain, row.decided_seq)
        evaluated, drawn, found = (body(row.of, seq)[1] for seq in (row.evaluated_seq, row.drawn_seq, row.result_seq))
        names = [name for name, _version, _hit in evaluations.told(evaluated)] if evaluated else []
        return _Encounter(
            decided_at=encounters.moment_of(header),
            read=read,
            disposition=from_plain(str, decided["disposition"]),
            told=tuple(evaluations.told_of(evaluated, name) for name in names),
            result=Result(found["result"]) if found else None,
            drawn=drawn.get("selected") is True,
        )
    except (*BAD, StopIteration):
        return None


def _passage(
    one: _Encounter | None, kind: LaneKind, types: Catalogue, policy: Policy | None, since: datetime
) -> Passage | None:
    """Return the passage; None for an Encounter that is of the other kind, too old or withdrawn. Raises ``BAD``."""
    if one is None:
        raise ValueError("the events of an Encounter say nothing sensible")
    is_of_goods = bool(one.read.get("consignment"))
    if one.decided_at < since or one.disposition == WITHDRAWN or is_of_goods is not (kind is LaneKind.CARGO):
        return None
    on = one.told[0].on if one.told else from_plain(datetime, one.read["opened_at"]).date()
    mode = one.told[0].mode if one.told else _mode(one.read, kind, policy)
    own = {} if is_of_goods else rule_fields.derived(one.read, on, mode)
    told = {name: value for each in one.told for name, value in each.fields.items()}
    fields = types.usable({**rule_fields.told(told, types), **own})
    return Passage(on, mode, fields, one.result, one.drawn)


def _mode(read: Mapping[str, Any], kind: LaneKind, policy: Policy | None) -> Mode:
    return policy.lane(from_plain(str, read["lane"]), kind).mode if policy is not None else Mode.LAND
