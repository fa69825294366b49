"""Rules at the desk: a set in force answers with its sentences, the same after a restart, and never by an absence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.rules import rules_in_force
from checkpoint_app.booth.view.screen import AgeLook, Stage
from checkpoint_app.risk.faults import RuleSetError
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Advice, Check, Lane, Mode, NotDone, Outcome, Requirement, Truth
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.rules import write_rules
from checkpoint_app.wire.sealing import new_key
from tests.booth.helpers import PASSPHRASE, START, Booth, FakeClock, Publisher, make_booth
from tests.booth.states import zone
from tests.risk.rule_files import condition, rule, rule_set

RULES = "rules-demo"
HEAVY = rule(
    id="V-014",
    title="Passport about to end",
    question="Ask when they go back.",
    ends="2027-12-31",
    conditions=[
        condition("doc.days_left < 2000", "ending", "The passport ends soon"),
        condition('doc.issuer == "UTO"', "issuer", "It is of Utopia"),
    ],
)
CASH = rule(
    id="V-020",
    title="Paid in cash",
    ends="2027-12-31",
    match="any",
    conditions=[condition("pnr.paid_cash", "cash", "The ticket was paid in cash")],
)
QUIET = rule(id="V-030", ends="2027-12-31", conditions=[condition('doc.issuer == "XXA"', "other", "Of nowhere")])
REQUIRED = {"required": (Requirement(Check.DOCUMENT), Requirement(Check.RISK))}


@dataclass
class Post:
    """A booth's folder, and what lays rule sets into it."""

    folder: Path
    publisher: Publisher
    clock: FakeClock

    def lay(self, *rules: Any, version: int = 1, name: str = RULES, **changes: Any) -> None:
        """Lay a sealed set into the inbox, with its grant."""
        top = changes.pop("top", {})
        how = {"issued_at": START - timedelta(hours=5), "handling": ("LE-ONLY",), "originator": "ECU"} | changes
        key = new_key()
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        path = inbox / f"{name}-{version}.list"
        with path.open("wb") as file:
            write_package(
                file,
                write_rules(rule_set(*rules, **({"set": name} | top))),
                self.publisher.key,
                name=name,
                kind=ListKind.RULES,
                version=version,
                content_key=key,
                **how,
            )
        with self.store() as store:
            grant = grant_key(
                key,
                list_name=name,
                booth=store.identity.exchange_key.public_key(),
                not_after=START + timedelta(days=30),
                signer=self.publisher.key,
            )
        path.with_suffix(".grant").write_bytes(write_grant(grant))

    def store(self) -> Store:
        return Store.open(self.folder / "data", open_passphrase_key(self.folder / "data", PASSPHRASE), clock=self.clock)

    def booth(self) -> Booth:
        return Booth(self.folder, self.clock, self.publisher)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    publisher, clock = make_booth(tmp_path, policy=REQUIRED, persons=None, numbers=None)
    made = Post(tmp_path, publisher, clock)
    with made.store() as store:
        put_trust(store, publisher.trust() | {RULES: publisher.key.public_key()}, 2)
    return made


@pytest.fixture
def booths(post: Post) -> Iterator[Callable[[], Booth]]:
    opened: list[Booth] = []

    def make() -> Booth:
        opened.append(post.booth())
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def in_force(booth: Booth, version: int = 1) -> None:
    """Wait until the set is loaded."""
    booth.until(
        lambda _v: any(one.source.version == version and (one.evaluator is not None) for one in booth.desk._ruling.sets)
    )


def laid(booth: Booth, version: int = 1) -> Booth:
    booth.open(lists=0)
    in_force(booth, version)
    booth.type(*zone())
    return booth


def risk(booth: Booth) -> list[Any]:
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    return [one for one in encounter.answers if one.check is Check.RISK]


def test_a_set_in_force_answers_with_its_sentences(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(HEAVY, CASH, QUIET)
    booth = laid(booths())
    evaluated, unknown = risk(booth)
    assert (evaluated.outcome, evaluated.of) == (Outcome.HIT, 2)
    assert (evaluated.source.name, evaluated.source.version, evaluated.source.engine) == (RULES, 1, "risk/1")
    assert [(one.says, one.value) for one in evaluated.rules[0].conditions] == [
        ("The passport ends soon", Truth.TRUE),
        ("It is of Utopia", Truth.TRUE),
    ]
    assert (unknown.not_done, unknown.rules[0].conditions[0].missing) == (NotDone.NOT_EVALUATED, ("pnr.paid_cash",))
    assert booth.view.advice.advice is Advice.REFER
    told = said(booth)
    assert "The passport ends soon" in told
    assert "Ask when they go back." in told


def said(booth: Booth) -> str:
    return "\n".join(
        text
        for section in booth.view.panel
        for text in (section.head, section.bold, *(row.text for row in section.rows), *section.lines, *section.muted)
    )


def test_it_is_written_down_so_that_anybody_can_repeat_it(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(HEAVY, CASH, QUIET)
    booth = laid(booths())
    body = booth.last_body("risk_evaluated")
    (one,) = body["sets"]
    assert (one["name"], one["version"], one["outcomes"], one["conditions"]) == (RULES, 1, "huc", "ttuf")
    assert one["fields"] == {"doc.days_left": 1134, "doc.issuer": "UTO"}
    assert (one["on"], one["mode"], one["purposes"]) == ("2026-11-24", "land", ["border_security"])
    kinds = booth.kinds()
    assert kinds.count("risk_evaluated") == kinds.count("encounter_answered") == 1
    assert body["encounter_id"] == booth.last_body("encounter_answered")["encounter_id"]


def test_after_a_restart_it_answers_the_same(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(HEAVY, CASH)
    booth = laid(booths())
    before, view = risk(booth), booth.view
    booth.close()
    again = booths()
    again.unlock()
    again.sign_in()
    again.until(lambda v: v.advice.advice is not None)
    in_force(again)
    again.until(lambda v: v.advice.advice is Advice.REFER)
    assert [(one.outcome, one.rules, one.of, one.source) for one in risk(again)] == [
        (one.outcome, one.rules, one.of, one.source) for one in before
    ]
    assert again.view.panel == view.panel
    assert again.view.checks == view.checks


def test_without_any_set_the_advice_is_incomplete(booths: Callable[[], Booth]) -> None:
    booth = booths()
    booth.open(lists=0)
    booth.until(lambda _v: booth.desk._ruling._sets is not None)
    booth.type(*zone())
    assert [one.not_done for one in risk(booth)] == [NotDone.NO_RULES]
    assert booth.view.advice.advice is Advice.INCOMPLETE


def test_while_a_set_is_being_loaded_that_is_the_answer_and_then_the_checks_are_made_anew(
    post: Post, booths: Callable[[], Booth], monkeypatch: pytest.MonkeyPatch
) -> None:
    post.lay(QUIET)
    laid(booths()).close()
    later: list[Callable[[], None]] = []
    booth = booths()
    monkeypatch.setattr(booth.desk._core.jobs, "ruling", lambda work, done, _failed: later.append(lambda: done(work())))
    booth.unlock()
    booth.sign_in()
    booth.until(lambda _v: later)
    booth.until(lambda v: v.advice.advice is not None)
    assert [one.not_done for one in risk(booth)] == [NotDone.LIST_LOADING]
    for load in later:  # others use that thread too
        load()
    booth.until(lambda v: v.advice.advice is Advice.PROCEED)
    assert [one.outcome for one in risk(booth)] == [Outcome.CLEAR]


def test_a_new_set_makes_the_open_encounters_checks_anew(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(QUIET)
    booth = laid(booths())
    assert booth.view.advice.advice is Advice.PROCEED
    booth.close()
    post.lay(HEAVY, version=2)
    again = booths()
    again.open(lists=0)
    in_force(again, version=2)
    again.until(lambda v: v.advice.advice is Advice.REFER)
    assert [one.source.version for one in risk(again)] == [2]


def test_a_bad_set_is_refused_and_the_one_in_force_stays(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(QUIET)
    laid(booths()).close()
    post.lay(rule(legal_basis=""), version=2)
    booth = booths()
    booth.open(lists=0)
    booth.until(lambda _v: "list_refused" in booth.kinds())
    booth.settle()
    assert [one.source.version for one in booth.desk._ruling.sets] == [1]
    assert [one.source.version for one in risk(booth)] == [1]
    (row,) = [one for one in booth.view.checks.rows if one.outcome is not None and "isk" in one.name]
    assert row.age == "5\u00a0h"


@pytest.mark.parametrize(
    ("lane", "not_done"),
    [
        (Lane(mode=Mode.AIR), NotDone.NO_RULES),
        (Lane(purposes=("customs",)), NotDone.NO_RULES),
        (Lane(), None),
    ],
)
def test_a_rule_runs_in_its_lane_and_for_its_purpose_alone(
    tmp_path: Path, lane: Lane, not_done: NotDone | None, booths: Callable[[], Booth]
) -> None:
    folder = tmp_path / "other"
    publisher, clock = make_booth(folder, policy={**REQUIRED, "lanes": {"1": lane}}, persons=None, numbers=None)
    post = Post(folder, publisher, clock)
    with post.store() as store:
        put_trust(store, publisher.trust() | {RULES: publisher.key.public_key()}, 2)
    post.lay({**HEAVY, "lanes": ["land"]})
    booth = post.booth()
    try:
        laid(booth)
        assert [one.not_done for one in risk(booth)] == [not_done]
        assert ("risk_evaluated" in booth.kinds()) is (not_done is None)
    finally:
        booth.close()


def test_rules_do_not_grow_old_and_their_age_is_shown(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(HEAVY, issued_at=START - timedelta(days=80))
    booth = laid(booths())
    assert [one.outcome for one in risk(booth)] == [Outcome.HIT]
    assert booth.view.advice.advice is Advice.REFER
    assert booth.view.advice.as_of == ""
    (row,) = (row for row in booth.view.checks.rows if row.source == f"{RULES} 1")
    assert (row.age, row.age_look) == ("80\u00a0d", AgeLook.PLAIN)


def test_a_set_whose_lease_ends_is_consulted_no_more(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(HEAVY, issued_at=START + timedelta(days=29))
    booth = laid(booths())
    assert [one.not_done for one in risk(booth)] == [None]
    booth.clock.pass_(days=31)
    kept, state = booth.desk._ruling, booth.desk._core.state
    assert not kept.is_current(
        state.encounter.own, state.policy.lane("1"), state.policy, booth.desk._core.trusted_now()
    )
    (one,) = kept.sets
    assert one.barred(state.policy.lane("1"), booth.clock.now()) is NotDone.LEASE_ENDED


def broken(_data: bytes) -> None:
    raise RuleSetError(())


def test_a_set_that_cant_be_loaded_any_more_is_told(
    post: Post, booths: Callable[[], Booth], monkeypatch: pytest.MonkeyPatch
) -> None:
    post.lay(QUIET)
    laid(booths()).close()

    monkeypatch.setattr(rules_in_force, "load_rules", broken)
    booth = booths()
    booth.open(lists=0)
    booth.until(lambda v: v.stage is Stage.ENCOUNTER and v.advice.advice is Advice.INCOMPLETE)
    booth.until(lambda _v: [one.not_done for one in risk(booth)] == [NotDone.LIST_UNREADABLE])


def test_what_was_found_stays_when_the_set_cant_be_loaded_any_more(
    post: Post, booths: Callable[[], Booth], monkeypatch: pytest.MonkeyPatch
) -> None:
    post.lay(HEAVY)
    laid(booths()).close()
    monkeypatch.setattr(rules_in_force, "load_rules", broken)
    booth = booths()
    booth.open(lists=0)
    booth.until(lambda _v: [one.bar for one in booth.desk._ruling.sets] == [NotDone.LIST_UNREADABLE])
    booth.settle()
    assert booth.view.advice.advice is Advice.REFER
    assert [one.rules[0].rule for one in risk(booth)] == ["V-014"]


def test_a_suspended_rule_informs_only(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(HEAVY)
    with post.store() as store:
        body = {"set": RULES, "rule": "V-014", "version": 1, "why": "rate", "counted": {}}
        store.journal.append(EventKind.RULE_SUSPENDED, body)
    booth = laid(booths())
    (found,) = risk(booth)
    assert (found.findings[0].code, found.rules[0].suspended) == ("risk.inform", True)
    assert "Suspended: for information only, until its approver answers." in said(booth)


def test_a_set_that_breaks_costs_its_own_answer_alone(post: Post, booths: Callable[[], Booth]) -> None:
    post.lay(QUIET)
    booth = booths()
    booth.open(lists=0)
    in_force(booth)

    def breaks(*_of: object) -> rules_in_force.Known:
        raise LookupError("MUSTER")

    booth.desk._ruling.known = breaks
    booth.type(*zone())
    assert [(one.source.name, one.not_done) for one in risk(booth)] == [(RULES, NotDone.CHECK_FAILED)]
    assert booth.view.advice.advice is Advice.INCOMPLETE
    assert "risk_evaluated" not in booth.kinds()
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    assert booth.desk._encountering.is_current(encounter)
