"""`checkpoint sync`: one round without the window, and one line where there is none."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app import cli
from checkpoint_app.commands.home import DATA
from checkpoint_app.commands.sync import progress, shown
from checkpoint_app.store import Store, create_passphrase_key, open_passphrase_key
from checkpoint_app.sync import fetch
from checkpoint_app.sync.bringing import Bringing, OnBytes
from checkpoint_app.sync.enrolled import put_enrolled
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.repository import ListTarget
from tests.sync.fake_centre import NOW, FakeCentre, served
from tests.sync.helpers import BOOTH, write_events

PASSPHRASE = "ejemplo de una frase"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A booth with three events, not enrolled."""
    monkeypatch.setattr(Stretching.__init__, "__defaults__", (1, 64, 1))
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    (tmp_path / "phrase").write_text(PASSPHRASE)
    (tmp_path / DATA).mkdir()
    with Store.create(tmp_path / DATA, create_passphrase_key(tmp_path / DATA, PASSPHRASE), booth=BOOTH) as store:
        write_events(store, 3)
    return tmp_path


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[Fetched]:
    """Fetching has its own tests: here it brings what stands in this list last, nothing at first."""
    brings = [Fetched()]

    def fetch_lists(_line: object, _on_store: object, inbox: Path, metadata: Path, *, on_bytes: OnBytes) -> Fetched:
        assert (inbox.name, metadata.name) == ("inbox", "repository")
        for one in brings[-1].brought:
            on_bytes(Bringing(one.name, one.version, 454_999, 908_001, 8000.0, 56.6))
        return brings[-1]

    monkeypatch.setattr(fetch, "fetch_lists", fetch_lists)
    return brings


@pytest.fixture
def centre(home: Path, fetched: list[Fetched]) -> Iterator[FakeCentre]:
    """The centre that knows the booth."""
    centre = FakeCentre()
    with served(centre) as port:
        with opened(home) as store:
            centre.know(BOOTH, store.identity.public_key)
            put_enrolled(store, centre.enrolled(f"https://127.0.0.1:{port}"))
        yield centre


def opened(home: Path) -> Store:
    return Store.open(home / DATA, open_passphrase_key(home / DATA, PASSPHRASE))


def sync(home: Path, *more: str) -> int:
    return cli.main(["sync", "--passphrase-file", str(home / "phrase"), *more])


def test_a_round_tells_what_it_did(centre, home, fetched, capsys):
    centre.send_case(BOOTH)
    fetched.append(Fetched(brought=(ListTarget("wanted", ListKind.PERSONS, 7, NOW, "k", "d"),), unfinished=("stolen",)))
    assert sync(home) == 0
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "sent      3 events, 0 pictures",
        "fetched   wanted 7",
        "coming    stolen",
        "received  1 case",
        "waiting   1 event, 0 pictures",  # that the case was received
    ]
    assert told.err == ""
    with opened(home) as store:
        assert store.delivery.acknowledged().seq == 3
        assert store.cases.last_number() == 1


class Terminal(io.StringIO):
    """A terminal's stderr."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_is_shown_how_far_a_list_is(centre, home, fetched, capsys, monkeypatch):
    fetched.append(Fetched(brought=(ListTarget("wanted", ListKind.PERSONS, 7, NOW, "k", "d"),)))
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert sync(home, "--json") == 0
    assert json.loads(capsys.readouterr().out)["fetched"] == [{"name": "wanted", "version": 7}]
    assert terminal.getvalue() == "\rbringing  wanted 7: 454 of 909 kB, 8.0 kB/s, 0:57 left\x1b[K\r\x1b[K"


def test_a_broken_off_round_leaves_no_half_line():
    terminal = Terminal()
    with pytest.raises(KeyError), shown(terminal):
        raise KeyError
    assert terminal.getvalue() == "\r\x1b[K"


@pytest.mark.parametrize(
    ("rate", "left", "told"),
    [
        (0.0, None, ""),
        (123_456.0, 0.0, ", 123.5 kB/s, 0:00 left"),
        (50.0, 59.1, ", 0.1 kB/s, 1:00 left"),
        (8000.0, 9_723.0, ", 8.0 kB/s, 2:42:03 left"),
    ],
)
def test_the_line_tells_bytes_rate_and_time_left(rate, left, told):
    assert progress(Bringing("ECU", 7, 0, 1, rate, left)) == f"bringing  ECU 7: 0 of 1 kB{told}"


def test_scripts_get_one_object(centre, home, capsys):
    assert sync(home, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "sent": 3,
        "bodies": 0,
        "acknowledged": 3,
        "waiting": 0,
        "wanted": 0,
        "fetched": [],
        "applied": [],
        "unfinished": [],
        "cases": 0,
        "found": 0,
        "faults": [],
    }


def test_what_was_refused_is_told_with_exit_code_1(centre, home, fetched, capsys):
    fetched.append(Fetched(faults=(("ECU", "expired"),)))
    assert sync(home) == 1
    assert "refused   list ECU: expired" in capsys.readouterr().out
    centre.booths[BOOTH].chain.seq = 9
    assert sync(home, "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [(fault["part"], fault["code"]) for fault in told["faults"]] == [
        ("deliver", "fork"),
        ("list ECU", "expired"),
    ]
    assert told["acknowledged"] is None


def test_without_a_line_it_says_why_and_since_when(centre, home, capsys):
    with opened(home) as store:
        put_enrolled(store, centre.enrolled("https://127.0.0.1:1"))
    assert sync(home) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "nothing listens" in told.err
    assert "never heard from the centre" in told.err
    with opened(home) as store:
        store.time.see(NOW)
    assert sync(home) == 1
    assert "last heard from it 2026-03-02 08:00 UTC" in capsys.readouterr().err


def test_a_booth_that_was_revoked_is_told(centre, home, capsys):
    centre.booths[BOOTH].state = BoothState.REVOKED
    assert sync(home) == 1
    assert "revoked" in capsys.readouterr().err


def test_a_booth_that_is_not_enrolled_is_exit_code_2(home, capsys):
    assert sync(home) == 2
    assert "checkpoint enrol" in capsys.readouterr().err


def test_no_booth_is_exit_code_2(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path / "nowhere"))
    assert cli.main(["sync"]) == 2
    assert "checkpoint enrol" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_a_wrong_passphrase_is_exit_code_2(centre, home, capsys):
    (home / "phrase").write_text("some other words here")
    assert sync(home) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert centre.requests == []


def test_an_open_window_syncs_by_itself(centre, home, capsys):
    with opened(home):
        assert sync(home) == 1
    assert "syncs by itself" in capsys.readouterr().err
    assert centre.requests == []
