"""Consignments, goods and equipment while their segments are still coming."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checkpoint_app.cargo.values import Consignment, Dangerous, Equipment, Goods, Party

# 1153: which reference is the number of a consignment, the better first; and which is that of its master.
_HOUSE = ("BH", "HWB", "BM", "AAM", "AWB", "CU")
_MASTERS = ("MB", "MWB")
_OTHERS = ("CW", "CN", "AAQ", "UCN")


@dataclass(slots=True)
class Weights:
    """A weight as declared and as verified; the first of each counts."""

    gross: float | None = None
    verified: float | None = None

    def take(self, what: str, kilograms: float) -> None:
        """Keep a weight unless there is one already."""
        if what == "verified":
            # A verified weight of nought is a field that was not filled.
            self.verified = (kilograms or None) if self.verified is None else self.verified
        elif self.gross is None:
            self.gross = kilograms

    @property
    def known(self) -> float | None:
        """The declared weight, or the verified one where nothing was declared."""
        return self.verified if self.gross is None else self.gross


@dataclass(slots=True)
class EquipmentDraft:
    """A container or the like. ``opened``: its EQD has been seen (in a bay plan the slot may come first)."""

    slot: str | None = None
    opened: bool = False
    kind: str | None = None
    number: str | None = None
    type: str | None = None
    full: bool | None = None
    places: dict[str, str] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    seals: list[str] = field(default_factory=list)
    seals_sent: bool = False
    dangerous: list[Dangerous] = field(default_factory=list)

    def done(self) -> Equipment:
        """Return it as a value."""
        return Equipment(
            number=self.number,
            kind=self.kind,
            type=self.type,
            full=self.full,
            weight_kg=self.weights.known,
            verified_kg=self.weights.verified,
            load=self.places.get("9") or self.places.get("6"),
            discharge=self.places.get("11") or self.places.get("12"),
            slot=self.slot,
            seals=tuple(self.seals),
            seals_sent=self.seals_sent,
            dangerous=tuple(self.dangerous),
        )


@dataclass(slots=True)
class GoodsDraft:
    """One goods item (GID). ``parts`` are the weights of its share in each container, used where it has no own."""

    packages: int | None = None
    inner: int | None = None
    weights: Weights = field(default_factory=Weights)
    parts: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    hs: list[str] = field(default_factory=list)
    dangerous: list[Dangerous] = field(default_factory=list)
    origin: str | None = None
    value: float | None = None
    currency: str | None = None

    def done(self) -> Goods:
        """Return it as a value."""
        weight = self.weights.known
        return Goods(
            text=" ".join(self.texts) or None,
            hs=tuple(dict.fromkeys(self.hs)),
            packages=self.inner if self.packages is None else self.packages,
            weight_kg=_sum(self.parts) if weight is None and self.parts else weight,
            value=self.value,
            currency=self.currency,
            origin_country=self.origin,
            dangerous=tuple(self.dangerous),
        )


@dataclass(slots=True)
class ConsignmentDraft:
    """A consignment (CNI). ``above`` are references of the header that hold for it.

    ``own`` is what is said before its first goods item, ``whole`` a weight that is said to be of all. ``split``: its
    goods say in which containers they are, so that other containers beside it are not its own.
    """

    document: str | None = None
    above: dict[str, str] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    transshipments: list[str] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    goods: list[GoodsDraft] = field(default_factory=list)
    own: GoodsDraft = field(default_factory=GoodsDraft)
    whole: Weights = field(default_factory=Weights)
    equipment: list[str] = field(default_factory=list)
    split: bool = False
    extras: dict[str, Any] = field(default_factory=dict)

    def done(self) -> Consignment:
        """Return it as a value: packages and weight are the sums of its goods, or its own where they say nothing."""
        goods = [one.done() for one in self.goods]
        own = self.own.done()
        if not goods and (own.text or own.hs or own.dangerous):
            goods = [own]
        packages = [one.packages for one in goods if one.packages is not None]
        weights = [one.weight_kg for one in goods if one.weight_kg is not None]
        dangerous = [found for one in (goods if own in goods else [own, *goods]) for found in one.dangerous]
        number, master = self._numbers()
        value, currency = _value(goods or [own])
        weight = self.whole.known
        if weight is None:
            weight = _sum(weights) if weights else own.weight_kg
        places = self.places
        return Consignment(
            number=number,
            master=master,
            load=places.get("9") or places.get("76"),
            discharge=places.get("11") or places.get("12"),
            transshipments=tuple(self.transshipments),
            packages=sum(packages) if packages else own.packages,
            weight_kg=weight,
            goods=tuple(goods),
            parties=tuple(self.parties),
            equipment=tuple(dict.fromkeys(self.equipment)),
            dangerous=tuple(dangerous),
            value=value,
            currency=currency,
            origin_country=places.get("27"),
            destination_country=places.get("28"),
            extras=self._extras(),
        )

    def _extras(self) -> dict[str, Any]:
        extras = dict(self.extras)
        if self.places.keys() - {"9", "11"}:
            extras["places"] = self.places
        if self.references.keys() - {*_HOUSE, *_MASTERS}:
            extras["references"] = self.references
        return extras

    def _numbers(self) -> tuple[str | None, str | None]:
        known = {one for one in (*_HOUSE, *_MASTERS) if one in self.references}
        given = self.references if known or self.document else {**self.above, **self.references}
        master = next((given[one] for one in _MASTERS if one in given), None)
        number = next((given[one] for one in _HOUSE if one in given), None)
        if master is None and "BM" in given and number != given["BM"]:
            master = given["BM"]
        if number is None:
            number = self.document or master or next((given[one] for one in _OTHERS if one in given), None)
        return number, master if master != number else None


def _value(goods: list[Goods]) -> tuple[float | None, str | None]:
    """Add the values of goods; None where they have none, or have several currencies."""
    values = [one.value for one in goods if one.value is not None]
    currencies = {one.currency for one in goods if one.value is not None}
    return (round(sum(values), 2), currencies.pop()) if values and len(currencies) == 1 else (None, None)


def _sum(weights: list[float]) -> float:
    """Add weights; rounded to a milligram, so that tenths do not leave a tail of binary digits."""
    return round(sum(weights), 6)
