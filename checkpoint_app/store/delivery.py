"""What goes to the centre, how far it has acknowledged it, and what may be forgotten since.

The acknowledgement is cumulative and binds the journal's own chain hash; it never goes backwards by itself. A body is
forgotten only when the centre has it and its time is over by both clocks (invariant 2): the wall clock alone could have
jumped, and a signed moment alone may be older than the event.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from checkpoint_app.store.cases import Cases
from checkpoint_app.store.connection import Database
from checkpoint_app.store.errors import AcknowledgementError, StoreMisuseError
from checkpoint_app.store.head import Head
from checkpoint_app.store.journal import Journal, Outbox
from checkpoint_app.store.line_history import KEPT
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.wire.delivery import MOST_EVENTS, MOST_WANTED, URGENT_KINDS, LateBody, Parcel
from checkpoint_app.wire.event import GENESIS, EventKind, SignedEvent, header_bytes
from checkpoint_app.wire.plain import to_plain

MOST_FORGOTTEN = 200
"""How many bodies one call forgets before it stops; the Encounter it is at is finished."""
_LATER = (EventKind.ENCOUNTER_PICTURE, EventKind.ENCOUNTER_PRINT)  # bodies with pictures, sent when the line has room


class Delivery:
    """The outbox of one booth. Each method may raise the disk's StoreErrors."""

    def __init__(self, db: Database, journal: Journal, cases: Cases, time: TrustedTime, *, booth: str) -> None:
        self._db = db
        self._journal = journal
        self._cases = cases
        self._time = time
        self._booth = booth

    def acknowledged(self) -> Head:
        """Return how far the centre has the events; 0 and ``GENESIS`` at first."""
        row = self._db.row("SELECT seq, head FROM acknowledged")
        return Head(0, GENESIS) if row is None else Head(row["seq"], row["head"])

    def acknowledge(self, seq: int, head: str, wanted: Iterable[int] = ()) -> None:
        """Keep that the centre has all events up to ``seq``, but for the bodies of ``wanted``; durable when it returns.

        A smaller ``seq`` than the one kept is ignored: it came late. ``wanted`` is the acknowledgement's, whole: what
        is not in it counts as delivered. Raises AcknowledgementError where the journal's event ``seq`` is another.
        """
        self._check_own(seq, head)
        if seq >= self.acknowledged().seq:
            self._keep(seq, head, wanted)

    def restart_from(self, seq: int, head: str, wanted: Iterable[int] = ()) -> None:
        """Take ``seq`` as acknowledged, be it a smaller one: the centre was put back to a backup, or to a new chain.

        Raises AcknowledgementError where the journal's event ``seq`` is another.
        """
        self._check_own(seq, head)
        self._keep(seq, head, wanted)

    def outbox(self) -> Outbox:
        """Return what the centre has not acknowledged."""
        return self._journal.outbox(self.acknowledged().seq)

    def parcels(self, after: int, most_bytes: int, early: Container[int] = ()) -> list[Parcel]:
        """Return the events after ``after``, in order: at least one where there is one, at most ``MOST_EVENTS``.

        Their headers and bodies have at most ``most_bytes``, unless the first alone is larger. Bodies of pictures are
        left out, since they follow; so are those of ``early``, which the centre has, and one that was erased.
        """
        return _within(most_bytes, (self._parcel(one, early) for one in self._journal.events(after, MOST_EVENTS)))

    def urgent(self, after: int, most_bytes: int, early: Container[int] = ()) -> list[Parcel]:
        """Return the events after ``after`` that should not wait for their turn, but for those of ``early``, in order.

        These are answers and dispositions of Encounters with a hit, or under protection, and what became of cases; as
        many as ``parcels`` would. One whose body was erased waits for its turn.
        """
        facts = {"after": after, "kinds": json.dumps(sorted(URGENT_KINDS))}
        due = (row["seq"] for row in self._db.rows(_URGENT, facts) if row["seq"] not in early)
        events = (next(self._journal.events(seq - 1, 1)) for seq in due)
        here = (parcel for parcel in map(self._parcel, events) if parcel.body is not None)
        return _within(most_bytes, itertools.islice(here, MOST_EVENTS))

    def late_body(self, seq: int) -> LateBody:
        """Return the body of event ``seq``, or that it was erased. Raises StoreMisuseError where there is no event."""
        event = next(self._journal.events(seq - 1, 1), None)
        if event is None or event.header.seq != seq:
            raise StoreMisuseError(f"the journal has no event {seq}")
        opened = self._journal.body_bytes(event.header)
        if opened is None:
            return LateBody(self._booth, seq, erased=True)
        return LateBody(self._booth, seq, opened[0], opened[1].decode())

    def wanted(self) -> list[int]:
        """Return the sequences whose bodies the centre still wanted at its last acknowledgement, in order."""
        return [row["seq"] for row in self._db.rows("SELECT seq FROM wanted_bodies ORDER BY seq")]

    def owed(self, most: int) -> list[int]:
        """Return at most ``most`` sequences whose bodies the centre may want of what it has acknowledged, in order.

        An acknowledgement names the first hundred only: where there may be more, all pictures after them count.
        """
        wanted = self.wanted()
        facts = {"after": self._sure(), "to": self.acknowledged().seq, "kinds": json.dumps(_LATER), "most": most}
        return [*wanted, *(row["seq"] for row in self._db.rows(_PICTURES, facts))][:most]

    def forget(self, now: datetime, keep: timedelta) -> int:
        """Erase bodies that are older than ``keep``, that the centre has and nothing here needs; returns how many.

        ``now`` is the wall clock's. A body's age is counted from the later of both clocks at its event to the earlier
        of both now; without a signed moment nothing is forgotten. An Encounter goes whole or not at all, and so does a
        case. Kept are open Encounters, cases not closed and their Encounters, decisions "not the same person" until
        their end, the last crossing and sign-in, a year's outages and drills, and enrolments. One call erases about
        ``MOST_FORGOTTEN`` bodies.
        """
        seen = self._time.seen
        if seen is None:
            return 0
        moment = min(now, seen)
        stands = [one for one in self._cases.standings() if one.is_open]
        facts: dict[str, int | str] = {
            "now": to_plain(moment),
            "limit": to_plain(moment - keep),
            "year": to_plain(moment - KEPT),
            "sure": self._sure(),
            "most": MOST_FORGOTTEN,
            "cases": json.dumps([one.case_id for one in stands]),
            "encounters": json.dumps([one.encounter_id for one in stands]),
        }
        due = [row["seq"] for row in self._db.rows(f"{_DUE} ORDER BY k.kept_from LIMIT :most", facts)]
        if not due:
            return 0
        facts["chosen"] = json.dumps(due)
        rest = [row["seq"] for row in self._db.rows(f"{_DUE} AND {_OF_THE_SAME}", facts)]
        return self._journal.erase_bodies(sorted({*due, *rest}))

    # -- inside ----------------------------------------------------------------------------------------------------

    def _check_own(self, seq: int, head: str) -> None:
        own = self._journal.hash_at(seq)
        if own is None:
            raise AcknowledgementError(
                f"the centre acknowledges event {seq}, which is not in this journal; a supervisor must decide"
            )
        if own != head:
            raise AcknowledgementError(
                f"the centre has another event {seq} of this booth than its journal; a supervisor must decide"
            )

    def _keep(self, seq: int, head: str, wanted: Iterable[int]) -> None:
        with self._db.transaction():
            self._db.execute("INSERT OR REPLACE INTO acknowledged VALUES (1, ?, ?)", (seq, head))
            self._db.execute("DELETE FROM wanted_bodies")
            for each in {number for number in wanted if 1 <= number <= seq}:
                self._db.execute("INSERT INTO wanted_bodies VALUES (?)", (each,))

    def _sure(self) -> int:
        """Return up to where ``wanted`` names all that is missing: an acknowledgement names the first hundred only."""
        wanted = self.wanted()
        return wanted[-1] if len(wanted) >= MOST_WANTED else self.acknowledged().seq

    def _parcel(self, event: SignedEvent, early: Container[int] = ()) -> Parcel:
        header = event.header
        opened = None if header.kind in _LATER or header.seq in early else self._journal.body_bytes(header)
        if opened is None:
            return Parcel(header_bytes(header).decode(), event.signature)
        return Parcel(header_bytes(header).decode(), event.signature, opened[0], opened[1].decode())


def _within(most_bytes: int, parcels: Iterable[Parcel]) -> list[Parcel]:
    """Return the first of ``parcels`` whose headers and bodies have at most ``most_bytes``; the very first anyway."""
    taken: list[Parcel] = []
    size = 0
    for parcel in parcels:
        size += len(parcel.header.encode()) + len((parcel.body or "").encode())
        if taken and size > most_bytes:
            break
        taken.append(parcel)
    return taken


def _old(key: str) -> str:
    """Return the condition that a body, by its row of ``body_keys``, is old enough and at the centre."""
    wanted = "SELECT seq FROM wanted_bodies"
    return f"({key}.kept_from <= :limit AND {key}.seq <= :sure AND {key}.seq NOT IN ({wanted}))"


_URGENT = """
SELECT seq FROM (
    SELECT e.seq FROM encounters x CROSS JOIN encounter_events e USING (encounter_id) -- found by their index first
    WHERE x.last_seq > :after AND (x.advice = 'refer' OR x.disposition = 'protect')
    UNION
    SELECT seq FROM case_events
) JOIN events h USING (seq)
WHERE seq > :after AND json_extract(CAST(h.header AS TEXT), '$.kind') IN (SELECT value FROM json_each(:kinds))
ORDER BY seq
"""
_PICTURES = """
SELECT k.seq FROM body_keys k JOIN events h ON h.seq = k.seq
WHERE k.seq > :after AND k.seq <= :to
AND json_extract(CAST(h.header AS TEXT), '$.kind') IN (SELECT value FROM json_each(:kinds))
ORDER BY k.seq LIMIT :most
"""
# A rule stays suspended, and a seed that is not revealed yet is committed to, however long ago.
# A decision or a view outlives its Encounter; all other events of one go together, since half of it would be another.
_DUE = f"""
SELECT k.seq FROM body_keys k JOIN events h ON h.seq = k.seq
WHERE {_old("k")}
AND json_extract(CAST(h.header AS TEXT), '$.kind') <> 'enrolled'
AND k.seq IS NOT (SELECT max(seq) FROM crossings)
AND k.seq IS NOT (SELECT max(seq) FROM sign_ins)
AND NOT (k.seq IN (SELECT seq FROM line_events UNION SELECT seq FROM drill_events
    UNION SELECT seq FROM rule_standings) AND k.kept_from > :year)
AND k.seq NOT IN (SELECT max(seq) FROM rule_standings GROUP BY rule_set, rule, version HAVING suspended = 1)
AND NOT EXISTS (SELECT 1 FROM draw_commits d JOIN draw_seeds s USING (commitment) WHERE d.seq = k.seq)
AND NOT EXISTS (SELECT 1 FROM cleared_pairs WHERE cleared_pairs.seq = k.seq AND until > :now)
AND NOT EXISTS (
    SELECT 1 FROM case_events c WHERE c.seq = k.seq AND (
        c.case_id IN (SELECT value FROM json_each(:cases))
        OR EXISTS (
            SELECT 1 FROM case_events o JOIN body_keys y ON y.seq = o.seq
            WHERE o.case_id = c.case_id AND {_old("y")} IS NOT TRUE
        )
    )
)
AND NOT EXISTS (
    SELECT 1 FROM encounter_events e WHERE e.seq = k.seq AND (
        e.encounter_id IN (SELECT value FROM json_each(:encounters))
        OR EXISTS (SELECT 1 FROM encounters x WHERE x.encounter_id = e.encounter_id AND x.state <> 'closed')
        OR EXISTS (
            SELECT 1 FROM encounter_events o JOIN body_keys y ON y.seq = o.seq JOIN events z ON z.seq = o.seq
            WHERE o.encounter_id = e.encounter_id AND {_old("y")} IS NOT TRUE
            AND json_extract(CAST(z.header AS TEXT), '$.kind')
                NOT IN ('encounter_viewed', 'same_person', 'not_same_person')
        )
    )
)
"""  # noqa: S608  constants
_OF_THE_SAME = """k.seq IN (
    SELECT o.seq FROM encounter_events e JOIN encounter_events o USING (encounter_id)
    WHERE e.seq IN (SELECT value FROM json_each(:chosen))
    UNION
    SELECT o.seq FROM case_events c JOIN case_events o USING (case_id)
    WHERE c.seq IN (SELECT value FROM json_each(:chosen))
)"""
