"""Real keys on a real display: a device's two milliseconds and a person's eighty, with the focus everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.documents.helpers import CHEDL, TD1, TD3

PLACES = {
    "passphrase": ("unlock", 0),
    "officer": ("sign_in", 0),
    "PIN": ("sign_in", 1),
    "by hand": ("by_hand", 0),
    "reason": ("reason", 0),
    "empty desk": ("empty", -1),
    "Encounter": ("refer", -1),
    "compare": ("compare", -1),
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

    def settled(self) -> dict[str, object]:
        """Wait until nothing can be held back any more."""
        subprocess.run(["sleep", "0.4"], check=True)
        return self.tell("state")


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
    booth.tell("show {} {}".format(*PLACES[place]))
    booth.type("\n".join(TD3) + "\n", 2)
    assert booth.settled() == {"calls": [["keyed", "\n".join(TD3)]], "text": "", "focus": True}


@pytest.mark.parametrize("sent", ["\t".join(TD1) + "\t", "".join(TD1), "\n".join(CHEDL).lower()])
def test_any_separator_and_case(booth: Booth, sent: str) -> None:
    booth.tell("show sign_in 1")
    booth.type(sent, 2)
    lines = TD1 if "UTO" in sent else CHEDL
    assert booth.settled() == {"calls": [["keyed", "\n".join(lines)]], "text": "", "focus": True}


@pytest.mark.parametrize("place", ["PIN", "by hand"])
def test_the_same_text_typed_slowly_stays_in_the_field(booth: Booth, place: str) -> None:
    booth.tell("show {} {}".format(*PLACES[place]))
    text = "\r".join(TD3)[30:60] if place == "by hand" else TD3[1][:30]
    booth.type(text, 80)
    told = booth.settled()
    assert told["text"] == text.replace("\r", "\n")
    assert "keyed" not in [call[0] for call in told["calls"]]


def test_nothing_is_lost_while_the_screen_is_busy(booth: Booth) -> None:
    """The event loop stands still in the middle of the lines, longer than any key is held."""
    booth.tell("show reason 0")
    for times, busy_ms in enumerate((100, 300, 700), 1):
        booth.tell(f"block {busy_ms}")
        booth.type("\r".join(TD3) + "\r", 2)
        booth.tell("state")  # answered when the loop runs again
        told = booth.settled()
        assert (told["calls"], told["text"]) == ([["keyed", "\n".join(TD3)]] * times, "")


def test_a_function_key_before_the_lines_decides_nothing(booth: Booth) -> None:
    booth.tell("show proceed -1")
    booth.settled()
    booth.xdotool("key", "--delay", "2", "F5", "type", "--delay", "2", "\n".join(TD3) + "\n")
    assert booth.settled()["calls"] == [["keyed", "\n".join(TD3)]]


def test_a_function_key_by_itself_is_pressed(booth: Booth) -> None:
    booth.tell("show refer -1")
    booth.settled()
    booth.xdotool("key", "F7")
    assert booth.settled()["calls"] == [["press", "refer", "False"]]
