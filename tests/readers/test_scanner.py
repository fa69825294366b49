"""Scanners: whatever one does, there is a word for it in time, and the next scan works."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.readers import running
from checkpoint_app.readers.protocol import Health, Reader, Source
from checkpoint_app.readers.sane import SCANNER_ERRORS, Wanted
from checkpoint_app.readers.scanner import Scanner, ScannerState
from tests.readers.scanners import NEEDS_SANE, QUICK, Fake, configure, group_is_gone, scanned, until

READY = ScannerState(Health.READY, model="Acme Scan 9")
FOREVER = "while :; do sleep 0.05; done"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setattr(running, "_GRACE_S", 0.3)
    return Fake(tmp_path)


@pytest.fixture
def scanner(fake: Fake) -> Iterator[Scanner]:
    made = Scanner(times=QUICK, find=fake.find)
    made.start()
    until(lambda: made.health is not Health.STARTING)
    yield made
    made.close()


def test_a_scan_gives_the_picture_once(scanner: Scanner, fake: Fake) -> None:
    reader: Reader = scanner
    assert scanner.state == READY
    assert list(reader.poll()) == []
    raw = scanned(scanner)
    assert (raw.source, raw.image, raw.refused) == (Source.SCANNER, b"a picture", "")
    assert scanner.state == READY
    assert list(reader.poll()) == []
    wanted = "--device-name=fake:usb:1 --format=png --mode=Color --resolution=300"
    assert fake.asked == [wanted]


def test_the_area_and_the_dots_are_as_set(fake: Fake) -> None:
    fake.answers(offers="printf '    --resolution 100..600dpi [75]\\n    -x 0..120mm [9]\\n    -y 0..100.5mm [9]\\n'")
    scanner = Scanner(wanted=Wanted(400, (125, 88)), times=QUICK, find=fake.find)
    scanner.start()
    assert scanned(scanner).image
    scanner.close()
    assert fake.asked[-1] == "--device-name=fake:usb:1 --format=png --resolution=400 -x 120 -y 88"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("echo 'scanimage: sane_start: Document feeder jammed' >&2; exit 1", "scanner_jammed"),
        ("echo 'scanimage: sane_read: Document feeder out of documents' >&2; exit 7", "scanner_no_document"),
        ("printf cut; exit 8", "scanner_cover_open"),
        ("echo 'scanimage: open of device fake:usb:1 failed: Device busy' >&2; exit 1", "scanner_busy"),
        ("exit 11", "scanner_denied"),
        (f"echo 'scanimage: sane_read: Document feeder jammed' >&2; {FOREVER}", "scanner_jammed"),
        ("kill -SEGV $$", "scanner_failed"),
        ("exit 0", "scanner_failed"),
        ("cat /dev/zero", "scanner_too_large"),
        ("head -c 1000000000 /dev/zero", "scanner_too_large"),
        ("while :; do printf x; sleep 0.02; done", "scanner_slow"),
        (FOREVER, "scanner_slow"),
        (f"trap '' TERM; {FOREVER}", "scanner_slow"),
        (f"trap '' TERM; (trap '' TERM; {FOREVER}) & wait", "scanner_slow"),
        ("sleep 100 & kill -9 $$", "scanner_failed"),
    ],
)
def test_every_trouble_has_its_word_in_time_and_the_next_scan_works(
    scanner: Scanner, fake: Fake, script: str, code: str
) -> None:
    fake.answers(scan=script)
    began = time.monotonic()
    raw = scanned(scanner)
    assert (raw.image, raw.refused) == (b"", code)
    assert time.monotonic() - began < 6
    assert group_is_gone(fake.pid())
    lasting = code not in ("scanner_no_document", "scanner_too_large")
    state = ScannerState(Health.FAILED, code, "Acme Scan 9") if lasting else READY
    assert scanner.state == state
    time.sleep(0.25)  # the list does not show that paper is jammed: the trouble stands until a scan has worked
    assert scanner.state == state
    fake.answers(scan="printf again")
    assert scanned(scanner).image == b"again"
    assert scanner.state == READY


def test_words_without_end_are_bounded_and_do_not_hide_the_last(scanner: Scanner, fake: Fake) -> None:
    noise = "head -c 9000000 /dev/zero | tr '\\0' 'x' >&2; echo >&2"
    fake.answers(scan=f"{noise}; echo 'scanimage: sane_start: Scanner cover is open' >&2; exit 1")
    assert scanned(scanner).refused == "scanner_cover_open"


def test_killed_in_the_midst(scanner: Scanner, fake: Fake) -> None:
    fake.answers(scan=f"printf half; {FOREVER}")
    scanner.scan()
    os.kill(fake.pid(), signal.SIGKILL)
    until(lambda: scanner.health is not Health.BUSY)
    assert [raw.refused for raw in scanner.poll()] == ["scanner_failed"]
    fake.answers(scan="printf again")
    assert scanned(scanner).image == b"again"


def test_what_it_leaves_running_ends_with_it(scanner: Scanner, fake: Fake) -> None:
    fake.answers(scan=f"({FOREVER}) & printf picture")
    assert scanned(scanner).image == b"picture"
    assert group_is_gone(fake.pid())


def test_unplugged_and_plugged_in_again(scanner: Scanner, fake: Fake) -> None:
    fake.answers(devices=":")
    until(lambda: scanner.state == ScannerState(Health.ABSENT, "scanner_absent", "Acme Scan 9"), 2)
    assert scanned(scanner).refused == "scanner_absent"
    fake.answers(devices="printf 'fake:usb:2\\tAcme\\tScan 9\\n'")
    until(lambda: scanner.state == READY, 2)
    assert scanned(scanner).image
    assert fake.asked[-1].startswith("--device-name=fake:usb:2 ")


def test_unplugged_in_the_midst_says_absent(scanner: Scanner, fake: Fake) -> None:
    fake.answers(devices=":", scan="echo 'scanimage: sane_read: Error during device I/O' >&2; exit 9")
    assert scanned(scanner).refused == "scanner_absent"
    assert scanner.health is Health.ABSENT


def test_a_list_that_hangs_holds_up_neither_a_known_scanner_nor_the_end(scanner: Scanner, fake: Fake) -> None:
    fake.answers(devices=FOREVER)
    time.sleep(0.3)
    assert scanned(scanner).image == b"a picture"
    time.sleep(QUICK.list_s + 0.5)
    assert scanner.state == READY
    began = time.monotonic()
    scanner.close()
    assert time.monotonic() - began < 3


def test_a_list_that_always_hangs_is_told(fake: Fake) -> None:
    fake.answers(devices=FOREVER)
    scanner = Scanner(times=replace(QUICK, list_s=0.3), find=fake.find)
    scanner.start()
    until(lambda: scanner.state == ScannerState(Health.FAILED, "scanner_slow"))
    fake.answers(devices="printf 'fake:usb:1\\tAcme\\tScan 9\\n'")
    until(lambda: scanner.state == READY)
    scanner.close()


def test_a_scanner_that_nobody_may_use_is_known_before_the_first_scan(fake: Fake) -> None:
    fake.answers(
        offers="echo 'scanimage: open of device fake:usb:1 failed: Access to resource has been denied' >&2; exit 1"
    )
    scanner = Scanner(times=QUICK, find=fake.find)
    scanner.start()
    until(lambda: scanner.state.trouble == "scanner_denied")
    assert scanner.health is Health.FAILED
    scanner.close()


def test_without_scanimage_it_is_absent_until_that_is_installed(fake: Fake) -> None:
    program = fake.folder / "scanimage"
    program.rename(fake.folder / "not yet")
    scanner = Scanner(times=QUICK, find=fake.find)
    scanner.start()
    until(lambda: scanner.state == ScannerState(Health.ABSENT, "scanner_not_installed"))
    assert scanned(scanner).refused == "scanner_not_installed"
    (fake.folder / "not yet").rename(program)
    until(lambda: scanner.state == READY)
    scanner.close()


def test_one_scan_at_a_time_and_none_after_the_end(scanner: Scanner, fake: Fake) -> None:
    fake.answers(scan="sleep 0.3; printf one")
    assert scanner.scan()
    assert scanner.health is Health.BUSY
    assert not scanner.scan()
    until(lambda: scanner.health is Health.READY)
    assert len(scanner.poll()) == 1
    scanner.close()
    scanner.close()
    scanner.cancel()
    assert not scanner.scan()
    assert scanner.health is Health.CLOSED
    assert scanner.poll() == []


def test_nothing_comes_of_a_scan_that_was_stopped(scanner: Scanner, fake: Fake) -> None:
    fake.answers(scan=FOREVER)
    scanner.cancel()
    scanner.scan()
    pid = fake.pid()
    scanner.cancel()
    assert until(lambda: scanner.health is Health.READY) < 1.4  # long before its deadline
    assert scanner.poll() == []
    assert group_is_gone(pid)
    fake.answers(scan="printf next")
    assert scanned(scanner).image == b"next"


def test_nothing_comes_of_one_that_was_stopped_at_its_very_end(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scan() -> bytes:
        scanner.cancel()
        return b"late"

    monkeypatch.setattr(scanner, "_scan", scan)
    scanner.scan()
    until(lambda: scanner.health is Health.READY)
    assert scanner.poll() == []


def test_a_complaint_is_believed_though_the_child_hangs_after_it(fake: Fake) -> None:
    fake.answers(scan=f"echo 'scanimage: sane_read: Scanner cover is open' >&2; {FOREVER}")
    scanner = Scanner(times=replace(QUICK, scan_s=60.0), find=fake.find)
    scanner.start()
    began = time.monotonic()
    assert scanned(scanner).refused == "scanner_cover_open"
    assert time.monotonic() - began < 10
    scanner.close()


def test_closing_ends_a_scan(scanner: Scanner, fake: Fake) -> None:
    fake.answers(scan=FOREVER)
    scanner.scan()
    pid = fake.pid()
    scanner.close()
    assert group_is_gone(pid)


def test_the_child_ends_with_a_booth_that_is_killed(fake: Fake) -> None:
    fake.answers(scan="exec sleep 1000")
    code = (
        "import sys, time; from checkpoint_app.readers.scanner import Scanner\n"
        "scanner = Scanner(find=lambda: sys.argv[1]); scanner.start(); scanner.scan(); time.sleep(1000)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, fake.find() or ""])
    pid = fake.pid()
    parent.kill()
    parent.wait()
    until(lambda: not Path(f"/proc/{pid}").exists() or "Z (" in Path(f"/proc/{pid}/status").read_text(), 5)


def test_the_child_knows_little_and_leaves_no_core(
    scanner: Scanner, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of the booth")
    fake.answers(scan="sleep 0.2; env; grep -i core /proc/$$/limits; ls -l /proc/$$/fd; pwd")
    told = scanned(scanner).image.decode()
    assert "SECRET" not in told
    assert "HOME=" not in told
    assert "LC_ALL=C\n" in told
    assert told.endswith("\n/\n")
    (core,) = [line.split() for line in told.splitlines() if "core file size" in line]
    assert core[5] in ("0", "1")
    open_files = [line.rpartition(" -> ")[2] for line in told.splitlines() if " -> " in line]
    kinds = {one.partition("[")[0] for one in open_files if not one.startswith(str(fake.folder))}
    assert kinds == {"pipe:", "/dev/null"}


def test_every_trouble_is_described() -> None:
    assert all(text and code.startswith("scanner_") for code, text in SCANNER_ERRORS.items())


# -- SANE's own test backend -------------------------------------------------------------------------------------------


@pytest.fixture
def sane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Scanner, Path]]:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(tmp_path))
    configure(tmp_path)
    scanner = Scanner(times=replace(QUICK, scan_s=30.0))
    scanner.start()
    until(lambda: scanner.health is not Health.STARTING)
    yield scanner, tmp_path
    scanner.close()


@NEEDS_SANE
def test_the_test_backend_scans_in_colour_at_300_dots(sane: tuple[Scanner, Path]) -> None:
    scanner, _folder = sane
    assert scanner.state == ScannerState(Health.READY, model="Noname frontend-tester")
    image = scanned(scanner).image
    assert image.startswith(b"\x89PNG\r\n")
    width, height, depth, kind = struct.unpack(">IIBB", image[16:26])
    assert (depth, kind) == (8, 2)
    assert (width, height) == (944, 1181)  # its 80 × 100 mm
    assert b"pHYs" in image


@NEEDS_SANE
def test_the_test_backend_comes_and_goes(sane: tuple[Scanner, Path]) -> None:
    scanner, folder = sane
    configure(folder, plugged=False)
    assert until(lambda: scanner.health is Health.ABSENT) < 5
    configure(folder)
    assert until(lambda: scanner.health is Health.READY) < 5


@NEEDS_SANE
@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("SANE_STATUS_JAMMED", "scanner_jammed"),
        ("SANE_STATUS_NO_DOCS", "scanner_no_document"),
        ("SANE_STATUS_COVER_OPEN", "scanner_cover_open"),
        ("SANE_STATUS_DEVICE_BUSY", "scanner_busy"),
        ("SANE_STATUS_ACCESS_DENIED", "scanner_denied"),
        ("SANE_STATUS_IO_ERROR", "scanner_failed"),
        ("SANE_STATUS_NO_MEM", "scanner_failed"),
        ("SANE_STATUS_UNSUPPORTED", "scanner_failed"),
        ("SANE_STATUS_EOF", "scanner_failed"),
    ],
)
def test_the_test_backends_troubles(sane: tuple[Scanner, Path], status: str, code: str) -> None:
    scanner, folder = sane
    configure(folder, status=status)
    assert scanned(scanner).refused == code
    configure(folder)
    assert scanned(scanner).image
