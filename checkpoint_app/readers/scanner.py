"""A document scanner: a thread of its own looks which are there, and scans when asked.

Nothing here waits for a device but that thread. A scanner that comes or goes is seen within seconds: the list of USB
devices is looked at each second, SANE is asked when it changed and now and then. A button on the device itself can't be
reached through scanimage: a key of the booth scans.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checkpoint_app.readers.protocol import Health, RawInput, Source
from checkpoint_app.readers.running import Bell, InterruptedRunError
from checkpoint_app.readers.sane import (
    Device,
    Sane,
    ScannerError,
    Wanted,
    choose,
    find_program,
    settings_of,
)

log = logging.getLogger(__name__)

USB_DEVICES = Path("/sys/bus/usb/devices")
_GONE = ("scanner_failed", "scanner_slow", "scanner_absent")
_PASSING = ("scanner_no_document", "scanner_too_large")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: between two lists, times the list's own time; for a list; for what a device offers; for a picture."""

    pause_s: float = 3.0
    pause_factor: float = 2.0
    list_s: float = 15.0
    options_s: float = 15.0
    scan_s: float = 60.0
    usb_s: float = 1.0


@dataclass(frozen=True, slots=True)
class ScannerState:
    """How the scanner stands. ``trouble`` is a code of SCANNER_ERRORS or empty.

    ``model`` is the maker's name for it, or for the one that was there last; empty where none ever was.
    """

    health: Health = Health.STARTING
    trouble: str = ""
    model: str = ""


class Scanner:
    """A `Reader` over the scanner whose SANE name begins with ``beginning``; where that is empty, the first one.

    ``start`` begins to look. ``scan`` asks for one picture, which ``poll`` returns, or why there is none.
    ``find`` returns the path of scanimage, or None where it is not installed. Thread-safe.
    """

    def __init__(
        self,
        beginning: str = "",
        wanted: Wanted | None = None,
        *,
        times: Times | None = None,
        find: Callable[[], str | None] = find_program,
    ) -> None:
        self._beginning = beginning
        self._wanted = wanted or Wanted()
        self._times = times or Times()
        self._find = find
        self._state = ScannerState()
        self._inputs: queue.SimpleQueue[RawInput] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._asked = self._cancelled = self._closed = False
        self._device: Device | None = None
        self._model = ""
        self._settings: tuple[str, ...] = ()
        self._bell = Bell()
        self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)

    @property
    def state(self) -> ScannerState:
        """How it stands now, in one piece."""
        return self._state

    @property
    def health(self) -> Health:
        """STARTING until the first list; READY; BUSY while it scans; ABSENT; FAILED with a trouble; CLOSED."""
        return self._state.health

    def start(self) -> None:
        """Begin to look for a scanner; returns at once."""
        self._thread.start()

    def scan(self) -> bool:
        """Ask for one picture and return at once; tell whether it was taken on: not while another is under way."""
        with self._lock:
            if self._closed or self._asked:
                return False
            self._asked, self._cancelled = True, False
            self._state = ScannerState(Health.BUSY, model=self._state.model)
            self._bell.ring()
        return True

    def cancel(self) -> None:
        """Stop the scan under way, if there is one: nothing comes of it."""
        with self._lock:
            if self._asked and not self._closed:
                self._cancelled = True
                self._bell.ring()

    def poll(self) -> list[RawInput]:
        """Return what scans gave since the last call: pictures, and codes of SCANNER_ERRORS for those without one."""
        inputs = []
        while not self._closed and not self._inputs.empty():
            inputs.append(self._inputs.get())
        return inputs

    def close(self) -> None:
        """End what runs and give the scanner back; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._bell.ring()
        if self._thread.is_alive():
            self._thread.join()
        self._bell.close()
        self._state = ScannerState(Health.CLOSED)

    def _run(self) -> None:
        next_look, usb = 0.0, _usb()
        while not self._closed:
            if self._asked:
                self._answer()
                continue
            if time.monotonic() >= next_look or usb != _usb():
                usb, began = _usb(), time.monotonic()
                self._look()
                took = time.monotonic() - began
                next_look = time.monotonic() + max(self._times.pause_s, took * self._times.pause_factor)
            self._bell.wait(min(next_look - time.monotonic(), self._times.usb_s))

    def _look(self) -> None:
        """Look which scanners are there, and what a new one offers."""
        before = self._device
        try:
            self._find_device(lambda: self._asked or self._closed)
        except InterruptedRunError:
            return
        except ScannerError as error:
            if self._device is None or error.code != "scanner_slow":  # others in the network may be slow, not this one
                self._stand(self._absent_or_failed(error.code))
            return
        if self._device is None:
            self._stand(self._absent_or_failed("scanner_absent"))
        elif self._device != before or self._state.health is not Health.FAILED:
            self._stand(ScannerState(Health.READY, model=self._device.model))

    def _absent_or_failed(self, code: str) -> ScannerState:
        is_absent = code in ("scanner_not_installed", "scanner_absent")
        return ScannerState(Health.ABSENT if is_absent else Health.FAILED, code, self._model)

    def _find_device(self, unwanted: Callable[[], bool]) -> None:
        """Set the device, and what it is to be told. Raises ScannerError and InterruptedRunError.

        Where no list came the device stays; where it does not say what it offers there is none.
        """
        sane = self._sane(unwanted)
        found = choose(sane.devices(self._times.list_s), self._beginning)
        known, self._device = self._device, None
        if found is not None and found != known:
            self._settings = settings_of(sane.options(found, self._times.options_s), self._wanted)
        self._device = found
        if found is not None:
            self._model = found.model

    def _sane(self, unwanted: Callable[[], bool]) -> Sane:
        program = self._find()
        if program is None:
            raise ScannerError("scanner_not_installed")
        return Sane(program, self._bell, unwanted)

    def _answer(self) -> None:
        """Scan as asked, and let what came of it be taken."""
        code = ""
        try:
            raw = RawInput(Source.SCANNER, image=self._scan())
        except InterruptedRunError:
            raw = None
        except ScannerError as error:
            code = self._still_there(error.code)
            raw = RawInput(Source.SCANNER, refused=code)
        state = ScannerState(Health.READY, model=self._model)
        if code not in ("", *_PASSING):
            state = self._absent_or_failed(code)
        elif self._device is None:  # stopped before it was known which there are
            state = ScannerState()
        with self._lock:
            if raw is not None and not self._cancelled:
                self._inputs.put(raw)
            self._asked = False
            self._state = state

    def _scan(self) -> bytes:
        """Return a picture. Raises ScannerError and InterruptedRunError."""
        if self._device is None:
            self._find_device(self._unwanted)
        if self._device is None:
            raise ScannerError("scanner_absent")
        return self._sane(self._unwanted).scan(self._device, self._settings, self._times.scan_s)

    def _still_there(self, code: str) -> str:
        """Return ``code``, or that the scanner is gone: one unplugged in the midst says no more than that it failed."""
        if code not in _GONE or self._device is None:
            return code
        try:
            self._find_device(self._unwanted)
        except (ScannerError, InterruptedRunError):
            return code
        return code if self._device is not None else "scanner_absent"

    def _unwanted(self) -> bool:
        return self._cancelled or self._closed

    def _stand(self, state: ScannerState) -> None:
        with self._lock:
            if self._asked:
                return
            if state != self._state:
                log.info("scanner: %s %s", state.health, state.trouble)
            self._state = state


def _usb() -> frozenset[str]:
    """Return the names of the USB devices that are plugged in, each time under another number."""
    try:
        return frozenset(f"{one.name} {(one / 'devnum').read_text()}" for one in USB_DEVICES.iterdir())
    except OSError:
        return frozenset()
