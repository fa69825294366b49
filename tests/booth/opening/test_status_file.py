"""The status file and the command that tells it: ages are those of the moment it is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.desk.state import Health
from checkpoint_app.booth.opening.status_file import (
    MAX_STATUS_BYTES,
    STATUS_FILE,
    JournalState,
    StatusError,
    read_status,
    status_plain,
    write_status,
)
from checkpoint_app.cli import main
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store.errors import DiskFailedError
from checkpoint_app.verdict import AgeSteps, Agreement, NotDone
from tests.booth.states import AGREEMENT, NOW, POLICY, source, state

JOURNAL = JournalState(12, NOW - timedelta(hours=1), "ab" * 32, 30, NOW - timedelta(minutes=30))
HEALTH = Health(key_kind="passphrase")


def lists_at(folder: Path, now: datetime, *lists: LoadedList, **changes: object) -> list[dict[str, object]]:
    write_status(folder, status_plain(state(lists=lists, **changes), JOURNAL))
    return read_status(folder, now)["lists"]


def test_whole_status_in_the_form_of_the_command(tmp_path: Path) -> None:
    write_status(tmp_path, status_plain(state(health=HEALTH), JOURNAL))
    assert read_status(tmp_path, NOW) == {
        "booth": "test-1",
        "line": {
            "state": "down",
            "since": None,
            "retry_at": None,
            "reason": "not enrolled with a centre",
            "last_contact": "2026-11-24T13:30:00.000000Z",
        },
        "outbox": {"count": 12, "oldest": "2026-11-24T13:00:00.000000Z", "head": "ab" * 32, "acknowledged": 30},
        "lists": [
            {"name": "ECU", "version": 7, "age_s": 6 * 3600, "state": "fresh"},
            {"name": "INTL", "version": 7, "age_s": 2 * 3600, "state": "fresh"},
        ],
        "inbox": 0,
        "store": {"key": "passphrase"},
    }


def test_a_young_booth_has_nothing_to_tell(tmp_path: Path) -> None:
    write_status(tmp_path, status_plain(state(lists=(), policy=None), JournalState()))
    status = read_status(tmp_path, NOW)
    assert status["lists"] == []
    assert status["outbox"] == {"count": 0, "oldest": None, "head": "", "acknowledged": 0}
    assert status["store"] == {"key": ""}


@pytest.mark.parametrize(
    ("hours", "step"), [(24, "fresh"), (24.01, "as_of"), (24 * 7, "as_of"), (24 * 7 + 0.01, "too_old")]
)
def test_age_steps_are_those_of_the_moment(tmp_path: Path, hours: float, step: str) -> None:
    issued = LoadedList("persons", source(hours=0))
    (one,) = lists_at(tmp_path, NOW + timedelta(hours=hours), issued)
    assert (one["state"], one["age_s"]) == (step, int(hours * 3600))


def test_age_steps_are_those_of_the_policy(tmp_path: Path) -> None:
    quick = replace(POLICY, ages=AgeSteps(timedelta(hours=1), timedelta(hours=5)))
    (one,) = lists_at(tmp_path, NOW, LoadedList("persons", source(hours=6)), policy=quick)
    assert one["state"] == "too_old"


def test_a_clock_set_back_makes_no_list_younger_than_it_was_at_the_last_contact(tmp_path: Path) -> None:
    (one,) = lists_at(tmp_path, NOW - timedelta(days=2), LoadedList("persons", source(hours=6)))
    assert (one["state"], one["age_s"]) == ("fresh", 5.5 * 3600)


def test_a_bar_comes_before_the_age_and_the_end_of_the_agreement_before_all(tmp_path: Path) -> None:
    loading = LoadedList("persons", source(), AGREEMENT, bar=NotDone.LIST_LOADING)
    assert lists_at(tmp_path, NOW, loading)[0]["state"] == "list_loading"
    ended = replace(loading, agreement=Agreement("Over", NOW - timedelta(days=9), NOW))
    assert lists_at(tmp_path, NOW, ended)[0]["state"] == "agreement_ended"
    assert lists_at(tmp_path, NOW - timedelta(seconds=1), ended)[0]["state"] == "list_loading"


def test_a_list_without_a_date_is_left_out(tmp_path: Path) -> None:
    assert lists_at(tmp_path, NOW, LoadedList("persons", source(issued_at=None))) == []


SOUND = json.dumps(status_plain(state(), JOURNAL), sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 60_000,
        SOUND[:-1],
        SOUND.replace(b'"version":7', b'"version":"7"'),
        SOUND.replace(b'"fresh":86400', b'"fresh":0'),
        SOUND.replace(b'"fresh":86400', b'"fresh":1e999'),
        SOUND.replace(b'"bar":null', b'"bar":"asleep"'),
        SOUND.replace(b'"issued_at":"2026', b'"issued_at":"20x6'),
        SOUND.replace(b'"booth":"test-1"', b'"booth":"' + b"x" * MAX_STATUS_BYTES + b'"'),
    ],
)
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / STATUS_FILE).write_bytes(SOUND)
    read_status(tmp_path, NOW)
    (tmp_path / STATUS_FILE).write_bytes(data)
    with pytest.raises(StatusError, match=r"status.json can't be read; open the booth's window once"):
        read_status(tmp_path, NOW)


def test_the_largest_file_that_is_read(tmp_path: Path) -> None:
    plain = status_plain(state(), JOURNAL)
    short = MAX_STATUS_BYTES - len(SOUND)
    assert short == 65_536 - len(SOUND)
    for more, readable in ((0, True), (1, False)):
        write_status(tmp_path, plain | {"booth": "x" * (len("test-1") + short + more)})
        if readable:
            read_status(tmp_path, NOW)
        else:
            with pytest.raises(StatusError):
                read_status(tmp_path, NOW)


def test_no_file_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(StatusError, match=r"no booth has run in .*; open its window once"):
        read_status(tmp_path, NOW)


def test_a_folder_that_is_not_there_is_a_failing_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskFailedError):
        write_status(tmp_path / "gone", {})


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def booth_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def write_recent(folder: Path, journal: JournalState) -> None:
    issued_at = datetime.now(UTC) - timedelta(hours=30, minutes=1)
    lists = (LoadedList("persons", source(issued_at=issued_at)),)
    write_status(folder, status_plain(state(lists=lists, health=HEALTH), journal))


def test_command_prints_one_object_for_scripts(booth_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_recent(booth_home, JOURNAL)
    assert main(["status", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    status = json.loads(line)
    assert status.keys() == {"booth", "line", "outbox", "lists", "inbox", "store"}
    assert status["lists"][0]["state"] == "as_of"


def test_command_prints_lines_for_people(booth_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_recent(booth_home, JOURNAL)
    assert main(["status"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "booth   test-1",
        "line    down: not enrolled with a centre",
        "heard   2026-11-24T13:30:00.000000Z",
        "outbox  12 to send, oldest 2026-11-24T13:00:00.000000Z",
        f"chain   30 acknowledged, head {'ab' * 32}",
        "store   key: passphrase",
        "list    ECU 7, 30 h old, as_of",
    ]
    write_recent(booth_home, JournalState())
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert "heard   never yet\noutbox  0 to send\nchain   0 acknowledged, head none\n" in said


def test_a_file_of_an_older_program_is_read(tmp_path: Path) -> None:
    plain = status_plain(state(health=HEALTH), JOURNAL)
    del plain["journal"]["heard_at"]
    write_status(tmp_path, plain)
    assert read_status(tmp_path, NOW)["line"]["last_contact"] is None


@pytest.mark.parametrize("data", [None, b"{"])
def test_command_without_a_readable_status_says_so_and_ends_with_2(
    booth_home: Path, capsys: pytest.CaptureFixture[str], data: bytes | None
) -> None:
    if data is not None:
        (booth_home / STATUS_FILE).write_bytes(data)
    assert main(["status"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("checkpoint: ")
    assert "open" in line


def test_command_refuses_what_it_does_not_know(booth_home: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["status", "--yaml"])
