"""Sample views of comparing, made by the booth's own presenting from invented people: a namesake, and the longest."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.compare.compare_view import compare_panel, compare_view
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.decisions import CHOICES
from checkpoint_app.booth.lists.list_updates import Progress
from checkpoint_app.booth.present.answers import advice_view
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.present.forms import reason_view
from checkpoint_app.booth.present.matches import matches_of
from checkpoint_app.booth.present.panel import panel_sections
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.view.screen import DeskView
from checkpoint_app.documents import PartialDate
from checkpoint_app.verdict import Candidate, Check, Outcome, Reason, Sign
from tests.booth.states import answer, candidate, encounter, mrz, state
from tests.ui.sample_states import compare, empty, refer

NAMESAKE = candidate(
    "N-1",
    score=17_182,
    threshold=12_000,
    caption="ERICSSON, Anna Maria · 1955",
    reasons=(
        Reason(Sign.DIFFERS, "reason.summary.namesake_birth_like", {"left": "1974", "right": "1955"}),
        Reason(Sign.SAME, "reason.given_name.same"),
        Reason(Sign.NEAR, "reason.family_name.letter_differs", {"left": "ERIKSSON", "right": "ERICSSON"}),
        Reason(Sign.DIFFERS, "reason.birth.differs", {"left": "1974-08-12", "right": "1955-11-30"}),
        Reason(Sign.SAME, "reason.nationality.same"),
        Reason(Sign.SAME, "reason.sex.same"),
        Reason(Sign.DIFFERS, "reason.document_number.differs", {"left": "L898902C3", "right": "L898902C8"}),
    ),
    facts={
        "family_name": "Ericsson",
        "given_names": "Anna Maria",
        "birth_date": "1955-11-30",
        "sex": "F",
        "nationality": "UTO",
        "document_number": "L898902C8",
        "birth_place": "Zenith",
        "alias": "Ericsson Annie; Ejemplo Anna",
    },
)
LONGEST = "BEISPIELHAUSENERBERGDORFMUSTERINGENHOFE"
CROWDED = candidate(
    "N-2",
    score=33_000,
    threshold=12_000,
    caption=f"{LONGEST.title()}, Maximiliana-Theodora Anastasia · 1949–1956",
    reasons=(
        Reason(Sign.DIFFERS, "reason.summary.namesake_day", {"left": "1955-11-30", "right": "1955-11-13"}),
        Reason(Sign.NEAR, "reason.name.alias_weak", {"alias": f"{LONGEST.title()} Maximiliane Anastasia"}),
        Reason(Sign.NEAR, "reason.family_name.letter_differs", {"left": LONGEST, "right": f"{LONGEST[:-1]}N"}),
        Reason(Sign.NEAR, "reason.given_name.part_missing", {"left": "MAXIMILIANA", "right": "Maximiliane Anastasia"}),
        Reason(Sign.SAME, "reason.birth.year_month_same", {"left": "1955-11", "right": "1955-11"}),
        Reason(Sign.DIFFERS, "reason.birth.day_differs", {"left": "30", "right": "13"}),
        Reason(Sign.DIFFERS, "reason.sex.differs", {"left": "F", "right": "M"}),
        Reason(Sign.DIFFERS, "reason.document_number.differs", {"left": "XM0012345", "right": "XM0012845"}),
    ),
    facts={
        "family_name": f"{LONGEST[:-1]}N",
        "given_names": "Maximiliane-Theodora Anastasia Xaveria",
        "birth_date": "1949-01-01 / 1950–1952 / 1954-11-30 / ~1955 / 1955-11-13",
        "sex": "M",
        "nationality": "AUT, DEU, CHE",
        "document_number": "XM0012845, PRUEBA-0099-777, AA-1, +2",
        "birth_place": "Sankt Beispiel an der Musterach, Utopia",
        "alias": f"{LONGEST.title()} Maximiliane Anastasia; Ejemplo Ficticio Zenobia; Max B.; Theodora Musterfrau; "
        "Inventada Anastasia; +7",
    },
    handling=("LE-ONLY", "ASK-ORIGINATOR", "NOT-TO-HOME-STATE"),
)


def _on_desk(*candidates: Candidate, longest: bool = False) -> Encounter:
    read = mrz()
    if longest:
        born = PartialDate("551130")
        read = mrz(family_name=LONGEST, given_names="", birth_date=born, document_number="XM0012345")
    hit = answer(Check.WANTED, Outcome.HIT, f"wanted.match:count={len(candidates)}", candidates=candidates)
    return encounter(hit, read=read)


def _view(lang: str, encounter: Encounter, at: int = 0) -> DeskView:
    words, desk = Words(lang), state(encounter, candidate=at, language=lang)
    made = compare_view(desk, encounter, words)
    panel = compare_panel(desk, encounter, words)
    return replace(compare(lang), compare=made, panel=panel, advice=advice_view(desk, words))


def compare_namesake(lang: str) -> DeskView:
    """A namesake, the first of three."""
    return _view(lang, _on_desk(NAMESAKE, CROWDED, candidate("N-3")))


def compare_crowded(lang: str) -> DeskView:
    """The longest names, many aliases, five dates."""
    return _view(lang, _on_desk(NAMESAKE, CROWDED, longest=True), at=1)


def compare_cleared(lang: str) -> DeskView:
    """One that was cleared before."""
    found = answer(Check.WANTED, Outcome.NOTE, "wanted.cleared_before:entry=X", candidates=(NAMESAKE,))
    return _view(lang, encounter(found))


def _three_entries(first: Candidate) -> Encounter:
    """One person in three entries."""
    return _on_desk(first, *(replace(first, entry_id=f"EJEMPLO-2026-000{n}") for n in (17, 18)))


def compare_entries(lang: str) -> DeskView:
    """One person who stands in the list three times."""
    return _view(lang, _three_entries(NAMESAKE))


def not_same_entries(lang: str) -> DeskView:
    """Why it is not the same person, of one with three entries."""
    match = matches_of(_three_entries(NAMESAKE).answers)[0]
    values = {"supervisor": "", "supervisor_pin": ""}
    form = Form("not_same", values, "not_same", CHOICES["not_same"], list_name="ECU", entries=match.entries)
    return replace(compare_entries(lang), panel_form=reason_view(form, Words(lang)))


def empty_building(lang: str) -> DeskView:
    """The empty desk while a new version of a list is built."""
    shown = present(state(building=Progress("ECU", 88, 1_240_000, 2_000_000), language=lang))
    return replace(empty(lang), panel=shown.panel, status=shown.status)


def refer_namesake(lang: str) -> DeskView:
    """The reasons beside an advice to refer: who it may be stands first."""
    on_desk = _on_desk(NAMESAKE, CROWDED)
    return replace(refer(lang), panel=panel_sections(state(on_desk, language=lang), Words(lang)))


def refer_crowded(lang: str) -> DeskView:
    """The longest reasons beside an advice to refer."""
    on_desk = _on_desk(NAMESAKE, CROWDED, longest=True)
    return replace(refer(lang), panel=panel_sections(state(on_desk, language=lang, candidate=1), Words(lang)))
