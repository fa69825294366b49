"""A key sealed to a TPM, with a stand-in for systemd-creds: what goes in and out, each failure, never a fallback."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from checkpoint_app.store import (
    KeyKind,
    KeyMissingError,
    RolledBackError,
    Store,
    StoreExistsError,
    TpmRefusedError,
    TpmUnavailableError,
    create_passphrase_key,
    create_tpm_key,
    key_kind,
    open_tpm_key,
    tpm_key,
)
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.store.tpm_key import CREDENTIAL_FILE, has_tpm
from checkpoint_app.wire.event import EventKind
from tests.store.fake_tpm import FakeTpm

SHARED = Path("/usr/bin/systemd-creds")


@pytest.fixture
def tpm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTpm:
    monkeypatch.setattr(tpm_key, "FOLDERS", (str(tmp_path / "bin"),))
    monkeypatch.setattr(tpm_key, "WITHIN_S", 5.0)
    return FakeTpm(tmp_path / "bin")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_the_tpm_gives_the_same_random_key_back(tpm: FakeTpm, data: Path) -> None:
    made = create_tpm_key(data)
    assert (made.kind, len(made.key), key_kind(data)) == (KeyKind.TPM, 32, KeyKind.TPM)
    opened = open_tpm_key(data)
    assert (opened.kind, opened.key) == (KeyKind.TPM, made.key)
    assert stat.S_IMODE((data / CREDENTIAL_FILE).stat().st_mode) == 0o600
    assert sorted(path.name for path in data.iterdir()) == ["store.cred", "store.key"]
    with pytest.raises(StoreExistsError):
        create_tpm_key(data)


def test_the_key_is_in_no_argument_no_environment_and_no_file(
    tpm: FakeTpm, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_PRELOAD_NOT", "x")
    monkeypatch.setenv("PATH", "/nowhere")
    key = create_tpm_key(data).key
    open_tpm_key(data)
    calls = tpm.calls()
    assert [call["argv"][1:][-3:] for call in calls] == [
        ["has-tpm2"],
        ["encrypt", "-", "-"],
        ["decrypt", "-", "-"],
        ["decrypt", "-", "-"],
    ]
    assert {call["argv"][0] for call in calls} == {str(tpm.program)}
    assert all({*call["env"]} <= {"PATH", "LC_ALL", "LC_CTYPE"} and call["cwd"] == "/" for call in calls)
    seen = repr(calls)
    for form in (key.hex(), repr(key)[2:-1]):
        assert form not in seen
    assert all(key not in path.read_bytes() for path in data.iterdir())


def test_a_store_opens_with_it_and_a_database_put_back_alone_is_noticed(tpm: FakeTpm, data: Path) -> None:
    with Store.create(data, create_tpm_key(data), booth="b-1") as store:
        store.journal.append(EventKind.STARTED, {})
    before = (data / "booth.db").read_bytes()
    with Store.open(data, open_tpm_key(data)) as store:
        assert store.key_kind is KeyKind.TPM
        store.journal.append(EventKind.STARTED, {})
    (data / "booth.db").write_bytes(before)
    with pytest.raises(RolledBackError):
        Store.open(data, open_tpm_key(data))


@pytest.mark.parametrize("mode", ["no_tpm", "no_tpm_seals"])
def test_without_a_tpm_it_is_refused_and_nothing_is_left(tpm: FakeTpm, data: Path, mode: str) -> None:
    tpm.behaves(mode)
    assert not has_tpm()
    with pytest.raises(TpmUnavailableError, match="knows no TPM"):
        create_tpm_key(data)
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("mode", ["fails", "clear", "empty", "garbage", "flood"])
def test_a_tpm_that_does_not_give_back_what_it_sealed_gets_no_key(tpm: FakeTpm, data: Path, mode: str) -> None:
    tpm.behaves(mode)
    with pytest.raises((TpmRefusedError, TpmUnavailableError)):
        create_tpm_key(data)
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("mode", ["garbage", "flood"])
def test_garbage_opens_nothing(tpm: FakeTpm, data: Path, mode: str) -> None:
    create_tpm_key(data)
    tpm.behaves(mode)
    with pytest.raises((TpmRefusedError, TpmUnavailableError)):
        open_tpm_key(data)


def test_another_start_of_the_machine_opens_nothing_until_it_is_put_back(tpm: FakeTpm, data: Path) -> None:
    key = create_tpm_key(data).key
    tpm.starts("secure boot off")
    with pytest.raises(TpmRefusedError, match="starts otherwise"):
        open_tpm_key(data)
    tpm.starts("secure")
    assert open_tpm_key(data).key == key


@pytest.mark.parametrize("mode", ["hang", "hang_with_child"])
def test_one_that_hangs_is_ended_with_all_its_children(
    tpm: FakeTpm, data: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    create_tpm_key(data)
    tpm.behaves(mode)
    monkeypatch.setattr(tpm_key, "WITHIN_S", 0.6)
    began = time.monotonic()
    with pytest.raises(TpmUnavailableError, match="did not answer"):
        open_tpm_key(data)
    assert time.monotonic() - began < 5
    ends = time.monotonic() + 10
    while _left(tpm.folder) and time.monotonic() < ends:
        time.sleep(0.05)
    assert _left(tpm.folder) == []


def _left(folder: Path) -> list[str]:
    """Return the processes that still run from the stand-in's folder."""
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit() and _mentions(path, str(folder))]


def _mentions(process: Path, program: str) -> bool:
    try:
        return program.encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False


def test_a_credential_that_is_missing_changed_or_of_another_kind_is_said(tpm: FakeTpm, data: Path) -> None:
    create_tpm_key(data)
    sealed = (data / CREDENTIAL_FILE).read_bytes()
    for odd in (b"", b"x" * 20_000):
        (data / CREDENTIAL_FILE).write_bytes(odd)
        with pytest.raises(KeyMissingError, match="damaged"):
            open_tpm_key(data)
    for odd in (sealed[:-2], b"ff" + sealed[2:]):
        (data / CREDENTIAL_FILE).write_bytes(odd)
        with pytest.raises(TpmRefusedError):
            open_tpm_key(data)
    (data / CREDENTIAL_FILE).unlink()
    with pytest.raises(KeyMissingError, match="missing"):
        open_tpm_key(data)
    (data / "store.key").unlink()
    create_passphrase_key(data, "ejemplo de una frase", Stretching(1, 64, 1))
    with pytest.raises(KeyMissingError, match="kept by a passphrase"):
        open_tpm_key(data)


def test_without_the_program_there_is_no_tpm(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tpm_key, "FOLDERS", (str(tmp_path / "nowhere"),))
    monkeypatch.setenv("PATH", os.defpath)
    assert not has_tpm()
    with pytest.raises(TpmUnavailableError):
        create_tpm_key(data)


@pytest.mark.skipif(not SHARED.exists() or Path("/dev/tpmrm0").exists(), reason="for a machine without a TPM")
def test_the_real_program_on_a_machine_without_a_tpm_is_believed_that_there_is_none(data: Path) -> None:
    assert not has_tpm()
    with pytest.raises(TpmUnavailableError, match="knows no TPM"):
        create_tpm_key(data)
    assert list(data.iterdir()) == []
