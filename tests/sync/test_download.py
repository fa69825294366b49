"""A package comes in pieces: a cut costs less than a block, and only what is whole and right leaves the folder."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.sync import download
from checkpoint_app.sync.download import BLOCK_BYTES, Partial
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.offers import offer_in
from tests.store.helpers import ram_folder, reopen
from tests.sync.repository_server import Booth, RepositoryServer, TufRepository, booth_of, serving

PACKAGE = random.Random(1).randbytes(600_000)
SENT_AGAIN = 64 * 1024


@pytest.fixture
def repository() -> TufRepository:
    repository = TufRepository()
    repository.put("ECU", 1, PACKAGE)
    return repository


@pytest.fixture
def server(repository: TufRepository) -> Iterator[RepositoryServer]:
    with serving(repository) as server:
        yield server


@pytest.fixture
def booth(server: RepositoryServer) -> Iterator[Booth]:
    with booth_of(server) as booth:
        yield booth


def partial_files(booth: Booth) -> dict[str, Path]:
    """Return the files on their way by their endings."""
    return {path.suffix: path for path in (booth.metadata / "partial").iterdir()}


def cut(booth: Booth, *after: int) -> None:
    """Fetch while the line is cut after so many bytes, once for each."""
    booth.server.attacks.cuts[booth.server.repository.target_url("ECU")] = list(after)
    for _ in after:
        with pytest.raises(LineError):
            booth.fetch()


def starts(booth: Booth) -> list[int]:
    path = booth.server.repository.target_url("ECU")
    return [one.start for one in booth.server.asked if one.path == path]


def test_a_package_cut_twice_goes_on(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    cut(booth, 100_001, 300_002)
    assert booth.brought() == {}
    assert len(booth.fetch().brought) == 1
    assert booth.brought() == {"ECU.list": PACKAGE}
    again = server.sent(repository.target_url("ECU")) - len(PACKAGE)
    assert again == 0
    assert starts(booth) == [0, 100_001, 400_003]


def test_a_cut_within_a_block_costs_nothing(booth: Booth) -> None:
    cut(booth, 10, BLOCK_BYTES - 11, 1, BLOCK_BYTES - 1, 5)
    booth.fetch()
    assert starts(booth) == [0, 10, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES - 1, 2 * BLOCK_BYTES + 4]
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_centre_without_range_serves_too(server: RepositoryServer, booth: Booth) -> None:
    cut(booth, 300_000)
    server.attacks.deaf = True
    assert len(booth.fetch().brought) == 1
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_what_does_not_lead_on_is_dropped(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    server.attacks.deaf = True  # without Range nothing tells that there is no more
    server.attacks.short[repository.target_url("ECU")] = 300_000
    assert booth.fetch().faults == (("ECU", "cut_short"),)
    assert len(partial_files(booth)) == 2
    server.attacks.short[repository.target_url("ECU")] = 294_912  # what is kept, and nothing after it
    assert booth.fetch().faults == (("ECU", "cut_short"),)
    assert partial_files(booth) == {}


def test_more_than_was_stated_is_not_written(tmp_path: Path, repository: TufRepository) -> None:
    offer = offer_in(repository.roles["ECU"], "ECU")
    assert offer is not None

    class Generous:
        def get_bytes(self, *_args: object) -> Iterator[bytes]:
            yield PACKAGE + b"x"

    line: Any = Generous()
    with pytest.raises(FetchError) as caught:
        Partial(offer.package, tmp_path).bring(line, "path", lambda: True)
    assert caught.value.fault is Fault.TOO_LARGE
    assert list(tmp_path.iterdir()) == []


def test_another_version_never_goes_on_with_it(repository: TufRepository, booth: Booth) -> None:
    cut(booth, 300_000)
    newer = PACKAGE[:200_000] + PACKAGE[:400_001]
    repository.put("ECU", 2, newer)
    booth.fetch()
    assert starts(booth) == [0]
    assert booth.brought() == {"ECU.list": newer}
    assert partial_files(booth) == {}


def test_another_lists_package_on_its_way_stays(repository: TufRepository, booth: Booth) -> None:
    repository.put("ECU.2", 1, PACKAGE[:-1])
    cut(booth, 300_000)
    assert [one.name for one in booth.fetch(going_on=lambda: False).brought] == []
    assert partial_files(booth)[".part"].stat().st_size >= 294_912


def test_what_nobody_wants_any_more_is_removed(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    cut(booth, 300_000)
    server.attacks.status[repository.url("ECU", 2)] = 500
    repository.publish_role("ECU")
    booth.fetch()  # what cannot be told now may be wanted later
    assert len(partial_files(booth)) == 2
    assert repository.targets.delegations is not None
    assert repository.targets.delegations.roles is not None
    del repository.targets.delegations.roles["ECU"]
    repository.publish_targets()
    assert booth.fetch() == Fetched()
    assert partial_files(booth) == {}


@pytest.mark.parametrize(
    ("torn", "start"),
    [
        (lambda part, _marks: os.truncate(part, 200_000), 196_608),  # the file is shorter than its marks
        (lambda _part, marks: os.truncate(marks, 3 * 32 + 5), 98_304),  # fewer marks than blocks
        (lambda part, _marks: _zero(part, 150_000, 60_000), 131_072),  # a hole, as a power cut leaves it
        (lambda _part, marks: _zero(marks, 32, 1), 32_768),
        (lambda _part, marks: marks.unlink(), 0),
        (lambda part, _marks: part.unlink(), 0),
        (lambda part, _marks: part.write_bytes(part.read_bytes() + bytes(900_000)), 294_912),
    ],
)
def test_it_goes_on_where_its_beginning_is_still_right(booth: Booth, torn, start: int) -> None:
    cut(booth, 300_000)
    files = partial_files(booth)
    torn(files[".part"], files[".marks"])
    assert len(booth.fetch().brought) == 1
    assert starts(booth) == [0, start]
    assert booth.brought() == {"ECU.list": PACKAGE}


def _zero(path: Path, start: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(bytes(length))


def test_files_on_their_way_are_their_owners_alone(booth: Booth) -> None:
    cut(booth, 300_000)
    assert {path.stat().st_mode & 0o777 for path in partial_files(booth).values()} == {0o600}
    assert (booth.metadata / "partial").stat().st_mode & 0o777 == 0o700


def test_a_link_in_its_place_is_not_followed(booth: Booth, tmp_path: Path) -> None:
    cut(booth, 300_000)
    part = partial_files(booth)[".part"]
    part.unlink()
    (tmp_path / "elsewhere").write_bytes(b"stays")
    part.symlink_to(tmp_path / "elsewhere")
    assert booth.fetch().faults == (("ECU", "disk"),)
    assert (tmp_path / "elsewhere").read_bytes() == b"stays"


def test_a_kill_costs_less_than_a_block(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    path = repository.target_url("ECU")
    server.attacks.stall[path] = 333_333
    booth.store.close()
    command = [sys.executable, "-m", "tests.sync.fetch_child", str(booth.inbox.parent)]
    with subprocess.Popen(command) as child:
        assert server.attacks.stalled.wait(20)
        part = booth.metadata / "partial"
        while not any(each.stat().st_size > 300_000 for each in part.glob("*.part")):
            assert child.poll() is None
        child.send_signal(signal.SIGKILL)
        assert child.wait(10) == -signal.SIGKILL
    server.attacks.released.set()
    assert booth.brought() == {}
    subprocess.run(command, check=True, timeout=20)
    assert booth.brought() == {"ECU.list": PACKAGE}
    assert 333_333 - SENT_AGAIN < starts(booth)[1] <= 333_333
    booth.store = reopen(booth.inbox.parent / "data")


# -- the disk ---------------------------------------------------------------------------------------------------------


def test_a_disk_with_too_little_room_is_not_filled(
    repository: TufRepository, server: RepositoryServer, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage("/")._replace(free=download.SPARE_BYTES + len(PACKAGE) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    assert booth.fetch() == Fetched(faults=(("ECU", "disk"),))
    assert server.times(repository.target_url("ECU")) == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free._replace(free=free.free + 1))
    assert len(booth.fetch().brought) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])  # EIO: what could not be written then may only seem to be
def test_what_a_disk_did_not_take_is_dropped(booth: Booth, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    booth.fetch(going_on=lambda: False)  # metadata is here

    def full(_descriptor: int) -> None:
        raise OSError(code, "full, or failed")

    with monkeypatch.context() as patch:
        patch.setattr(download.os, "fsync", full)
        assert booth.fetch().faults == (("ECU", "disk"),)
    assert booth.brought() == {}
    assert list(booth.metadata.glob("partial/*")) == []
    assert len(booth.fetch().brought) == 1


def test_a_failing_disk_keeps_what_came(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    booth.fetch(going_on=lambda: False)  # metadata is here

    def failing(_self: object, _file: object) -> None:
        raise OSError(errno.EIO, "failed")

    with monkeypatch.context() as patch:
        patch.setattr("tuf.api.metadata.TargetFile.verify_length_and_hashes", failing)
        assert booth.fetch().faults == (("ECU", "disk"),)
    assert booth.brought() == {}
    assert partial_files(booth)[".part"].stat().st_size == len(PACKAGE)
    assert len(booth.fetch().brought) == 1
    assert starts(booth) == [0]


def test_an_inbox_that_cannot_be_written_holds_no_half(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    booth.inbox.rmdir()
    booth.inbox.write_bytes(b"")  # a file where the folder belongs
    assert booth.fetch().faults == (("", "disk"), ("ECU", "disk"))
    booth.inbox.unlink()
    assert len(booth.fetch().brought) == 1
    assert starts(booth) == [0]


# -- any cuts at all --------------------------------------------------------------------------------------------------


class Cutting:
    """A line that ends after so many bytes, by chunks of any size."""

    def __init__(self, package: bytes, cuts: list[int], chunk: int) -> None:
        self.package, self.cuts, self.chunk = package, cuts, chunk
        self.sent = 0

    def get_bytes(self, _path: str, most: int, start: int = 0) -> Iterator[bytes]:
        rest = self.package[start:]
        assert len(rest) == most
        rest = rest[: self.cuts.pop(0)] if self.cuts else rest
        for place in range(0, len(rest), self.chunk):
            self.sent += len(rest[place : place + self.chunk])
            yield rest[place : place + self.chunk]


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(0, 5 * BLOCK_BYTES),
    cuts=st.lists(st.integers(0, 3 * BLOCK_BYTES), max_size=5),
    chunk=st.integers(1000, 3 * BLOCK_BYTES),
)
def test_whatever_the_cuts_the_package_is_whole(length: int, cuts: list[int], chunk: int) -> None:
    package = PACKAGE[:length]
    repository = TufRepository()
    repository.put("ECU", 1, package)
    offer = offer_in(repository.roles["ECU"], "ECU")
    assert offer is not None
    folder = ram_folder()
    line: Any = Cutting(package, list(cuts), chunk)
    faults = []
    try:
        for _ in range(len(cuts) + 1):
            partial = Partial(offer.package, folder)
            try:
                if partial.bring(line, "path", lambda: True):
                    break
            except FetchError as error:
                faults.append(error.fault)
        assert set(faults) <= {Fault.CUT_SHORT}
        assert partial.path.read_bytes() == package
        if 0 not in cuts:  # nothing more came: what is here was dropped
            assert line.sent - length <= len(faults) * (BLOCK_BYTES - 1)
        partial.place(folder / "ECU.list")
        assert [path.name for path in folder.iterdir()] == ["ECU.list"]
    finally:
        shutil.rmtree(folder)
