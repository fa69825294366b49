"""What stands for goods in journals, and what the centre knows of their crossings at all posts.

A *mark* is bytes that stand for a container, a consignee by plain name, or a truck by its plate; like those of
`wire.subjects`, only a keyed digest, or a row of an encrypted store, may be made of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from checkpoint_app.wire.canonical import canonical_bytes

MAX_GOODS_BYTES = 64 * 1024
MOST_CONTAINERS = 50
MAX_NAME = 500
MAX_NUMBER = 40
_ROAD = "3"  # UN/ECE Recommendation 19
_CONSIGNEE = "consignee"
_NOBODY = ("TO ORDER", "A LA ORDEN")


@dataclass(frozen=True, slots=True)
class GoodsMarks:
    """What a consignment is found again by; what its message does not say is missing.

    ``passage`` names the manifest that it came with: whatever came with the same one came at once. Empty: by itself.
    """

    containers: tuple[bytes, ...] = ()
    consignee: bytes | None = None
    vehicle: bytes | None = None
    passage: str = ""


@dataclass(frozen=True, slots=True)
class GoodsAsked:
    """Which goods a booth asks about, in plain form: numbers of containers, the consignee's name, the truck's plate.

    An empty text is not known. ``manifest`` is the id under which the booth keeps the message they came with.
    """

    booth: str
    encounter_id: str
    manifest: str
    containers: tuple[str, ...]
    consignee: str
    vehicle: str

    def __post_init__(self) -> None:
        if len(self.containers) > MOST_CONTAINERS:
            raise ValueError(f"goods: at most {MOST_CONTAINERS} containers are asked about")
        if (
            any(len(text) > MAX_NUMBER for text in (*self.containers, self.vehicle, self.manifest))
            or len(self.consignee) > MAX_NAME
        ):
            raise ValueError(f"goods: a number has at most {MAX_NUMBER} characters, a name {MAX_NAME}")

    @property
    def marks(self) -> GoodsMarks:
        """What these goods are found by."""
        marks = dict.fromkeys(mark for one in self.containers if (mark := container_mark(one)) is not None)
        return GoodsMarks(tuple(marks), consignee_mark(self.consignee), vehicle_mark(self.vehicle), self.manifest)


@dataclass(frozen=True, slots=True)
class GoodsCounted:
    """How often goods crossed since a moment, each manifest once; None where what it is about is not known.

    ``equipment``: the container that came most often; ``other_consignees``: for how many others one of them came.
    ``consignee``, ``inspections``, ``finds``: goods for the same consignee, how many of them were inspected with a
    result, and where something was found. ``imported``: any were let in, whenever. ``vehicle``: the same truck.
    """

    equipment: int | None = None
    other_consignees: int | None = None
    consignee: int | None = None
    inspections: int | None = None
    finds: int | None = None
    imported: bool | None = None
    vehicle: int | None = None


@dataclass(frozen=True, slots=True)
class GoodsKnown:
    """What the centre knows. ``since``: nothing before is known."""

    encounter_id: str
    since: datetime
    answered_at: datetime
    counted: GoodsCounted = field(default_factory=GoodsCounted)


def container_mark(number: str | None) -> bytes | None:
    """Return what stands for a container (or another number of equipment); None where there is none."""
    plain = re.sub(r"[\s\-/.]", "", number or "").upper()
    return canonical_bytes(["container", plain]) if plain else None


def consignee_mark(name: str | None) -> bytes | None:
    """Return what stands for a consignee by name; None where nobody is named, as of goods "to order"."""
    plain = plain_name(name)
    is_order = any(" ".join(re.split(r"\W+", name or "")).upper().startswith(words) for words in _NOBODY)
    return canonical_bytes(["consignee", plain]) if plain and not is_order else None


def vehicle_mark(plate: str | None) -> bytes | None:
    """Return what stands for a truck by its plate; None where there is none."""
    plain = re.sub(r"[\W_]", "", plate or "").upper()
    return canonical_bytes(["vehicle", plain]) if plain else None


def plain_name(name: str | None) -> str:
    """Return a firm's or person's name as it is compared: capital letters and digits alone, without accents."""
    apart = unicodedata.normalize("NFKD", name or "").upper()
    return "".join(sign for sign in apart if sign.isalnum())


def marks_of(body: Mapping[str, Any]) -> GoodsMarks | None:
    """Return what the goods of a reading (`encounter_read`) are found by; None where it is about no goods.

    A part of another form counts as missing: the body is another's word.
    """
    read = body.get("consignment")
    if not isinstance(read, Mapping):
        return None
    stated, transport = _mapping(read.get("consignment")), _mapping(read.get("transport"))
    numbers = [_text(_mapping(one), "number") for one in _list(read.get("equipment"))]
    containers = dict.fromkeys(mark for number in numbers if (mark := container_mark(number)) is not None)
    parties = (_mapping(one) for one in _list(stated.get("parties")))
    consignee = next((_text(one, "name") for one in parties if one.get("role") == _CONSIGNEE), None)
    plate = _text(transport, "id") if transport.get("mode") == _ROAD else None
    passage = _text(read, "manifest") or ""
    return GoodsMarks(tuple(containers), consignee_mark(consignee), vehicle_mark(plate), passage)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Mapping[str, Any], name: str) -> str | None:
    found = value.get(name)
    return found if isinstance(found, str) else None
