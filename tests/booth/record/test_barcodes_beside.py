"""What barcodes say counts for the check of the document, survives a crash, and frames are read together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.record.encounter import ReadSource
from checkpoint_app.booth.record.records import rebuild
from checkpoint_app.documents import parse_mrz
from checkpoint_app.readers.reading import Barcode, Reading
from checkpoint_app.verdict import Advice, Check, Finding
from checkpoint_app.wire.event import EventKind
from tests.booth.desk.test_desk import KLARA
from tests.booth.helpers import START, Booth, NoReader, make_booth
from tests.documents.barcode_samples import make_bcbp

PASS = Barcode("PDF417", make_bcbp("OTRA/PERSONA"))
OWN = Barcode("PDF417", make_bcbp("MUSTER/KLARA"))


class Reader(NoReader):
    """Gives a zone and what barcode it is told to."""

    barcodes: tuple[Barcode, ...] = ()
    seen: tuple[bytes, ...] = ()
    has_zone = True

    def read_frames(self, images: tuple[bytes, ...]) -> Reading:
        self.seen = images
        mrz = parse_mrz(KLARA, START.date()) if self.has_zone else None
        return Reading(mrz, valid=self.has_zone, barcodes=self.barcodes, preview=b"jpeg", preview_size=(1000, 700))


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def booth(tmp_path: Path, reader: Reader) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    made = Booth(tmp_path, clock, publisher, reader)
    made.open()
    yield made
    made.close()


def lay(booth: Booth) -> Advice | None:
    booth.desk.drop(b"picture", "one.jpg")
    return booth.until(lambda v: v.advice.advice is not None).advice.advice


def findings(booth: Booth) -> tuple[Finding, ...]:
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    return next(answer.findings for answer in encounter.answers if answer.check is Check.DOCUMENT)


def test_a_boarding_pass_in_another_name_is_found(booth: Booth, reader: Reader) -> None:
    reader.barcodes = (PASS,)
    lay(booth)
    assert findings(booth) == (Finding("document.boarding_pass_differs"),)


def test_one_in_the_travellers_name_is_not(booth: Booth, reader: Reader) -> None:
    reader.barcodes = (OWN,)
    assert lay(booth) is Advice.PROCEED
    assert findings(booth) == ()


def test_what_a_barcode_says_counts_where_the_zone_had_to_be_typed(booth: Booth, reader: Reader) -> None:
    reader.barcodes, reader.has_zone = (PASS,), False
    booth.desk.drop(b"picture", "one.jpg")
    booth.settle()
    booth.type(*KLARA)
    booth.until(lambda v: v.advice.advice is not None)
    assert findings(booth) == (Finding("document.boarding_pass_differs"),)
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    assert (encounter.source, encounter.picture and encounter.picture.preview) == (ReadSource.TYPED, b"jpeg")


def test_barcodes_are_in_the_journal_and_come_back_with_the_encounter(booth: Booth, reader: Reader) -> None:
    reader.barcodes = (PASS, OWN)
    lay(booth)
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    body = booth.last_body(EventKind.ENCOUNTER_READ.value)
    again = rebuild(encounter.id, [(EventKind.ENCOUNTER_READ, body)])
    assert again.barcodes == encounter.barcodes == tuple((one.format, one.data) for one in reader.barcodes)
    older = {name: value for name, value in body.items() if name != "barcodes"}
    assert rebuild(encounter.id, [(EventKind.ENCOUNTER_READ, older)]).barcodes == ()


def test_frames_of_one_document_are_read_together(booth: Booth, reader: Reader) -> None:
    booth.desk._encountering.frames((b"one", b"two", b"three"), ReadSource.FRAMES)
    booth.until(lambda v: v.advice.advice is not None)
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    assert (reader.seen, encounter.source) == ((b"one", b"two", b"three"), ReadSource.FRAMES)
