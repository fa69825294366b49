"""Where a slip goes once it is drawn: to the configured printer, or as a PDF into a folder beside the store.

The printer is named by CHECKPOINT_PRINTER, else by the first line of the file ``printer`` in the data folder: the name
of a CUPS queue, or ``pdf``, and then, if wanted, the paper: ``label`` (62 × 100 mm) or ``a6``.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

PRINTER = "CHECKPOINT_PRINTER"
PRINTER_FILE, FOLDER = "printer", "slips"
TIMEOUT_S = 10.0
_MAX_LINE = 200
_QUEUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,126}")  # never an option
_PDF = "pdf"


class Paper(StrEnum):
    """What is printed on."""

    LABEL = "label"
    A6 = "a6"


MILLIMETRES: Mapping[Paper, tuple[int, int]] = {Paper.LABEL: (62, 100), Paper.A6: (105, 148)}
"""Width and height."""
_MEDIA = {Paper.LABEL: "Custom.62x100mm", Paper.A6: "A6"}


class SlipOutputError(Exception):
    """A slip could not be put out. ``code`` is one of those below the words ``slip.not_printed``."""

    def __init__(self, code: str) -> None:
        super().__init__(f"slip: not printed: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Output:
    """Where slips go: a queue of the printing system, or, where it is empty, the folder; and on which paper."""

    queue: str = ""
    paper: Paper = Paper.LABEL


def output_of(data: Path) -> Output:
    """Return where this booth's slips go; ``data`` is its data folder. Raises SlipOutputError (``unclear``)."""
    words = _configured(data).split()
    if not words:
        return Output()
    queue = "" if words[0].lower() == _PDF else words[0]
    try:
        paper = Paper(words[1].lower()) if len(words) > 1 else Paper.LABEL
    except ValueError as error:
        raise SlipOutputError("unclear") from error
    if len(words) > 2 or (queue and not _QUEUE.fullmatch(queue)):
        raise SlipOutputError("unclear")
    return Output(queue, paper)


def _configured(data: Path) -> str:
    if named := os.environ.get(PRINTER, "").strip():
        return named
    try:
        with (data / PRINTER_FILE).open(encoding="utf-8") as file:
            return file.readline(_MAX_LINE)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise SlipOutputError("unclear") from error


def put_out(pdf: bytes, output: Output, data: Path, keep_hours: int) -> str:
    """Print the ``pdf``, or keep it in the folder; return the queue's name, or the folder's. Raises SlipOutputError.

    PDFs in the folder that are older than ``keep_hours`` are removed: nobody believes them any more.
    """
    if output.queue:
        _print(pdf, output)
        return output.queue
    folder = data / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _sweep(folder, keep_hours)
        name = f"slip-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.pdf"
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pdf)
    except OSError as error:
        raise SlipOutputError("folder") from error
    return _short(folder)


def _short(folder: Path) -> str:
    """Return a folder as people name it: it must fit the message bar."""
    try:
        return f"~/{folder.relative_to(Path.home())}"
    except (ValueError, RuntimeError):  # not below the user's folder, or the user has none
        return str(folder)


def _print(pdf: bytes, output: Output) -> None:
    """Hand the PDF to the printing system (CUPS), which queues it."""
    program = shutil.which("lp")
    if program is None:
        raise SlipOutputError("no_lp")
    command = [program, "-d", output.queue, "-t", "slip", "-o", f"media={_MEDIA[output.paper]}", "-"]
    try:
        done = subprocess.run(  # no shell, and a name that is no option
            command, input=pdf, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SlipOutputError("slow") from error
    except OSError as error:
        raise SlipOutputError("no_lp") from error
    if done.returncode:
        raise SlipOutputError("refused")


def _sweep(folder: Path, keep_hours: int) -> None:
    oldest = time.time() - keep_hours * 3600
    for path in folder.glob("slip-*.pdf"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
