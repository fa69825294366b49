"""From a picture, or typed lines, to an Encounter with its advice on the desk."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from checkpoint_app.booth.arrivals.manifest_check import met
from checkpoint_app.booth.crossings.crossing_checks import crossing_asks
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.encounter import Encounter, Picture, ReadSource, Strip
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.record.zone_doubts import inside
from checkpoint_app.booth.rules.rules_in_force import Ruling
from checkpoint_app.booth.slips import slip_check
from checkpoint_app.booth.view.screen import Box, Sound, Stage
from checkpoint_app.documents import NOTHING_BESIDE, Beside, Mrz, MrzError, parse_mrz, split_lines
from checkpoint_app.documents.beside import read_barcodes
from checkpoint_app.readers.reading import Print, ReadError, Reading
from checkpoint_app.screening.checks import KIND_OF_CHECK, Examination, asks_for, cleared_until, run_checks, settled
from checkpoint_app.verdict import Advice, Answer, Check, NotDone, fold
from checkpoint_app.verdict.raising import raised, still_found
from checkpoint_app.wire.event import EventKind

SOUND_OF = {
    Advice.PROCEED: Sound.PROCEED,
    Advice.LOOK: Sound.LOOK,
    Advice.REFER: Sound.REFER,
    Advice.INCOMPLETE: Sound.INCOMPLETE,
}

_PRINT_TO_COME = Beside(printed=())

Images = tuple[bytes, ...]
"""Pictures of one document, most often a single one."""


class ReadsImages(Protocol):
    """A reader of pictures."""

    def warm_up(self) -> None:
        """Load what reading needs."""
        ...

    def read_frames(self, images: Images) -> Reading:
        """Read pictures of one document together. Raises ReadError."""
        ...

    def read_print(self, *images: bytes) -> Print:
        """Read what is printed beside the zone. Raises ReadError."""
        ...

    def close(self) -> None:
        """End the reader."""
        ...


class Consigns(Protocol):
    """Who makes the checks of Encounters that are about goods."""

    def examine(self, encounter: Encounter, kind: EventKind | None, then: Callable[[], None] | None = None) -> None:
        """As `Encountering.examine`."""
        ...

    def is_current(self, encounter: Encounter) -> bool:
        """As `Encountering.is_current`."""
        ...


class Encountering:
    """Opens Encounters and brings their advice to the desk; those that are about goods go to ``consigning``."""

    def __init__(self, core: Core, reader: ReadsImages, ruling: Ruling) -> None:
        self._core = core
        self._reader = reader
        self._ruling = ruling
        self._images: dict[str, Images] = {}  # by the Encounter's id: there may be two on the desk
        self._unread: tuple[Images, Reading, str] | None = None  # a page without a zone, for whoever types it next
        self.answered: Callable[[Encounter], None] = lambda _encounter: None
        self.consigning: Consigns | None = None

    def warm_up(self, ready: Callable[[], None], broke: Callable[[Exception], None]) -> None:
        """Let the reader load and read an empty page once, so that the first traveller does not wait for it."""
        self._core.jobs.reading(self._reader.warm_up, lambda _none: ready(), broke)

    def close(self) -> None:
        """End the reader."""
        self._reader.close()

    def image(self, image: bytes, name: str = "", source: ReadSource = ReadSource.IMAGE) -> None:
        """Read a picture and open an Encounter on it."""
        self.frames((image,), source, name)

    def frames(self, images: Images, source: ReadSource, name: str = "") -> None:
        """Read pictures of one document together and open an Encounter on it."""
        if self.may_open():
            self._read(images, name, lambda mrz, reading: self._new(mrz, source, reading, name))

    @property
    def is_free(self) -> bool:
        """Whether a document could be taken now. May be asked from any thread."""
        state = self._core.state
        if state.officer is None or state.reason is not None or self._core.occupied:
            return False
        return state.encounter is None or bool(state.decided)

    def images_of(self, encounter: Encounter) -> Images:
        """Return the pictures that ``encounter`` was read from, as long as it is on the desk; none after a restart."""
        return self._images.get(encounter.id, ())

    def look(self, images: Images) -> Reading:
        """Return what pictures give, and nothing more: not for the UI thread. Raises ReadError."""
        return self._reader.read_frames(images)

    def reread(self) -> None:
        """Read the picture of the open Encounter once more."""
        encounter = self._core.state.encounter
        images = self._images.get(encounter.id) if encounter else None
        if encounter is None or images is None:
            self._core.sound(Sound.REFUSED_KEY)
            return
        name = encounter.picture.name if encounter.picture else ""
        self._read(
            images,
            name,
            lambda mrz, reading: replace(
                encounter,
                mrz=mrz,
                doubtful=_is_doubtful(mrz, reading),
                doubts=inside(mrz, reading.doubtful),
                held=still_of(encounter, mrz),
                national=None,
                by_hand=frozenset(),
                confirmed=frozenset(),
                picture=_picture(reading, name),
                barcodes=_barcodes(reading),
                beside=_PRINT_TO_COME,
                portrait=b"",
            ),
            EventKind.ENCOUNTER_CORRECTED,
        )

    def forget_unread(self) -> None:
        """Forget a page that gave no zone: whoever it belongs to has left the desk."""
        self._unread = None

    def open_on(self, mrz: Mrz, source: ReadSource) -> None:
        """Open an Encounter on lines that were typed; a page that gave no zone is its picture.

        What barcodes on that page say still counts: a smudged zone is no way around a seal.
        """
        opened = self._new(mrz, source, None, "")
        if self._unread is not None:
            images, reading, name = self._unread
            self._keep(opened, images)
            opened = replace(opened, picture=_picture(reading, name), barcodes=_barcodes(reading))
        self.examine(opened, EventKind.ENCOUNTER_READ)

    def keyed(self, text: str, source: ReadSource = ReadSource.WEDGE) -> bool:
        """Open an Encounter on the lines that a device sent; tell whether they were taken.

        Where no document can be taken now nothing of them is kept, and the message bar says so.
        """
        core = self._core
        if not self.may_open():
            return False
        try:
            mrz = parse_mrz(split_lines(text), core.clock.now().date())
        except MrzError:
            self.refuse("not_a_zone")
            return False
        self.examine(self._new(mrz, source, None, ""), EventKind.ENCOUNTER_READ)
        return True

    def set_aside(self) -> None:
        """Put the open Encounter aside, or bring back the one set aside; with both, change places."""
        core = self._core
        parked, encounter = core.state.parked, core.state.encounter
        core.gate.shut()
        core.update(encounter=None, parked=encounter, decided="", stage=Stage.EMPTY)
        if parked is not None:
            self.answer_again(parked)
        elif encounter is not None:
            core.say("message.set_aside", cap="F10")

    def reopen(self, encounter: Encounter) -> None:
        """Bring an Encounter back that a crash or a power cut left open: its checks are made anew."""
        officer = self._officer()
        self._core.act(
            lambda records: records.write(
                EventKind.ENCOUNTER_REOPENED, {"encounter_id": encounter.id, "officer": officer}
            ),
            lambda _none: self.answer_again(encounter, self._told_reopened),
        )

    def also_read(self, encounter: Encounter, code: tuple[str, bytes]) -> None:
        """Take a barcode (symbology and bytes) that was laid down after the document: its checks are made anew."""
        codes = (*encounter.barcodes[: slip_check.MOST_CODES - 1], code)
        self.answer_again(replace(encounter, barcodes=codes), kind=EventKind.ENCOUNTER_CORRECTED)

    def answer_again(
        self, encounter: Encounter, then: Callable[[], None] | None = None, kind: EventKind | None = None
    ) -> None:
        """Put ``encounter`` on the desk with its checks made anew, with the lists, time and decisions of now.

        What was answered before has aged, and is not shown meanwhile, nor where the checks can't be made. A hit of the
        centre's is joined to the answers again: it may not be there to repeat it. ``kind`` tells that more was read.
        """
        unanswered = replace(encounter, answers=(), own=(), held=encounter.beyond, verdict=None)
        self._core.gate.shut()
        self._core.update(
            encounter=unanswered, reading=True, stage=Stage.ENCOUNTER, candidate=0, reason=None, asked=None
        )
        self.examine(unanswered, kind, then)

    def is_current(self, encounter: Encounter) -> bool:
        """Whether this booth's own answers are of all lists in force, and all still fold to the same verdict."""
        if encounter.consignment is not None and self.consigning is not None:
            return self.consigning.is_current(encounter)
        state, verdict = self._core.state, encounter.verdict
        if state.policy is None or verdict is None:
            return False
        loaded = {one.source.name: one.source.version for one in state.lists if one.bar is None}
        own = [one for one in encounter.own if one.check in KIND_OF_CHECK]
        done = {(one.source.name, one.source.version) for one in own if one.source.version and one.not_done is None}
        awaited = any(
            one.not_done is not None
            and loaded.get(one.source.name, -1)
            >= one.source.version + (one.not_done is not NotDone.LIST_LOADING)  # it can be done now
            for one in own
        )
        asked = {(KIND_OF_CHECK.get(one.check), one.source.name) for one in own}
        unasked = any((one.kind, one.source.name) not in asked and asks_for(state.policy, one) for one in state.lists)
        # A clock set back makes no answer younger: the time of the answers was trusted.
        now = max(self._core.trusted_now(), *(answer.answered_at for answer in encounter.answers))
        clears = encounter.clearances == state.clearances and all(now < end for end in cleared_until(encounter.answers))
        is_made = done <= loaded.items() and not awaited and not unasked and clears
        is_ruled = self._ruling.is_current(encounter.own, state.policy.lane(state.post.lane), state.policy, now)
        return is_made and is_ruled and fold(encounter.answers, state.policy, now) == verdict

    def refresh(self) -> None:
        """Lists or policy changed: make the checks of the open Encounter anew, unless its officer is at a decision."""
        state = self._core.state
        encounter = state.encounter
        idle = state.stage is Stage.ENCOUNTER and state.reason is None and not state.decided and not self._core.occupied
        if encounter is not None and idle and state.officer is not None and not self.is_current(encounter):
            self.answer_again(encounter, lambda: None)

    def _told_reopened(self) -> None:
        self._core.say("message.reopened", "clock")

    def may_open(self) -> bool:
        """Tell whether an Encounter may be opened now; where not, it is said why."""
        state = self._core.state
        if state.officer is None:
            self._core.say("message.no_form", cap="F11")
        elif self.is_free:
            return True
        else:
            self._core.say("message.decide_first", "attention", cap="F10")
        self._core.sound(Sound.REFUSED_KEY)
        return False

    def refuse(self, code: str) -> None:
        """Tell in words why a picture gave nothing; ``code`` is one of READ_ERRORS, or no_mrz."""
        self._core.sound(Sound.REFUSED_KEY)
        known = self._core.words.knows(f"read.{code}")
        self._core.say(f"read.{code}" if known else "read.unreadable", "attention", cap="F3")

    def _keep(self, encounter: Encounter, images: Images) -> None:
        """Keep the picture of ``encounter`` for reading it once more, beside those of the others on the desk."""
        on_desk = {one.id for one in (self._core.state.encounter, self._core.state.parked) if one is not None}
        self._images = {name: kept for name, kept in self._images.items() if name in on_desk} | {encounter.id: images}

    def _read(
        self,
        images: Images,
        name: str,
        make: Callable[[Mrz, Reading], Encounter],
        kind: EventKind = EventKind.ENCOUNTER_READ,
    ) -> None:
        core = self._core
        before = core.state
        self.forget_unread()
        core.gate.shut()
        asked = before.asked if kind is EventKind.ENCOUNTER_CORRECTED else None  # it is open as long as this one is
        core.update(reading=True, stage=Stage.ENCOUNTER, form=None, show_lists=False, asked=asked)

        def done(reading: Reading) -> None:
            if reading.mrz is None:
                if kind is EventKind.ENCOUNTER_READ:
                    self._unread = images, reading, name
                back("slip_alone" if slip_check.codes_in(_barcodes(reading)) else "no_mrz")
            else:
                encounter = make(reading.mrz, reading)
                self._keep(encounter, images)
                self.examine(encounter, kind)

        def failed(error: Exception) -> None:
            back(error.code if isinstance(error, ReadError) else "failed")

        def back(code: str) -> None:
            stage = Stage.ENCOUNTER if kind is EventKind.ENCOUNTER_CORRECTED else Stage.EMPTY
            encounter = before.encounter if stage is Stage.ENCOUNTER else None
            core.update(reading=False, stage=stage, encounter=encounter, decided="")
            if encounter is not None:
                core.gate.advice_changed()
            self.refuse(code)

        core.jobs.reading(lambda: self._reader.read_frames(images), done, failed)

    def _new(self, mrz: Mrz, source: ReadSource, reading: Reading | None, name: str) -> Encounter:
        return Encounter(
            id=str(uuid.uuid4()),
            opened_at=self._core.clock.now(),
            source=source,
            direction_in=self._core.state.direction_in,
            vehicle=self._core.state.vehicle,
            mrz=mrz,
            doubtful=reading is not None and _is_doubtful(mrz, reading),
            doubts=inside(mrz, reading.doubtful) if reading is not None else (),
            picture=_picture(reading, name) if reading else None,
            barcodes=_barcodes(reading) if reading else (),
            beside=_PRINT_TO_COME if reading else NOTHING_BESIDE,
        )

    def examine(self, encounter: Encounter, kind: EventKind | None, then: Callable[[], None] | None = None) -> None:
        """Write the read (if ``kind`` says so), make the checks, write the answers; then show them."""
        if encounter.consignment is not None and self.consigning is not None:
            self.consigning.examine(encounter, kind, then)
            return
        core = self._core
        state = core.state
        policy, lists, officer = state.policy, state.lists, self._officer()
        known = state.encounter.picture if state.encounter is not None else None
        if policy is None:
            self._not_examined()
            core.say("not_done.no_answer", "attention")
            return

        def work(records: Records) -> Encounter:
            trusted = records.trusted_now()
            if kind is not None:
                records.read(encounter, officer, state.post.lane, kind)
            cleared = records.cleared(encounter, trusted)
            barcodes = read_barcodes(encounter.barcodes, records.signers(), trusted)
            beside = replace(encounter.beside, barcodes=barcodes)
            examined = Examination(encounter.mrz, encounter.doubtful, trusted, beside)
            slip = slip_check.judged(encounter, records.booths, policy, trusted)
            rules = self._ruling.traveller(encounter, state.post.lane, policy, records, trusted)
            made = run_checks(
                examined,
                policy,
                lists,
                cleared,
                {Check.RISK: rules.ask, **crossing_asks(records, encounter, policy, state.post.lane, trusted)},
            )
            own = slip_check.with_slip(made, slip, policy)
            theirs = (*encounter.held, *met(records, encounter, trusted))
            held = (settled(one, policy, cleared) for one in still_found(theirs, own, trusted))
            answers = raised(own, tuple(held))
            verdict = fold(answers, policy, trusted)
            history = records.history(encounter)
            answered = replace(encounter, answers=answers, own=own, held=(), verdict=verdict, history=history)
            answered = replace(answered, clearances=records.clearances_version(), slip=slip)
            with records.store.transaction():
                records.answered(answered, policy, trusted)
                rules.write(records, encounter.id)
            if slip is not None and slip != encounter.slip:
                records.write(EventKind.SLIP_CHECKED, slip_check.event_body(encounter, slip, officer))
            return answered

        def done(answered: Encounter) -> None:
            self.forget_unread()
            core.update(
                encounter=answered,
                reading=False,
                stage=Stage.ENCOUNTER,
                form=None,
                reason=None,
                decided="",
                candidate=0,
                looked=0,
                show_lists=False,
                slip=None,
            )
            core.say("message.none")
            self.advised(answered)
            if then is not None:
                then()
            self.answered(answered)
            if kind is not None and answered.picture is not None and answered.picture is not known:
                core.record(lambda records: records.picture(answered), lambda _none: None)

        def failed(error: Exception) -> None:
            self._not_examined()
            core.failed(error)

        core.act(work, done, failed)

    def _not_examined(self) -> None:
        """Leave the desk as it was before checks that could not be made."""
        still_open = self._core.state.encounter is not None
        self._core.update(reading=False, stage=Stage.ENCOUNTER if still_open else Stage.EMPTY, form=None)
        if still_open:
            self._core.gate.advice_changed()

    def advised(self, encounter: Encounter) -> None:
        """Hold decisions back a moment, and let the advice be heard: it is new."""
        self._core.gate.advice_changed()
        if encounter.verdict is not None:
            self._core.sound(SOUND_OF[encounter.verdict.advice])

    def _officer(self) -> str:
        officer = self._core.state.officer
        return officer.id if officer else ""

    def _fault(self, error: MrzError) -> str:
        return self._core.words.say(f"mrz_error.{error.code}", **error.params)


def _is_doubtful(mrz: Mrz, reading: Reading) -> bool:
    """Tell whether the reader vouches for less than the zone's own digits do; wrong digits are a finding already."""
    return mrz.valid and not (reading.valid and not reading.doubtful)


def _picture(reading: Reading, name: str) -> Picture:
    fields = (box for box in reading.boxes if box.field != "line" and not box.field.endswith("_digit"))
    boxes = tuple(Box(box.x, box.y, box.width, box.height, doubtful=box.doubtful) for box in fields)
    strips = tuple(Strip(strip.jpeg, strip.centres) for strip in reading.strips)
    return Picture(reading.preview, boxes, name, strips)


def _barcodes(reading: Reading) -> tuple[tuple[str, bytes], ...]:
    return tuple((barcode.format, barcode.data) for barcode in reading.barcodes)


def still_of(encounter: Encounter, mrz: Mrz) -> tuple[Answer, ...]:
    """Return what the centre found about ``encounter``, where the zone read anew says the same: it was about that."""
    return encounter.beyond if mrz.lines == encounter.mrz.lines else ()
