"""What a waybill (FWB) and a house waybill (FHL) share: what is read so far, its value, customs lines and codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from checkpoint_app.cargo.cargo_imp import Block, Row, amount, bad_value, codes_of, goods_of, hs_code
from checkpoint_app.cargo.imp_parties import ROLES, with_oci
from checkpoint_app.cargo.values import Consignment, MessageFault, Party


@dataclass(slots=True)
class Draft:
    """What has been read so far of a waybill or house waybill (FWB, FHL)."""

    number: str | None = None
    master: str | None = None
    load: str | None = None
    discharge: str | None = None
    part: str | None = None
    packages: int | None = None
    total: int | None = None
    weight_kg: float | None = None
    value: float | None = None
    currency: str | None = None
    texts: list[str] = field(default_factory=list)
    hs: list[str] = field(default_factory=list)
    handling: list[str] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    equipment: list[str] = field(default_factory=list)
    origin_country: str | None = None
    # Customs lines of parties, which stand before the parties in FHL and behind them in FWB.
    customs: list[tuple[str, Row]] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)

    def done(self) -> Consignment:
        """Return it as a consignment."""
        for role, row in self.customs:
            self.parties = [with_oci(one, row) if one.role == role else one for one in self.parties]
        return Consignment(
            number=self.number,
            master=self.master,
            load=self.load,
            discharge=self.discharge,
            packages=self.packages,
            weight_kg=self.weight_kg,
            goods=goods_of(" ".join(self.texts), self.hs),
            parties=tuple(self.parties),
            equipment=tuple(self.equipment),
            handling=tuple(self.handling),
            part=self.part,
            total_packages=self.total,
            value=self.value,
            currency=self.currency,
            origin_country=self.origin_country,
            extras=self.extras,
        )


def read_value(block: Block, draft: Draft) -> bool:
    """Read CVD: the currency and the value for customs, the second of the last three fields; False when it fails."""
    fields = [one.strip() for one in block.head.fields]
    if len(fields) < 3 or not re.fullmatch(r"[A-Z]{3}.*", fields[0], re.ASCII):
        return False
    draft.currency = fields[0][:3]
    values = [one for one in fields[1:] if one in ("NVD", "NCV", "XXX") or amount(one) is not None]
    draft.value = amount(values[1]) if len(values) > 1 else None
    return True


def read_customs(block: Block, draft: Draft) -> None:
    """Read OCI: what is said of a party goes to the party; a line without an identifier continues the one above."""
    about = ""
    for row in (block.head, *block.rows):
        if len(row.fields) < 4:
            continue
        about = row.fields[1].strip() or about
        if about in ROLES:
            draft.customs.append((ROLES[about], row))


def add_codes(rows: list[Row], into: list[str]) -> list[MessageFault]:
    """Add the handling codes of these lines; a line with anything else is named."""
    faults = []
    for row in rows:
        codes, clean = codes_of(row.fields)
        into.extend(codes)
        if not clean:
            faults.append(bad_value(row))
    return faults


def add_hs(rows: list[Row], into: list[str]) -> list[MessageFault]:
    """Add the commodity codes of HTS lines; what is none is named."""
    faults = []
    for row in rows:
        for text in filter(None, map(str.strip, row.fields)):
            code = hs_code(text)
            if code is None:
                faults.append(bad_value(row))
            else:
                into.append(code)
    return faults
