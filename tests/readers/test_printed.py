"""The print beside the zone: read, without anything of the zone; and what a message may hold of it."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from checkpoint_app.demo.tray import tray
from checkpoint_app.documents import parse_mrz
from checkpoint_app.documents.beside import PrintedText
from checkpoint_app.documents.printed import PrintState, compare_printed
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.readers.reading import Print, ReadError
from checkpoint_app.readers.recogniser.handler import Handler
from checkpoint_app.readers.recogniser.looking import Looker, Seen
from checkpoint_app.readers.recogniser.message import MOST_PORTRAIT_BYTES, MOST_TEXTS, Answer, MessageError, Request
from checkpoint_app.readers.recogniser.picture import preview
from checkpoint_app.readers.simulator import SimulatedImageReader, digest
from tests.readers.helpers import encoded, page

if TYPE_CHECKING:
    from checkpoint_app.readers.recogniser.printed import PrintReader
    from checkpoint_app.readers.recogniser.zone import ZoneReader

TODAY = date(2026, 11, 24)
JPEG = preview(np.zeros((9, 7, 3), dtype=np.uint8)).jpeg
NOTHING = Answer((), False, (), (), (), (), b"", (0, 0))


@pytest.fixture(scope="module")
def reader() -> Iterator[ImageReader]:
    with ImageReader(today=lambda: TODAY, timeout_s=20.0) as started:
        yield started


def test_a_passport_s_print_agrees_with_its_zone_and_its_portrait_is_cut_out(reader: ImageReader) -> None:
    item = tray(TODAY)[0]
    image = item.image()
    reading = reader.read(image)
    assert reading.mrz is not None
    printed = reader.read_print(image)
    texts = [PrintedText(*text) for text in printed.texts]
    assert {one.state for one in compare_printed(reading.mrz.document, texts)} == {PrintState.AGREES}
    assert not any("<" in text for text, _ in printed.texts)
    portrait = Image.open(io.BytesIO(printed.portrait))
    assert portrait.format == "JPEG"
    assert portrait.height <= 400
    assert 1.1 < portrait.height / portrait.width < 1.5


def test_a_page_without_a_zone_has_no_print(reader: ImageReader) -> None:
    assert reader.read_print(encoded(page(()))) == Print()


def test_no_picture_is_refused(reader: ImageReader) -> None:
    with pytest.raises(ReadError) as error:
        reader.read_print(b"")
    assert error.value.code == "empty_file"


def test_a_question_about_the_last_picture_does_not_read_its_zone_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bytes] = []

    def file(_self: Looker, data: bytes, _today: date, _budget_s: float) -> Seen:
        looked.append(data)
        return Seen(np.zeros((40, 60, 3), dtype=np.uint8), None)

    monkeypatch.setattr(Looker, "file", file)
    handler = Handler(cast("ZoneReader", None), cast("PrintReader", None))
    handler.read(Request((b"a",), TODAY, 1.4))
    assert handler.read(Request((b"a",), TODAY, 1.4, printed=True)) == NOTHING
    assert looked == [b"a"]
    handler.read(Request((b"b",), TODAY, 1.4, printed=True))
    handler.read(Request((b"a",), TODAY, 1.4, printed=True))
    assert looked == [b"a", b"b", b"a"]


def test_a_request_for_print_keeps_its_form() -> None:
    request = Request((b"a",), TODAY, 1.4, printed=True)
    assert Request.unpack(request.pack()) == request
    assert not Request.unpack(Request((b"a",), TODAY, 1.4).pack()).printed


texts = st.text(st.characters(exclude_categories=("C", "Z")), max_size=120)


@given(st.lists(st.tuples(texts, st.floats(0, 1)), max_size=MOST_TEXTS).map(tuple), st.sampled_from((b"", JPEG)))
def test_an_answer_with_print_keeps_its_form(printed: tuple[tuple[str, float], ...], portrait: bytes) -> None:
    answer = Answer((), False, (), (), (), (), b"", (0, 0), printed=printed, portrait=portrait)
    assert Answer.unpack(answer.pack()) == answer


@pytest.mark.parametrize(
    ("printed", "portrait"),
    [
        ([["A" * 121, 0.5]], b""),
        ([["A\nB", 0.5]], b""),
        ([["A\u2028B", 0.5]], b""),
        ([["A\u202eB", 0.5]], b""),
        ([["A", float("nan")]], b""),
        ([["A", 1.5]], b""),
        ([["A"]], b""),
        ([[b"A", 0.5]], b""),
        ([["A", 0.5]] * (MOST_TEXTS + 1), b""),
        ([], bytes(MOST_PORTRAIT_BYTES + 1)),
        ([], "portrait"),
        ([], b"portrait"),
    ],
)
def test_print_out_of_bounds_is_not_believed(printed: list[object], portrait: object) -> None:
    plain = msgpack.unpackb(NOTHING.pack())
    plain[-2:] = printed, portrait
    with pytest.raises(MessageError):
        Answer.unpack(msgpack.packb(plain))


@pytest.mark.parametrize("name", ["QR\x1b[2J", "QR\nvalid", "QR\u202e", "Q" * 41])
def test_a_symbology_that_would_write_on_a_terminal_is_not_believed(name: str) -> None:
    assert Answer.unpack(replace(NOTHING, codes=(("QR Code", b"\x1b"),)).pack()).codes == (("QR Code", b"\x1b"),)
    with pytest.raises(MessageError):
        Answer.unpack(replace(NOTHING, codes=((name, b"x"),)).pack())


def references() -> list[tuple[Path, tuple[str, ...]]]:
    """Every fifteenth of the real pictures with a truth."""
    root = Path(os.environ.get("CHECKPOINT_DATA") or "missing") / "optics"
    if not (root / "MANIFEST.tsv").exists():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    with (root / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["truth"] != "-"]
    return [(root / row["path"], tuple(row["truth"].split("|"))) for row in rows if row["path"].startswith("real/")][
        ::10
    ]


@pytest.mark.data
def test_the_reference_pictures_tell_against_altered_zones_alone(reader: ImageReader) -> None:
    agreeing = []
    for path, lines in references():
        document = parse_mrz(lines, TODAY).document
        texts = [PrintedText(*text) for text in reader.read_print(path.read_bytes()).texts]
        found = {one.field: one.state for one in compare_printed(document, texts)}
        assert PrintState.DIFFERS not in found.values(), path.name
        number = document.document_number or ""
        at = max(place for place, character in enumerate(number) if character.isdigit())
        other = f"{number[:at]}{(int(number[at]) + 3) % 10}{number[at + 1 :]}"
        altered = replace(document, document_number=other)
        after = {one.field: one.state for one in compare_printed(altered, texts)}
        assert after["document_number"] is not PrintState.AGREES, path.name
        agreeing += [after["document_number"]] * (found["document_number"] is PrintState.AGREES)
    assert agreeing.count(PrintState.DIFFERS) >= 0.7 * len(agreeing) > 0


def test_the_simulator_has_canned_prints() -> None:
    printed = Print((("MUSTER", 0.99),), b"jpeg")
    simulated = SimulatedImageReader({}, {digest(b"a"): printed, digest(b"b"): ReadError("failed")})
    assert simulated.read_print(b"a") == printed
    assert simulated.read_print(b"c") == Print()
    with pytest.raises(ReadError):
        simulated.read_print(b"b")
