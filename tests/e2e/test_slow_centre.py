"""A centre that is slow, mute, half-answering or drip-feeding: the window goes on as if it were not there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from checkpoint_app.booth.desk.desk import Desk, Places
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.ui.palette import DAY
from checkpoint_app.ui.post import Poster
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.verdict import Advice
from tests.booth.helpers import ERIKSON, OFFICER, PASSPHRASE, PIN, STOLEN, NoReader
from tests.e2e.centre import RealCentre
from tests.e2e.heartbeat import LARGEST_GAP_MS, Heartbeat
from tests.e2e.test_line import CLEAR
from tests.sync.proxy import Fault, Proxy

CLOSE_WITHIN_S = 5.0


@pytest.fixture
def behind(tmp_path: Path):
    """A real centre behind a proxy that can misbehave, and a booth enrolled through it."""
    centre = RealCentre(tmp_path / "centre")
    centre.persons([ERIKSON])
    centre.numbers([STOLEN])
    centre.publish()
    centre.start()
    proxy = Proxy(centre.port)
    centre.url = f"https://127.0.0.1:{proxy.port}"
    centre.enrol(tmp_path / "booth" / "data")
    yield proxy
    proxy.close()
    centre.close()


def signed_in(desk: Desk, qtbot) -> None:
    def form(name: str) -> None:
        qtbot.waitUntil(lambda: desk.view().form and desk.view().form.name == name, timeout=30_000)

    desk.opening.start()
    form("unlock")
    desk.edit("passphrase", PASSPHRASE)
    desk.submit()
    form("sign_in")
    qtbot.waitUntil(lambda: sum(one.bar is None for one in desk._core.state.lists) == 2, timeout=60_000)
    qtbot.waitUntil(lambda: desk._core.state.policy is not None, timeout=60_000)
    for _ in range(30):
        desk.edit("officer", OFFICER)
        desk.edit("pin", PIN)
        desk.submit()
        qtbot.waitUntil(lambda: desk.view().stage is Stage.EMPTY or bool(desk.view().form.fault), timeout=30_000)
        if desk.view().stage is Stage.EMPTY:
            return
        qtbot.wait(300)
    raise AssertionError("nobody could sign in")


@pytest.mark.timeout(300)
def test_the_screen_never_waits_for_the_centre(behind: Proxy, tmp_path: Path, qtbot) -> None:
    poster = Poster()
    window = DeskWindow(DAY, poster.post)
    qtbot.addWidget(window)
    folder = tmp_path / "booth"
    desk = Desk(Places(folder / "data", folder / "inbox"), NoReader(), poster.post, language="en")
    heartbeat = Heartbeat()
    try:
        window.bind(desk)
        window.resize(1280, 800)
        window.show()
        signed_in(desk, qtbot)
        qtbot.waitUntil(lambda: desk.view().bar.line.up, timeout=30_000)
        heartbeat.start()
        for fault in (
            Fault(mute=True),
            Fault(drip_s=1.0),
            Fault(after=40, hang=True),
            Fault(after=40),
            Fault(delay_s=4.0),
        ):
            behind.fault = fault
            behind.cut()
            desk.press(Action.CORRECT)
            desk.edit("mrz", "\n".join(CLEAR))
            began = time.monotonic()
            desk.submit()
            qtbot.waitUntil(lambda: desk.view().advice.advice is not None, timeout=5_000)
            assert time.monotonic() - began < 1.0
            assert desk.view().advice.advice is Advice.PROCEED
            qtbot.waitUntil(
                lambda: desk.view().checks.centre.startswith(("Centre did not answer", "Centre: not asked")),
                timeout=4_000,
            )
            qtbot.wait(450)  # what the gate asks for
            desk.press(Action.LET_PASS)
            qtbot.waitUntil(lambda: desk.view().stage is Stage.EMPTY, timeout=5_000)
        heartbeat.stop()
        assert heartbeat.beats > 100
        assert heartbeat.largest_ms < LARGEST_GAP_MS
        behind.fault = Fault(mute=True)
        behind.cut()
    finally:
        began = time.monotonic()
        desk.close()
        closing = time.monotonic() - began
    assert closing < CLOSE_WITHIN_S
