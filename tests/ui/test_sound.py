"""Sounds: their shape, and that playing them never waits or fails the window."""

from __future__ import annotations

import array
import stat
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from checkpoint_app.booth.view.screen import Sound
from checkpoint_app.ui import sound
from checkpoint_app.ui.sound import RATE, Player, samples


def seconds(which: Sound) -> float:
    return len(samples(which)) / 2 / RATE


@pytest.mark.parametrize("which", Sound)
def test_no_sound_is_longer_than_600_ms_and_none_is_silent(which: Sound) -> None:
    values = array.array("h", samples(which))
    assert 0.03 <= seconds(which) <= 0.6
    assert 5_000 < max(values) <= 32_767
    assert abs(values[0]) < 300
    assert abs(values[-1]) < 2_000


def test_sounds_are_told_apart_without_hearing_pitch() -> None:
    assert len({samples(which) for which in Sound}) == len(Sound)
    assert seconds(Sound.INCOMPLETE) > seconds(Sound.LOOK) > seconds(Sound.PROCEED)


def test_a_late_hit_is_the_refer_pair_twice() -> None:
    pair, twice = samples(Sound.REFER), samples(Sound.LATE_HIT)
    assert twice.startswith(pair)
    assert twice.endswith(pair)
    assert len(twice) > 2 * len(pair)


def player_script(folder: Path, body: str) -> None:
    script = folder / "aplay"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)


def test_samples_go_to_the_player_and_the_window_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    out = tmp_path / "heard"
    player_script(tmp_path, f"sleep 0.3; /bin/cat > {out}.part; /bin/mv {out}.part {out}")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    player = Player()
    before = time.monotonic()
    player.play(Sound.REFER)
    assert time.monotonic() - before < 0.2
    qtbot.waitUntil(out.exists, timeout=5000)
    assert out.read_bytes() == samples(Sound.REFER)
    qtbot.waitUntil(lambda: not player.children(), timeout=5000)


def test_a_sound_that_is_sounding_is_not_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    player_script(tmp_path, "/bin/cat > /dev/null; sleep 0.3")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    player = Player()
    for _ in range(20):
        player.play(Sound.REFUSED_KEY)
    player.play(Sound.REFER)
    assert len(player.children()) == 2
    qtbot.waitUntil(lambda: not player.children(), timeout=5000)
    player.play(Sound.REFUSED_KEY)
    assert len(player.children()) == 1
    qtbot.waitUntil(lambda: not player.children(), timeout=5000)


@pytest.mark.parametrize("body", [None, "exit 1"])
def test_without_a_player_that_works_it_beeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, body: str | None
) -> None:
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
    if body is not None:
        player_script(tmp_path, body)
    monkeypatch.setenv("PATH", str(tmp_path))
    player = Player()
    player.play(Sound.LOOK)
    qtbot.waitUntil(lambda: bool(beeps), timeout=5000)
    player.play(Sound.LOOK)
    assert len(beeps) == 2


def test_a_player_that_will_not_start_is_given_up(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
    player = Player()
    player._command = "aplay"
    monkeypatch.setenv("PATH", "/nowhere")
    player.play(Sound.PROCEED)
    qtbot.waitUntil(lambda: bool(beeps), timeout=5000)
    assert sound.PLAYERS["aplay"]
