"""While a list of 200,000 persons is put in force by the product's own path, the window's event loop keeps running."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer

from checkpoint_app.booth.desk.desk import Desk, Places
from checkpoint_app.demo.lists import watchlist
from checkpoint_app.ui.palette import DAY
from checkpoint_app.ui.post import Poster
from checkpoint_app.ui.window import DeskWindow
from tests.booth.helpers import OFFICER, PASSPHRASE, PIN, NoReader, Publisher, make_booth
from tests.e2e.heartbeat import LARGEST_GAP_MS, Heartbeat

PERSONS = 200_000


@pytest.mark.timeout(600)
def test_the_event_loop_never_waits_while_a_large_list_is_applied(tmp_path: Path, qtbot, record_property) -> None:
    publisher, clock = make_booth(tmp_path, persons=None)
    poster = Poster()
    window = DeskWindow(DAY, poster.post)
    qtbot.addWidget(window)
    desk = Desk(Places(tmp_path / "data", tmp_path / "inbox"), NoReader(), poster.post, language="en", clock=clock)
    try:
        window.bind(desk)
        window.resize(1280, 800)
        window.show()
        desk.opening.start()
        qtbot.waitUntil(lambda: desk.view().form and desk.view().form.name == "unlock")
        desk.edit("passphrase", PASSPHRASE)
        desk.submit()
        qtbot.waitUntil(lambda: desk.view().form and desk.view().form.name == "sign_in", timeout=20_000)
        desk.edit("officer", OFFICER)
        desk.edit("pin", PIN)
        desk.submit()
        qtbot.waitUntil(lambda: desk.view().form is None, timeout=20_000)
        package_for(publisher, desk, tmp_path)
        tick = QTimer()
        tick.timeout.connect(desk.tick)
        tick.start(1000)
        heart = Heartbeat()
        heart.start()
        began = time.monotonic()
        desk._keeping.look()
        qtbot.waitUntil(lambda: any(one.persons for one in desk._core.state.lists), timeout=500_000)
        heart.stop()
        tick.stop()
        record_property("apply_s", round(time.monotonic() - began, 1))
        record_property("largest_gap_ms", round(heart.largest_ms, 1))
        print(
            f"applied in {time.monotonic() - began:.1f} s, largest gap {heart.largest_ms:.0f} ms, {heart.beats} beats"
        )
        assert heart.beats > 100
        assert heart.largest_ms < LARGEST_GAP_MS
    finally:
        desk.close()


def package_for(publisher: Publisher, desk: Desk, folder: Path) -> None:
    """Publish the large list for this booth. Calibration is not what is measured here."""
    publisher.persons(folder / "inbox", desk._core.records.store, watchlist(PERSONS))
