"""Purposes and roles: a rule runs for its purpose and way alone; what is a supervisor's no officer sees anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.desk.state import DeskState, OnDuty
from checkpoint_app.booth.desk.words import LANGUAGES
from checkpoint_app.booth.opening.status_file import JournalState, status_plain
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.record.encounter import no_document
from checkpoint_app.booth.rules.handling_codes import is_reserved, may_see
from checkpoint_app.booth.rules.rule_page import RulePage
from checkpoint_app.booth.rules.rules_in_force import Consultation, LoadedRules
from checkpoint_app.booth.slips.slip_view import SlipSheet
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.risk.evaluating import Evaluator
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.store.cases import CaseRow
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Answer, Check, Lane, LaneKind, Mode, NotDone, Outcome, Requirement, Source
from checkpoint_app.wire.event import EventKind
from tests.booth.cargo_samples import consignment, read_of
from tests.booth.cases.test_cases import late_hit
from tests.booth.helpers import SUPERVISOR, SUPERVISOR_PIN, Booth, make_booth
from tests.booth.rules.test_rule_findings import LATE, SHORT, desk, found, match, unknown
from tests.booth.rules.test_rules_in_force import CASH, HEAVY, RULES, Post, in_force
from tests.booth.states import NOW, POLICY, SOUND, state, zone
from tests.risk.rule_files import condition, rule, rule_set

RESERVED = {"LE-ONLY": "supervisor"}
SECRETS = ("V-014", "V-020", "Passport about to end", "passport ends soon", "Ask when they go back", "in cash")
ENGINE = Source("muster", 1, "risk/1", issued_at=NOW)


def texts_of(value: object) -> str:
    """Every text that a value holds, however deep: what any part of the window could paint, say or announce."""
    if isinstance(value, str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return "\n".join(texts_of(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, dict):
        return "\n".join(texts_of(one) for pair in value.items() for one in pair)
    return "\n".join(map(texts_of, value)) if isinstance(value, tuple | list | set | frozenset) else ""


def seen(booth: Booth) -> list[str]:
    """The secrets that the desk shows now."""
    told = texts_of(booth.view)
    assert len(told) > 200
    return [secret for secret in SECRETS if secret in told]


# -- purposes ----------------------------------------------------------------------------------------------------------


def asked(subject: str, lane: Lane, *rules: dict[str, Any]) -> tuple[list[Answer], Consultation]:
    """What a set says in a lane of something that every rule of it hits."""
    about = "traveller/1" if subject == "traveller" else "consignment/1"
    evaluator = Evaluator(load_rules(rule_set(*rules, fields=about)))
    loaded = LoadedRules(ENGINE, "d" * 64, evaluator=evaluator)
    known: dict[str, object] = {"doc.issuer": "UTO", "cargo.packages": 9}
    policy = replace(POLICY, outcomes={})
    consultation = Consultation((loaded,), lambda: known, lane, policy, NOW, lambda _name: ())
    return consultation.ask(Requirement(Check.RISK)), consultation


def of_purpose(name: str, subject: str, purpose: str, *lanes: str) -> dict[str, Any]:
    cel = 'doc.issuer == "UTO"' if subject == "traveller" else "cargo.packages > 0"
    changes = {"subject": subject, "purpose": purpose, "lanes": list(lanes), "ends": "2027-12-31"}
    return rule(id=name, conditions=[condition(cel)], **changes)


KINDS = {"traveller": LaneKind.PEOPLE, "consignment": LaneKind.CARGO}


@pytest.mark.parametrize("subject", KINDS)
@pytest.mark.parametrize(
    ("mode", "purposes", "hit"),
    [
        (Mode.LAND, ("customs",), ["customs-land"]),
        (Mode.SEA, ("customs",), ["customs-sea"]),
        (Mode.LAND, ("border_security",), ["border-land"]),
        (Mode.LAND, ("customs", "border_security"), ["customs-land", "border-land"]),
        (Mode.AIR, ("customs", "border_security"), []),
        (Mode.LAND, ("health",), []),
        (Mode.LAND, (), []),
    ],
)
def test_a_rule_runs_for_its_purpose_and_way_alone(
    subject: str, mode: Mode, purposes: tuple[str, ...], hit: list[str]
) -> None:
    rules = [
        of_purpose("customs-land", subject, "customs", "land"),
        of_purpose("customs-sea", subject, "customs", "sea"),
        of_purpose("border-land", subject, "border_security", "land"),
    ]
    (answer,), consultation = asked(subject, Lane(KINDS[subject], mode, purposes), *rules)
    assert [one.rule for one in answer.rules] == hit
    assert answer.not_done is (None if hit else NotDone.NO_RULES)
    written = [one.to_plain({"doc.issuer": "UTO", "cargo.packages": 9}) for one in consultation._evaluated.values()]
    assert [one["outcomes"] for one in written] == (
        ["".join("h" if one["id"] in hit else "n" for one in rules)] if hit else []
    )


@pytest.mark.parametrize("subject", KINDS)
def test_rules_of_goods_never_run_on_people_nor_the_other_way(subject: str) -> None:
    other = next(kind for name, kind in KINDS.items() if name != subject)
    (answer,), _ = asked(subject, Lane(other, Mode.LAND, ("customs",)), of_purpose("A", subject, "customs", "land"))
    assert (answer.not_done, answer.rules) == (NotDone.NO_RULES, ())


def test_a_lane_of_goods_has_the_purposes_of_its_own_profile() -> None:
    people, goods = Lane(purposes=("border_security",)), Lane(LaneKind.CARGO, Mode.SEA, ("customs",))
    policy = replace(POLICY, lanes={"3": people, "3/cargo": goods})
    assert policy.lane("3", LaneKind.CARGO).purposes == ("customs",)
    assert policy.lane("3", LaneKind.PEOPLE).purposes == ("border_security",)
    # a lane of goods that the policy does not name runs what a plain one does, and nothing of customs
    assert policy.lane("4", LaneKind.CARGO).purposes == ("border_security",)


# -- roles -------------------------------------------------------------------------------------------------------------


def test_a_code_that_is_kept_is_kept_in_every_spelling_and_for_every_role_but_the_officers() -> None:
    kept = replace(POLICY, seen_by={"LE-ONLY": "supervisor", "OPEN": "officer", "GANGS": "analyst"})
    assert is_reserved(kept, ("LE-ONLY",))
    assert is_reserved(kept, ("OPEN", "LE-ONLY"))
    assert is_reserved(kept, ("GANGS",))
    assert not is_reserved(kept, ("OPEN", "NOT-TO-HOME-STATE", "something new"))
    assert not is_reserved(kept, ())
    # what is not known is handled as the strictest, and so is kept where that is
    strict = replace(POLICY, seen_by={"ASK-ORIGINATOR": "supervisor"})
    assert is_reserved(strict, ("le-only",))
    assert not is_reserved(strict, ("LE-ONLY",))
    assert not is_reserved(None, ("LE-ONLY",))


def test_nobody_signed_in_sees_what_an_officer_sees() -> None:
    def on(officer: OnDuty | None) -> DeskState:
        return state(policy=replace(POLICY, seen_by=RESERVED), officer=officer)

    assert not may_see(on(None), ("LE-ONLY",))
    assert not may_see(on(OnDuty("m", "M", supervisor=False)), ("LE-ONLY",))
    assert may_see(on(OnDuty("s", "S", supervisor=True)), ("LE-ONLY",))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("action", ["refer", "inform", "inspect"])
def test_no_part_of_the_view_tells_an_officer_what_is_a_supervisors(action: str, language: str) -> None:
    answers = (SOUND, found(match(14, SHORT, LATE, action=action)), unknown(match(20, LATE)))
    secrets = ("V-014", "Title 14", "Stays under", "Ask 14?", "V-020", "Title 20", "rules-demo", "pnr.lead", "Ecuador")
    officers = replace(desk(*answers, seen_by=RESERVED), stage=Stage.ENCOUNTER)
    told = texts_of(present(replace(officers, language=language)))
    assert [secret for secret in secrets if secret in told] == []
    supervisors = replace(desk(*answers, supervisor=True, seen_by=RESERVED), stage=Stage.ENCOUNTER)
    told = texts_of(present(replace(supervisors, language=language)))
    assert [secret for secret in ("V-014", "Title 14", "Stays under", "rules-demo") if secret not in told] == []


@pytest.mark.parametrize("action", ["refer", "inform", "inspect"])
def test_nor_does_the_view_of_goods(action: str) -> None:
    answers = (SOUND, found(match(14, SHORT, LATE, action=action)), unknown(match(20, LATE)))
    secrets = ("V-014", "Title 14", "Stays under", "Ask 14?", "V-020", "Title 20", "rules-demo", "booking", "Ecuador")

    def told(*, supervisor: bool) -> str:
        on = desk(*answers, supervisor=supervisor, seen_by=RESERVED, cargo_required=POLICY.required)
        assert on.encounter is not None
        goods = replace(on.encounter, mrz=no_document(), consignment=read_of(consignment(load=None)))
        return texts_of(present(replace(on, stage=Stage.ENCOUNTER, encounter=goods, lane_kind=LaneKind.CARGO)))

    assert [secret for secret in secrets if secret in told(supervisor=False)] == []
    assert [secret for secret in secrets[:4] if secret not in told(supervisor=True)] == []


def test_the_origin_of_what_is_withheld_is_not_said_of_what_is_shown() -> None:
    open_set = Source("open", 1, "risk/1", issued_at=NOW, originator="PER", handling=("OPEN",))
    on = desk(SOUND, found(match(14)), found(match(15), source=open_set), seen_by=RESERVED)
    told = texts_of(present(replace(on, stage=Stage.ENCOUNTER)))
    assert ("Title 15" in told, "Title 14" in told) == (True, False)
    assert ("Peru" in told, "Ecuador" in told) == (True, False)


def test_cases_tell_an_officer_no_rule_that_is_a_supervisors() -> None:
    late = late_hit(1, found=(found(match(14)),))
    row = CaseRow(late, NOW)

    def told(*, supervisor: bool) -> str:
        on = desk(SOUND, supervisor=supervisor, seen_by=RESERVED)
        return texts_of(present(replace(on, stage=Stage.CASES, cases=(row,), encounter=None)))

    assert "V-014" in told(supervisor=True)
    assert "V-014" not in told(supervisor=False)


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    policy = {"required": (Requirement(Check.DOCUMENT), Requirement(Check.RISK)), "seen_by": RESERVED}
    publisher, clock = make_booth(tmp_path, policy=policy, persons=None, numbers=None)
    post = Post(tmp_path, publisher, clock)
    with post.store() as store:
        put_trust(store, publisher.trust() | {RULES: publisher.key.public_key()}, 2)
    post.lay(HEAVY, CASH)
    opened = post.booth()
    opened.open(lists=0)
    in_force(opened)
    yield opened
    opened.close()


def test_an_officer_sees_nothing_of_it_on_any_page_and_a_supervisor_does(booth: Booth) -> None:
    booth.type(*zone())
    assert any(one.outcome is Outcome.HIT for one in booth.desk._core.state.encounter.answers)
    assert seen(booth) == []
    booth.press(Action.LISTS)
    assert seen(booth) == []
    booth.press(Action.LISTS)
    plain = status_plain(booth.desk._core.state, JournalState())
    assert [secret for secret in SECRETS if secret in json.dumps(plain)] == []

    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form)
    assert seen(booth) == []
    booth.sign_in(SUPERVISOR, SUPERVISOR_PIN)
    booth.until(lambda v: v.stage is Stage.ENCOUNTER and v.advice.advice)
    assert {"V-014", "passport ends soon", "Ask when they go back"} <= set(seen(booth))
    booth.refer()
    booth.press(Action.RULES)
    booth.until(lambda v: v.stage is Stage.RULES)
    assert {"V-014", "V-020"} <= set(seen(booth))

    booth.press(Action.OFFICER)  # what the supervisor had up is gone with them
    booth.until(lambda v: v.form)
    assert seen(booth) == []
    booth.sign_in()
    assert seen(booth) == []
    booth.press(Action.RULES)
    view = booth.until(lambda v: v.stage is Stage.RULES)
    assert view.rules.plots == ()
    assert seen(booth) == []


def test_a_slip_and_what_is_said_after_a_decision_tell_nothing_of_it(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets: list[SlipSheet] = []
    monkeypatch.setattr(booth.desk._slips, "draw", lambda sheet, _paper: sheets.append(sheet) or b"")
    booth.type(*zone())
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert seen(booth) == []
    booth.until(lambda _v: booth.desk._core.state.slip)
    booth.press(Action.SLIP)
    booth.until(lambda _v: sheets)
    assert [secret for secret in SECRETS if secret in texts_of(sheets)] == []
    assert len(texts_of(sheets)) > 50
    booth.press(Action.INSPECTIONS)
    booth.until(lambda v: v.stage is Stage.INSPECTIONS)
    assert seen(booth) == []
    booth.press(Action.PREVIOUS)


def test_that_a_rule_is_suspended_is_no_message_where_its_set_is_a_supervisors(booth: Booth) -> None:
    now = booth.trusted_now()
    day = now.astimezone().date()
    (loaded,) = booth.desk._ruling.sets
    sets = [{"name": RULES, "version": 1, "digest": loaded.digest, "on": day.isoformat(), "outcomes": "hc"}]

    def work(records: Any) -> None:
        for number in range(200):
            records.write(EventKind.RISK_EVALUATED, {"encounter_id": f"e-{number}", "sets": sets})

    done: list[None] = []
    booth.desk._core.record(work, done.append)
    booth.until(lambda _v: done)
    page: RulePage = booth.desk._rule_page
    page.look()
    booth.until(lambda _v: "rule_suspended" in booth.kinds())
    booth.until(lambda _v: not page._counting)
    assert seen(booth) == []
