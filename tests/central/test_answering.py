"""The centre's answers: by its newest lists, never by a silent one, and what of known hits is gone (invariant 11)."""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from checkpoint_app.central import alarms, answering, building, database, lists
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Policy
from checkpoint_app.verdict.raising import Gone
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.question import KnownHit, Question, Reply
from tests.central.chains import zone
from tests.central.helpers import Clock
from tests.central.listed import EJEMPLO, MUSTER, STOLEN, policy, publish, publish_policy

POLICY = policy()
pytestmark = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)


def question(lines: tuple[str, ...] = (), *hits: KnownHit) -> Question:
    return Question("demo-3", "e-1", lines or zone(), doubtful=False, direction_in=True, hits=hits)


def loaded(centre: Centre) -> Lists:
    ready = Lists(centre)
    ready.refresh()
    return ready


def ask(centre: Centre, ready: Lists, asked: Question | None = None, by: Policy = POLICY) -> Reply:
    return ready.answer(asked or question(), by, centre.now())


def outcomes(reply: Reply) -> dict[str, str]:
    return {one.source.name: one.not_done or one.outcome for one in reply.answers}


def of(reply: Reply, name: str) -> Answer:
    return next(one for one in reply.answers if one.source.name == name)


def test_a_question_is_answered_by_the_newest_version_of_each_list(centre: Centre) -> None:
    publish(centre, "ECU", [EJEMPLO], 1)
    publish(centre, "ECU", [MUSTER, EJEMPLO], 2)
    publish(centre, "INTL", [STOLEN])
    publish_policy(centre)
    ready = loaded(centre)
    assert ready.complete
    assert ready.policy == POLICY
    reply = ask(centre, ready)
    assert (reply.encounter_id, reply.answered_at, reply.gone) == ("e-1", centre.now(), ())
    assert [(one.check, one.outcome) for one in reply.answers] == [
        (Check.LOST_STOLEN, Outcome.HIT),
        (Check.WANTED, Outcome.HIT),
    ]
    assert (of(reply, "ECU").source.version, of(reply, "ECU").candidates[0].entry_id) == (2, "ECU-1")
    assert outcomes(ask(centre, ready, question(zone("HARMLOS", "ANNA", "X7654321")))) == {
        "INTL": "clear",
        "ECU": "clear",
    }


def test_nothing_of_a_silent_list_is_in_any_reply(centre: Centre) -> None:
    publish(centre, "ECU", [EJEMPLO])
    publish(centre, "SECRETUM", [replace(MUSTER, id="HIDDEN-7")], 3, silent=True)
    ready = loaded(centre)
    hits = (KnownHit("SECRETUM", 1, "HIDDEN-7"), KnownHit("SECRETUM", 1, "other"))
    for by in (POLICY, policy((Check.WANTED, "SECRETUM"))):
        text = canonical_bytes(to_plain(ask(centre, ready, question((), *hits), by))).decode()
        assert "HIDDEN" not in text
        assert '"gone":[]' in text
        assert '"version":3' not in text
    assert "SECRETUM" not in canonical_bytes(to_plain(ask(centre, ready, question((), *hits)))).decode()
    assert [one.source.name for one in ready.silent()] == ["SECRETUM"]
    assert [one.source.name for one in ready.public()] == ["ECU"]


def test_a_hit_is_gone_only_from_a_newer_version_without_it(centre: Centre) -> None:
    publish(centre, "ECU", [MUSTER], 5)
    publish(centre, "INTL", [STOLEN], 5)
    ready = loaded(centre)
    own = "X1234567"
    asked = (
        KnownHit("ECU", 4, "ECU-1"),  # still there
        KnownHit("ECU", 4, "ECU-9"),  # gone
        KnownHit("ECU", 5, "ECU-9"),  # the same version
        KnownHit("ECU", 6, "ECU-9"),  # the booth is ahead
        KnownHit("UTO", 1, "UTO-1"),  # no such list here
        KnownHit("INTL", 4, own),
        KnownHit("INTL", 4, "X7654321"),
    )
    gone = ask(centre, ready, question((), *asked)).gone
    assert gone == (Gone("ECU", 5, "ECU-9"), Gone("INTL", 5, "X7654321"))
    other_issuer = question(zone(issuer="ECU"), KnownHit("INTL", 4, own))
    assert ask(centre, ready, other_issuer).gone == (Gone("INTL", 5, own),)
    assert ask(centre, ready, question(zone(number="A1"), KnownHit("INTL", 4, own))).gone == ()  # whose is not known


def test_lines_that_are_no_zone_are_refused_in_one_line(centre: Centre) -> None:
    ready = loaded(centre)
    for lines in ((), ("",), ("MUSTER",), ("P<UTO" + "é" * 39, "x" * 44), ("<" * 44,) * 2000):
        with pytest.raises(CentreError) as caught:
            ask(centre, ready, replace(question(), mrz=lines))
        assert (caught.value.code, caught.value.status) == ("malformed", 422)
        assert "MUSTER" not in str(caught.value)
    with pytest.raises(CentreError):
        ask(centre, ready, question((), *(KnownHit("ECU", 1, str(n)) for n in range(500))))


def test_lists_say_that_they_load_and_the_old_ones_answer_meanwhile(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, "ECU", [EJEMPLO])
    publish_policy(centre)
    ready = Lists(centre)
    ready.look()
    assert outcomes(ask(centre, ready)) == {"": "no_list", "ECU": "list_loading"}
    assert ready.policy == POLICY
    assert not ready.complete
    ready.refresh()
    assert outcomes(ask(centre, ready)) == {"": "no_list", "ECU": "clear"}
    publish(centre, "ECU", [MUSTER], 2)
    let_go, loading = threading.Event(), threading.Event()
    true = answering.loaded

    def slow(*args: object) -> object:
        loading.set()
        assert let_go.wait(10)
        return true(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(answering, "loaded", slow)
    worker = threading.Thread(target=ready.refresh)
    worker.start()
    assert loading.wait(10)
    assert of(ask(centre, ready), "ECU").source.version == 1
    assert not ready.complete
    let_go.set()
    worker.join(10)
    assert of(ask(centre, ready), "ECU").source.version == 2
    assert ready.complete


def test_nothing_is_built_again_that_did_not_change(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(centre, "ECU", [EJEMPLO])
    publish(centre, "UTO", [MUSTER])
    built: list[str] = []
    true = answering.loaded
    monkeypatch.setattr(
        answering,
        "loaded",
        lambda centre, one, child: built.append(f"{one.name} {one.version}") or true(centre, one, child),
    )
    ready = loaded(centre)
    ready.refresh()
    publish(centre, "UTO", [MUSTER], 2)
    ready.refresh()
    assert built == ["ECU 1", "UTO 1", "UTO 2"]
    with centre.begin() as connection:
        connection.execute(update(database.versions).where(database.versions.c.list == "ECU").values(state="refused"))
    ready.refresh()
    assert set(outcomes(ask(centre, ready))) == {"", "UTO"}


def test_a_list_that_cannot_be_loaded_says_so_and_alarms_once(centre: Centre) -> None:
    publish(centre, "ECU", [MUSTER])
    path = lists.package_path(centre, "ECU", 1)
    path.write_bytes(path.read_bytes()[:-40])
    ready = loaded(centre)
    assert outcomes(ask(centre, ready)) == {"": "no_list", "ECU": NotDone.LIST_UNREADABLE}
    assert ready.complete
    publish(centre, "ECU", [MUSTER], 2)
    ready.refresh()
    publish(centre, "ECU", [EJEMPLO], 3)
    lists.package_path(centre, "ECU", 3).unlink()
    ready.refresh()
    assert of(ask(centre, ready), "ECU").source.version == 2  # the one before goes on answering
    with centre.begin() as connection:
        found = [(one.kind, one.about["version"]) for one in alarms.all(connection)]
    assert found == [("list_unreadable", "1"), ("list_unreadable", "3")]


def test_a_list_too_old_or_beyond_its_agreement_is_not_consulted(centre: Centre, clock: Clock) -> None:
    publish(centre, "ECU", [MUSTER])
    ready = loaded(centre)
    assert outcomes(ask(centre, ready))["ECU"] == Outcome.HIT
    clock.move(days=8)
    assert outcomes(ask(centre, ready))["ECU"] == NotDone.LIST_TOO_OLD
    begins, ends = to_plain(centre.now() - timedelta(days=9)), to_plain(centre.now() - timedelta(days=1))
    with centre.begin() as connection:
        row = {"name": "EC-US", "partner": "US", "begins_at": begins, "ends_at": ends}
        connection.execute(database.agreements.insert().values(**row))
        connection.execute(update(database.lists).values(agreement="EC-US"))
    ready.refresh()
    for lists_in_use in (ready, loaded(centre)):  # loaded before the term was known, and after
        assert outcomes(ask(centre, lists_in_use))["ECU"] == NotDone.AGREEMENT_ENDED


def test_the_thread_finds_new_versions_by_itself(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "LOOK_EVERY_S", 0.01)
    publish(centre, "ECU", [MUSTER])
    ready, seen = Lists(centre), threading.Event()
    true = Lists._put
    monkeypatch.setattr(
        Lists, "_put", lambda self, kept: (true(self, kept), kept.published.version == 2 and seen.set())
    )
    ready.start()
    try:
        publish(centre, "ECU", [MUSTER], 2)
        assert seen.wait(20)
    finally:
        ready.stop()
    assert of(ask(centre, ready), "ECU").source.version == 2


def test_a_large_list_is_built_in_a_child_and_answers_alike(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publish(centre, "ECU", [MUSTER, EJEMPLO], 5)
    publish(centre, "INTL", [STOLEN], 5)
    asked = question((), KnownHit("ECU", 4, "ECU-1"), KnownHit("ECU", 4, "ECU-9"))
    here = ask(centre, loaded(centre), asked)
    monkeypatch.setattr(answering, "CHILD_FROM", 1)
    monkeypatch.setattr(building, "sections_of", lambda *_args: pytest.fail("not in this process"))
    caplog.set_level(logging.INFO)
    ready = loaded(centre)
    assert re.search(r"a list of 2 records was built in \d+\.\d s", caplog.text)
    assert ask(centre, ready, asked) == here
    assert here.gone == (Gone("ECU", 5, "ECU-9"),)
    assert ready._child is None
    path = lists.package_path(centre, "ECU", 5)
    path.write_bytes(path.read_bytes()[:-40])
    assert outcomes(ask(centre, loaded(centre))) == {"ECU": NotDone.LIST_UNREADABLE, "INTL": Outcome.HIT}


def test_stopping_ends_the_child_and_blames_no_list(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(centre, "ECU", [MUSTER])
    calling = threading.Event()
    monkeypatch.setattr(answering, "CHILD_FROM", 1)
    monkeypatch.setattr(
        building, "in_child", lambda child, *_args: (calling.set(), time.sleep(0.3), child.call(b"", 9))[2]
    )
    ready = Lists(centre)
    ready.start()
    assert calling.wait(10)
    ready.stop()
    assert not ready.complete
    with centre.begin() as connection:
        assert alarms.all(connection) == []


def test_a_policy_that_cannot_be_read_leaves_the_one_before_and_alarms(centre: Centre) -> None:
    publish(centre, "ECU", [MUSTER])
    first = publish_policy(centre)
    ready = loaded(centre)
    publish_policy(centre, policy(version=2))
    lists.package_path(centre, "policy", 2).write_bytes(b"no package")
    publish(centre, "ECU", [MUSTER], 2)
    ready.refresh()
    assert ready.policy == first
    assert of(ask(centre, ready), "ECU").source.version == 2
    assert loaded(centre).policy is None
    with centre.begin() as connection:
        assert [one.kind for one in alarms.all(connection)] == ["policy_unreadable"]
