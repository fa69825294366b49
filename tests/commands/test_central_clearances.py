"""`checkpoint central cases clearances` and `audit --hits`, from the command line on a centre's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkpoint_app.central.centre import machine_time
from checkpoint_app.central.officers import Role
from checkpoint_app.cli import main
from tests.central.chains import zone
from tests.central.clearing import OFFICER, SUPERVISOR, OneClock, new_booth
from tests.central.helpers import in_office
from tests.central.line import PASSPHRASE, made

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def event_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The event of a decision that a centre has, which the commands find by the environment."""
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(tmp_path / "centre"))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("CHECKPOINT_ADMIN", "admin")
    clock = OneClock(machine_time())
    with made(tmp_path / "centre", clock) as centre:
        in_office(centre, OFFICER)
        in_office(centre, SUPERVISOR, Role.SUPERVISOR)
        booth = new_booth(centre, "A", tmp_path / "A", clock, "Rumichaca")
        clock.move(seconds=2)
        decided = booth.decide(zone())
        booth.deliver(centre)
        booth.store.close()
    return decided


def run(capsys: Capture, *arguments: str) -> tuple[int, str]:
    code = main(["central", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_decisions_are_listed_without_names_and_withdrawn(event_id: str, capsys: Capture) -> None:
    code, said = run(capsys, "cases", "clearances")
    assert code == 0
    assert said.startswith(event_id)
    assert f"A at Rumichaca  not ECU E-1  by {OFFICER}, confirmed by {SUPERVISOR}" in said
    assert said.rstrip().endswith("held")
    assert "MUSTER" not in said
    code, said = run(capsys, "cases", "clearances", "--withdraw", event_id)
    assert (code, said) == (0, f"{event_id}: withdrawn; clearances 1 tells it to the booths\n")
    (line,) = json.loads(run(capsys, "cases", "clearances", "--json")[1])["clearances"]
    assert (line["event_id"], line["state"], line["why"]) == (event_id, "withdrawn", "admin")
    code, said = run(capsys, "cases", "clearances", "--withdraw", event_id)
    assert code != 0
    assert said == f"checkpoint: clearance {event_id}: withdrawn already\n"
    assert "clearance withdrawn" in run(capsys, "audit")[1]


def test_hits_in_service_are_told_also_where_there_are_none(event_id: str, capsys: Capture) -> None:
    assert event_id
    code, said = run(capsys, "audit", "--hits")
    assert code == 0
    assert said.split()[:4] == ["list", "post", "screened", "cleared"]
    assert len(said.splitlines()) == 1
    assert json.loads(run(capsys, "audit", "--hits", "--json")[1]) == {"lists": [], "unread": 0}
    code, said = run(capsys, "audit", "--hits", "--booth", "demo-9")
    assert code != 0
    assert "demo-9" in said
