"""Nothing personal stays in clear (invariant 8): not in the data folder, temporary files, output, or a core."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from checkpoint_app.demo.tray import tray
from checkpoint_app.readers.folder import FolderReader
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.verdict import Advice
from tests.booth.helpers import START, Booth, FakeClock, Publisher
from tests.faults.template import FAMILY, GIVEN, STRANGER
from tests.faults.tracing import ROOT
from tests.store.helpers import nothing_in_clear

SESSION = ("passes", "referred", "protected", "cleared", "ECU", "left_open")
NAMES = (FAMILY, *GIVEN.split(), STRANGER)
Fresh = Callable[[], Path]


def run_privately(folder: Path, command: list[str], **environment: str) -> subprocess.Popen[bytes]:
    """Start a Python module that finds nowhere but ``folder`` to leave anything, with cores of any size allowed."""
    places = {name: str(folder / name.lower()) for name in ("TMPDIR", "HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME")}
    for place in (*places.values(), str(folder / "here")):
        Path(place).mkdir(mode=0o700, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "DISPLAY", "XAUTHORITY", "LANG") if name in os.environ}
    if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 and os.geteuid() != 0:
        pytest.skip("this machine allows no core at all")
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as faults:
        return subprocess.Popen(
            ["bash", "-c", 'ulimit -c unlimited; exec "$@"', "-", sys.executable, "-m", *command],
            cwd=folder / "here",
            env={**kept, **places, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=faults,
        )


def machine_writes_cores(folder: Path) -> bool:
    """Tell whether a process that forbids nothing leaves a core at all."""
    command = ["bash", "-c", "ulimit -c unlimited; kill -ABRT $$"]
    subprocess.run(command, cwd=folder / "here", check=False, capture_output=True)
    return bool(cores(folder))


def cores(folder: Path) -> list[Path]:
    """Return files of an ELF core, wherever the kernel was told to put them below the folder."""
    return [path for path in folder.rglob("*") if path.is_file() and _is_core(path)]


def _is_core(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(18)
    return head[:4] == b"\x7fELF" and head[16:18] == b"\x04\x00"


def test_session_that_aborts_leaves_no_name_and_no_core(fresh: Fresh) -> None:
    folder = fresh()
    process = run_privately(folder, ["tests.faults.driver", str(folder), "1", *SESSION, "abort"])
    assert process.wait(timeout=120) == -signal.SIGABRT, (folder / "stderr").read_text()
    assert cores(folder) == []
    nothing_in_clear(folder, *NAMES)


def test_without_the_guard_the_core_holds_the_names(fresh: Fresh) -> None:
    """The control: what the test above looks for is found where the guard is missing."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if "/" in pattern or "|" in pattern:
        pytest.skip("the kernel puts cores elsewhere")
    folder = fresh()
    process = run_privately(folder, ["tests.faults.driver", str(folder), "1", "unguarded", *SESSION, "abort"])
    assert process.wait(timeout=120) == -signal.SIGABRT
    if not cores(folder) and not machine_writes_cores(folder):
        pytest.skip("this machine writes no cores here, whoever ends")
    (core,) = cores(folder)
    assert FAMILY.encode() in core.read_bytes()
    core.unlink()
    nothing_in_clear(folder, *NAMES)


def test_window_allows_no_core(fresh: Fresh) -> None:
    folder = fresh()
    home = {"CHECKPOINT_HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    process = run_privately(folder, ["checkpoint_app", "--language", "en"], **home)
    limits = Path(f"/proc/{process.pid}/limits")
    deadline = time.monotonic() + 60
    while not _no_core_allowed(limits.read_text()):
        assert process.poll() is None, (folder / "stderr").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(2)  # the window is up, or nearly
    assert process.poll() is None, (folder / "stderr").read_text()
    process.send_signal(signal.SIGABRT)
    assert process.wait(timeout=20) == -signal.SIGABRT
    assert cores(folder) == []


def _no_core_allowed(limits: str) -> bool:
    line = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    return line.split()[4:6] == ["0", "0"]


def test_pictures_of_the_watched_folder_are_removed_once_read(fresh: Fresh) -> None:
    folder = fresh()
    watched = folder / "tray"
    watched.mkdir()
    item = tray(START.date())[0]
    image = item.image()
    reader = ImageReader()
    booth = Booth(folder, FakeClock(), Publisher(), reader)
    try:
        booth.open()
        booth.desk.watch(FolderReader(watched, remove=True))
        (watched / "one.jpg.part").write_bytes(image)
        (watched / "one.jpg.part").replace(watched / "one.jpg")
        view = booth.until(lambda v: v.advice.advice is not None, 60)
        assert list(watched.iterdir()) == []
        family = view.person.family_name
        booth.settle()  # the picture is in the journal now
        assert "encounter_picture" in booth.kinds()
        assert view.advice.advice is Advice.PROCEED
        booth.let_pass()
        (watched / "no-picture.jpg").write_bytes(b"this is a text about " + family.encode())
        booth.until(lambda v: "That is no picture" in v.message.text)
        assert list(watched.iterdir()) == []
    finally:
        booth.close()
    nothing_in_clear(folder, family, *view.person.given_names.split())
    piece = image[len(image) // 2 :][:32]
    assert not [path for path in folder.rglob("*") if path.is_file() and piece in path.read_bytes()]


def test_demonstration_leaves_no_name(tmp_path: Path, long_campaign: bool) -> None:
    """The whole window, played by real key presses.

    What the demonstration is to show is left out: pictures of the screen, drawn specimens, the printed table.
    """
    if not long_campaign:
        pytest.skip("part of the long campaign")
    if shutil.which("xvfb-run") is None or shutil.which("xdotool") is None:
        pytest.skip("no virtual display on this machine")
    home = tmp_path / "demo"
    process = run_privately(tmp_path, ["checkpoint_app.demo", "--play", "--home", str(home)])
    assert process.wait(timeout=240) == 0, (tmp_path / "stderr").read_text()
    assert list((home / "tray").iterdir()) == []
    assert cores(tmp_path) == []
    for kept in ("screens", "specimens"):
        shutil.rmtree(home / kept, ignore_errors=True)
    (tmp_path / "stdout").unlink()
    documents = [item.document for item in tray(date.today())]  # noqa: DTZ011  the day the demo itself takes
    names = {name for one in documents for name in (one.family_name, *one.given_names.split()) if len(name) > 4}
    nothing_in_clear(tmp_path, *names)
