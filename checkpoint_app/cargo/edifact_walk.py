"""The way through a cargo message of UN/EDIFACT: segments in, consignments and equipment out, one at a time.

Nothing is kept of what has been given out, so that a manifest of any length is read in bounded memory. CNI opens a
consignment, GID its goods, SGP their share in a container, EQD (in some bay plans LOC+147) equipment; what follows
belongs to what was opened last. Faults: ``not_read`` (the segment gave nothing), ``bad_value`` (less than it should),
``unreadable`` (a byte of it), ``too_long`` (a segment beyond what one consignment may have), ``other_kind``,
``message_not_ended``, ``segment_count``, ``message_count``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from checkpoint_app.cargo.edifact_cargo import equipment_number, is_full, number_of, party_of, place_of
from checkpoint_app.cargo.edifact_drafts import ConsignmentDraft, EquipmentDraft, GoodsDraft
from checkpoint_app.cargo.edifact_header import Header
from checkpoint_app.cargo.edifact_items import BAD_VALUE, NOT_READ, READERS, Open, packages, share
from checkpoint_app.cargo.envelope import SegmentCount
from checkpoint_app.cargo.segments import Segment, version_of, whole_number
from checkpoint_app.cargo.values import Consignment, Equipment, MessageFault

MOST_SEGMENTS_OF_ONE = 50_000
_SLOT = "147"  # 3227: stowage cell
_CLOSING = frozenset(("CNI", "CNT", "UNB", "UNG", "UNH", "UNS", "UNT", "UNE", "UNZ"))
_SLOT_MAY_OPEN = frozenset(("BAPLIE", "COARRI", "COPRAR"))
_BILLS = frozenset(("BM", "BH", "HWB"))  # 1153: bill of lading, house bill of lading, house waybill


class Walk:
    """Reads the messages of one kind. ``stream`` gives what it finds, ``header`` tells the rest when it has ended."""

    def __init__(self, kind: str, on_fault: Callable[[MessageFault], None], main_only: bool = False) -> None:
        """``main_only``: see `Header`."""
        self.header = Header(main_only)
        self._kind = kind
        self._on_fault = on_fault
        self._ready: list[Consignment | Equipment] = []
        self._now = Open()
        # What the header says of a consignment: for goods that come without CNI, or a CNI without a number.
        self._prelude = Open(ConsignmentDraft())
        # Whether the slot of a bay plan comes before its equipment: the first of the two in a message decides.
        self._slot_first: bool | None = None
        self._active = True
        self._trailers = SegmentCount(on_fault)
        self._messages = self._groups = self._held = 0
        self._openers: dict[str, Callable[[Segment], str | None]] = {
            "UNB": self._interchange,
            "UNG": self._group,
            "UNH": self._message,
            "UNT": self._end_message,
            "UNE": self._section,
            "UNZ": self._end_interchange,
            "UNS": self._section,
            "BGM": self._beginning,
            "TDT": self._transport,
            "DTM": self._time,
            "CNT": self._total,
            "CNI": self._consignment,
            "RFF": self._reference,
            "GID": self._goods,
            "SGP": self._share,
            "EQD": self._equipment,
            "LOC": self._place,
            "NAD": self._party,
        }

    def stream(self, segments: Iterable[Segment]) -> Iterator[Consignment | Equipment]:
        """Iterate consignments and equipment as they end."""
        openers, readers, ready = self._openers, READERS, self._ready
        for segment in segments:
            tag = segment.tag
            if not self._active and tag[:2] != "UN":
                continue
            if segment.raw is not None:
                self._fault("unreadable", segment)
            self._held += 1
            if self._held > MOST_SEGMENTS_OF_ONE and not self._closes(tag):
                code: str | None = "too_long"
            elif opener := openers.get(tag):
                code = opener(segment)
            elif reader := readers.get(tag):
                code = reader(self._now, segment)
            else:
                continue
            if code is not None:
                self._fault(code, segment)
            if ready:
                yield from ready
                ready.clear()
        self._trailers.end()
        self._flush()
        yield from ready
        ready.clear()

    def _closes(self, tag: str) -> bool:
        return tag in _CLOSING or (tag == "EQD" and self._now.consignment is None)

    def _fault(self, code: str, segment: Segment) -> None:
        self._on_fault(MessageFault(code, segment.number, segment.tag))

    # -- envelopes ---------------------------------------------------------------------------------------------------

    def _interchange(self, _segment: Segment) -> None:
        self._messages = self._groups = 0

    def _group(self, _segment: Segment) -> None:
        self._groups += 1

    def _message(self, segment: Segment) -> str | None:
        self._flush()
        self._trailers.feed(segment)
        self._prelude = Open(ConsignmentDraft())
        self._slot_first = None if self._kind in _SLOT_MAY_OPEN else False
        self._messages += 1
        self._active = (segment.get(1) or self._kind).upper() == self._kind
        if self._active and self.header.version is None:
            self.header.version = version_of(segment)
        return None if self._active else "other_kind"

    def _end_message(self, segment: Segment) -> None:
        self._flush()
        self._trailers.feed(segment)

    def _end_interchange(self, segment: Segment) -> str | None:
        self._flush()
        self._trailers.feed(segment)
        counted = {self._messages, self._groups or self._messages}
        return None if whole_number(segment.get(0)) in counted else "message_count"

    def _section(self, _segment: Segment) -> None:
        self._flush()

    # -- the whole ---------------------------------------------------------------------------------------------------

    def _beginning(self, segment: Segment) -> None:
        self.header.take_beginning(segment)

    def _transport(self, segment: Segment) -> None:
        self.header.take_transport(segment, self._now.nothing)

    def _time(self, segment: Segment) -> None:
        if self._now.nothing:
            self.header.take_time(segment)

    def _total(self, segment: Segment) -> str | None:
        qualifier, value = segment.get(0) or "", number_of(segment.get(0, 1))
        if value is None:
            return BAD_VALUE
        if not self._is_own_total(qualifier, value):
            self._flush()
            self.header.take_count(qualifier, value)
        return None

    def _is_own_total(self, qualifier: str, value: float) -> bool:
        """Keep a total before the first goods of a consignment as its own, unless it counts what is beside it."""
        consignment = self._now.consignment
        if consignment is None or consignment.goods or qualifier in {"10", "16"}:
            return False
        if qualifier == "7":
            consignment.own.weights.take("gross", value)
        elif qualifier in {"8", "11"} and consignment.own.packages is None:
            consignment.own.packages = int(value)
        return True

    # -- what opens and closes -----------------------------------------------------------------------------------------

    def _flush(self) -> None:
        self._flush_equipment()
        if self._now.consignment is not None:
            self._ready.append(self._now.consignment.done())
            self.header.consignments += 1
            self._now = Open()
        self._held = 0

    def _flush_equipment(self) -> None:
        equipment = self._now.equipment
        if equipment is not None and equipment.opened:
            self._ready.append(equipment.done())
            self.header.equipment += 1
        self._now.equipment = None
        if self._now.consignment is None:
            self._held = 0

    def _consignment(self, segment: Segment) -> None:
        self._flush()
        self._now.consignment = ConsignmentDraft(document=segment.get(1), above=self._above())

    def _above(self) -> dict[str, str]:
        """References of the header, for IFTSTA alone: its message is of one transport document."""
        consignment = self._prelude.consignment
        return consignment.references if self._kind == "IFTSTA" and consignment is not None else {}

    def _reference(self, segment: Segment) -> None:
        """A bill with another number, after goods, opens a consignment of its own: CNI may hold several."""
        now, what, number = self._now, segment.get(0), segment.get(0, 1)
        consignment = self._prelude.consignment if now.nothing else now.consignment
        if consignment is None or now.equipment is not None or not what or not number:
            return
        if now.goods is not None and what in _BILLS and consignment.references.get(what, number) != number:
            self._flush()
            consignment = self._now.consignment = ConsignmentDraft()
        consignment.references.setdefault(what, number)

    def _goods(self, segment: Segment) -> str | None:
        now = self._now
        value, readable = packages(segment, 1)
        if now.consignment is None and self._kind == "CUSCAR":
            self._flush_equipment()
            now.consignment = self._prelude.consignment
            self._prelude = Open(ConsignmentDraft())
        if now.consignment is not None:
            self._flush_equipment()
            now.in_share = False
            now.goods = GoodsDraft(packages=value)
            now.consignment.goods.append(now.goods)
        return None if readable else BAD_VALUE

    def _share(self, segment: Segment) -> str | None:
        if self._now.consignment is not None:
            self._flush_equipment()
        return share(self._now, segment)

    def _equipment(self, segment: Segment) -> str | None:
        kind, number = segment.get(0), equipment_number(segment.get(1))
        if kind is None and number is None:
            return NOT_READ
        draft = self._now.equipment
        if self._slot_first is None:
            self._slot_first = draft is not None
        if draft is None or draft.opened:
            slot = draft.slot if draft is not None and self._slot_first else None
            self._flush_equipment()
            draft = EquipmentDraft(slot=slot)
        draft.opened, draft.kind, draft.number = True, kind, number
        draft.type, draft.full = segment.get(2), is_full(segment)
        self._now.equipment = draft
        consignment = self._now.consignment
        if consignment is not None and number is not None and not consignment.split:
            consignment.equipment.append(number)
        return None

    def _place(self, segment: Segment) -> str | None:
        if segment.get(0) == _SLOT:
            self._slot(place_of(segment))
            return None
        if self._now.nothing:
            place = place_of(segment)
            if place is not None:
                self.header.rotation.append(place)
            return READERS["LOC"](self._prelude, segment)
        return READERS["LOC"](self._now, segment)

    def _slot(self, place: str | None) -> None:
        """A slot opens equipment where it came first in the message; else it tells where the equipment stands."""
        if self._slot_first is None:
            self._slot_first = True
        if self._slot_first:
            self._flush_equipment()
            self._now.equipment = EquipmentDraft(slot=place)
        elif self._now.equipment is not None and self._now.equipment.slot is None:
            self._now.equipment.slot = place

    def _party(self, segment: Segment) -> str | None:
        if self._now.nothing and self.header.carrier is None:
            party = party_of(segment)
            if party is not None and party.role == "carrier":
                self.header.carrier = party.id or party.name
        return READERS["NAD"](self._prelude if self._now.nothing else self._now, segment)
