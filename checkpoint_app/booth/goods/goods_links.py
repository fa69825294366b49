"""What links a consignment to others: the same container, consignee or truck before, the same names in its manifest.

By this booth's own journal, or by all posts' where the centre has told of them. A line of a manifest can be found by
plain names and phone numbers too; such a mark never looks like a number that somebody types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime

from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.cargo.values import Consignment
from checkpoint_app.risk.known import only_known
from checkpoint_app.risk.stays import QUARTER, Scope
from checkpoint_app.wire.goods import GoodsCounted, GoodsMarks, consignee_mark, marks_of, plain_name

CROSSINGS, SCOPE = "equipment.crossings_90d", "hist.scope"
"""The fields of how often a container came, and by whose journals."""
_FIELDS = {
    "equipment": CROSSINGS,
    "other_consignees": "equipment.other_consignees_90d",
    "consignee": "hist.crossings_90d",
    "inspections": "hist.inspections",
    "finds": "hist.finds",
    "vehicle": "vehicle.crossings_90d",
}
_OF_THE_GOODS = frozenset({"shipper", "consignee", "notify"})
"""Whose phones are compared: a carrier's or an agent's stands in many consignments, and says nothing."""
_LEAST_DIGITS, _COMPARED = 6, 9
_NAME, _PHONE = "name:", "phone:"


def goods_history(records: Records, encounter: Encounter, now: datetime) -> dict[str, object]:
    """Return the fields of rules that a consignment's journal and manifest tell; what is not known is absent.

    That a consignee has imported before can be known here, that it never did cannot. Raises StoreError.
    """
    read = encounter.consignment
    if read is None:
        return {}
    counted, scope = _counted(records, encounter, goods_marks(read), now)
    told = {name: getattr(counted, one) for one, name in _FIELDS.items()}
    known = any(value is not None for value in told.values())
    return only_known(
        {
            **told,
            SCOPE: scope.value if known else None,
            "consignee.first_import": False if counted.imported else None,
            **_links(records, read),
        }
    )


def goods_marks(read: ConsignmentRead) -> GoodsMarks:
    """Return what a consignment is found by in journals."""
    return marks_of({"consignment": read.to_plain()}) or GoodsMarks()


def manifest_marks(one: Consignment) -> frozenset[str]:
    """Return what a line of a manifest can be found by beside its numbers: names and phones of its parties."""
    return _names(one) | _phones(one)


def plain_phone(text: str | None) -> str:
    """Return a phone number as it is compared: its last nine digits; empty where it has too few."""
    digits = re.sub(r"\D", "", text or "").lstrip("0")
    return digits[-_COMPARED:] if len(digits) >= _LEAST_DIGITS else ""


def _counted(records: Records, encounter: Encounter, marks: GoodsMarks, now: datetime) -> tuple[GoodsCounted, Scope]:
    """Return what was counted at all posts, and here of what the centre did not say."""
    here = records.store.crossed_goods.counted(marks, now - QUARTER, encounter.id)
    told = encounter.national_goods
    if told is None:
        return here, Scope.POST
    names = (one.name for one in fields(GoodsCounted))
    known = {name: value for name in names if (value := getattr(told.counted, name)) is not None}
    return replace(here, **known), Scope.NATIONAL


def _links(records: Records, read: ConsignmentRead) -> dict[str, object]:
    if not read.manifest:
        return {}
    names, phones = _names(read.consignment), _phones(read.consignment)
    return {
        "link.shared_consignee": _shared(records, read, names),
        "link.shared_phone": _shared(records, read, phones),
    }


def _shared(records: Records, read: ConsignmentRead, marks: frozenset[str]) -> int | None:
    """Count the other lines of the manifest with one of ``marks``; None where it was kept without such marks."""
    places = records.store.manifests.places(read.manifest, marks)
    return len(places) - 1 if read.place in places else None


def _names(one: Consignment) -> frozenset[str]:
    consignee = one.party("consignee")
    name = consignee.name if consignee is not None else None
    return frozenset({_NAME + plain_name(name)} if consignee_mark(name) is not None else ())


def _phones(one: Consignment) -> frozenset[str]:
    told: Iterable[str] = (plain_phone(party.phone) for party in one.parties if party.role in _OF_THE_GOODS)
    return frozenset(_PHONE + phone for phone in told if phone)
