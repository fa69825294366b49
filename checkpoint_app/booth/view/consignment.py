"""What the screen shows of a consignment, as plain values: see `booth.view.screen`."""

from __future__ import annotations

from dataclasses import dataclass

from checkpoint_app.booth.view.screen import FieldRow, Mark
from checkpoint_app.verdict import Outcome

MOST_FIELDS, MOST_PARTIES, MOST_EQUIPMENT, MOST_GOODS = 7, 4, 3, 3
"""How many of each the smallest screen holds beside five checks; of what is left out ``more`` tells."""


@dataclass(frozen=True, slots=True)
class PartyRow:
    """Somebody with a part in a consignment: what was found is a sign and words; ``outcome`` None: being searched."""

    name: str
    said: str
    outcome: Outcome | None
    accessible: str = ""


@dataclass(frozen=True, slots=True)
class EquipmentRow:
    """A container, trailer or ULD: number and its last digit apart, each seal with its sign."""

    number: str
    digit: str
    digit_mark: Mark
    type: str
    seal: str
    seal_mark: Mark
    accessible: str = ""


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """A line of goods: code, text, packages and kilograms, as words of the language."""

    hs: str
    text: str
    packages: str
    weight: str


@dataclass(frozen=True, slots=True)
class TableHead:
    """A headed table: ``count`` at its right, the heads of its columns, and ``more`` where not all rows are shown."""

    title: str
    count: str
    columns: tuple[str, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class ConsignmentView:
    """A consignment on the desk: left ``number`` with fields and parties, centre equipment and goods; checks below."""

    title: str
    number: str
    said: str
    fields: tuple[FieldRow, ...]
    parties_head: str
    parties: tuple[PartyRow, ...]
    parties_more: str
    equipment_head: TableHead
    equipment: tuple[EquipmentRow, ...]
    goods_head: TableHead
    goods: tuple[GoodsRow, ...]
