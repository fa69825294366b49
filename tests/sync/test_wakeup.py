"""The system tells when a line is back: in a network of its own, with true links; what it tells is read strictly."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.sync import wakeup
from checkpoint_app.sync.wakeup import News, Wakeup
from tests.sync.proxy import wait_until

UP, DOWN = 0x10043, 0x43


def message(kind: int, body: bytes = b"") -> bytes:
    size = wakeup._HEADER.size + len(body)
    return wakeup._HEADER.pack(size, kind, 0, 0, 0) + body + bytes(-size % 4)


def link(index: int, flags: int) -> bytes:
    return message(16, wakeup._LINK.pack(0, 1, index, flags, 0))


# -- what is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "good"), [(20, True), (24, True), (21, False), (25, False), (2, False), (3, False)])
def test_an_address_or_a_route_that_comes_is_good_news(kind: int, good: bool) -> None:
    assert News().is_good(message(kind)) is good
    assert News().is_good(message(3) + message(kind, b"xyz") + message(21)) is good


def test_a_link_is_news_when_it_carries_again() -> None:
    news = News()
    assert not news.is_good(link(2, UP))  # it never was down: it only says something of itself
    assert not news.is_good(link(2, DOWN))
    assert not news.is_good(link(3, UP))
    assert news.is_good(link(2, UP))
    assert not news.is_good(link(2, UP))


def test_a_link_that_carries_again_counts_beside_others() -> None:
    news = News()
    news.is_good(link(2, DOWN) + link(3, DOWN))
    assert news.is_good(link(2, UP) + link(3, DOWN))
    assert news.is_good(link(3, UP))


@given(st.binary(max_size=200))
def test_whatever_is_told_is_read(data: bytes) -> None:
    assert News().is_good(data) in (True, False)
    assert News().is_good(message(24)[:-1] + data) in (True, False)


@pytest.mark.parametrize("length", [0, 1, 15, 17, 1 << 31])
def test_a_message_of_another_length_ends_the_reading(length: int) -> None:
    data = wakeup._HEADER.pack(length, 24, 0, 0, 0)
    assert not News().is_good(data)


def test_no_more_links_are_remembered_than_there_can_be() -> None:
    news = News()
    for index in range(10_000):
        news.is_good(link(index, DOWN))
    assert len(news._down) <= 256


# -- the watcher ------------------------------------------------------------------------------------------------------


@contextmanager
def watching(
    monkeypatch: pytest.MonkeyPatch, settles_s: float, between_s: float
) -> Iterator[tuple[list[float], socket.socket]]:
    """Yield when it woke, and a socket by which the test speaks as the kernel would."""
    kernel, told = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    monkeypatch.setattr(wakeup, "SETTLES_S", settles_s)
    monkeypatch.setattr(wakeup, "LEAST_BETWEEN_S", between_s)

    class Told:
        """A netlink socket whose kernel is the test."""

        def bind(self, address: tuple[int, int]) -> None:
            assert address == (0, wakeup._GROUPS)

        def recvfrom(self, size: int) -> tuple[bytes, tuple[int, int]]:
            data = told.recv(size)
            return data[1:], (data[0], 0)

        def setblocking(self, flag: bool) -> None:
            told.setblocking(flag)

        def fileno(self) -> int:
            return told.fileno()

        def close(self) -> None:
            told.close()

    woken: list[float] = []
    watcher = Wakeup(lambda: woken.append(time.monotonic()))
    with monkeypatch.context() as patch:
        patch.setattr(wakeup.socket, "socket", lambda *_args: Told())
        assert watcher.start()
    yield woken, kernel
    watcher.close()
    assert not watcher._thread.is_alive()
    kernel.close()


def test_many_news_wake_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(monkeypatch, 0.1, 0.3) as (woken, kernel):
        for _ in range(20):
            kernel.send(b"\0" + message(24))
        assert wait_until(lambda: woken)
        for _ in range(20):
            kernel.send(b"\0" + message(20))
        time.sleep(0.15)
        assert len(woken) == 1
        assert wait_until(lambda: len(woken) == 2)
        assert woken[1] - woken[0] >= 0.3


def test_only_the_kernel_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with watching(monkeypatch, 0.0, 0.0) as (woken, kernel):
        kernel.send(b"\x07" + message(24))
        kernel.send(b"\0" + message(25))
        time.sleep(0.1)
        assert woken == []
        kernel.send(b"\0" + message(24))
        assert wait_until(lambda: woken)


def test_where_nobody_tells_nothing_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Wakeup(lambda: None)
    with monkeypatch.context() as patch:
        patch.delattr(socket, "AF_NETLINK")
        assert not watcher.start()
    watcher.close()


def test_it_ends_at_once() -> None:
    watcher = Wakeup(lambda: None)
    watcher.start()
    began = time.monotonic()
    watcher.close()
    assert time.monotonic() - began < 1


# -- true links -------------------------------------------------------------------------------------------------------


def in_a_network_of_its_own(*steps: str) -> list[int]:
    """Return how often it woke at each step, a command of `ip`; skips where no network can be made."""
    unshare = shutil.which("unshare")
    if unshare is None or shutil.which("ip") is None:
        pytest.skip("no `unshare` or no `ip`: no network of its own can be made here")
    alone = [unshare, "--net", "--map-root-user"]
    if subprocess.run([*alone, "ip", "link", "add", "type", "veth"], capture_output=True, check=False).returncode:
        pytest.skip("no network of its own can be made here: it needs rights, and links of the kind `veth`")
    child = [*alone, sys.executable, "-m", "tests.sync.wakeup_child"]
    ran = subprocess.run(child, input="\n".join(steps), capture_output=True, text=True, timeout=30, check=True)
    told, *counts = ran.stdout.split()
    assert told == "told"
    return [int(count) for count in counts]


def test_a_line_that_comes_back_wakes() -> None:
    counts = in_a_network_of_its_own(
        "link add here type veth peer name there",
        "link set here addrgenmode none",  # an address of IPv6 would come some time later
        "link set there addrgenmode none",
        "link set here up",
        "link set there up",
        "addr add 192.0.2.1/24 dev here",
        "link set there down",
        "link set there up",
        "addr del 192.0.2.1/24 dev here",
        "link set here down",
        "link set lo up",
        "route add 198.51.100.0/24 dev lo",
        "route del 198.51.100.0/24 dev lo",
    )
    woke = [count > 0 for count in counts]
    assert woke == [False, False, False, False, True, True, False, True, False, False, True, True, False], counts
