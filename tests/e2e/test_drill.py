"""A drill with a real centre and the real command: cut, decided alone, looked back at, and the late hit from it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from checkpoint_app.booth.line import connection
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.central import audit
from checkpoint_app.verdict import Advice
from tests.booth.helpers import ERIKSON, Booth, Publisher
from tests.e2e.centre import BOOTH
from tests.e2e.test_line import CLEAR, NAMED, RealClock, delivered, opened
from tests.e2e.test_line import real as real  # noqa: PLC0414  a fixture


@pytest.fixture
def desk(real, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(connection, "ROUND_EVERY_S", 1.0)
    monkeypatch.setattr(connection, "FETCH_EVERY_S", 3600.0)  # the newer list is the centre's alone
    monkeypatch.setattr(connection, "FETCH_UNTOLD_S", 3600.0)
    booth = Booth(tmp_path / "booth", RealClock(), Publisher())
    yield booth
    booth.close()


def command(desk: Booth, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `checkpoint` as a process of its own, while the desk ticks as its window lets it."""
    done: list[subprocess.CompletedProcess[str]] = []
    home = os.environ | {"CHECKPOINT_HOME": str(desk.folder)}

    def run() -> None:
        whole = [sys.executable, "-m", "checkpoint_app", *arguments]
        done.append(subprocess.run(whole, env=home, capture_output=True, text=True, timeout=60, check=False))

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        desk.desk.tick()
        desk.settle(0.1)
    return done[0]


def test_a_drill_tells_what_would_have_been_missed(desk, real):
    opened(desk)
    begun = command(desk, "drill", "--minutes", "5", "--json")
    assert (begun.returncode, begun.stdout, begun.stderr) == (0, '{"minutes": 5}\n', "")
    assert desk.view.bar.line.text == "drill, 5 min left"
    assert desk.type(*CLEAR).advice.advice is Advice.PROCEED
    assert desk.view.checks.centre == "Centre: not asked, drill"
    desk.let_pass()
    real.persons([ERIKSON, NAMED])
    real.publish()
    before = real.acknowledged().seq
    for _ in range(10):
        desk.desk.tick()
        desk.settle(0.2)
    assert real.acknowledged().seq == before  # nothing passes

    desk.press(Action.DRILL)
    desk.until(lambda _v: not desk.desk._lining.is_cut)

    for _second in range(120):
        desk.desk.tick()  # not more often than there is time for: each tick has work for the store's thread
        view = desk.settle(0.3)
        if view.message.text == "Drill over: 1 decided, of 1 the centre knows more" or view.desk.notice:
            break
    head = delivered(desk, real)
    body = desk.last_body("drill_ended")
    assert (body["why"], body["decided"], body["asked"], body["raised"], body["unchecked"]) == ("key", 1, 1, 1, 0)
    assert [(one.events, one.fault) for one in audit.chains(real.centre, BOOTH)] == [(head, "")]
    desk.until(lambda v: v.desk.notice != "", 30)
    told = json.loads(command(desk, "drill", "--last", "--json").stdout)["drill"]
    assert (told["state"], told["raised"], told["late_hits"], told["by"]) == ("over", 1, 1, "command")
