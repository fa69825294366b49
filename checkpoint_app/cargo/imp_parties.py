"""Parties of Cargo-IMP messages: SHP, CNE, NFY and AGT, in the older form (lines by position) and the tagged one.

Older (FWB/16, FHL/4): name, address, place and ``country/post code/TE/number`` on lines of their own, an account number
or the name behind the tag. Newer (FWB/17, FHL/5): lines NAM, ADR and LOC, then the line of the country.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from checkpoint_app.cargo.cargo_imp import Block, Row, collapse
from checkpoint_app.cargo.values import Party

ROLES = {"SHP": "shipper", "CNE": "consignee", "NFY": "notify", "AGT": "agent"}
INNER = frozenset(("NAM", "ADR", "LOC"))
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_TELEPHONES = ("TE", "TL", "MB")


def party_of(block: Block) -> Party:
    """Read a party from its lines; what isn't there is None."""
    role = ROLES[block.tag]
    if role == "agent":
        return _agent(block)
    if any(row.tag in INNER for row in block.rows):
        return _tagged(block, role)
    return _by_position(block, role)


def with_oci(party: Party, row: Row) -> Party:
    """Add what a customs line (OCI) says of a party: its trader's number, its telephone."""
    kind, text = row.fields[2].strip(), collapse("/".join(row.fields[3:]))
    if kind == "T" and party.id is None:
        return replace(party, id=text)
    return replace(party, phone=text) if kind == "CT" and party.phone is None else party


def _agent(block: Block) -> Party:
    account = next((found for one in block.head.fields if (found := collapse(one))), None)
    lines = [collapse(row.fields[0]) for row in block.rows]
    name, city = (*lines, None, None)[:2]
    return Party("agent", name=name, city=city, id=account)


def _tagged(block: Block, role: str) -> Party:
    parts: dict[str, list[str]] = {tag: [] for tag in INNER}
    last, country = "", Party(role)
    for row in block.rows:
        if row.tag in INNER:
            last = row.tag
            parts[last].append("/".join(row.fields) if last == "NAM" else row.fields[0] if row.fields else "")
        elif _is_country(row) and last != "NAM":
            country = _country(role, row)
        elif last:
            parts[last].append(row.fields[0])
    return replace(
        country,
        name=collapse(" ".join(parts["NAM"])),
        city=collapse(" ".join(parts["LOC"][:1])),
        id=collapse("/".join(block.head.fields)),
    )


def _by_position(block: Block, role: str) -> Party:
    end = next((at for at in range(len(block.rows) - 1, -1, -1) if _is_country(block.rows[at])), None)
    party = Party(role) if end is None else _country(role, block.rows[end])
    lines = [row for row in block.rows[:end] if any(one.strip() for one in row.fields)]
    first = collapse("/".join(block.head.fields))
    if first and _is_account(first, len(lines)):
        party = replace(party, id=first)
    elif first:
        return replace(party, name=first, city=_city(lines, 1))
    return replace(party, name=collapse("/".join(lines[0].fields)) if lines else None, city=_city(lines, 2))


def _city(lines: list[Row], at: int) -> str | None:
    """The place is the last line before the country's, and never the name or the only address."""
    return collapse(lines[-1].fields[0]) if len(lines) > at else None


def _is_account(text: str, lines: int) -> bool:
    return lines >= 3 and len(text) <= 14 and " " not in text and any(sign.isdigit() for sign in text)


def _is_country(row: Row) -> bool:
    return not row.tag and bool(row.fields) and _COUNTRY.fullmatch(row.fields[0].strip()) is not None


def _country(role: str, row: Row) -> Party:
    fields = [one.strip() for one in row.fields]
    pairs = itertools.pairwise(fields)
    phone = next((number for kind, number in pairs if kind in _TELEPHONES and number), None)
    return Party(role, country=fields[0], phone=collapse(phone or ""))
