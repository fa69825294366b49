"""Values for tests of the booth's pure parts: no store, no job, no clock of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checkpoint_app.booth.desk.state import DeskState, OnDuty, Post
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.record.encounter import Encounter, ReadSource
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.documents import Format, Mrz, PartialDate, Sex, TravelDocument, parse_mrz, to_mrz
from checkpoint_app.screening.checks import THIS_BOOTH, LoadedList
from checkpoint_app.verdict import (
    Agreement,
    Answer,
    Candidate,
    Check,
    Finding,
    NotDone,
    Outcome,
    Policy,
    Reason,
    Requirement,
    Sign,
    Source,
    fold,
)

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
EN = Words("en")
AGREEMENT = Agreement("Test", NOW - timedelta(days=30), NOW + timedelta(days=60))
POLICY = Policy(
    name="Paso Test",
    version=3,
    issued_at=NOW,
    required=(Requirement(Check.DOCUMENT), Requirement(Check.LOST_STOLEN, "INTL"), Requirement(Check.WANTED, "ECU")),
    optional=(Requirement(Check.FACE),),
    outcomes={
        "document.expired": Outcome.NOTE,
        "document.read_doubtful": Outcome.NOTE,
        "lost_stolen.possible": Outcome.NOTE,
        "wanted.cleared_before": Outcome.NOTE,
    },
)


def zone(**changes: object) -> tuple[str, ...]:
    """The lines of a sound passport; ``changes`` are fields of the document."""
    document = TravelDocument(
        format=Format.TD3,
        document_code="P",
        issuer="UTO",
        document_number="L898902C3",
        nationality="UTO",
        birth_date=PartialDate("740812"),
        sex=Sex.FEMALE,
        expiry_date=PartialDate("300101"),
        family_name="ERIKSSON",
        given_names="ANNA MARIA",
        optional_data="",
    )
    return to_mrz(replace(document, **changes))  # type: ignore[arg-type]


def mrz(**changes: object) -> Mrz:
    return parse_mrz(zone(**changes), NOW.date())


def spoilt(line: int, column: int, letter: str) -> Mrz:
    """The zone with one letter read wrong (line and column from 1)."""
    lines = list(zone())
    text = lines[line - 1]
    lines[line - 1] = text[: column - 1] + letter + text[column:]
    return parse_mrz(tuple(lines), NOW.date())


def source(name: str = "ECU", hours: float = 6, **changes: object) -> Source:
    made = Source(
        name=name,
        version=7,
        engine="screening/1",
        issued_at=NOW - timedelta(hours=hours),
        originator="Ecuador",
        agreement="Test",
        agreement_ends_at=AGREEMENT.ends_at,
        handling=("LE-ONLY",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def candidate(entry_id: str = "E-1", score: int = 9_000, **changes: object) -> Candidate:
    made = Candidate(
        entry_id=entry_id,
        entry_digest="0" * 64,
        caption=f"ERIKSON, Ana ({entry_id})",
        score=score,
        threshold=6_000,
        reasons=(Reason(Sign.SAME, "reason.sex.same", {}),),
        facts={"family_name": "ERIKSON", "given_names": "ANA MARÍA", "birth_date": "1974-08-21", "sex": "F"},
        handling=("ASK-ORIGINATOR",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def another(entry_id: str, **changes: object) -> Candidate:
    """An entry of somebody else of the same name."""
    facts = {**candidate().facts, "birth_date": "1955-11-30"}
    return replace(candidate(entry_id), **{"facts": facts, **changes})  # type: ignore[arg-type]


def answer(check: Check, outcome: Outcome, *codes: str, of: Source | None = None, **changes: object) -> Answer:
    """An answer; a code given as "code:key=value" has that param."""
    findings = []
    for code in codes:
        name, _, params = code.partition(":")
        findings.append(Finding(name, dict(pair.split("=") for pair in params.split(",") if pair)))
    where = of or {Check.WANTED: source(), Check.LOST_STOLEN: source("INTL", 2)}.get(check, THIS_BOOTH)
    made = Answer(check, outcome, where, NOW, findings=tuple(findings))
    return replace(made, **changes)  # type: ignore[arg-type]


def undone(check: Check, why: NotDone, of: Source | None = None) -> Answer:
    where = of or {Check.WANTED: source(), Check.LOST_STOLEN: source("INTL", 2)}.get(check, THIS_BOOTH)
    return Answer(check, Outcome.NOT_CHECKED, where, NOW, not_done=why)


SOUND = answer(Check.DOCUMENT, Outcome.CLEAR)
NOT_LISTED = answer(Check.LOST_STOLEN, Outcome.CLEAR)
NOBODY = answer(Check.WANTED, Outcome.CLEAR)
NO_CAMERA = undone(Check.FACE, NotDone.NO_DEVICE)
MATCH = answer(Check.WANTED, Outcome.HIT, "wanted.match:count=1", candidates=(candidate(),))
STOLEN = answer(Check.LOST_STOLEN, Outcome.HIT, "lost_stolen.listed:category=stolen,number=L898902C3")
EXPIRED = answer(Check.DOCUMENT, Outcome.NOTE, "document.expired:date=2025-01-01")


def encounter(*answers: Answer, read: Mrz | None = None, **changes: object) -> Encounter:
    made = Encounter("e-1", NOW, ReadSource.IMAGE, direction_in=True, mrz=read or mrz())
    if answers:
        made = replace(made, answers=answers, verdict=fold(answers, POLICY, NOW))
    return replace(made, **changes)  # type: ignore[arg-type]


def state(on_desk: Encounter | None = None, **changes: object) -> DeskState:
    """A desk with an officer signed in and lists in force; with ``on_desk``, that Encounter is open."""
    made = DeskState(
        language="en",
        now=NOW,
        post=Post("Paso Test", "3", "test-1"),
        stage=Stage.ENCOUNTER if on_desk else Stage.EMPTY,
        officer=OnDuty("m.demo", "M. Demo", supervisor=False),
        policy=POLICY,
        lists=(LoadedList("persons", source(), AGREEMENT), LoadedList("documents", source("INTL", 2), AGREEMENT)),
        encounter=on_desk,
    )
    return replace(made, **changes)  # type: ignore[arg-type]
