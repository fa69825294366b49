"""A disk that fills or fails at any moment is told as `disk`; nothing half lies in the inbox, the next round ends it.

Every call to the disk that a round makes fails once, one after the other.
"""

from __future__ import annotations

import errno
import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from checkpoint_app.sync import download
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.wire.package import content_key_id
from tests.sync.repository_server import Booth, RepositoryServer, TufRepository, booth_of, delta_bytes, serving

KEY = bytes(range(32))
KEY_ID = content_key_id(KEY)
PACKAGE = b"package" * 12_000
STEP = 4_000
SMALL = PACKAGE[:40_000]
CALLS = ("open", "mkdir", "unlink", "fsync", "replace", "listdir", "utime")
NO_HARM = ("file.read", "mkdir", "listdir", "unlink")
"""What may fail without a word: the rest tells, or it is done in the next round."""
FILE_CALLS = ("read", "write", "flush", "truncate", "seek")


class FailingDisk:
    """Counts the calls to the disk of the thread that made it, and lets number ``fails_at`` fail."""

    def __init__(self, fails_at: int = 0, code: int = errno.EIO) -> None:
        self.calls: list[str] = []
        self.failed = ""
        self._fails_at, self._code = fails_at, code
        self._thread = threading.get_ident()

    def call(self, name: str, real: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if threading.get_ident() == self._thread:
            self.calls.append(name)
            if len(self.calls) == self._fails_at:
                self.failed = str(args[0]) if args else ""
                raise OSError(self._code, os.strerror(self._code))
        return real(*args, **options)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let this be the disk."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, self._failing(name, getattr(os, name)))
            fdopen = os.fdopen
            patch.setattr(os, "fdopen", lambda *args, **options: _File(self, fdopen(*args, **options)))
            yield

    def _failing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **options: self.call(name, real, *args, **options)


class _File:
    """An open file of a disk that fails."""

    def __init__(self, disk: FailingDisk, file: Any) -> None:
        self._disk, self._file = disk, file

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._file, name)
        if name not in FILE_CALLS:
            return real
        return lambda *args, **options: self._disk.call(f"file.{name}", real, *args, **options)


@pytest.fixture
def repository() -> TufRepository:
    repository = TufRepository()
    repository.put_chain("ECU", 2, 4, PACKAGE, STEP, key_id=KEY_ID)
    repository.put("CHL", 1, SMALL)
    return repository


@pytest.fixture
def server(repository: TufRepository) -> Iterator[RepositoryServer]:
    with serving(repository) as server:
        yield server


WHOLE = {
    "CHL.list": SMALL,
    "ECU-2-3.delta": delta_bytes("ECU", 2, STEP),
    "ECU-3-4.delta": delta_bytes("ECU", 3, STEP),
    "ECU.list": PACKAGE,
}


@contextmanager
def a_booth(server: RepositoryServer) -> Iterator[Booth]:
    with booth_of(server) as booth:
        booth.in_force(ECU=2)
        server.grants.clear()
        booth.grant("ECU", KEY)
        yield booth


def lies_whole(booth: Booth) -> bool:
    """Return whether all that the desk would look at in the inbox is whole."""
    brought = booth.brought()
    grant = booth.server.grants[0]
    return all(
        brought[name] == WHOLE.get(name, grant) for name in brought if not name.endswith((".refused", ".half"))
    ) and {name for name in brought if name.endswith(".delta")} in (
        set(),
        {"ECU-2-3.delta"},
        set(WHOLE) - {"CHL.list", "ECU.list"},
    )


def is_tidying(disk: FailingDisk) -> bool:
    """Tell whether what failed was only looked at to be removed: the next round does it."""
    return disk.failed.endswith((".list", ".grant"))


def test_a_disk_that_fails_at_any_moment(server: RepositoryServer) -> None:
    with a_booth(server) as booth:
        booth.fetch(going_on=lambda: False)  # metadata is here
        for number in itertools.count(1):
            for folder in (booth.inbox, booth.metadata / "partial"):
                _empty(folder)
            disk = FailingDisk(number, errno.EIO if number % 3 else errno.ENOSPC)
            with disk.in_place():
                fetched = booth.fetch()
            if len(disk.calls) < number:
                break  # all went well: there was nothing left to fail
            at = number, disk.calls[number - 1]
            assert {word for _list, word in fetched.faults} <= {"disk"}, (at, fetched)
            assert fetched.faults or at[1] in NO_HARM or is_tidying(disk), at
            assert lies_whole(booth), (at, sorted(booth.brought()))
            assert not list(booth.inbox.glob("*.refused")), at
            if number % 4:
                continue
            assert booth.fetch().faults == (), at
            assert lies_whole(booth), at
            assert {"CHL.list", "ECU.grant", "ECU-2-3.delta", "ECU-3-4.delta"} <= set(booth.brought()), at
    assert number > 60
    assert {"file.write", "fsync", "replace", "open", "file.flush"} <= set(disk.calls)


def test_a_full_disk_has_its_room_back(server: RepositoryServer, repository: TufRepository) -> None:
    with a_booth(server) as booth:
        booth.fetch(going_on=lambda: False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(download, "SPARE_BYTES", 1 << 60)
            assert booth.fetch() == Fetched(faults=(("ECU", "disk"), ("CHL", "disk")))
        assert booth.brought() == {}
        assert sum(path.stat().st_size for path in (booth.metadata / "partial").glob("*")) == 0
        assert server.sent(repository.delta_url("ECU", 2, 3)) == 0


def test_what_cannot_be_read_comes_anew(server: RepositoryServer, repository: TufRepository) -> None:
    """A block that has gone bad does not keep a list back for ever."""
    path = repository.target_url("CHL")
    with a_booth(server) as booth:
        server.attacks.cuts[path] = [39_000]
        with pytest.raises(LineError):
            booth.fetch()
        disk = FailingDisk(0)
        real = disk.call
        reads: list[int] = []

        def bad(name: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
            if name == "file.read" and threading.get_ident() == disk._thread:
                reads.append(1)
                if len(reads) == 3:  # the second block: each has its mark beside it
                    raise OSError(errno.EIO, "bad block")
            return real(name, call, *args, **options)

        disk.call = bad  # type: ignore[method-assign]
        with disk.in_place():
            assert booth.fetch().faults == ()
        assert booth.brought()["CHL.list"] == SMALL


def test_the_folder_of_what_is_on_its_way_holds_what_is_offered_and_no_more(
    server: RepositoryServer, repository: TufRepository
) -> None:
    """Whatever is cut, version after version, for months."""
    with booth_of(server) as booth:
        for version in range(5, 25):
            repository.put("ECU", version, PACKAGE + bytes([version]))
            server.attacks.cuts[repository.target_url("ECU")] = [50_000]
            with pytest.raises(LineError):
                booth.fetch()
            kept = list((booth.metadata / "partial").iterdir())
            assert len(kept) == 2
            assert sum(path.stat().st_size for path in kept) < len(PACKAGE)
        repository.roles["ECU"].expires = repository.now
        repository.publish_role("ECU")
        assert ("ECU", "role_ended") in booth.fetch().faults
        assert list((booth.metadata / "partial").iterdir()) == []


def _empty(folder: Any) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
