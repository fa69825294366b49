"""Real keys on a real display: a device's two milliseconds and a person's eighty, with the focus everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.documents.helpers import CHEDL, TD1, TD3

TRIES, LONGEST_MS, MARK_MS, PACE_MS = 20, 200, 29, 19
PLACES = {
    "passphrase": "unlock 0",
    "officer": "sign_in 0",
    "PIN": "sign_in 1",
    "by hand": "by_hand 0",
    "reason": "reason 0",
    "empty desk": "empty -1",
    "Encounter": "refer -1",
    "compare": "compare -1",
}


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """A virtual display of its own: xdotool types into whatever has the focus there."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        environment = {**os.environ, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        environment.pop("XAUTHORITY", None)
        yield environment
    finally:
        server.terminate()
        server.wait()


def read(lines: tuple[str, ...]) -> dict[str, object]:
    """What is told when a device's lines were read, and nothing else happened."""
    return {"calls": [["keyed", "\n".join(lines)]], "text": "", "focus": True}


class Booth:
    """The window in a process of its own, and a keyboard before it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.wedge_window"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, line: str) -> dict[str, object]:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def type(self, text: str, delay_ms: int) -> None:
        self.xdotool("type", "--delay", str(delay_ms), text)

    def xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, timeout=60, env=self._environment)

    def settled(self, keys: int) -> dict[str, object]:
        """Wait until so many keys have come and none is held back any more."""
        deadline = time.monotonic() + 30
        while True:
            told = self.tell("state")
            if told["keys"] >= keys and not told["holding"]:
                return told
            assert time.monotonic() < deadline, told
            time.sleep(0.05)

    def device(self, text: str, *, show: str, then: Callable[[], object] = lambda: None) -> dict[str, object]:
        """Type as a device does. On a busy machine xdotool halts as no device would: then type once more."""
        for _ in range(TRIES):
            self.tell(f"show {show}")
            then()
            self.type(text, 2)
            told = self.settled(len(text))
            if told["longest"] <= LONGEST_MS and told["pace"] <= PACE_MS:
                left = [call for call in told["calls"] if call[0] != "edit"]  # what was let go was taken back again
                return {"calls": left, "text": told["text"], "focus": told["focus"]}
        pytest.fail(f"xdotool halted for {told['longest']} ms in each of {TRIES} tries: this machine is too busy")


@pytest.fixture(scope="module")
def booth() -> Iterator[Booth]:
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("no virtual display on this machine")
    with display() as environment:
        made = Booth(environment)
        try:
            yield made
        finally:
            made.process.stdin.close()
            made.process.stdout.close()
            assert made.process.wait(timeout=20) == 0


@pytest.mark.parametrize("place", PLACES)
def test_a_device_is_read_wherever_the_focus_is(booth: Booth, place: str) -> None:
    assert booth.device("\n".join(TD3) + "\n", show=PLACES[place]) == read(TD3)


@pytest.mark.parametrize("sent", ["\t".join(TD1) + "\t", "".join(TD1), "\n".join(CHEDL).lower()])
def test_any_separator_and_case(booth: Booth, sent: str) -> None:
    assert booth.device(sent, show="sign_in 1") == read(TD1 if "UTO" in sent else CHEDL)


@pytest.mark.parametrize("place", ["PIN", "by hand"])
def test_the_same_text_typed_slowly_stays_in_the_field(booth: Booth, place: str) -> None:
    booth.tell(f"show {PLACES[place]}")
    text = "\r".join(TD3)[30:60] if place == "by hand" else TD3[1][:30]
    booth.type(text, 80)
    told = booth.settled(len(text))
    assert told["text"] == text.replace("\r", "\n")
    assert "keyed" not in [call[0] for call in told["calls"]]


@pytest.mark.parametrize("busy", ["block 100", "block 300", "block 700", "chop 12 120"])
def test_nothing_is_lost_while_the_screen_is_busy(booth: Booth, busy: str) -> None:
    """Keys are held for less time than the event loop stands still; the next ones are in its queue by then."""
    sent = "\r".join(TD3) + "\r"
    assert booth.device(sent, show="reason 0", then=lambda: booth.tell(busy)) == read(TD3)


def test_a_function_key_before_the_lines_decides_nothing(booth: Booth) -> None:
    sent = "\n".join(TD3) + "\n"
    for _ in range(TRIES):
        booth.tell("show proceed -1")
        time.sleep(0.5)  # until the desk would take a decision
        booth.xdotool("key", "--delay", "2", "F5", "type", "--delay", "2", sent)
        told = booth.settled(1 + len(sent))
        if told["first"] <= MARK_MS and told["longest"] <= LONGEST_MS and told["pace"] <= PACE_MS:
            break
    assert told["calls"] == read(TD3)["calls"]


def test_a_function_key_by_itself_is_pressed(booth: Booth) -> None:
    booth.tell("show refer -1")
    booth.xdotool("key", "F7")
    assert booth.settled(1)["calls"] == [["press", "refer", "False"]]
