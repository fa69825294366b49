"""A stand-in for scanimage that does what its test says, and the real one with SANE's test backend."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checkpoint_app.readers.protocol import Health, RawInput
from checkpoint_app.readers.scanner import Scanner, Times

QUICK = Times(pause_s=0.1, list_s=2.0, options_s=2.0, scan_s=1.0, usb_s=0.05)
ONE = "printf 'fake:usb:1\\tAcme\\tScan 9\\n'"
OFFERS = "printf '    --mode Gray|Color [Gray]\\n    --resolution 75|150|300|600dpi [75]\\n'"
PICTURE = "printf 'a picture'"
NEEDS_SANE = pytest.mark.skipif(shutil.which("scanimage") is None, reason="the Debian package sane-utils is missing")

_SCRIPT = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$*" >> "$here/asked"
for word in "$@"; do
    case $word in
    --formatted-device-list=*) . "$here/list"; exit ;;
    --help) . "$here/offers"; exit ;;
    esac
done
echo $$ > "$here/pid"
. "$here/scan"
"""


class Fake:
    """A program in ``folder`` that answers with shell scripts: ``devices``, ``offers`` and ``scan``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "scanimage"
        program.write_text(_SCRIPT)
        program.chmod(0o755)
        self.answers(devices=ONE, offers=OFFERS, scan=PICTURE)

    def answers(self, *, devices: str = "", offers: str = "", scan: str = "") -> None:
        """Set what it does when asked for each; the others stay."""
        for name, script in (("list", devices), ("offers", offers), ("scan", scan)):
            if script:
                new = self.folder / f"{name}.new"
                new.write_text(script + "\n")
                new.rename(self.folder / name)

    def find(self) -> str | None:
        """Return its path, or None once it was taken away."""
        program = self.folder / "scanimage"
        return str(program) if program.exists() else None

    @property
    def asked(self) -> list[str]:
        """The arguments of each scan, in order."""
        path = self.folder / "asked"
        return [one for one in path.read_text().splitlines() if "--format=" in one] if path.exists() else []

    def pid(self) -> int:
        """The process id of the scan under way; waits for it."""
        path = self.folder / "pid"
        until(lambda: path.exists() and path.read_text().endswith("\n"))
        return int(path.read_text())


def until(condition: Callable[[], object], seconds: float = 10.0) -> float:
    """Wait for ``condition``; return how long that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it never came to it"
        time.sleep(0.01)
    return time.monotonic() - began


def scanned(scanner: Scanner) -> RawInput:
    """Scan once and return what came of it."""
    assert scanner.scan()
    until(lambda: scanner.health is not Health.BUSY)
    (raw,) = scanner.poll()
    return raw


def group_is_gone(pid: int) -> bool:
    """Tell whether nothing of the process group of ``pid`` is left: nothing runs, and no zombie is ours to bury."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it ended meanwhile
        if int(group) == pid and (state != "Z" or int(parent) == os.getpid()):
            return False
    return True


def configure(folder: Path, *, plugged: bool = True, status: str = "Default") -> None:
    """Let SANE, by ``folder``, know its test backend (or no backend at all) and let reading end with ``status``."""
    (folder / "dll.conf").write_text("test\n" if plugged else "\n")
    (folder / "test.conf").write_text(
        "number_of_devices 1\nmode Gray\ndepth 8\nresolution_min 1.0\nresolution_max 1200.0\nresolution_quant 1.0\n"
        f'resolution 50.0\nread-status-code "{status}"\ngeometry_min 0.0\ngeometry_max 200.0\ngeometry_quant 1.0\n'
        "tl_x 0.0\ntl_y 0.0\nbr_x 80.0\nbr_y 100.0\n"
    )
