"""A consignment on the desk: what it is, its parties with what was found, containers with digit and seals, goods."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.goods.goods_checks import declared_kg, percent_off, seals_differ
from checkpoint_app.booth.goods.goods_links import CROSSINGS, SCOPE
from checkpoint_app.booth.goods.parties import PARTY, searched
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.view.consignment import (
    MOST_EQUIPMENT,
    MOST_FIELDS,
    MOST_GOODS,
    MOST_PARTIES,
    ConsignmentView,
    EquipmentRow,
    GoodsRow,
    PartyRow,
    TableHead,
)
from checkpoint_app.booth.view.screen import FieldRow, Mark
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.places import country_of_place
from checkpoint_app.cargo.values import Equipment, Goods, Party
from checkpoint_app.documents import country_name
from checkpoint_app.documents.codes import icao_from_iso2
from checkpoint_app.risk.stays import Scope
from checkpoint_app.verdict import Check, Outcome

_ISO2 = 2
"""Signs of a UN/LOCODE, the first two of which are a state (ISO 3166)."""


def consignment_view(encounter: Encounter, read: ConsignmentRead, words: Words) -> ConsignmentView:
    """Return the panes of a consignment."""
    parties = read.consignment.parties
    equipment, goods = read.equipment, read.consignment.goods
    return ConsignmentView(
        title=words.say("cargo.title"),
        number=read.number or words.say("cargo.no_number"),
        said=_said(encounter, read, words),
        fields=_fields(encounter, read, words)[:MOST_FIELDS],
        parties_head=words.say("cargo.parties"),
        parties=tuple(_party(one, encounter, words) for one in _shown(parties, encounter)[:MOST_PARTIES]),
        parties_more=_more(len(parties) - MOST_PARTIES, words),
        equipment_head=TableHead(
            words.say("cargo.equipment"),
            words.say("cargo.count_equipment", count=len(equipment)),
            tuple(words.say(f"cargo.column.{name}") for name in ("number", "type", "seal")),
            _more(len(equipment) - MOST_EQUIPMENT, words),
        ),
        equipment=tuple(_equipment(one, read, words) for one in _first(equipment, read)[:MOST_EQUIPMENT]),
        goods_head=TableHead(
            words.say("cargo.goods"),
            words.say("cargo.count_goods", count=len(goods) + read.left_out),
            tuple(words.say(f"cargo.column.{name}") for name in ("hs", "text", "packages", "kg")),
            _more(len(goods) + read.left_out - MOST_GOODS, words),
        ),
        goods=tuple(_goods(one, words) for one in goods[:MOST_GOODS]),
    )


def role_word(role: str, words: Words) -> str:
    """Return what somebody's part is called."""
    return words.say(f"role.{role}" if words.knows(f"role.{role}") else "role.other")


def weight_text(kg: float, words: Words) -> str:
    """Return a weight in whole kilograms, as the language writes numbers."""
    return words.whole(round(kg))


def _more(count: int, words: Words) -> str:
    return words.say("cargo.more", count=count) if count > 0 else ""


def _said(encounter: Encounter, read: ConsignmentRead, words: Words) -> str:
    if not read.kind:
        return words.say("cargo.by_number")
    kind = f"{read.kind} {read.version}" if read.version else read.kind
    said = words.say("cargo.read_at", kind=kind, time=clock(read.read_at))
    return f"{said}, {words.say('document.by_hand')}" if encounter.by_hand else said


def _fields(encounter: Encounter, read: ConsignmentRead, words: Words) -> tuple[FieldRow, ...]:
    one, transport = read.consignment, read.transport
    declared = declared_kg(read)
    packages = "" if one.packages is None else words.whole(one.packages)
    values = {
        "transport": " ".join(part for part in (transport.name, transport.id or transport.voyage) if part),
        "from": _place(one.load or one.origin_country, words),
        "to": _place(one.discharge or one.destination_country, words),
        "packages": packages,
        "weight": "" if declared is None else f"{weight_text(declared, words)}\u00a0kg",
        "weighed": _weighed(declared, read.weighed_kg, words),
        "dangerous": _dangerous(read),
        "before": _before(encounter, words),
    }
    optional = ("weighed", "transport", "dangerous", "before")
    missing = words.say("cargo.not_stated")
    rows = [
        FieldRow(words.say(f"cargo.field.{name}"), value or missing)
        for name, value in values.items()
        if value or name not in optional
    ]
    return tuple(rows)


def _place(place: str | None, words: Words) -> str:
    """Return a place as sent; of one that is known, or a state's two letters, also the country's name."""
    text = place or ""
    code = icao_from_iso2(text if len(text) == _ISO2 else country_of_place(text) or "")
    country = country_name(code, words.language) if code is not None else None
    return f"{text}, {country}" if country else text


def _dangerous(read: ConsignmentRead) -> str:
    """Return the dangerous goods declared, each once, by UN number and class."""
    one = read.consignment
    parts = (one.dangerous, *(line.dangerous for line in one.goods), *(each.dangerous for each in read.equipment))
    said = (f"UN\u00a0{each.un or '?'} ({each.cls or '?'})" for part in parts for each in part)
    return ", ".join(dict.fromkeys(said))


def _before(encounter: Encounter, words: Words) -> str:
    """Return how often the container came before, and whose journals say so; empty where it never did."""
    count = encounter.linked.get(CROSSINGS)
    if not isinstance(count, int) or count < 1:
        return ""
    scope = encounter.linked.get(SCOPE, Scope.POST.value)
    return words.say(f"cargo.before_{scope}", count=count)


def _weighed(declared: float | None, weighed: float | None, words: Words) -> str:
    if weighed is None:
        return ""
    off = percent_off(declared, weighed)
    said = f"{weight_text(weighed, words)}\u00a0kg"
    return said if off is None else f"{said}, {off:+.0f}\u00a0%"


def _shown(parties: tuple[Party, ...], encounter: Encounter) -> Sequence[Party]:
    """Return the parties, those first for whom something was found."""
    found = _found(encounter)
    return sorted(parties, key=lambda one: (one.name or "") not in found)


def _found(encounter: Encounter) -> frozenset[str]:
    answers = (answer for answer in encounter.answers if answer.check is Check.PARTIES)
    return frozenset(one.facts.get(PARTY, "") for answer in answers for one in answer.candidates)


def _party(party: Party, encounter: Encounter, words: Words) -> PartyRow:
    name = party.name or words.say("cargo.no_name")
    outcome, key = _of_party(party, encounter)
    said = words.say(f"cargo.party.{key}", role=role_word(party.role, words))
    return PartyRow(name, said, outcome, f"{name}. {said}")


def _of_party(party: Party, encounter: Encounter) -> tuple[Outcome | None, str]:
    """Return the sign of a party, and the key of its words."""
    if not searched(party):
        return Outcome.NOT_CHECKED, "to_order" if party.name else "nameless"
    if encounter.verdict is None:
        return None, "waiting"
    if (party.sought or "") in _found(encounter):
        return Outcome.HIT, "match"
    asked = [answer for answer in encounter.answers if answer.check is Check.PARTIES]
    if not asked or any(answer.not_done is not None for answer in asked):
        return Outcome.NOT_CHECKED, "not_searched"
    return Outcome.CLEAR, "clear"


def _first(equipment: tuple[Equipment, ...], read: ConsignmentRead) -> Sequence[Equipment]:
    """Return the containers, those first that something is wrong with."""
    return sorted(equipment, key=lambda one: one.check_digit_ok is not False and not _differs(one, read))


def _differs(one: Equipment, read: ConsignmentRead) -> bool:
    seen = read.seen_on(one)
    return seen is not None and seals_differ(one, seen)


def _equipment(one: Equipment, read: ConsignmentRead, words: Words) -> EquipmentRow:
    number = plain_number(one.number or "")
    ok = one.check_digit_ok
    mark = {True: Mark.TICK, False: Mark.WRONG, None: Mark.NONE}[ok]
    shown, digit = (f"{number[:4]} {number[4:-1]}", number[-1:]) if ok is not None else (one.number or "", "")
    seal, seal_mark = _seal(one, read, words)
    digit_said = "" if ok is None else words.say("cargo.digit_right" if ok else "cargo.digit_wrong")
    said = ". ".join(part for part in (f"{shown} {digit}".strip(), digit_said, one.type or "", seal) if part)
    seal_said = words.say(f"cargo.seal.{seal_mark.value}") if words.knows(f"cargo.seal.{seal_mark.value}") else ""
    return EquipmentRow(
        number=shown or words.say("cargo.no_number"),
        digit=digit,
        digit_mark=mark,
        type=one.type or "",
        seal=seal,
        seal_mark=seal_mark,
        accessible=f"{said}. {seal_said}".strip(". "),
    )


def _seal(one: Equipment, read: ConsignmentRead, words: Words) -> tuple[str, Mark]:
    """Return the seal to show and its mark: what was seen, else what was declared and nobody has looked at."""
    seen = read.seen_on(one)
    if seen is None:
        return ", ".join(one.seals) or words.say("cargo.not_stated"), Mark.UNREAD
    shown = ", ".join(seen) or words.say("cargo.no_seal")
    return shown, Mark.WRONG if seals_differ(one, seen) else Mark.TICK


def _goods(one: Goods, words: Words) -> GoodsRow:
    code = one.hs[0] if one.hs else ""
    return GoodsRow(
        hs=f"{code[:4]}.{code[4:6]}" if len(code) >= 6 and code.isdecimal() else code,
        text=one.text or words.say("cargo.not_stated"),
        packages="" if one.packages is None else words.whole(one.packages),
        weight="" if one.weight_kg is None else weight_text(one.weight_kg, words),
    )
