"""An Encounter: what happens at the booth with a person or a consignment, from the read on until the disposition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.record.zone_doubts import Cell
from checkpoint_app.booth.view.screen import Box
from checkpoint_app.cargo.code_lists import NO_CODES, Codes
from checkpoint_app.documents import NOTHING_BESIDE, Beside, Format, Mrz, TravelDocument
from checkpoint_app.verdict import Answer, Verdict
from checkpoint_app.wire.crossings import CrossingsKnown
from checkpoint_app.wire.goods import GoodsKnown
from checkpoint_app.wire.slip import SlipResult


class ReadSource(StrEnum):
    """Where an Encounter's document came from."""

    IMAGE = "image"
    FOLDER = "folder"
    SCANNER = "scanner"
    FRAMES = "frames"
    WEDGE = "wedge"
    TYPED = "typed"
    MESSAGE = "message"
    NONE = "none"


class Disposition(StrEnum):
    """What the officer decided. WITHDRAWN closes an Encounter that was opened by mistake.

    The last four are of consignments: release, or one of three depths of inspection.
    """

    LET_PASS = "let_pass"
    REFER = "refer"
    PROTECT = "protect"
    WITHDRAWN = "withdrawn"
    RELEASE = "release"
    DOCUMENT_CHECK = "document_check"
    SCAN = "scan"
    OPEN = "opened"


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of the zone as a picture, and the middle of each of its characters, in fractions of its width."""

    jpeg: bytes
    centres: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The document's picture for the screen: re-encoded bytes, boxes of the zone's fields, the zone's lines."""

    preview: bytes
    boxes: tuple[Box, ...] = ()
    name: str = ""
    strips: tuple[Strip, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """When this person or document last entered and left here, by this booth's own journal."""

    entered_at: datetime | None = None
    left_at: datetime | None = None


def no_document() -> Mrz:
    """Return what stands for the document of a person who has none."""
    return Mrz((), TravelDocument(Format.TD3), (), ())


@dataclass(frozen=True, slots=True)
class Encounter:
    """An Encounter on the desk. ``doubtful`` tells that the reader itself vouches for less than it read.

    ``doubts`` are the cells (line, column, from 0) that it does not vouch for, until an officer has looked at them:
    then their fields are among those ``confirmed`` by eye, or corrected ``by_hand``. ``own`` are the answers made here,
    before the centre's were joined to them. ``held`` is what the centre found beyond them, while the checks are made
    anew. ``barcodes`` are symbology and bytes of each;
    ``beside`` is what else was read of the document; ``portrait`` its portrait as a JPEG, or empty. ``clearances`` is
    the version of the list of clearances that the answers rest on, ``codes`` are the lists of codes. ``slip`` is what
    became of another post's slip that was laid down with the document.
    ``consignment`` is what it is about where that is goods: then there is no zone.
    ``vehicle`` is the plate of what they came in, or empty; ``national`` what the centre knows of their crossings,
    ``national_goods`` what it knows of the goods'; ``linked`` are the fields of rules that say what links the goods to
    others.
    """

    id: str
    opened_at: datetime
    source: ReadSource
    direction_in: bool
    mrz: Mrz
    doubtful: bool = False
    doubts: tuple[Cell, ...] = ()
    by_hand: frozenset[str] = field(default_factory=frozenset)
    confirmed: frozenset[str] = field(default_factory=frozenset)
    picture: Picture | None = None
    barcodes: tuple[tuple[str, bytes], ...] = ()
    beside: Beside = NOTHING_BESIDE
    portrait: bytes = b""
    answers: tuple[Answer, ...] = ()
    own: tuple[Answer, ...] = ()
    held: tuple[Answer, ...] = ()
    verdict: Verdict | None = None
    clearances: int = 0
    codes: Codes = field(default=NO_CODES, compare=False, repr=False)
    slip: SlipResult | None = None
    history: History = field(default_factory=History)
    consignment: ConsignmentRead | None = None
    vehicle: str = ""
    national: CrossingsKnown | None = None
    national_goods: GoodsKnown | None = None
    linked: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def beyond(self) -> tuple[Answer, ...]:
        """What the centre found beyond this booth's own answers."""
        return self.held if self.verdict is None else tuple(one for one in self.answers if one not in self.own)
