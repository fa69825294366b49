"""Slips at the desk: printed after a decision, read at the next post, shown, refused, and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.booth.record.records import rebuild
from checkpoint_app.booth.record.signed_objects import put_small
from checkpoint_app.booth.slips.slip_check import REFUSED
from checkpoint_app.booth.slips.slip_code import SIDE
from checkpoint_app.booth.slips.slip_output import Paper
from checkpoint_app.booth.slips.slip_view import SlipSheet
from checkpoint_app.booth.view.screen import Action, PanelSection, Sound, Stage
from checkpoint_app.documents import parse_mrz
from checkpoint_app.readers.reading import Barcode, Reading
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Advice, Check, Outcome, Requirement
from checkpoint_app.wire.booths import KnownBooth, write_booths
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.slip import Decided, SlipDecision, SlipVerdict, check_slip, pseudonym, write_slip
from checkpoint_app.wire.slip_text import PREFIX, slip_text
from tests.booth.desk.test_desk import ANNA, KLARA, passport
from tests.booth.helpers import OFFICER, PIN, START, SUPERVISOR, SUPERVISOR_PIN, Booth, NoReader, make_booth

PABLO = passport("EJEMPLO", "PABLO", "C02X00T48", "810202")
THERE = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
SHUT = Ed25519PrivateKey.from_private_bytes(b"\x06" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
OUTCOMES = {REFUSED: Outcome.NOTE}


class Reader(NoReader):
    """Gives the zone of Klara Muster, or none, and what barcodes it is told to."""

    barcodes: tuple[Barcode, ...] = ()
    has_zone = True

    def read_frames(self, images: tuple[bytes, ...]) -> Reading:
        mrz = parse_mrz(KLARA, START.date()) if self.has_zone else None
        return Reading(mrz, valid=self.has_zone, barcodes=self.barcodes, preview=b"jpeg", preview_size=(1000, 700))


class Drawn:
    """Keeps what it was told to draw."""

    def __init__(self) -> None:
        self.sheets: list[tuple[SlipSheet, Paper]] = []

    def __call__(self, sheet: SlipSheet, paper: Paper) -> bytes:
        self.sheets.append((sheet, paper))
        return b"%PDF-drawn"


def known(name: str, key: Ed25519PrivateKey, post: str) -> KnownBooth:
    return KnownBooth(name, post, key.public_key().public_bytes_raw(), b"\x01" * 32, START - timedelta(days=9))


def slip(mrz: tuple[str, ...] = KLARA, key: Ed25519PrivateKey = THERE, **changes: object) -> str:
    """The text of a slip of another post, two hours old."""
    decided = Decided(mrz, START - timedelta(hours=2), SlipDecision.LET_PASS, True, 7, pseudonym(b"k" * 32, "a"))
    return slip_text(write_slip(replace(decided, **changes), key))  # type: ignore[arg-type]


def barcode(text: str) -> Barcode:
    return Barcode("QR Code", text.encode())


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def drawn() -> Drawn:
    return Drawn()


@pytest.fixture
def make(tmp_path: Path, reader: Reader, drawn: Drawn) -> Iterator[Callable[..., Booth]]:
    made: list[Booth] = []

    def new(lists: int = 0, **policy: object) -> Booth:
        asked = {"outcomes": OUTCOMES} | ({} if lists else {"required": (Requirement(Check.DOCUMENT),)}) | policy
        without: dict[str, object] = {} if lists else {"persons": None, "numbers": None}
        publisher, clock = make_booth(tmp_path, policy=asked, **without)
        booth = Booth(tmp_path, clock, publisher, reader)
        made.append(booth)
        booth.open(lists)
        booth.desk.draw_slips_with(drawn)
        shut = replace(known("shut-1", SHUT, "Huaquillas"), revoked_at=START + timedelta(days=1))
        list_booths(booth, 1, known("there-1", THERE, "Rumichaca"), shut)
        return booth

    yield new
    for one in made:
        one.close()


@pytest.fixture
def booth(make: Callable[..., Booth]) -> Booth:
    return make()


def list_booths(booth: Booth, version: int, *booths: KnownBooth) -> None:
    """Put a list of booths in force, this one among them."""
    key = booth.store().identity.signing_key
    record = write_booths((*booths, known("test-1", key, "Paso Test")))
    package = booth.publisher._small("booths", ListKind.BOOTHS, version, START, record)
    trust = {"booths": booth.publisher.key.public_key()}
    booth._ask(lambda records: put_small(records.store, package, trust))


def section(booth: Booth) -> PanelSection | None:
    return next((one for one in booth.view.panel if one.head == "SLIP OF ANOTHER POST"), None)


def document_outcome(booth: Booth) -> tuple[Outcome, list[str]]:
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    answer = next(one for one in encounter.answers if one.check is Check.DOCUMENT)
    return answer.outcome, [finding.code for finding in answer.findings]


def has_key(booth: Booth) -> bool:
    return any(key.action is Action.SLIP for key in booth.view.keys)


def print_slip(booth: Booth) -> None:
    booth.until(lambda _v: has_key(booth))
    booth.press(Action.SLIP)
    booth.until(lambda v: "lip" in v.message.text)


def scanned(booth: Booth, text: str) -> None:
    booth.desk.keyed(text)
    idle(booth)


def idle(booth: Booth) -> None:
    """Wait until no read and no act is under way, and all that they asked of the database is done."""
    booth.until(lambda _v: not booth.desk._core.occupied)
    booth.kinds()
    booth.until(lambda _v: not booth.desk._core.occupied)


# -- printing ---------------------------------------------------------------------------------------------------------


def test_a_slip_of_what_was_decided_is_printed_as_a_pdf_that_names_nobody(
    booth: Booth, drawn: Drawn, tmp_path: Path
) -> None:
    assert not has_key(booth)
    booth.type(*KLARA)
    assert not has_key(booth)
    booth.let_pass()
    print_slip(booth)
    assert booth.view.message.text == f"Slip saved as a PDF in {tmp_path / 'data' / 'slips'}"
    (file,) = (tmp_path / "data" / "slips").iterdir()
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"%PDF-drawn", 0o600)
    ((sheet, paper),) = drawn.sheets
    assert (paper, len(sheet.modules), len(sheet.modules[0])) == (Paper.LABEL, SIDE, SIDE)
    assert sheet.head == ("Let pass · Entry", "Pasó · Entrada")
    assert sheet.lines[0] == "Paso Test"
    body = booth.last_body("slip_printed")
    words = " ".join((*sheet.head, *sheet.lines, *sheet.foot)).replace("\u00a0", "")
    assert body["pseudonym"].upper() in words
    assert (body["officer"], body["encounter_id"] != "") == (OFFICER, True)
    for personal in ("MUSTER", "KLARA", "C01X00T47", OFFICER, "Demo"):
        assert personal not in words


def test_the_printed_slip_is_believed_for_this_document_alone(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[bytes] = []
    from checkpoint_app.booth.slips import slips

    real = slips.modules_of
    monkeypatch.setattr(slips, "modules_of", lambda data: signed.append(data) or real(data))
    booth.type(*KLARA)
    _refer(booth)
    print_slip(booth)
    mine = (known("test-1", booth.store().identity.signing_key, "Paso Test"),)
    now = booth.trusted_now()
    result = check_slip(signed[0], KLARA, mine, now, timedelta(hours=24))
    assert result.good
    assert result.slip is not None
    assert (result.slip.decision, result.slip.direction_in) == (SlipDecision.REFER, True)
    assert check_slip(signed[0], PABLO, mine, now, timedelta(hours=24)).verdict is SlipVerdict.OTHER_DOCUMENT


def _refer(booth: Booth) -> None:
    booth.press(Action.REFER)
    booth.desk.choose(1)
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)


def test_the_key_is_there_until_the_next_document_and_for_nobody_else(booth: Booth) -> None:
    booth.type(*KLARA)
    booth.let_pass()
    booth.until(lambda _v: has_key(booth))
    booth.press(Action.PREVIOUS)  # shown again: still the one that a slip can be printed of
    booth.until(lambda v: v.stage is Stage.ENCOUNTER)
    assert has_key(booth)
    booth.press(Action.PREVIOUS)
    booth.type(*PABLO)
    assert not has_key(booth)
    booth.press(Action.SECOND)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    assert not has_key(booth)
    booth.press(Action.SLIP)
    assert booth.sounds[-1] is Sound.REFUSED_KEY
    assert "slip_printed" not in booth.kinds()


def test_the_next_officer_prints_no_slip_of_the_last_ones_decision_and_has_another_name(
    booth: Booth, drawn: Drawn
) -> None:
    names = []
    for officer, pin in ((OFFICER, PIN), (SUPERVISOR, SUPERVISOR_PIN), (OFFICER, PIN)):
        booth.press(Action.OFFICER)
        booth.until(lambda v: v.form is not None)
        booth.sign_in(officer, pin)
        idle(booth)
        assert not has_key(booth)
        booth.type(*KLARA)
        booth.let_pass()
        print_slip(booth)
        names.append(drawn.sheets[-1][0].lines[-1])
    assert len(set(names)) == 3


def test_there_is_no_slip_of_protection_nor_of_no_decision(booth: Booth) -> None:
    booth.type(*KLARA)
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.press(Action.PROTECT)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    idle(booth)
    assert not has_key(booth)
    booth.type(*KLARA)
    withdraw(booth)
    idle(booth)
    assert not has_key(booth)


def withdraw(booth: Booth) -> None:
    booth.press(Action.PREVIOUS)
    booth.desk.choose(1)
    booth.press(Action.CONFIRM)
    booth.until(lambda v: v.stage is Stage.EMPTY)


def test_a_post_without_slips_prints_none_and_reads_none(make: Callable[..., Booth]) -> None:
    booth = make(slip_hours=0)
    booth.type(*KLARA)
    scanned(booth, slip(PABLO))
    assert section(booth) is None
    assert booth.view.advice.advice is Advice.PROCEED
    booth.let_pass()
    idle(booth)
    assert not has_key(booth)


def test_what_cannot_be_written_down_is_not_printed(
    booth: Booth, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 12."""
    from checkpoint_app.store import DiskFullError

    booth.type(*KLARA)
    booth.let_pass()
    booth.until(lambda _v: has_key(booth))
    journal = booth.store().journal

    def full(*_args: object) -> None:
        raise DiskFullError("disk full")

    monkeypatch.setattr(type(journal), "append", full)
    booth.press(Action.SLIP)
    booth.until(lambda v: v.message.symbol == "attention")
    monkeypatch.undo()
    assert drawn.sheets == []


def test_a_printer_that_is_not_there_is_told_and_the_key_stays(
    booth: Booth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("CHECKPOINT_PRINTER", "ql820")
    booth.type(*KLARA)
    booth.let_pass()
    print_slip(booth)
    assert booth.view.message.text == "No slip printed: the printing system is not installed."
    assert (booth.view.message.cap, booth.view.message.action, has_key(booth)) == ("Ctrl+P", Action.SLIP, True)


# -- the next post ----------------------------------------------------------------------------------------------------


def test_a_slip_in_the_same_picture_is_told_and_makes_nothing_clear(booth: Booth, reader: Reader) -> None:
    reader.barcodes = (barcode(slip(KLARA)),)
    booth.desk.drop(b"picture", "one.jpg")
    booth.until(lambda v: v.advice.advice is not None)
    told = section(booth)
    assert told is not None
    assert told.rows[0].text.startswith("Rumichaca, ")
    assert told.rows[0].text.endswith(": let pass, entry")
    assert told.rows[0].symbol != "clear"
    assert booth.view.announcements[-1] == f"SLIP OF ANOTHER POST. {told.rows[0].text}"
    assert document_outcome(booth) == (Outcome.CLEAR, [])
    body = booth.last_body("slip_checked")
    assert (body["result"], body["booth"], body["decision"], body["direction"]) == ("good", "there-1", "let_pass", "in")
    assert booth.view.panel[-1].head == "WHAT TO DO"


def test_a_good_slip_changes_no_advice(make: Callable[..., Booth]) -> None:
    booth = make(lists=2)
    booth.type(*ANNA)
    before = booth.view.advice
    for decision in SlipDecision:
        scanned(booth, slip(ANNA, decision=decision))
        assert section(booth) is not None
        assert booth.last_body("slip_checked")["decision"] == decision.name.lower()
        assert (booth.view.advice, before.advice) == (before, Advice.REFER)


REFUSALS = {
    "other_document": slip(PABLO),
    "too_old": slip(at=START - timedelta(hours=25)),
    "future": slip(at=START + timedelta(hours=1)),
    "revoked_booth": slip(key=SHUT),
    "unknown_booth": slip(key=STRANGER),
    "altered": slip()[:-20] + ("A" if slip()[-20] != "A" else "B") + slip()[-19:],
}


def test_a_refused_slip_is_a_note_that_says_why(booth: Booth) -> None:
    for why, text in REFUSALS.items():
        booth.type(*KLARA)
        scanned(booth, text)
        assert document_outcome(booth) == (Outcome.NOTE, [REFUSED])
        told = section(booth)
        assert told is not None
        expected = booth.desk._core.words.say(f"slip_refused.{why}")
        assert told.rows[0].text == f"{expected}: not believed"
        assert bool(told.muted) is (why not in ("unknown_booth", "altered"))
        assert booth.view.advice.advice is Advice.LOOK
        assert booth.view.advice.line == f"1 note: {expected}"
        assert booth.last_body("slip_checked")["result"] == why
        kinds = booth.kinds()
        assert kinds[-2:] == ["encounter_answered", "slip_checked"]
        withdraw(booth)


def test_a_policy_that_says_nothing_of_slips_takes_a_refused_one_for_a_hit(make: Callable[..., Booth]) -> None:
    booth = make(outcomes={})
    booth.type(*KLARA)
    scanned(booth, slip(PABLO))
    assert booth.view.advice.advice is Advice.REFER


def test_a_missing_slip_says_nothing(booth: Booth) -> None:
    booth.type(*KLARA)
    assert section(booth) is None
    assert document_outcome(booth) == (Outcome.CLEAR, [])
    assert "slip_checked" not in booth.kinds()


def test_a_zone_that_was_misread_makes_the_slip_anothers_only_until_it_is_corrected(booth: Booth) -> None:
    booth.type(*PABLO)
    scanned(booth, slip(KLARA))
    assert booth.last_body("slip_checked")["result"] == "other_document"
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(KLARA))
    booth.desk.submit()
    idle(booth)
    assert booth.last_body("slip_checked")["result"] == "good"
    assert document_outcome(booth) == (Outcome.CLEAR, [])


def test_a_slip_survives_a_crash_with_its_encounter(booth: Booth) -> None:
    booth.type(*KLARA)
    scanned(booth, slip())
    encounter = booth.desk._core.state.encounter
    assert encounter is not None

    def events(records):  # type: ignore[no-untyped-def]
        seqs = records.store.projections.events_of(encounter.id)
        kinds = {event.header.seq: event.header.kind for event in records.store.journal.events()}
        return [(kinds[seq], records.store.journal.body(seq)) for seq in seqs]

    again = rebuild(encounter.id, booth._ask(events))
    assert again.barcodes == encounter.barcodes == (("QR Code", slip_of(encounter)),)
    assert again.answers == encounter.answers


def slip_of(encounter: object) -> bytes:
    return encounter.barcodes[0][1]  # type: ignore[attr-defined,no-any-return]


def test_a_slip_is_written_down_once_however_often_the_checks_are_made(booth: Booth) -> None:
    booth.type(*KLARA)
    text = slip()
    for _ in range(2):
        scanned(booth, text)
    assert booth.view.message.text == "This slip was read already"
    booth.press(Action.SECOND)
    booth.until(lambda v: v.stage is Stage.EMPTY)
    booth.press(Action.SECOND)
    booth.until(lambda v: v.advice.advice is not None)
    assert booth.kinds().count("slip_checked") == 1
    assert section(booth) is not None


def test_of_several_slips_an_older_one_in_the_passport_does_no_harm_and_anothers_does(booth: Booth) -> None:
    booth.type(*KLARA)
    scanned(booth, slip(at=START - timedelta(hours=30)))
    assert document_outcome(booth)[0] is Outcome.NOTE
    scanned(booth, slip())
    assert document_outcome(booth) == (Outcome.CLEAR, [])
    scanned(booth, slip(PABLO))
    assert document_outcome(booth) == (Outcome.NOTE, [REFUSED])


def test_a_slip_laid_down_after_the_document_is_read_and_another_document_is_not(booth: Booth, reader: Reader) -> None:
    booth.type(*KLARA)
    reader.has_zone = False
    reader.barcodes = (barcode(slip()),)
    booth.desk.drop(b"picture", "slip.jpg")
    booth.until(lambda _v: section(booth) is not None)
    idle(booth)
    before = booth.desk._core.state.encounter
    reader.barcodes = ()
    booth.desk.drop(b"picture", "other.jpg")
    booth.until(lambda v: v.message.text.startswith("Decide about this person first"))
    assert booth.desk._core.state.encounter is before


def test_a_slip_beside_another_document_is_not_laid_to_this_person(booth: Booth, reader: Reader) -> None:
    """The next in the line has put passport and slip down too early: that is no refused slip of who stands here."""
    booth.type(*ANNA)
    before = booth.desk._core.state.encounter
    reader.barcodes = (barcode(slip(KLARA)),)
    booth.desk.drop(b"picture", "other.jpg")
    booth.until(lambda v: v.message.text.startswith("Decide about this person first"))
    idle(booth)
    assert booth.desk._core.state.encounter is before


def test_a_slip_alone_opens_nothing(booth: Booth, reader: Reader) -> None:
    reader.has_zone = False
    reader.barcodes = (barcode(slip()),)
    booth.desk.drop(b"picture", "slip.jpg")
    booth.until(lambda v: v.message.text == "Only a slip: lay the document down first, then the slip.")
    scanned(booth, slip())
    assert booth.view.message.text == "A slip: lay the document down first, then the slip."
    assert (booth.view.stage, booth.sounds[-1]) == (Stage.EMPTY, Sound.REFUSED_KEY)


def test_a_slip_read_in_part_is_to_be_scanned_again_and_leaves_nothing(booth: Booth) -> None:
    booth.type(*KLARA)
    for text in (slip()[:-1], PREFIX, slip() + "x"):
        scanned(booth, text)
        assert booth.view.message.text == "The slip was not read whole. Scan it again."
    assert section(booth) is None
    assert "slip_checked" not in booth.kinds()


def test_no_slip_is_taken_while_a_reason_is_asked_or_nobody_is_signed_in(booth: Booth) -> None:
    booth.type(*KLARA)
    booth.press(Action.REFER)
    scanned(booth, slip())
    assert booth.view.panel_form is not None
    booth.press(Action.PREVIOUS)
    booth.press(Action.OFFICER)
    booth.until(lambda v: v.form is not None)
    scanned(booth, slip())
    assert booth.view.form is not None
    assert "slip_checked" not in booth.kinds()


def test_a_booth_without_a_list_of_booths_believes_no_slip(booth: Booth) -> None:
    booth._ask(lambda records: records.store._db.execute("DELETE FROM signed_objects WHERE kind = 'booths'"))
    booth.type(*KLARA)
    scanned(booth, slip())
    assert booth.last_body("slip_checked")["result"] == "unknown_booth"


def test_the_events_of_slips_are_of_their_encounter(booth: Booth) -> None:
    booth.type(*KLARA)
    scanned(booth, slip())
    booth.let_pass()
    print_slip(booth)
    checked, printed = booth.last_body("slip_checked"), booth.last_body("slip_printed")
    assert checked["encounter_id"] == printed["encounter_id"]
    assert set(checked) == {
        "encounter_id", "officer", "result", "booth", "at", "decision", "direction", "policy", "pseudonym",
    }  # fmt: skip
    assert [EventKind.SLIP_CHECKED.value, EventKind.SLIP_PRINTED.value] == [
        kind for kind in booth.kinds() if "slip" in kind
    ]


def test_a_slip_that_comes_while_the_document_is_being_read_waits_for_it(booth: Booth, reader: Reader) -> None:
    booth.desk.drop(b"picture", "one.jpg")
    assert booth.desk._core.occupied
    booth.desk.keyed(slip())
    booth.until(lambda _v: section(booth) is not None)
    assert booth.last_body("slip_checked")["result"] == "good"


def test_a_full_disk_lets_the_person_with_a_slip_be_finished_and_prints_none(
    booth: Booth, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checkpoint_app.store import DiskFullError
    from checkpoint_app.store.journal import Journal
    from checkpoint_app.store.reserve import FINISHING

    booth.type(*KLARA)
    append = Journal.append

    def full(journal: Journal, kind: EventKind, body: dict[str, object]) -> object:
        if kind not in FINISHING:
            raise DiskFullError("journal: the disk is full; free some space")
        return append(journal, kind, body)

    monkeypatch.setattr(Journal, "append", full)
    scanned(booth, slip())
    assert section(booth) is not None
    booth.let_pass()
    booth.until(lambda _v: has_key(booth))
    booth.press(Action.SLIP)
    booth.until(lambda v: v.message.symbol == "attention")
    assert drawn.sheets == []


def test_a_booth_that_is_revoked_while_its_slip_lies_here_is_believed_no_more(booth: Booth) -> None:
    booth.type(*KLARA)
    scanned(booth, slip())
    assert document_outcome(booth) == (Outcome.CLEAR, [])
    key = booth.store().identity.signing_key
    revoked = replace(known("there-1", THERE, "Rumichaca"), revoked_at=START)
    record = write_booths((revoked, known("test-1", key, "Paso Test")))
    inbox = booth.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "booths.list").write_bytes(booth.publisher._small("booths", ListKind.BOOTHS, 2, START, record))
    booth._ask(lambda records: put_trust(records.store, {"booths": booth.publisher.key.public_key()}, 2))
    booth.desk._keeping.look()
    booth.until(lambda v: v.advice.advice is Advice.LOOK)
    assert document_outcome(booth) == (Outcome.NOTE, [REFUSED])
    assert booth.last_body("slip_checked")["result"] == "revoked_booth"
