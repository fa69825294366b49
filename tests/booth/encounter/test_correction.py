"""A zone read in doubt is confirmed or corrected by an officer's eye, and the journal says which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.booth.encounter.correction import changed_fields
from checkpoint_app.booth.record.encounter import Picture
from checkpoint_app.booth.record.records import rebuild
from checkpoint_app.booth.view.screen import Action, Box, DeskView, FieldKind, FieldRow, Mark, Sound, Stage
from checkpoint_app.documents import parse_mrz
from checkpoint_app.readers.reading import Reading
from checkpoint_app.readers.recogniser.message import LineStrip
from checkpoint_app.verdict import Advice
from checkpoint_app.wire.event import EventKind
from tests.booth.desk.test_desk import ANNA, KLARA
from tests.booth.helpers import START, Booth, NoReader, make_booth

NUMBER, NAME = (1, 1), (0, 5)  # 0 of C01X00T47, M of MUSTER
STRIPS = tuple(LineStrip(b"strip", tuple((at + 1.5) / 46 for at in range(44))) for _ in KLARA)


def reading(*cells: tuple[int, int], lines: tuple[str, ...] = KLARA) -> Reading:
    mrz = parse_mrz(lines, START.date())
    return Reading(mrz, valid=not cells, doubtful=cells, strips=STRIPS, preview=b"jpeg", preview_size=(1000, 700))


class Reader(NoReader):
    """Gives what it is told to."""

    gives = reading(NAME, NUMBER)

    def read(self, _image: bytes) -> Reading:
        return self.gives


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    publisher, clock = make_booth(tmp_path)
    made = Booth(tmp_path, clock, publisher, Reader())
    made.open()
    yield made
    made.close()


def lay(booth: Booth, gives: Reading | None = None) -> DeskView:
    if gives is not None:
        booth.desk._encountering._reader.gives = gives
    booth.desk.drop(b"picture", "one.jpg")
    return booth.until(lambda v: v.advice.advice is not None)


def settled(booth: Booth) -> DeskView:
    return booth.until(lambda v: v.advice.advice is not None and v.form is None)


def row(view: DeskView, label: str) -> FieldRow:
    assert view.document is not None
    return next(row for row in view.document.fields if row.label == label)


def enter(booth: Booth, wait: float = 1.0) -> None:
    booth.clock.pass_(seconds=wait)
    booth.desk.submit()


def test_a_zone_in_doubt_never_lets_proceed_and_shows_what_to_compare(booth: Booth) -> None:
    view = lay(booth)
    assert view.advice.advice is Advice.LOOK
    assert row(view, "Number") == FieldRow("Number", "C01X00T47", Mark.DOUBT, "in doubt: 0\u00a0or\u00a0O")
    assert row(view, "Family").mark_text == "in doubt: M\u00a0or\u00a0W; no check digit can tell"
    section = view.panel[0]
    assert (section.head, section.count) == ("IS IT PRINTED SO?", "1 of 2")
    assert section.strip is not None
    assert (section.strip.text, section.strip.doubts) == ("P<UTOMUSTE", (5,))
    assert section.strip.centres == STRIPS[0].centres[:10]
    assert section.lines == ("Family: M\u00a0or\u00a0W; no check digit can tell",)
    assert view.message.action is Action.AS_READ
    assert view.announcements[2:] == ("Line 1, place 6: in doubt: M\u00a0or\u00a0W; no check digit can tell",)
    body = booth.last_body("encounter_read")
    assert (body["doubtful"], body["doubts"], body["confirmed"]) == (True, [[0, 5], [1, 1]], [])


def test_f3_and_enter_confirm_what_was_read(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.CORRECT)
    assert booth.view.form is not None
    (field,) = booth.view.form.fields
    assert (field.kind, [strip.doubts for strip in field.strips]) == (FieldKind.ZONE, [(5,), (1,)])
    assert field.strips[1].said == ("Line 2, place 2: in doubt: 0\u00a0or\u00a0O",)
    enter(booth)
    view = settled(booth)
    assert view.advice.advice is Advice.PROCEED
    assert row(view, "Number") == FieldRow("Number", "C01X00T47", Mark.CONFIRMED, "confirmed by eye")
    assert row(view, "Family").mark is Mark.CONFIRMED
    assert view.document is not None
    assert view.document.state == "confirmed by eye"
    body = booth.last_body("encounter_corrected")
    assert body["confirmed"] == ["document_number", "family_name"]
    assert (body["by_hand"], body["doubtful"], body["doubts"]) == ([], False, [])
    assert booth.kinds().count("encounter_picture") == 1


def test_one_key_confirms_each_stretch_as_it_is_shown(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.AS_READ)
    view = booth.view
    assert (view.advice.advice, view.panel[0].count) == (Advice.LOOK, "2 of 2")
    assert view.panel[0].strip is not None
    assert (view.panel[0].strip.text, view.panel[0].strip.doubts) == ("C01X00T478", (1,))
    assert "encounter_corrected" not in booth.kinds()
    booth.press(Action.AS_READ)
    assert booth.until(lambda v: v.advice.advice is Advice.PROCEED).panel[0].strip is None
    assert booth.last_body("encounter_corrected")["confirmed"] == ["document_number", "family_name"]
    booth.sounds.clear()
    booth.press(Action.AS_READ)
    assert booth.sounds == [Sound.REFUSED_KEY]


def test_confirming_is_held_back_for_400_ms_and_from_a_key_held_down(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.AS_READ, wait=0.1)
    booth.press(Action.AS_READ, auto_repeat=True)
    assert booth.view.panel[0].count == "1 of 2"
    booth.press(Action.AS_READ)
    booth.press(Action.AS_READ, wait=0.1)
    booth.settle()
    assert booth.view.panel[0].count == "2 of 2"
    booth.press(Action.CORRECT)
    enter(booth, wait=0.1)
    booth.settle()
    assert booth.view.stage is Stage.FORM
    assert "encounter_corrected" not in booth.kinds()
    assert booth.sounds.count(Sound.REFUSED_KEY) == 4


def test_what_is_changed_is_by_hand_and_the_rest_confirmed(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(KLARA).replace("MUSTER", "WUSTER"))
    enter(booth)
    view = settled(booth)
    assert view.advice.advice is Advice.PROCEED
    assert (row(view, "Family").value, row(view, "Family").mark) == ("WUSTER", Mark.BY_HAND)
    assert row(view, "Number").mark is Mark.CONFIRMED
    body = booth.last_body("encounter_corrected")
    assert (body["by_hand"], body["confirmed"]) == (["family_name"], ["document_number"])
    assert body["mrz"][0].startswith("P<UTOWUSTER<<")


def test_a_digit_that_fails_after_a_correction_stays_a_finding(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(KLARA).replace("C01X", "CO1X"))
    assert booth.view.form is not None
    assert booth.view.form.fields[0].mark is Mark.WRONG
    enter(booth)
    view = settled(booth)
    assert view.advice.advice is not Advice.PROCEED
    assert "document_number:check_digit" in booth.last_body("encounter_corrected")["faults"]
    assert row(view, "Number").mark is Mark.WRONG
    assert row(view, "Number").mark_text.endswith("; by hand")


def test_a_fault_keeps_what_was_typed_and_esc_loses_nothing(booth: Booth) -> None:
    before = lay(booth)
    booth.press(Action.CORRECT)
    typed = "\n".join(KLARA).replace("MUSTER", "MÜSTER")
    booth.desk.edit("mrz", typed)
    enter(booth)
    view = booth.view
    assert view.form is not None
    assert (view.form.fields[0].value, view.form.fields[0].kind) == (typed, FieldKind.ZONE)
    assert view.form.fault.startswith("Line 1, place 7")
    booth.press(Action.PREVIOUS)
    assert (booth.view.document, booth.view.panel, booth.view.advice) == (before.document, before.panel, before.advice)
    assert "encounter_corrected" not in booth.kinds()


def test_another_zone_pasted_stands_in_the_plain_form(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "".join(ANNA))
    assert booth.view.form is not None
    assert (booth.view.form.fields[0].kind, booth.view.form.fields[0].strips) == (FieldKind.MRZ, ())
    enter(booth)
    view = settled(booth)
    assert view.person is not None
    assert view.person.family_name == "ERIKSSON"
    assert "family_name" in booth.last_body("encounter_corrected")["by_hand"]


def test_beside_a_match_the_doubt_waits_in_the_form(booth: Booth) -> None:
    view = lay(booth, reading(NUMBER, lines=ANNA))
    assert view.advice.advice is Advice.REFER
    assert all(section.strip is None for section in view.panel)
    booth.press(Action.AS_READ)
    assert booth.sounds[-1] is Sound.REFUSED_KEY
    booth.press(Action.CORRECT)
    enter(booth)
    assert settled(booth).advice.advice is Advice.REFER
    assert booth.last_body("encounter_corrected")["confirmed"] == ["document_number"]


def test_no_key_confirms_what_is_not_shown(booth: Booth) -> None:
    lay(booth)
    for away in (lambda: booth.press(Action.LISTS), lambda: booth.press(Action.LET_PASS)):
        away()
        booth.press(Action.AS_READ)
        assert booth.sounds[-1] is Sound.REFUSED_KEY
        if booth.view.panel_form is None:
            booth.press(Action.LISTS)
    booth.press(Action.PREVIOUS)
    booth.press(Action.SECOND)
    booth.press(Action.AS_READ)
    booth.settle()
    assert "encounter_corrected" not in booth.kinds()


def test_without_strips_the_form_is_as_before_and_enter_confirms_all_the_same(booth: Booth) -> None:
    view = lay(booth, replace(reading(NUMBER), strips=STRIPS[:1]))
    assert row(view, "Number").mark is Mark.DOUBT
    assert all(section.strip is None for section in view.panel)
    booth.press(Action.CORRECT)
    assert booth.view.form is not None
    assert booth.view.form.fields[0].kind is FieldKind.MRZ
    enter(booth)
    settled(booth)
    assert booth.last_body("encounter_corrected")["confirmed"] == ["document_number"]


def test_a_doubt_without_a_place_is_about_every_field(booth: Booth) -> None:
    assert lay(booth, replace(reading(), valid=False)).advice.advice is Advice.LOOK
    booth.press(Action.CORRECT)
    enter(booth, wait=0.1)
    assert booth.view.form is not None
    assert "encounter_corrected" not in booth.kinds()
    enter(booth)
    assert settled(booth).advice.advice is Advice.PROCEED
    assert set(booth.last_body("encounter_corrected")["confirmed"]) >= {"document_number", "family_name", "birth_date"}


def test_a_picture_read_again_is_in_doubt_again(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.CORRECT)
    enter(booth)
    settled(booth)
    booth.press(Action.REREAD)
    view = booth.until(lambda v: v.advice.advice is Advice.LOOK)
    assert row(view, "Number").mark is Mark.DOUBT
    assert booth.last_body("encounter_corrected")["confirmed"] == []


def test_a_wedge_line_does_not_confirm(booth: Booth) -> None:
    lay(booth)
    booth.press(Action.CORRECT)
    booth.clock.pass_(seconds=1)
    booth.desk.keyed("\n".join(KLARA))
    booth.settle()
    assert booth.view.stage is Stage.FORM
    assert "encounter_corrected" not in booth.kinds()


def test_after_a_crash_the_doubt_and_its_strips_are_there_again_and_so_is_what_was_confirmed(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path)
    for confirms in (True, False):
        booth = Booth(tmp_path, clock, publisher, Reader())
        booth.open()
        if confirms:
            lay(booth)
        view = booth.until(lambda v: v.advice.advice is not None)
        assert view.advice.advice is (Advice.LOOK if confirms else Advice.PROCEED)
        if confirms:
            booth.settle()
            booth.close()
            booth = Booth(tmp_path, clock, publisher, Reader())
            booth.open()
            view = booth.until(lambda v: v.advice.advice is not None)
            assert row(view, "Number").mark is Mark.DOUBT
            assert view.panel[0].strip is not None
            assert view.panel[0].strip.image == b"strip"
            assert view.panel[0].strip.centres == pytest.approx(STRIPS[0].centres[:10], abs=1e-4)
            booth.press(Action.CORRECT)
            enter(booth)
            settled(booth)
        else:
            assert row(view, "Number").mark is Mark.CONFIRMED
        booth.settle()
        booth.close()


def test_what_an_older_version_wrote_is_read_as_before() -> None:
    read = {
        "opened_at": "2026-11-24T14:00:00.000000Z",
        "source": "image",
        "direction": "in",
        "mrz": list(KLARA),
        "doubtful": True,
        "by_hand": ["sex"],
    }
    picture = {"jpeg": "anBlZw==", "boxes": [[0, 0, 5000, 5000, 1]]}
    encounter = rebuild("e-1", [(EventKind.ENCOUNTER_READ, read), (EventKind.ENCOUNTER_PICTURE, picture)])
    assert (encounter.doubtful, encounter.doubts, encounter.confirmed) == (True, (), frozenset())
    assert encounter.picture == Picture(b"jpeg", (Box(0, 0, 0.5, 0.5, doubtful=True),))


def test_a_page_that_leaves_no_room_for_its_lines_is_kept_without_them(booth: Booth) -> None:
    lay(booth, replace(reading(NUMBER), preview=b"x" * (700 << 10)))
    booth.settle()
    assert booth.last_body("encounter_picture")["strips"] == []


def test_changed_fields_count_their_check_digits() -> None:
    before = parse_mrz(KLARA, START.date())
    digit = (KLARA[0], KLARA[1][:19] + "5" + KLARA[1][20:])
    assert changed_fields(before, parse_mrz(digit, START.date())) == {"birth_date"}
    assert changed_fields(before, before) == frozenset()
