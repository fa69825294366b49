"""What SANE's ``scanimage`` is asked, and what it answers.

Its words are those of ``sane_strstatus`` in the C locale, its exit code is the SANE status (SANE API 1.06, sections
4.2.7 and 4.3). All that it writes is from outside: a device's name becomes an argument only where it looks like one.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checkpoint_app.readers.running import Bell, Run, RunTooLongError, RunTooMuchError

MOST_PICTURE_BYTES = 32 << 20
MOST_TEXT_BYTES = 256 << 10
_MOST_DEVICES = 64
_NAME = re.compile(r"[A-Za-z0-9][ -~]{0,199}")
_NOT_FOR_DOCUMENTS = ("v4l:",)  # a camera; SANE lists it among the scanners

# Code → what is wrong and what to do about it; the booth has the same in the officer's language.
SCANNER_ERRORS = {
    "scanner_not_installed": "scanimage is not installed: install the package sane-utils",
    "scanner_absent": "no scanner answers: plug it in and switch it on",
    "scanner_busy": "another program uses the scanner: close it",
    "scanner_jammed": "the paper is jammed: open the scanner and take it out",
    "scanner_cover_open": "the scanner's cover is open: close it",
    "scanner_no_document": "there is no document in the feeder: lay one in",
    "scanner_denied": "this user may not use the scanner: add them to the group scanner",
    "scanner_slow": "the scanner took too long and was stopped: scan again",
    "scanner_too_large": "the scanner sent too large a picture: scan with fewer dots",
    "scanner_failed": "the scanner stopped: switch it off and on",
}
_BY_WORDS = {
    "Device busy": "scanner_busy",
    "Document feeder jammed": "scanner_jammed",
    "Document feeder out of documents": "scanner_no_document",
    "Scanner cover is open": "scanner_cover_open",
    "Access to resource has been denied": "scanner_denied",
    "Operation not supported": "scanner_failed",
    "Operation was canceled": "scanner_failed",
    "Invalid argument": "scanner_failed",
    "Error during device I/O": "scanner_failed",
    "Out of memory": "scanner_failed",
}
_BY_STATUS = {
    3: "scanner_busy",
    6: "scanner_jammed",
    7: "scanner_no_document",
    8: "scanner_cover_open",
    11: "scanner_denied",
}
_NOT_OPENED = re.compile(r"open of device .* failed: (Invalid argument|Error during device I/O)$", re.MULTILINE)


class ScannerError(Exception):
    """A run of scanimage gave nothing; ``code`` is a key of SCANNER_ERRORS."""

    def __init__(self, code: str) -> None:
        super().__init__(SCANNER_ERRORS[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Device:
    """A scanner by SANE's name for it, with its maker's name for people."""

    name: str
    model: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to scan: dots an inch, and the area from the top left corner in millimetres; None is what the device takes
    by itself, mostly the whole glass.
    """

    resolution: int = 300
    area_mm: tuple[int, int] | None = None


def find_program() -> str | None:
    """Return the path of scanimage, or None where it is not installed."""
    return shutil.which("scanimage")


class Sane:
    """Runs ``program``, one run at a time; ``bell`` and ``unwanted`` end a run early. Use it from one thread only."""

    def __init__(self, program: str, bell: Bell, unwanted: Callable[[], bool]) -> None:
        self._program = program
        self._bell = bell
        self._unwanted = unwanted

    def devices(self, timeout_s: float) -> tuple[Device, ...]:
        """Return the scanners that are there. Raises ScannerError and InterruptedRunError."""
        text = self._run(("--formatted-device-list=%d\t%v\t%m%n",), MOST_TEXT_BYTES, timeout_s)
        return devices_of(text.decode("utf-8", "replace"))

    def options(self, device: Device, timeout_s: float) -> str:
        """Return what ``device`` offers, as scanimage tells it. Raises ScannerError and InterruptedRunError."""
        text = self._run((f"--device-name={device.name}", "--help"), MOST_TEXT_BYTES, timeout_s)
        return text.decode("utf-8", "replace")

    def scan(self, device: Device, settings: Sequence[str], timeout_s: float) -> bytes:
        """Return a picture as PNG, unchecked. Raises ScannerError and InterruptedRunError."""
        arguments = (f"--device-name={device.name}", "--format=png", *settings)
        picture = self._run(arguments, MOST_PICTURE_BYTES, timeout_s)
        if not picture:
            raise ScannerError("scanner_failed")
        return picture

    def _run(self, arguments: Sequence[str], most_bytes: int, timeout_s: float) -> bytes:
        try:
            run = Run((self._program, *arguments))
        except (FileNotFoundError, PermissionError):
            raise ScannerError("scanner_not_installed") from None
        except OSError:  # no room for another process, or for its pipes
            raise ScannerError("scanner_failed") from None
        try:
            run.follow(most_bytes, time.monotonic() + timeout_s, self._bell, self._unwanted, _is_complaint)
        except RunTooLongError:
            raise ScannerError(complaint_in(_text(run.errors)) or "scanner_slow") from None
        except RunTooMuchError:
            raise ScannerError("scanner_too_large") from None
        finally:
            status = run.end()
        if status != 0:
            raise ScannerError(code_of(status, _text(run.errors)))
        return bytes(run.output)


def devices_of(text: str) -> tuple[Device, ...]:
    """Return the devices of a list, one a line: name, maker and model between tabs.

    A line in any other form is left out, and so is a name that could be mistaken for an option or holds what no name
    of a device does: it would be an argument of the next run.
    """
    found = []
    for line in text.split("\n")[:_MOST_DEVICES]:
        name, *rest = line.split("\t")
        if len(rest) == 2 and _NAME.fullmatch(name):
            words = " ".join(f"{rest[0]} {rest[1]}".split())
            found.append(Device(name, "".join(one for one in words if one.isprintable())[:60]))
    return tuple(found)


def choose(devices: Sequence[Device], beginning: str) -> Device | None:
    """Return the first device whose name begins with ``beginning``; where that is empty, the first that is no camera.

    The rest of a USB scanner's name changes each time it is plugged in.
    """
    for device in devices:
        if device.name.startswith(beginning) if beginning else not device.name.startswith(_NOT_FOR_DOCUMENTS):
            return device
    return None


def code_of(status: int, errors: str) -> str:
    """Return the code of SCANNER_ERRORS for an exit code that is not 0 and the words on standard error.

    The words come first: scanimage says 1 for all that goes wrong before the first line of a picture.
    """
    return complaint_in(errors) or _BY_STATUS.get(status, "scanner_failed")


def complaint_in(errors: str) -> str:
    """Return the code of the last complaint of scanimage itself, or nothing: backends chatter there too."""
    lines = [line.strip() for line in errors.splitlines() if line.startswith("scanimage: ")]
    for line in reversed(lines):
        if _NOT_OPENED.search(line):
            return "scanner_absent"
        for words, code in _BY_WORDS.items():
            if line.endswith(f": {words}"):
                return code
    return ""


def _is_complaint(errors: bytes | bytearray) -> bool:
    return bool(complaint_in(_text(errors)))


def _text(errors: bytes | bytearray) -> str:
    return errors.decode("ascii", "replace")


def settings_of(options: str, wanted: Wanted) -> tuple[str, ...]:
    """Return the options of scanimage that come next to ``wanted``, out of those that the device offers."""
    made = []
    if colour := next((one for one in _choices(options, "--mode") if "color" in one.lower()), ""):
        made.append(f"--mode={colour}")
    if "8" in _choices(options, "--depth"):
        made.append("--depth=8")
    if dots := _resolution(_offer(options, "--resolution"), wanted.resolution):
        made.append(f"--resolution={dots}")
    for axis, size in zip(("-x", "-y"), wanted.area_mm or (), strict=False):
        if limit := re.match(r"[0-9.]+\.\.([0-9]+(?:\.[0-9]+)?)mm", _offer(options, axis)):
            made += [axis, f"{min(float(limit[1]), size):g}"]
    return tuple(made)


def _offer(options: str, name: str) -> str:
    """Return what stands behind an option in the help of scanimage; empty where it is not there or not active."""
    found = re.search(rf"^ +{re.escape(name)}[ =](.{{1,2000}})$", options, re.MULTILINE)
    return "" if found is None or "[inactive]" in found[1] or "[read-only]" in found[1] else found[1]


def _choices(options: str, name: str) -> tuple[str, ...]:
    text = re.sub(r"(dpi|mm)? +\[[^\]]*\].*$", "", _offer(options, name))
    return tuple(one for one in text.split("|") if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 .,()_-]{0,60}", one))


def _resolution(offer: str, wanted: int) -> int | None:
    """Return the offered resolution that is ``wanted``, else the next finer, else the finest."""
    if between := re.match(r"(\d+)\.\.(\d+)dpi", offer):
        return min(max(wanted, int(between[1])), int(between[2]))
    offered = sorted(int(one) for one in re.findall(r"\d+", offer.partition("dpi")[0]))
    return next((one for one in offered if one >= wanted), offered[-1] if offered else None)
