"""A booth whose key a TPM keeps opens by itself, says so, and is never opened by anything else."""

from __future__ import annotations

import pytest

from checkpoint_app import cli
from checkpoint_app.booth.opening.status_file import read_status
from checkpoint_app.commands.home import DATA
from checkpoint_app.store import Store, create_tpm_key, tpm_key
from checkpoint_app.wire.enrolment import EnrolmentCode
from tests.booth.helpers import START, Booth, FakeClock, Publisher
from tests.store.fake_tpm import FakeTpm


@pytest.fixture
def tpm(tmp_path, monkeypatch):
    monkeypatch.setattr(tpm_key, "FOLDERS", (str(tmp_path / "bin"),))
    return FakeTpm(tmp_path / "bin")


@pytest.fixture
def booth(tpm, tmp_path):
    (tmp_path / DATA).mkdir()
    Store.create(tmp_path / DATA, create_tpm_key(tmp_path / DATA), booth="test-1", clock=FakeClock()).close()
    booth = Booth(tmp_path, FakeClock(), Publisher())
    yield booth
    booth.close()


def test_it_opens_without_a_passphrase_and_the_status_says_tpm(booth, tmp_path):
    booth.desk.opening.start()
    booth.until(lambda v: v.form and v.form.name == "sign_in")
    booth.desk.tick()
    booth.settle()
    assert booth.last_body("started")["key"] == "tpm"
    assert read_status(tmp_path / DATA, START)["store"] == {"key": "tpm"}


@pytest.mark.parametrize(
    ("mode", "pcr", "said"),
    [("ok", "other", "another start"), ("garbage", "secure", "Report it"), ("no_tpm", "x", "TPM")],
)
def test_what_the_tpm_does_not_open_stays_shut_and_is_told(booth, tpm, mode, pcr, said):
    tpm.behaves(mode)
    tpm.starts(pcr)
    booth.desk.opening.start()
    view = booth.until(lambda v: v.form and v.form.name == "stopped")
    assert said in view.form.fault
    assert booth.desk._core.records is None


def test_it_is_made_only_where_there_is_a_tpm(tpm, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CHECKPOINT_HOME", str(tmp_path / "home"))
    tpm.behaves("no_tpm")
    code = EnrolmentCode(bytes(range(16)), bytes(range(16, 32))).to_text()
    where = ["--central", "https://127.0.0.1:1", "--code", code]
    assert cli.main(["enrol", *where, "--booth", "b-1", "--key", "tpm"]) == 2
    err = capsys.readouterr().err
    assert "no TPM 2.0 on this machine" in err
    assert err.count("\n") == 1
    assert not Store.exists(tmp_path / "home" / DATA)
