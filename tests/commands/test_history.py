"""`checkpoint status --history`: a year's outages in text and JSON, from the store or from the window that has it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checkpoint_app import cli
from checkpoint_app.booth.drills import window_request
from checkpoint_app.booth.drills.window_request import answer, is_in_use, take
from checkpoint_app.booth.line.outage_year import told_year, year_of
from checkpoint_app.commands import history
from checkpoint_app.commands.home import DATA
from checkpoint_app.store import Store, create_passphrase_key, open_passphrase_key
from checkpoint_app.store.line_history import LineChange
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.plain import to_plain

PASSPHRASE = "ejemplo de una frase"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A booth with two outages of three hours and ten minutes, and a drill."""
    monkeypatch.setattr(Stretching.__init__, "__defaults__", (1, 64, 1))
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    (tmp_path / "phrase").write_text(PASSPHRASE)
    (tmp_path / DATA).mkdir()
    with Store.create(tmp_path / DATA, create_passphrase_key(tmp_path / DATA, PASSPHRASE), booth="b-1") as store:
        for state, reason, since, lasted in (
            ("up", "", NOW - 40 * DAY, 0),
            ("down", "timed_out", NOW - 30 * DAY, 600),
            ("up", "", NOW - 30 * DAY + timedelta(hours=3), 10_800),
            ("down", "refused", NOW - 20 * DAY, 600),
            ("up", "", NOW - 20 * DAY + timedelta(minutes=10), 600),
            ("down", "drill", NOW - 10 * DAY, 600),
            ("up", "", NOW - 10 * DAY + timedelta(minutes=15), 900),
        ):
            body = {"state": state, "reason": reason, "since": to_plain(since), "lasted_s": lasted}
            store.journal.append(EventKind.LINE_CHANGED, body)
    return tmp_path


def opened(home: Path) -> Store:
    return Store.open(home / DATA, open_passphrase_key(home / DATA, PASSPHRASE))


def status(home: Path, *more: str) -> int:
    return cli.main(["status", "--history", "--passphrase-file", str(home / "phrase"), *more])


def test_a_year_is_told_in_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(home, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["minutes"], len(told["drills"])) == (2, 190, 1)
    assert told["longest"] == told["outages"][0]
    assert told["longest"]["minutes"] == 180.0
    assert told["longest"]["reason"] == "timed_out"
    assert sum(day["minutes"] for day in told["days"]) in (190, 191)  # a midnight may part a minute
    assert sum(day["drill_minutes"] for day in told["days"]) in (15, 16)
    assert told["recorded_since"] == to_plain(NOW - 40 * DAY)


def test_a_year_is_drawn_in_text(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(home) == 0
    out = capsys.readouterr().out
    assert "outages  2, 3 h 10 min without a line" in out
    assert "longest  3 h from " in out
    assert "(timed_out)" in out
    assert "drills   1, 15 min" in out
    day = (NOW - 20 * DAY).astimezone().date()
    assert any(line.startswith(str(day)) and "█" in line for line in out.splitlines())
    assert max(map(len, out.splitlines())) < 100


def test_the_open_window_tells_it_and_no_passphrase_is_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(home) as store:
        told = told_year(store)
        done = threading.Event()

        def desk() -> None:
            while not done.wait(0.02):
                if (request := take(home / DATA)) is not None:
                    answer(home / DATA, request, told)
                    return

        window = threading.Thread(target=desk)
        window.start()
        assert cli.main(["status", "--history", "--json"]) == 0
        done.set()
        window.join()
    assert json.loads(capsys.readouterr().out)["minutes"] == 190
    assert not list((home / DATA).glob("window.*"))


def test_a_window_that_says_nothing_is_waited_for_only_so_long(home: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(window_request.ask, "__kwdefaults__", {**window_request.ask.__kwdefaults__, "within_s": 0.2})
    with opened(home):
        assert is_in_use(home / DATA)
        assert status(home) == 1
    assert "does not answer" in capsys.readouterr().err
    assert not list((home / DATA).glob("window.*"))
    assert not is_in_use(home / DATA)


def test_without_a_booth_or_a_record_one_line_says_so(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path / "nowhere"))
    assert status(tmp_path) == 2
    err = capsys.readouterr().err
    assert err.startswith("checkpoint: no booth is set up here")
    assert err.count("\n") == 1
    assert history.text(year_of([], NOW)) == "nothing is recorded of the line yet"


def test_a_calendar_marks_each_day_by_its_share() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    rows = [
        LineChange(1, "up", "", noon - 10 * DAY),
        LineChange(2, "down", "refused", noon - 5 * DAY, 60),
        LineChange(3, "up", "", noon - 2 * DAY, 3 * 86_400),
        LineChange(4, "down", "drill", noon - DAY, 60),
        LineChange(5, "up", "", noon - DAY + timedelta(hours=1), 3600),
    ]
    lines = history.text(year_of(rows, noon)).splitlines()
    (november,) = (line for line in lines if line.startswith("2026-11 "))
    marks = november[len("2026-11  ") :][:31]
    assert marks[15] == " "  # not recorded then, wherever the machine stands
    assert marks[18] == "·"
    assert marks[22:24] == "██"
    assert marks[21] in history.BLOCKS
    assert marks[25] == "d"
    assert "longest  3 d from" in "\n".join(lines)
