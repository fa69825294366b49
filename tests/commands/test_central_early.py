"""`checkpoint central cases --early`, from the command line on a centre's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkpoint_app.central import early
from checkpoint_app.central.centre import machine_time
from checkpoint_app.cli import main
from checkpoint_app.wire.delivery import Batch
from tests.central.chains import Chain, zone
from tests.central.helpers import Clock, enrolled
from tests.central.line import PASSPHRASE, made


def test_what_came_before_its_turn_is_listed_without_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(tmp_path / "centre"))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    with made(tmp_path / "centre", Clock(machine_time())) as centre:
        chain = Chain.of(enrolled(centre, "demo-3"))
        chain.encounter("e-1", zone())
        early.receive(centre, "demo-3", Batch("demo-3", tuple(chain.parcels[1:])))
    assert main(["central", "cases", "--early"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("demo-3  encounter_answered  e-1")
    assert second == "2026-11-27 09:00  demo-3  disposition  e-1  let_pass"
    assert main(["central", "cases", "--early", "--json"]) == 0
    said = capsys.readouterr().out
    assert [one["seq"] for one in json.loads(said)["early"]] == [2, 3]
    assert "MUSTER" not in said
