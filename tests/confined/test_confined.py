"""The confined child: answers, limits, deaths, and that content leaves it by its answer only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.confined import (
    Confined,
    ConfinedClosedError,
    ConfinedDiedError,
    ConfinedRefusedError,
    ConfinedTimeoutError,
    Limits,
    RefusalError,
)
from checkpoint_app.confined.limits import MIB

ENTRY = "tests.confined.entries:many"
LIMITS = Limits(memory_bytes=512 * MIB, cpu_s=1, start_s=20, request_bytes=1 * MIB, answer_bytes=1 * MIB)


@pytest.fixture
def child() -> Iterator[Confined]:
    with Confined(ENTRY, LIMITS) as confined:
        yield confined


def test_answers_come_back_and_one_child_serves_many_calls() -> None:
    with Confined("tests.confined.entries:echo", Limits()) as confined:
        big = os.urandom(5 * MIB)
        assert confined.call(b"", 10) == b""
        first = confined.pid
        assert confined.call(big, 10) == big
        assert confined.pid == first


def test_start_returns_at_once_and_loads_in_the_background(child: Confined) -> None:
    deadline = time.monotonic() + 10
    while child.pid is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.pid is not None


def test_time_out_kills_and_the_next_call_gets_a_new_child(child: Confined) -> None:
    assert child.call(b"sleep 0", 10) == b"slept"
    first = child.pid
    with pytest.raises(ConfinedTimeoutError):
        child.call(b"sleep 30", 0.2)
    assert child.pid is None
    assert child.call(b"sleep 0", 10) == b"slept"
    assert child.pid != first


def test_a_killed_child_is_named_and_replaced(child: Confined) -> None:
    with pytest.raises(ConfinedDiedError, match="SIGKILL"):
        child.call(b"die", 10)
    assert child.call(b"sleep 0", 10) == b"slept"


def test_a_child_killed_from_outside_in_mid_call(child: Confined) -> None:
    child.call(b"sleep 0", 10)
    pid = child.pid
    assert pid is not None
    timer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
    timer.start()
    with pytest.raises(ConfinedDiedError):
        child.call(b"sleep 20", 15)
    timer.join()


def test_a_child_that_died_between_calls_is_replaced_without_a_word(child: Confined) -> None:
    child.call(b"sleep 0", 10)
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while child.pid is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.call(b"sleep 0", 10) == b"slept"
    assert child.pid != pid


def test_too_much_memory_is_a_death_not_a_crash(child: Confined) -> None:
    with pytest.raises(ConfinedDiedError, match="MemoryError"):
        child.call(b"eat", 10)


def test_too_much_cpu_time_ends_the_child(child: Confined) -> None:
    with pytest.raises(ConfinedDiedError, match="SIGXCPU"):
        child.call(b"spin", 20)


def test_cpu_time_is_granted_anew_for_each_call() -> None:
    with Confined("tests.confined.entries_cpu:half_a_second", LIMITS) as confined:
        for _ in range(5):
            assert confined.call(b"", 10) == b"done"


def test_a_refusal_brings_its_code_and_leaves_the_child_alive(child: Confined) -> None:
    child.call(b"sleep 0", 10)
    first = child.pid
    with pytest.raises(ConfinedRefusedError) as refusal:
        child.call(b"refuse", 10)
    assert refusal.value.code == "not_a_picture"
    assert child.pid == first


def test_a_failure_brings_type_and_place_but_no_content(child: Confined) -> None:
    with pytest.raises(ConfinedDiedError) as death:
        child.call(b"fail", 10)
    assert "ValueError at entries.py:" in str(death.value)
    assert "SECRET" not in str(death.value)


def test_an_entry_that_does_not_load_is_named_without_content() -> None:
    with Confined("tests.confined.entries:broken", LIMITS) as confined:
        with pytest.raises(ConfinedDiedError, match="LookupError") as death:
            confined.call(b"", 10)
        assert "SECRET" not in str(death.value)


def test_progress_comes_in_order_before_the_answer(child: Confined) -> None:
    seen: list[bytes] = []
    assert child.call(b"progress", 10, seen.append) == b"done"
    assert seen == [b"0", b"1", b"2"]
    assert child.call(b"progress", 10) == b"done"


def test_a_library_that_prints_breaks_nothing(child: Confined, capfd: pytest.CaptureFixture[str]) -> None:
    assert child.call(b"print", 10) == b"printed"
    assert child.call(b"sleep 0", 10) == b"slept"
    assert capfd.readouterr() == ("", "")


def test_sizes_are_bounded_both_ways(child: Confined) -> None:
    with pytest.raises(ConfinedRefusedError, match="request_too_large"):
        child.call(bytes(MIB + 1), 10)
    with pytest.raises(ConfinedDiedError, match="out of form"):
        child.call(b"huge", 10)


def test_it_can_write_no_file(child: Confined, tmp_path: Path) -> None:
    with pytest.raises(ConfinedDiedError, match="OSError"):
        child.call(b"write " + str(tmp_path / "leak").encode(), 10)
    assert not (tmp_path / "leak").exists() or (tmp_path / "leak").stat().st_size == 0


def test_limits_session_environment_and_descriptors(child: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "x")
    leak = os.open("/", os.O_RDONLY)
    os.set_inheritable(leak, True)
    try:
        with Confined(ENTRY, LIMITS) as confined:
            facts = dict(row.split("=", 1) for row in confined.call(b"facts", 10).decode().splitlines())
    finally:
        os.close(leak)
    assert facts["sid"] == facts["pid"]
    assert (facts["core"], facts["memory"], facts["files"]) == ("0", str(512 * MIB), "64")
    assert facts["dumpable"] == "0"
    assert "A_SECRET" not in facts["environment"]
    assert facts["descriptors"] == "pipe,pipe"


def test_close_ends_the_child_and_the_call_under_way() -> None:
    confined = Confined(ENTRY, LIMITS)
    confined.call(b"sleep 0", 10)
    pid = confined.pid
    assert pid is not None
    timer = threading.Timer(0.2, confined.close)
    timer.start()
    with pytest.raises(ConfinedClosedError):
        confined.call(b"sleep 30", 25)
    timer.join()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ConfinedClosedError):
        confined.call(b"sleep 0", 1)
    confined.close()


def test_callers_in_many_threads_each_get_their_own_answer() -> None:
    with Confined("tests.confined.entries:echo", Limits()) as confined:
        answers: dict[int, bytes] = {}

        def ask(number: int) -> None:
            answers[number] = confined.call(b"%d" % number, 20)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: b"%d" % number for number in range(8)}


def test_the_child_outlives_the_thread_that_asked_first_and_ends_with_its_parent(tmp_path: Path) -> None:
    confined = Confined(ENTRY, LIMITS)
    thread = threading.Thread(target=confined.call, args=(b"sleep 0", 10))
    thread.start()
    thread.join()
    pid = confined.pid
    assert confined.call(b"sleep 0.3", 10) == b"slept"
    assert confined.pid == pid
    confined.close()


_PARENT = """
import sys
from checkpoint_app.confined import Confined
confined = Confined("tests.confined.entries:many")
confined.call(b"sleep 0", 20)
print(confined.pid, flush=True)
confined.call(b"sleep 100", 200)
"""


def test_it_ends_when_its_parent_is_killed() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = Path(f"/proc/{int(parent.stdout.readline())}/status")
        time.sleep(0.2)
        parent.kill()
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(child)


def _runs(status: Path) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return "State:\tZ" not in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("code", ["", "Upper", "with space", "x" * 65, "name:MUSTER"])
def test_a_refusal_takes_a_code_only(code: str) -> None:
    with pytest.raises(ValueError, match="lower-case word"):
        RefusalError(code)


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="greater than zero"):
        Limits(memory_bytes=0)
