"""Lists at the desk: put in force, refused with a word, ageing, ended; the list in force always stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.booth.line.connection import Heard
from checkpoint_app.booth.lists import lists_in_force
from checkpoint_app.booth.lists.list_updates import ListRefusedError, Progress
from checkpoint_app.booth.view.screen import AgeLook
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.verdict import Advice, Agreement, NotDone, Outcome
from tests.booth.desk.test_desk import ANNA, KLARA
from tests.booth.helpers import ERIKSON, OTHERS, START, Booth, make_booth, up


def booth_with(folder: Path, **lists: object) -> Booth:
    publisher, clock = make_booth(folder, **lists)
    return Booth(folder, clock, publisher)


def row(view, name: str):
    return next(row for row in view.checks.rows if row.name == name)


def test_missing_list_is_incomplete_never_proceed(tmp_path: Path) -> None:
    """Invariant 7."""
    booth = booth_with(tmp_path, persons=None)
    try:
        booth.open(lists=1)
        view = booth.type(*KLARA)
        assert view.advice.advice is Advice.INCOMPLETE
        assert row(view, "Wanted persons").outcome is Outcome.NOT_CHECKED
        assert "there is no list" in row(view, "Wanted persons").detail
    finally:
        booth.close()


def test_second_age_step_proceeds_as_of_and_third_is_incomplete(tmp_path: Path) -> None:
    booth = booth_with(tmp_path)
    try:
        booth.open()
        booth.clock.pass_(days=3)
        view = booth.type(*KLARA)
        assert view.advice.advice is Advice.PROCEED
        assert "as of 24" in view.advice.as_of
        assert row(view, "Wanted persons").age_look is AgeLook.AS_OF
        booth.let_pass()
        booth.clock.pass_(days=6)
        view = booth.type(*KLARA)
        assert view.advice.advice is Advice.INCOMPLETE
        assert "limit 7" in row(view, "Wanted persons").detail
    finally:
        booth.close()


def test_clock_set_back_does_not_make_a_list_young(tmp_path: Path) -> None:
    booth = booth_with(tmp_path)
    try:
        booth.open()
        booth.clock.pass_(days=-400)
        view = booth.type(*KLARA)
        assert view.advice.advice in (Advice.PROCEED, Advice.LOOK)
        assert row(view, "Wanted persons").outcome is Outcome.CLEAR
        assert booth.trusted_now() >= START - timedelta(hours=6)
    finally:
        booth.close()


def test_ended_agreement_is_not_consulted(tmp_path: Path) -> None:
    """Invariant 9: even the person who is on the list gets "not checked", not a hit."""
    agreement = Agreement("Short", START - timedelta(days=30), START + timedelta(hours=1))
    booth = booth_with(tmp_path, persons={"agreement": agreement})
    try:
        booth.open()
        assert booth.type(*ANNA).advice.advice is Advice.REFER
        booth.refer()
        booth.clock.pass_(hours=2)
        view = booth.type(*ANNA)
        assert view.advice.advice is Advice.INCOMPLETE
        assert "agreement has ended" in row(view, "Wanted persons").detail
    finally:
        booth.close()


def test_the_data_of_an_ended_agreement_is_purged_with_a_record(tmp_path: Path) -> None:
    """Invariant 9: nothing of the list is left but which version it was."""
    agreement = Agreement("Short", START - timedelta(days=30), START + timedelta(hours=1))
    booth = booth_with(tmp_path, persons={"agreement": agreement})
    try:
        booth.open()
        files = set((tmp_path / "data" / "segments").iterdir())
        booth.clock.pass_(hours=2)
        booth.desk._keeping.end_what_is_over()
        booth.until(lambda _v: any(one.bar is NotDone.AGREEMENT_ENDED for one in booth.desk._core.state.lists))
        assert booth.last_body("list_purged") == {"name": "ECU", "version": 1, "why": "agreement_ended"}
        assert len(files - set((tmp_path / "data" / "segments").iterdir())) == 1
        view = booth.type(*ANNA)
        assert view.advice.advice is Advice.INCOMPLETE
        assert "agreement has ended" in row(view, "Wanted persons").detail
        assert booth.versions()["ECU"] == 1
        booth.settle()
    finally:
        booth.close()


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ("tampered", "it was altered"),
        ("older", "older than the one in force"),
        ("same", "in force with other content"),
        ("ended", "its agreement has ended"),
        ("another", "somebody else signed it"),
        ("text", "the file is not a list"),
        ("no_grant", "no key to open it"),
    ],
)
def test_refused_list_is_told_recorded_and_the_one_in_force_stays(tmp_path: Path, case: str, word: str) -> None:
    """Invariant 5, and issue: each a clear word, nothing lost."""
    booth = booth_with(tmp_path, persons={"version": 5})
    try:
        booth.open()
        spoil(booth, case)
        booth.desk._keeping.look()
        view = booth.until(lambda v: "List refused" in v.message.text)
        assert word in view.message.text
        booth.settle()
        assert booth.last_body("list_refused")["why"]
        assert booth.versions()["ECU"] == 5
        assert booth.type(*ANNA).advice.advice is Advice.REFER
    finally:
        booth.close()


def spoil(booth: Booth, case: str) -> None:
    store, inbox = booth.store(), booth.folder / "inbox"
    entries = (*OTHERS, ERIKSON)
    if case == "same":
        booth.publisher.persons(inbox, store, OTHERS, version=5)
    elif case == "older":
        booth.publisher.persons(inbox, store, entries, version=4)
    elif case == "ended":
        agreement = Agreement("Over", START - timedelta(days=30), START - timedelta(days=1))
        booth.publisher.persons(inbox, store, entries, version=6, agreement=agreement)
    elif case == "another":
        booth.publisher.persons(inbox, store, entries, version=6, signer=Ed25519PrivateKey.generate())
    elif case == "text":
        (inbox / "ECU-6.list").write_text("this is a text that somebody named so")
    else:
        path = booth.publisher.persons(inbox, store, entries, version=6)
        if case == "tampered":
            data = bytearray(path.read_bytes())
            data[-40] ^= 1
            path.write_bytes(data)
        else:
            path.with_suffix(".grant").unlink()


def test_newer_policy_takes_over_and_an_older_one_does_not(tmp_path: Path) -> None:
    booth = booth_with(tmp_path)
    try:
        booth.open()
        inbox = booth.folder / "inbox"
        (inbox / "policy-2.list").write_bytes(booth.publisher.policy(version=2, name="Paso Nuevo"))
        booth.desk._keeping.look()
        booth.until(lambda _v: booth.desk._core.state.policy.version == 2)
        (inbox / "policy-1.list").write_bytes(booth.publisher.policy(version=1, name="Paso Viejo", issued_at=START))
        booth.desk._keeping.look()
        booth.until(lambda v: "older than the one in force" in v.message.text)
        assert booth.desk._core.state.policy.version == 2
    finally:
        booth.close()


def test_superseded_package_that_lay_here_at_the_start_is_no_news(tmp_path: Path) -> None:
    booth = booth_with(tmp_path, persons={"version": 5})
    booth.open()
    booth.publisher.persons(booth.folder / "inbox", booth.store(), OTHERS, version=4)
    booth.close()
    booth = Booth(tmp_path, booth.clock, booth.publisher)
    try:
        booth.open()
        assert "refused" not in booth.settle().message.text
        assert "list_refused" not in booth.kinds()
        assert booth.versions()["ECU"] == 5
    finally:
        booth.close()


def test_open_encounter_is_answered_anew_when_its_list_is_there(tmp_path: Path) -> None:
    """After a restart the lists are still loading: "incomplete" must not stay on the desk once they are there."""
    booth = booth_with(tmp_path)
    booth.open()
    booth.type(*ANNA)
    booth.close()
    booth = Booth(tmp_path, booth.clock, booth.publisher)
    try:
        booth.unlock()
        booth.sign_in()
        view = booth.until(lambda v: v.advice.advice is Advice.REFER)
        assert view.person.family_name == "ERIKSSON"
    finally:
        booth.close()


def test_newer_list_reaches_the_encounter_on_the_desk(tmp_path: Path) -> None:
    booth = booth_with(tmp_path)
    try:
        booth.open()
        other = replace(
            ERIKSON,
            id="E-2",
            names=(Name("MUSTER", "Klara Luisa"),),
            birth_dates=(ListedDate("1980-01-01", "1980-01-01"),),
        )
        assert booth.type(*KLARA).advice.advice is Advice.PROCEED
        booth.bring(ERIKSON, other, version=2)
        booth.until(lambda v: v.advice.advice is Advice.REFER)
    finally:
        booth.close()


def test_a_dozen_cleared_before_hide_no_further_hit(tmp_path: Path) -> None:
    booth = booth_with(tmp_path)
    try:
        booth.open()
        twins = [replace(ERIKSON, id=f"E-{n}", remarks=f"record {n}") for n in range(2, 14)]
        booth.bring(ERIKSON, *twins, version=2)
        asked = booth.store().projections
        asked.is_cleared = lambda _person, _list, entry, _digest, _now: entry != "E-13"
        assert booth.type(*ANNA).advice.advice is Advice.REFER
    finally:
        booth.close()


def test_a_list_whose_agreement_the_centre_ended_is_not_consulted_until_a_newer_version_comes(tmp_path: Path) -> None:
    """Invariant 9, before the date that the list itself carries."""
    booth = booth_with(tmp_path)
    try:
        booth.open()
        booth.desk._lining.list_ended("ECU")
        booth.settle()
        view = booth.type(*ANNA)
        assert view.advice.advice is Advice.INCOMPLETE
        assert "the agreement has ended" in row(view, "Wanted persons").detail
    finally:
        booth.close()
    again = Booth(tmp_path, booth.clock, booth.publisher)
    try:
        again.unlock()
        again.sign_in()
        view = again.until(lambda v: v.advice.advice is not None)
        again.settle()
        assert again.view.advice.advice is Advice.INCOMPLETE
        again.bring(ERIKSON, version=2)
        again.until(lambda v: v.advice.advice is Advice.REFER)
    finally:
        again.close()


def test_what_was_on_its_way_when_a_list_ended_is_not_consulted_for_long(tmp_path: Path) -> None:
    """Each round says that it has ended, though the officer is told once."""
    booth = booth_with(tmp_path)
    try:
        booth.open()
        heard = Heard(up(), 0.1, None, faults=(("list ECU", "role_ended"),), fetched=True)
        booth.desk._lining._show(heard)
        booth.settle()
        booth.bring(ERIKSON, version=2)
        assert booth.type(*ANNA).advice.advice is Advice.REFER
        booth.desk._lining._show(heard)
        view = booth.until(lambda v: v.advice.advice is Advice.INCOMPLETE)
        assert "the agreement has ended" in row(view, "Wanted persons").detail
        booth.settle()
        refreshed = booth.desk._keeping.changed
        booth.desk._keeping.changed = lambda: pytest.fail("nothing has changed")
        booth.desk._lining._show(heard)
        booth.settle()
        booth.desk._keeping.changed = refreshed
        assert booth.kinds().count("list_refused") == 1
    finally:
        booth.close()


def shown_of(booth: Booth) -> list[Progress | None]:
    """What the desk shows of a list being built, each change once."""
    shown: list[Progress | None] = [None]

    def see(_view: object) -> None:
        if booth.desk._core.state.building != shown[-1]:
            shown.append(booth.desk._core.state.building)

    booth.desk.on_view(see)
    return shown


def test_how_far_a_list_is_is_shown_until_it_is_in_force(tmp_path: Path) -> None:
    booth = booth_with(tmp_path)
    try:
        booth.open()
        shown = shown_of(booth)
        booth.bring(ERIKSON, version=2)
        assert shown == [None, Progress("ECU", 2, len(OTHERS) + 1, len(OTHERS) + 1), None]
        assert "Building" not in booth.view.status[0].text
    finally:
        booth.close()


def test_it_is_shown_twice_a_second_at_most_and_gone_when_building_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    booth = booth_with(tmp_path)

    def breaks(_path: object, _footing: object, _builder: object, told: Callable[[Progress], None]) -> None:
        for done in range(10, 100, 10):
            told(Progress("ECU", 2, done, 100))
            booth.clock.pass_(seconds=0.2)
        raise ListRefusedError("bad_record", "ECU", 2)

    try:
        booth.open()
        shown = shown_of(booth)
        with monkeypatch.context() as patch:
            patch.setattr(lists_in_force, "build", breaks)
            booth.publisher.persons(booth.folder / "inbox", booth.store(), OTHERS, version=2)
            booth.desk._keeping.look()
            booth.until(lambda _v: "list_refused" in booth.kinds())
        assert [one.done if one else None for one in shown] == [None, 10, 40, 70, None]
    finally:
        booth.close()
