"""A real desk and a real centre: asked, lost, found again; everything delivered once; late hits brought back."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.line import connection
from checkpoint_app.booth.opening.status_file import read_status
from checkpoint_app.booth.view.screen import Action, CaseMark, Sound, Stage
from checkpoint_app.central import audit, cases
from checkpoint_app.documents import PartialDate
from checkpoint_app.screening.entry import ListedDate, Name
from checkpoint_app.verdict import Advice
from tests.booth.helpers import ERIKSON, STOLEN, Booth, Publisher
from tests.booth.states import zone
from tests.e2e.centre import BOOTH, POST, RealCentre

KLARA = {"document_number": "C01X00T47", "family_name": "MUSTER", "given_names": "KLARA LUISA"}
CLEAR = zone(**KLARA, birth_date=PartialDate("800101"))
HIT = zone(
    document_number="A00000000",
    family_name="ERIKSON",
    given_names="ANA MARIA",
    nationality="ECU",
    birth_date=PartialDate("740821"),
)
NAMED = replace(
    ERIKSON,
    id="N-1",
    names=(Name("MUSTER", "Klara Luisa"),),
    birth_dates=(ListedDate("1980-01-01", "1980-01-01"),),
    nationalities=("UTO",),
)


class RealClock:
    """The machine's clock, under the name by which the desk's helper moves its own: waiting is waiting."""

    def now(self):
        from datetime import UTC, datetime

        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def pass_(self, **parts: float) -> None:
        time.sleep(0.45)  # what the gate asks for


@pytest.fixture
def real(tmp_path: Path):
    centre = RealCentre(tmp_path / "centre")
    centre.persons([ERIKSON])
    centre.numbers([STOLEN])
    centre.publish()
    centre.start()
    centre.enrol(tmp_path / "booth" / "data")
    yield centre
    centre.close()


@pytest.fixture
def desk(real, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(connection, "FETCH_EVERY_S", 3.0)
    monkeypatch.setattr(connection, "ROUND_EVERY_S", 1.0)
    booth = Booth(tmp_path / "booth", RealClock(), Publisher())
    yield booth
    booth.close()


def opened(desk: Booth):
    """The desk with its officer signed in: the officers come over the line, like everything else."""
    desk.unlock()
    desk.until(lambda _v: desk.desk._core.state.policy is not None)
    desk.until(lambda _v: desk._ask(lambda records: len(records.store.officers.all())) == 2)
    desk.sign_in()
    desk.until(lambda _v: sum(one.bar is None for one in desk.desk._core.state.lists) == 2, 60)
    return desk.until(lambda v: v.bar.line.up)


def delivered(desk: Booth, real: RealCentre) -> int:
    """Wait until everything is delivered; returns how many events the centre has."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        desk.desk.tick()
        desk.settle(0.1)
        head = desk._ask(lambda records: records.store.journal.head())
        acknowledged = real.acknowledged()
        if (acknowledged.seq, acknowledged.head) == (head.seq, head.hash):
            return head.seq
    raise AssertionError("not everything was delivered")


def test_asked_lost_killed_found_again_and_a_late_hit_brought_back(desk, real):
    view = opened(desk)
    assert view.bar.post == POST
    assert desk.type(*CLEAR).advice.advice is Advice.PROCEED
    desk.until(lambda v: v.checks.centre == "Centre: same answers")
    desk.let_pass()
    assert desk.type(*HIT).advice.advice is Advice.REFER
    desk.until(lambda v: v.checks.centre == "Centre: same answers")
    desk.refer()
    first = delivered(desk, real)

    real.kill()
    desk.until(lambda v: not v.bar.line.up, 20)
    assert "nothing listens there" in desk.view.bar.line.detail
    view = desk.type(*CLEAR)
    assert view.advice.advice is Advice.PROCEED
    assert desk.view.checks.centre.startswith("Centre: not asked, offline since")
    desk.let_pass()
    real.persons([ERIKSON, NAMED])
    real.publish()
    desk.desk.tick()
    desk.settle()
    assert desk._ask(lambda records: records.outbox().count) > 0

    real.start()
    desk.until(lambda v: v.bar.line.up, 30)
    desk.until(lambda v: v.desk and v.desk.notice == "2 late hits, nobody has them yet", 30)  # each Encounter has one
    assert Sound.LATE_HIT in desk.sounds
    second = delivered(desk, real)
    assert second > first
    assert [(one.events, one.fault) for one in audit.chains(real.centre, BOOTH)] == [(second, "")]
    desk.desk.tick()
    desk.settle()
    status = read_status(desk.folder / "data", desk.clock.now())
    assert (status["line"]["state"], status["outbox"]["count"], status["inbox"]) == ("up", 0, 2)
    assert status["outbox"]["acknowledged"] == second
    desk.until(lambda _v: desk.versions()["ECU"] == 2, 30)  # and the newer list is in force here too

    desk.press(Action.COMPARE)
    view = desk.until(lambda v: v.cases and v.cases.rows)
    assert view.cases.rows[0].name == "MUSTER, KLARA LUISA"
    desk.press(Action.TAKE_CASE)
    desk.until(lambda v: v.cases.rows[0].mark is CaseMark.TAKEN)
    delivered(desk, real)
    with real.centre.begin() as connection:
        known = cases.all_cases(connection, open_only=False)
    assert sorted((one.state, one.owner) for one in known) == [("new", ""), ("taken", "m.demo")]
    desk.press(Action.PREVIOUS)
    assert desk.until(lambda v: v.stage is Stage.EMPTY)


def test_an_officer_disabled_at_the_centre_is_out_here_and_a_newer_policy_is_in_force(desk, real):
    from checkpoint_app.central import officers

    opened(desk)
    with real.centre.begin() as connection:
        officers.disable(real.centre, connection, "m.demo")
    real.publish()
    view = desk.until(lambda v: v.form and v.form.name == "sign_in", 90)  # sent off from the desk, without a key
    assert view.message.text == "This officer's permission has ended."
    assert desk.versions()["officers"] == 2
    assert desk.kinds()[-1] == "signed_out"
    view = desk.sign_in()
    assert view.form.fault
    assert view.stage is Stage.FORM


def test_a_locked_officer_is_unlocked_once_by_a_code_read_out_over_the_telephone(desk, real):
    from checkpoint_app.central import officers

    opened(desk)
    desk.press(Action.OFFICER)
    desk.until(lambda v: v.form and v.form.name == "sign_in")
    for _ in range(5):
        desk.sign_in(pin="1111")
    fault = desk.sign_in().form.fault
    challenge = "".join(word for word in fault.split() if word.strip(";").isdigit()).replace(";", "")
    assert len(challenge) == 8
    real.kill()  # a telephone is enough
    with real.centre.begin() as connection:
        code = officers.unlock(
            real.centre, connection, "m.demo", booth=BOOTH, challenge=challenge, supervisor_id="s.muestra"
        )
    desk.desk.edit("pin", code)
    desk.desk.submit()
    desk.until(lambda v: "unlocked" in v.message.text)
    assert desk.last_body("officer_unlocked") == {"officer": "m.demo", "by": "code"}
    for _ in range(5):
        desk.sign_in(pin="1111")
    assert desk.sign_in(pin=code).form.fault  # the same code opens nothing again
    assert desk.kinds().count("officer_unlocked") == 1
