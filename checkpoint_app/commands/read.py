"""`checkpoint read FILE…`: reads documents from pictures, one line a picture, in one process."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.documents import TravelDocument
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.reading import ReadError, Reading
from checkpoint_app.readers.recogniser.message import MOST_FRAMES, MOST_IMAGE_BYTES

_PLAIN_FIELDS = ("document_code", "issuer", "document_number", "nationality")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="pictures of travel documents")
    parser.add_argument("--json-lines", action="store_true", help="one JSON object a line instead of a table")
    parser.add_argument(
        "--frames",
        action="store_true",
        help=f"all files (at most {MOST_FRAMES}) show one document and are read together: one line, named by the first",
    )


def run(args: argparse.Namespace) -> int:
    """Read all files; 0 when each gave a zone, 1 when one did not, CommandError (2) when none could be opened."""
    if args.frames and len(args.files) > MOST_FRAMES:
        raise CommandError(f"{len(args.files)} frames are too many: give at most {MOST_FRAMES} of one document")
    opened = not_read = 0
    with ImageReader() as reader:
        for name, images, unopened in _together(args.files) if args.frames else _one_by_one(args.files):
            reading, complaint = _read(reader, images) if images else (None, unopened)
            opened += bool(images)
            not_read += reading is None or reading.mrz is None
            if complaint:
                print(f"checkpoint: {name}: {complaint}", file=sys.stderr)
            print(json.dumps(_line(name, reading)) if args.json_lines else _row(name, reading), flush=True)
    if not opened:
        raise CommandError("none of the files could be opened: give paths of pictures")
    return 1 if not_read else 0


def _one_by_one(names: list[str]) -> Iterator[tuple[str, list[bytes], str]]:
    """Yield each file's name, its bytes, and what to say where it cannot be opened."""
    for name, image, complaint in _opened(names):
        yield name, [] if image is None else [image], complaint


def _together(names: list[str]) -> Iterator[tuple[str, list[bytes], str]]:
    """Yield the first file's name with the bytes of all."""
    images = []
    for name, image, complaint in _opened(names):
        if image is not None:
            images.append(image)
        else:
            print(f"checkpoint: {name}: {complaint}", file=sys.stderr)
    yield names[0], images, ""


def _opened(names: list[str]) -> Iterator[tuple[str, bytes | None, str]]:
    """Yield name, bytes (None where it cannot be opened) and what to say about it."""
    for name in names:
        try:
            with Path(name).open("rb") as file:
                yield name, file.read(MOST_IMAGE_BYTES + 1), ""
        except OSError as error:
            yield name, None, f"it cannot be opened: {(error.strerror or 'not readable').lower()}: check the path"


def _read(reader: ImageReader, images: list[bytes]) -> tuple[Reading | None, str]:
    try:
        reading = reader.read_frames(images)
    except ReadError as error:
        return None, str(error)
    if reading.mrz is None and not reading.barcodes:
        return reading, "no machine readable zone found: take the picture again, the whole page, flat and sharp"
    return reading, ""


def _line(name: str, reading: Reading | None) -> dict[str, Any]:
    mrz = reading.mrz if reading else None
    barcodes = reading.barcodes if reading else ()
    return {
        "file": name,
        "mrz": list(mrz.lines) if mrz else None,
        "valid": bool(reading and reading.valid),
        "format": mrz.document.format.value if mrz else None,
        "fields": fields(mrz.document) if mrz else {},
        "barcodes": [{"format": code.format, "bytes_b64": base64.b64encode(code.data).decode()} for code in barcodes],
    }


def fields(document: TravelDocument) -> dict[str, Any]:
    """Return a document's fields under their public names; dates ISO 8601, unknown parts left out; null: not read."""
    return {
        **{name: getattr(document, name) for name in _PLAIN_FIELDS},
        "birth_date": None if document.birth_date is None else str(document.birth_date),
        "sex": None if document.sex is None else document.sex.value,
        "expiry_date": None if document.expiry_date is None else str(document.expiry_date),
        "family_name": document.family_name,
        "given_names": document.given_names,
        "optional_data": document.optional_data,
        "name_truncated": document.name_truncated,
    }


def _row(name: str, reading: Reading | None) -> str:
    mrz = reading.mrz if reading else None
    shown = Path(name).name
    if reading is None or mrz is None:
        codes = ", ".join(code.format for code in reading.barcodes) if reading else ""
        return f"{shown:<32.32} -     {codes or 'no zone'}"
    document = mrz.document
    state = "valid" if reading.valid else "doubt"
    number, born = document.document_number or "?", document.birth_date or "?"
    names = f"{document.family_name or '?'}, {document.given_names or ''}"
    return f"{shown:<32.32} {document.format.value:<5} {state:<6} {number:<15} {born!s:<11} {names}"
