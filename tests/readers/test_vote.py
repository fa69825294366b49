"""Frames that vote, and the order in which pages and frames are looked at; everything behind the networks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from PIL import Image

from checkpoint_app.confined import RefusalError
from checkpoint_app.documents import Format
from checkpoint_app.readers.recogniser import looking
from checkpoint_app.readers.recogniser.barcodes import Code
from checkpoint_app.readers.recogniser.decide import decide
from checkpoint_app.readers.recogniser.detect import TextBox
from checkpoint_app.readers.recogniser.looking import Looker
from checkpoint_app.readers.recogniser.models import Pixels
from checkpoint_app.readers.recogniser.twins import FoundLine
from checkpoint_app.readers.recogniser.vote import together, vote
from checkpoint_app.readers.recogniser.zone import Zone
from tests.readers.files import tiff_of
from tests.readers.helpers import TD1, TD3, encoded, page
from tests.readers.seen import Doubles, cells, doubt

TODAY = date(2026, 11, 24)
OTHER = ("P<UTOMUSTER<<ERIKA<<<<<<<<<<<<<<<<<<<<<<<<<<", "C01X0006H1UTO6408125F2702283<<<<<<<<<<<<<<<0")
PICTURE = np.asarray(page(TD3))


def zone(seen: Sequence[Doubles], format_: Format = Format.TD3) -> Zone:
    """Return the zone that the cells ``seen`` make, its lines where ``page`` draws them."""
    decision = decide(format_, seen, TODAY)
    width, height = PICTURE.shape[1] * 0.9, PICTURE.shape[0]
    lines = []
    for number, line in enumerate(seen):
        pitch = width / len(line)
        box = TextBox(500.0, height - 66.0 + 36 * number, width, 24.0, 0.0, 1.0)
        lines.append(FoundLine(box, 0.0, tuple(pitch * (at + 0.5) - width / 2 for at in range(len(line)))))
    return Zone(decision, tuple(lines), 0.95, tuple(seen))


def frame(*wiped: tuple[int, int], lines: Sequence[str] = TD3) -> Zone:
    """Return the zone of a frame in which nothing was seen in the cells ``wiped``."""
    seen = [cells(line) for line in lines]
    for line, at in wiped:
        seen[line][at] = 1e-4
    return zone(seen)


def test_what_one_frame_lost_another_saw() -> None:
    first, second = frame((0, 6), (0, 16), (0, 17)), frame((0, 9), (0, 10), (1, 35))
    assert not first.decision.valid
    assert not second.decision.valid
    voted = vote(together([first, second]), PICTURE, TODAY)
    assert voted.decision.mrz.lines == TD3
    confidence = voted.decision.confidence
    assert min(confidence[line][at] for line, at in ((0, 6), (0, 9), (0, 16))) > 0.4
    assert len(voted.decision.doubtful) < min(len(first.decision.doubtful), len(second.decision.doubtful))


def test_three_of_four_outweigh_one_that_saw_nothing_there() -> None:
    frames = [frame((0, 6 + at)) for at in range(4)]
    assert vote(together(frames), PICTURE, TODAY).decision.valid


def test_weak_frames_stay_weak_however_many() -> None:
    seen = [cells(line) for line in TD3]
    doubt(seen[0], 6, R=0.55, K=0.35)
    voted = vote(together([zone(seen)] * 8), PICTURE, TODAY)
    assert (0, 6) in voted.decision.doubtful


def test_two_clear_readings_that_contradict_leave_the_cell_in_doubt() -> None:
    other = (TD3[0].replace("ERIKSSON", "ERIKSSOM"), TD3[1])
    frames = [frame(), frame(), frame(lines=other)]
    assert frames[0].decision.valid
    voted = vote(together(frames), PICTURE, TODAY)
    assert voted.decision.mrz.lines == TD3
    assert not voted.decision.valid
    assert (0, 12) in voted.decision.doubtful


def test_a_frame_of_another_document_is_left_out() -> None:
    best, card = frame(), zone([cells(line) for line in TD1], Format.TD1)
    assert together([frame(lines=OTHER), card, best]) in ([best], [frame(lines=OTHER)])
    assert len(together([best, frame((1, 2)), frame(lines=OTHER)])) in {1, 2}
    voted = vote(together([best, frame(lines=OTHER)]), PICTURE, TODAY)
    assert voted.decision.mrz.lines in (TD3, OTHER)


class Reader:
    """A zone reader that finds what it was told to, in the order of its pictures."""

    def __init__(self, *zones: Zone | None) -> None:
        self.zones = list(zones)
        self.asked: list[float] = []
        self.widths: list[int] = []

    def read(self, picture: Pixels, today: date, budget_s: float) -> Zone | None:
        assert today == TODAY
        self.asked.append(budget_s)
        self.widths.append(picture.shape[1])
        return self.zones.pop(0)


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> dict[int, list[Code]]:
    """The barcodes that are found in a picture, by its width."""
    found: dict[int, list[Code]] = {}
    monkeypatch.setattr(looking, "read_codes", lambda picture: found.get(picture.shape[1], []))
    return found


def sheets(count: int) -> list[Image.Image]:
    """Return pages that are told apart by their widths, 301 and more, with something on them."""
    return [Image.linear_gradient("L").resize((300 + n, 200)) for n in range(1, count + 1)]


def looker(reader: Reader) -> Looker:
    return Looker(reader)  # type: ignore[arg-type]


def test_pages_are_looked_at_in_order_until_one_is_valid(codes: dict[int, list[Code]]) -> None:
    reader = Reader(None, frame((0, 6), (0, 7)), frame(), None)
    codes |= {301: [Code("Aztec", b"1")], 303: [Code("Aztec", b"3"), Code("Aztec", b"1")]}
    seen = looker(reader).file(tiff_of(sheets(4)), TODAY, 1.4)
    assert (seen.page, seen.pages) == (3, 4)
    assert seen.picture.shape[1] == 303
    assert reader.widths == [301, 302, 303]
    assert [code.data for code in seen.codes] == [b"3", b"1"]


def test_without_a_valid_zone_the_best_page_counts(codes: dict[int, list[Code]]) -> None:
    seen = looker(Reader(None, frame((0, 6)), frame((0, 6), (0, 7), (0, 8)))).file(tiff_of(sheets(3)), TODAY, 1.4)
    assert (seen.page, seen.pages) == (2, 3)


def test_codes_are_few_and_each_once(codes: dict[int, list[Code]]) -> None:
    codes |= {301 + n: [Code("QR Code", bytes([n, m % 3])) for m in range(9)] for n in range(4)}
    seen = looker(Reader(*[None] * 4)).file(tiff_of(sheets(4)), TODAY, 1.4)
    assert len(set(seen.codes)) == len(seen.codes) == 8


def test_the_budget_is_shared_and_three_pages_are_looked_at_in_any_case(codes: dict[int, list[Code]]) -> None:
    reader = Reader(*[None] * 10)
    looker(reader).file(tiff_of(sheets(10)), TODAY, 1e-9)
    assert len(reader.asked) == 3
    reader = Reader(*[None] * 10)
    looker(reader).file(tiff_of(sheets(10)), TODAY, 100.0)
    assert len(reader.asked) == 10
    assert max(reader.asked) <= 100
    assert sum(reader.asked) <= 100 * 10


def test_a_blank_page_is_not_searched(codes: dict[int, list[Code]]) -> None:
    reader = Reader(frame())
    blank = Image.new("L", (300, 200), 240)
    assert looker(reader).file(tiff_of([blank, *sheets(1)]), TODAY, 1.4).page == 2
    assert reader.widths == [301]


def test_frames_stop_at_the_first_that_is_valid(codes: dict[int, list[Code]]) -> None:
    reader = Reader(frame((0, 6)), frame(), None)
    seen = looker(reader).frames([encoded(sheet) for sheet in sheets(3)], TODAY, 1.4)
    assert seen.valid
    assert seen.picture.shape[1] == 302
    assert reader.widths == [301, 302]


def test_a_frame_that_cannot_be_decoded_costs_no_other(codes: dict[int, list[Code]]) -> None:
    images = [b"no picture", encoded(sheets(1)[0])]
    assert looker(Reader(frame())).frames(images, TODAY, 1.4).valid
    with pytest.raises(RefusalError) as refusal:
        looker(Reader()).frames([b"no picture", b"nor this"], TODAY, 1.4)
    assert refusal.value.code == "not_a_picture"
