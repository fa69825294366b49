"""`checkpoint drill`: through the open window, or one line that says why not; `--last` from window or store."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app import cli
from checkpoint_app.booth.drills.drill_report import report
from checkpoint_app.booth.drills.window_request import Request, Wants, answer, take
from checkpoint_app.commands.home import DATA
from checkpoint_app.store import Store, create_passphrase_key, open_passphrase_key
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.passphrase import Stretching

PASSPHRASE = "ejemplo de una frase"
BEGUN = {"officer": "m.demo", "minutes": 15, "by": "key"}
ENDED = {
    "why": "key", "officer": "m.demo", "minutes": 15, "lasted_s": 600, "up_to": 2, "decided": 3, "asked": 2,
    "raised": 1, "lowered": 0, "unchecked": 1, "lists": [{"name": "ECU", "version": 88, "age_s": 61_200}],
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Stretching.__init__, "__defaults__", (1, 64, 1))
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path))
    (tmp_path / "phrase").write_text(PASSPHRASE)
    (tmp_path / DATA).mkdir()
    Store.create(tmp_path / DATA, create_passphrase_key(tmp_path / DATA, PASSPHRASE), booth="b-1").close()
    return tmp_path


@contextmanager
def window(home: Path, reply: Callable[[Store, Request], tuple[dict[str, Any] | None, str]]) -> Iterator[list[Request]]:
    """Stand in for the open window: hold the store, and answer each request."""
    seen: list[Request] = []
    done = threading.Event()
    with Store.open(home / DATA, open_passphrase_key(home / DATA, PASSPHRASE)) as store:
        told = report(store.line_history.last_drill())

        def desk() -> None:
            while not done.wait(0.02):
                if (request := take(home / DATA)) is not None:
                    seen.append(request)
                    facts, refused = (told, "") if request.wants is Wants.LAST_DRILL else reply(store, request)
                    answer(home / DATA, request, facts, refused)

        thread = threading.Thread(target=desk)
        thread.start()
        yield seen
        done.set()
        thread.join()


def test_it_goes_through_the_open_window(home, capsys):
    with window(home, lambda _store, request: ({"minutes": request.minutes}, "")) as seen:
        assert cli.main(["drill"]) == 0
        assert "the line is cut for 15 min" in capsys.readouterr().out
        assert cli.main(["drill", "--minutes", "240", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"minutes": 240}
    assert [(one.wants, one.minutes) for one in seen] == [(Wants.DRILL, 15), (Wants.DRILL, 240)]


@pytest.mark.parametrize(
    ("why", "said"),
    [("running", "goes on already"), ("no_line", "down already"), ("no_centre", "no centre"), ("odd", "refused: odd")],
)
def test_a_refusal_is_one_line_and_exit_1(home, capsys, why, said):
    with window(home, lambda _store, _request: (None, why)):
        assert cli.main(["drill"]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_without_a_window_or_a_booth_exit_2_and_one_line(home, tmp_path, monkeypatch, capsys):
    for folder in (home, tmp_path / "nowhere"):
        monkeypatch.setenv("CHECKPOINT_HOME", str(folder))
        assert cli.main(["drill"]) == 2
        err = capsys.readouterr().err
        assert err.startswith("checkpoint: no window of this booth is open")
        assert err.count("\n") == 1
    assert not list((home / DATA).glob("window.*"))


@pytest.mark.parametrize("minutes", ["0", "241", "-5", "1.5", "١٥", "15m", "9" * 30])
def test_minutes_are_from_1_to_240(minutes, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["drill", f"--minutes={minutes}"])
    assert ended.value.code == 2
    assert "no number from 1 to 240" in capsys.readouterr().err


def test_the_last_drill_is_told_from_the_store_and_from_the_window_alike(home, capsys):
    last = ["drill", "--last", "--passphrase-file", str(home / "phrase")]
    assert cli.main([*last, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"drill": None}
    assert cli.main(last) == 1
    assert capsys.readouterr().out == "there was no drill yet\n"
    with Store.open(home / DATA, open_passphrase_key(home / DATA, PASSPHRASE)) as store:
        store.journal.append(EventKind.DRILL_BEGUN, BEGUN)
        store.journal.append(EventKind.DRILL_ENDED, ENDED)
    assert cli.main([*last, "--json"]) == 0
    from_store = json.loads(capsys.readouterr().out)
    assert {name: from_store["drill"][name] for name in ("raised", "unchecked", "state", "late_hits", "why")} == {
        "raised": 1, "unchecked": 1, "state": "over", "late_hits": 0, "why": "key",
    }  # fmt: skip
    with window(home, lambda _store, _request: (None, "odd")):
        assert cli.main(["drill", "--last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == from_store
    assert cli.main(last) == 0
    out = capsys.readouterr().out
    assert "asked      2 again: the centre knows more of 1, less of 0" in out
    assert "list       ECU 88, 17 h old" in out


def test_what_an_event_lacks_is_counted_as_nothing(home, capsys):
    with Store.open(home / DATA, open_passphrase_key(home / DATA, PASSPHRASE)) as store:
        store.journal.append(EventKind.DRILL_BEGUN, {"minutes": "many"})
        store.journal.append(EventKind.DRILL_ENDED, {"decided": -3, "raised": True, "lists": ["ECU"]})
    assert cli.main(["drill", "--last", "--passphrase-file", str(home / "phrase"), "--json"]) == 0
    drill = json.loads(capsys.readouterr().out)["drill"]
    assert (drill["minutes"], drill["decided"], drill["raised"], drill["lists"]) == (0, 0, 0, [])
