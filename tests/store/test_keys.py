"""Keys: wrapped under a passphrase, kept by a proven keyring, or nowhere; files whole at every instant."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from checkpoint_app.store import (
    KeyKind,
    KeyMissingError,
    KeyringRefusedError,
    KeyringUnavailableError,
    StoreExistsError,
    StoreMisuseError,
    WitnessState,
    WrongPassphraseError,
    change_passphrase,
    create_keyring_key,
    create_passphrase_key,
    key_kind,
    memory_key,
    open_keyring_key,
    open_passphrase_key,
)
from checkpoint_app.store.files import write_whole
from checkpoint_app.store.keyring_key import ALLOWED, prove
from checkpoint_app.store.keys import FileWitness, read_key_file, write_key_file
from checkpoint_app.store.passphrase_key import Stretching
from tests.store.helpers import KEY

LIGHT = Stretching(time_cost=1, memory_kib=64, lanes=1)
PASSPHRASE = "a synthetic passphrase"


def test_a_passphrase_gives_the_same_random_key_back(tmp_path: Path) -> None:
    made = create_passphrase_key(tmp_path, PASSPHRASE, LIGHT)
    opened = open_passphrase_key(tmp_path, PASSPHRASE)
    assert (opened.kind, opened.key) == (KeyKind.PASSPHRASE, made.key)
    assert len(made.key) == 32
    assert key_kind(tmp_path) is KeyKind.PASSPHRASE
    other = tmp_path / "other"
    other.mkdir()
    assert create_passphrase_key(other, PASSPHRASE, LIGHT).key != made.key  # never made from the passphrase itself
    data = (tmp_path / "store.key").read_bytes()
    assert made.key not in data
    assert PASSPHRASE.encode() not in data
    assert stat.S_IMODE((tmp_path / "store.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("wrong", ["", "A synthetic passphrase", "a synthetic passphrase ", "x" * 10_000])
def test_another_passphrase_is_told(tmp_path: Path, wrong: str) -> None:
    create_passphrase_key(tmp_path, PASSPHRASE, LIGHT)
    with pytest.raises(WrongPassphraseError) as caught:
        open_passphrase_key(tmp_path, wrong)
    assert wrong == "" or wrong not in str(caught.value)


def test_the_default_stretching_costs_an_attacker_time_and_memory() -> None:
    stretching = Stretching()
    assert stretching.memory_kib >= 64 * 1024
    assert stretching.time_cost >= 3


def test_a_passphrase_can_be_changed_and_the_key_stays(tmp_path: Path) -> None:
    made = create_passphrase_key(tmp_path, PASSPHRASE, LIGHT)
    change_passphrase(tmp_path, PASSPHRASE, "another passphrase", LIGHT)
    assert open_passphrase_key(tmp_path, "another passphrase").key == made.key
    with pytest.raises(WrongPassphraseError):
        open_passphrase_key(tmp_path, PASSPHRASE)
    with pytest.raises(WrongPassphraseError):
        change_passphrase(tmp_path, PASSPHRASE, "a third passphrase")


def test_a_key_is_never_overwritten_and_a_short_passphrase_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreMisuseError):
        create_passphrase_key(tmp_path, "short", LIGHT)
    assert key_kind(tmp_path) is None
    create_passphrase_key(tmp_path, PASSPHRASE, LIGHT)
    with pytest.raises(StoreExistsError):
        create_passphrase_key(tmp_path, PASSPHRASE, LIGHT)
    with pytest.raises(StoreExistsError):
        create_keyring_key(tmp_path, Faithful())


HARMS: list[dict[str, Any]] = [
    {"salt": "!!"},
    {"salt": "AAAA"},
    {"wrapped": None},
    {"argon2id": None},
    {"argon2id": {"time_cost": 1, "memory_kib": 64}},
    {"argon2id": {"time_cost": 1, "memory_kib": 1 << 40, "lanes": 1}},
    {"argon2id": {"time_cost": 1 << 30, "memory_kib": 64, "lanes": 1}},
    {"argon2id": {"time_cost": 1, "memory_kib": 64, "lanes": 1000}},
    {"argon2id": {"time_cost": 1, "memory_kib": 1, "lanes": 1}},
    {"argon2id": {"time_cost": 1, "memory_kib": 64, "lanes": 1, "more": 1}},
    {"kind": "unknown"},
    {"kind": "keyring"},
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_harmed_key_file_is_told_at_once(tmp_path: Path, harm: dict[str, Any]) -> None:
    create_passphrase_key(tmp_path, PASSPHRASE, LIGHT)
    contents = {**json.loads((tmp_path / "store.key").read_bytes()), **harm}
    if harm.get("argon2id") and len(harm["argon2id"]) == 2:
        contents["argon2id"].pop("lanes", None)
        contents["argon2id"]["time_cost"] = "many"
    (tmp_path / "store.key").write_text(json.dumps(contents))
    with pytest.raises(KeyMissingError):
        open_passphrase_key(tmp_path, PASSPHRASE)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"kind": ["passphrase"]}', b"{" * 100_000])
def test_a_key_file_of_another_form_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "store.key").write_bytes(data)
    for act in (key_kind, read_key_file):
        with pytest.raises(KeyMissingError):
            act(tmp_path)


def test_a_missing_key_file_is_told(tmp_path: Path) -> None:
    assert key_kind(tmp_path) is None
    with pytest.raises(KeyMissingError):
        open_passphrase_key(tmp_path, PASSPHRASE)
    write_key_file(tmp_path, {"kind": "passphrase"})
    with pytest.raises(KeyMissingError):
        open_keyring_key(tmp_path, Faithful())


def test_a_memory_key_is_new_each_time() -> None:
    assert memory_key().key != memory_key().key
    assert memory_key().witness is None


def test_a_file_is_replaced_whole_and_durably(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, done = tmp_path / "file", []
    path.write_bytes(b"old")
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append(("fsync", path.read_bytes()))
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append(("rename", path.read_bytes()))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    write_whole(path, b"new")
    assert done == [("fsync", b"old"), ("rename", b"old"), ("fsync", b"new")]
    assert list(tmp_path.iterdir()) == [path]


def test_the_witness_of_another_key_says_nothing(tmp_path: Path) -> None:
    FileWitness(tmp_path, KEY).write(b"state")
    assert FileWitness(tmp_path, KEY).read() == b"state"
    assert FileWitness(tmp_path, bytes(32)).read() is None


# -- the keyring ---------------------------------------------------------------------------------------------------


class Faithful(KeyringBackend):
    """A keyring in memory that keeps what it is given."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Forgetful(Faithful):
    def set_password(self, service: str, username: str, password: str) -> None:
        pass

    def delete_password(self, service: str, username: str) -> None:
        pass


class Clinging(Faithful):
    def delete_password(self, service: str, username: str) -> None:
        pass


class Failing(Faithful):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("Prompt dismissed")


class Waiting(Faithful):
    hold = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.hold.wait(30)
        return None


def allowed(backend: KeyringBackend) -> dict[str, str]:
    return {type(backend).__module__: type(backend).__name__}


def test_a_keyring_that_keeps_and_forgets_as_told_is_proven() -> None:
    backend = Faithful()
    prove(backend, allowed(backend))
    assert backend.kept == {}


@pytest.mark.parametrize("backend", [Forgetful(), Clinging(), Failing()])
def test_a_keyring_that_does_not_is_refused(backend: KeyringBackend) -> None:
    with pytest.raises(KeyringUnavailableError):
        prove(backend, allowed(backend))


def test_a_keyring_that_waits_for_a_prompt_is_given_up() -> None:
    backend, began = Waiting(), time.monotonic()
    with pytest.raises(KeyringUnavailableError, match="did not answer"):
        prove(backend, allowed(backend), seconds=0.2)
    assert time.monotonic() - began < 2
    backend.hold.set()


@pytest.mark.parametrize("backend", [null.Keyring(), fail.Keyring(), chainer.ChainerBackend(), Faithful()])
def test_a_backend_that_is_not_named_is_refused_untried(backend: Any) -> None:
    with pytest.raises(KeyringRefusedError):
        prove(backend)


def test_no_plaintext_backend_is_named() -> None:
    assert set(ALLOWED) == {
        "keyring.backends.SecretService",
        "keyring.backends.kwallet",
        "keyring.backends.macOS",
        "keyring.backends.Windows",
    }


def test_a_key_left_with_the_keyring_comes_back(tmp_path: Path) -> None:
    backend = Faithful()
    made = create_keyring_key(tmp_path, backend)
    assert key_kind(tmp_path) is KeyKind.KEYRING
    opened = open_keyring_key(tmp_path, backend)
    assert (opened.kind, opened.key) == (KeyKind.KEYRING, made.key)
    assert made.key not in (tmp_path / "store.key").read_bytes()
    with pytest.raises(KeyMissingError):
        open_passphrase_key(tmp_path, PASSPHRASE)
    for harmed in ("", "AAAA", "!!"):
        backend.kept = dict.fromkeys(backend.kept, harmed)
        with pytest.raises(KeyMissingError):
            open_keyring_key(tmp_path, backend)
    backend.kept.clear()
    with pytest.raises(KeyMissingError):
        open_keyring_key(tmp_path, backend)


def test_a_data_folder_put_back_whole_is_noticed_by_the_keyring(tmp_path: Path) -> None:
    from checkpoint_app.store import RolledBackError, Store
    from checkpoint_app.wire.event import EventKind

    backend, folder, copy = Faithful(), tmp_path / "data", tmp_path / "copy"
    folder.mkdir()
    with Store.create(folder, create_keyring_key(folder, backend), booth="b") as store:
        store.journal.append(EventKind.STARTED, {})
    shutil.copytree(folder, copy)
    with Store.open(folder, open_keyring_key(folder, backend)) as store:
        assert store.witness_state is WitnessState.AGREES
        store.journal.append(EventKind.STARTED, {})
    shutil.rmtree(folder)
    copy.rename(folder)
    with pytest.raises(RolledBackError):
        Store.open(folder, open_keyring_key(folder, backend))


def test_a_keyring_that_fails_later_stops_no_event_and_is_told(tmp_path: Path) -> None:
    from checkpoint_app.store import Store
    from checkpoint_app.wire.event import EventKind

    backend = Faithful()
    with Store.create(tmp_path, create_keyring_key(tmp_path, backend), booth="b") as store:
        backend.set_password = Failing().set_password  # type: ignore[method-assign]
        for _ in range(40):
            store.journal.append(EventKind.STARTED, {})
        assert store.witness_state is WitnessState.FAILED
        assert store.journal.verify().head.seq == 40


REAL = """
import pathlib, sys
from checkpoint_app.store import create_keyring_key, open_keyring_key
folder = pathlib.Path(sys.argv[1])
made = create_keyring_key(folder)
print(open_keyring_key(folder).key == made.key)
"""
NEEDED = ("dbus-run-session", "gnome-keyring-daemon")


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason="no D-Bus session or no gnome-keyring on this machine")
def test_a_real_secret_service_unlocked_and_locked(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
    }
    data = tmp_path / "data"
    data.mkdir()
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sleep 0.3; "

    def run(script: str) -> str:
        command = ["dbus-run-session", "--", "sh", "-c", script, "sh", sys.executable, REAL, str(data)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout + "\n" + done.stderr

    assert "True" in run(unlock + '"$1" -c "$2" "$3"').splitlines()
    (data / "store.key").unlink()
    assert "KeyringUnavailableError" in run('"$1" -c "$2" "$3"')
