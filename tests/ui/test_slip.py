"""The slip on paper: what the PDF shows, that it fits, that its code is read, and that it names nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.slips.slip_check import codes_in
from checkpoint_app.booth.slips.slip_code import modules_of
from checkpoint_app.booth.slips.slip_output import MILLIMETRES, Paper
from checkpoint_app.booth.slips.slip_view import SlipSheet, slip_sheet
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.readers.recogniser.barcodes import read_codes
from checkpoint_app.ui import fonts
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.slip import draw_slip
from checkpoint_app.ui.window import DeskWindow
from checkpoint_app.wire.slip import Decided, SlipDecision, SlipVerdict, pseudonym, write_slip
from tests.documents.helpers import TD3
from tests.ui.helpers import FakeDesk

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
AT = datetime(2026, 11, 27, 14, 5, tzinfo=UTC)
DECIDED = Decided(TD3, AT, SlipDecision.LET_PASS, True, 7, pseudonym(b"s" * 32, "o.muster"))
SLIP = write_slip(DECIDED, KEY)
POINTS_PER_MM = 72 / 25.4


def sheet(language: str = "es", post: str = "Paso Ejemplo", decided: Decided = DECIDED) -> SlipSheet:
    return slip_sheet(decided, post, modules_of(SLIP), language)


def rendered(pdf: bytes, dpi: int) -> np.ndarray:
    return np.asarray(pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil().convert("L"))


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("post", ["Paso Ejemplo", "W" * 64])
def test_one_page_of_the_papers_size_with_a_white_edge(paper: Paper, language: str, post: str) -> None:
    document = pypdfium2.PdfDocument(draw_slip(sheet(language, post), paper))
    assert len(document) == 1
    size = [side / POINTS_PER_MM for side in document[0].get_size()]
    assert size == pytest.approx(MILLIMETRES[paper], abs=0.5)
    grey = np.asarray(document[0].render(scale=2).to_pil().convert("L"))
    edge = round(1.5 * POINTS_PER_MM * 2)
    for border in (grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:]):
        assert border.min() == 255


@pytest.mark.parametrize("paper", Paper)
def test_the_code_is_read_from_a_poor_print(paper: Paper) -> None:
    """Printed at 203 dpi (a label printer), photographed soft, turned and grey."""
    grey = rendered(draw_slip(sheet(), paper), 203)
    grey = cv2.GaussianBlur(np.where(grey > 127, 225, 40).astype(np.uint8), (0, 0), 2.0)
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 7, 0.8)
    photo = cv2.warpAffine(grey, matrix, (width, height), borderValue=150)
    noisy = np.clip(photo + np.random.default_rng(1).normal(0, 6, photo.shape), 0, 255).astype(np.uint8)
    codes = read_codes(cv2.cvtColor(noisy, cv2.COLOR_GRAY2BGR))
    assert codes_in((code.format, code.data) for code in codes) == [SLIP]


@pytest.mark.parametrize(("language", "head"), [("es", "Pasó · Entrada"), ("en", "Let pass · Entry")])
def test_the_words_are_in_both_languages_and_name_nobody(language: str, head: str) -> None:
    pdf = draw_slip(sheet(language), Paper.LABEL)
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    plain = " ".join(text.split())
    assert plain.startswith(head)
    for said in ("Pasó · Entrada", "Let pass · Entry", "Paso Ejemplo", "2026-11-27", "UTC"):
        assert said in plain
    assert DECIDED.officer.hex().upper() in plain.replace(" ", "")
    told = pypdfium2.PdfDocument(pdf).get_metadata_dict()
    assert (told["Title"], told["Author"], told["Subject"]) == ("slip", "", "")
    for personal in ("ERIKSSON", "ANNA", "L898902C", "o.muster"):
        assert personal not in plain + str(told)
        assert personal.encode() not in pdf


def test_every_decision_and_direction_has_its_head() -> None:
    heads = {
        sheet("en", decided=replace(DECIDED, decision=decision, direction_in=direction_in)).head
        for decision in SlipDecision
        for direction_in in (True, False)
    }
    assert len(heads) == 4
    assert ("Referred · Exit", "Derivado · Salida") in heads


def test_the_moment_is_told_with_its_difference_to_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "America/Guayaquil")
    time.tzset()
    try:
        assert sheet().lines[1] == "2026-11-27 09:05 UTC-05:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_key_asks_for_a_slip(window: DeskWindow, desk: FakeDesk) -> None:
    desk.calls.clear()
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert desk.calls == [("press", Action.SLIP, False)]
    desk.calls.clear()
    QTest.keyClick(window, Qt.Key.Key_P)
    assert desk.calls == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_of_slips_fits_its_place(language: str) -> None:
    words = Words(language)
    for verdict in SlipVerdict:
        if verdict is not SlipVerdict.GOOD:
            said = words.say("line.notes", count=1, what=words.say(f"slip_refused.{verdict}"))
            assert fonts.width(said, Face(22, 600)) <= 372, said
    plain = ("slip.unread", "slip.document_first", "slip.not_now", "slip.known", "read.slip_alone")
    why = [words.say(key) for key in sorted(words.keys()) if key.startswith("slip.not_printed.")]
    told = [words.say("slip.not_printed_why", why=one) for one in why] + [words.say(key) for key in plain]
    for said in (*told, words.say("slip.saved", where="~/.local/share/checkpoint/data/slips")):
        assert fonts.width(said, fonts.LABEL) <= 640, said
    assert fonts.width(words.say("key.slip"), fonts.BODY_STRONG) <= 93
