"""Messages that are laid down: read in the confined child, kept in store and journal, and one consignment chosen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Arrivals, Form
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.goods.form_names import NUMBER_FORM
from checkpoint_app.booth.goods.goods_examiner import CargoExamining
from checkpoint_app.booth.goods.manifests import MOST_LISTED, Kept, Prepared, keep, listed_of, prepare
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.record.consignment import ConsignmentRead, Listed, by_number
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.values import Message, MessageError, PassengerList
from checkpoint_app.store.manifests import CONSIGNMENT
from checkpoint_app.wire.event import EventKind

MOST_NUMBER = 40
_HEAD = 4096
_EDIFACT = re.compile(rb"(?:UNA.{5,6}\s*)?(?:UN[BGH]\W)", re.DOTALL)
_CARGO_IMP = re.compile(rb"(?:^|[\r\n])[ \t]*(?:FWB|FHL|FFM)/[0-9]{1,2}[ \t]*[\r\n]")


class ReadsMessages(Protocol):
    """A reader of messages, in bounded memory and time."""

    def read(self, data: bytes) -> Message:
        """Return what a message says. Raises MessageError."""
        ...

    def close(self) -> None:
        """End the reader."""
        ...


def is_message(data: bytes) -> bool:
    """Tell by the first bytes whether a file is a message and no picture: EDIFACT, Cargo-IMP or XML."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b"<" in head.replace(b"\x00", b"")[:8]
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    return head.startswith((b"<", b"UNA")) or bool(_EDIFACT.match(head) or _CARGO_IMP.search(head))


class CargoArriving:
    """Takes messages, keeps them, and lets the officer choose a consignment. ``on_passenger_list`` hears of those."""

    def __init__(
        self, core: Core, encountering: Encountering, examining: CargoExamining, reader: ReadsMessages
    ) -> None:
        self._core = core
        self._encountering = encountering
        self._examining = examining
        self._reader = reader
        self.shown: Callable[[], None] = lambda: None
        self.on_passenger_list: Callable[[str, PassengerList], None] = lambda _manifest, _list: None

    def close(self) -> None:
        """End the reader."""
        self._reader.close()

    def message(self, data: bytes) -> None:
        """Read a message that was laid down, and keep it; one consignment is opened, of several one is chosen."""
        core = self._core
        if not self._encountering.may_open():
            return
        core.gate.shut()
        core.update(reading=True, stage=Stage.EMPTY, encounter=None, decided="", form=None, arrivals=None)
        core.say("cargo.reading", "clock")

        now = core.trusted_now()

        def work() -> Prepared:
            return prepare(self._reader.read(data), hashlib.sha256(data).hexdigest(), now)

        def failed(error: Exception) -> None:
            core.update(reading=False)
            if isinstance(error, MessageError):
                self._refuse(error)
            else:
                core.failed(error)

        core.jobs.reading(work, self._keep, failed)

    def _keep(self, prepared: Prepared) -> None:
        core = self._core
        officer = core.state.officer.id if core.state.officer else ""

        def failed(error: Exception) -> None:
            core.update(reading=False)
            core.failed(error)

        def done(kept: Kept) -> None:
            core.update(reading=False)
            self._show(kept)

        core.act(lambda records: keep(records, prepared, officer), done, failed)

    def _show(self, kept: Kept) -> None:
        core, manifest = self._core, kept.manifest
        if isinstance(kept.message, PassengerList):
            key = "cargo.passengers_received.one" if manifest.items == 1 else "cargo.passengers_received"
            core.say(key, "tick", count=str(manifest.items), time=clock(core.clock.now()))
            if not kept.known:
                self.on_passenger_list(manifest.manifest, kept.message)
        elif manifest.items == 0:
            core.sound(Sound.REFUSED_KEY)
            core.say("cargo.nothing_in_it", "attention", "F3")
        elif manifest.items == 1:
            self._open(kept.listed[0])
        else:
            self._choose(Arrivals(manifest, kept.listed, manifest.items))

    def _choose(self, arrivals: Arrivals) -> None:
        self._core.gate.advice_changed()  # Enter would open what has only just been shown
        self._core.update(arrivals=arrivals, stage=Stage.ARRIVALS, encounter=None, decided="", form=None)
        self._core.say("message.none")
        self.shown()

    def _refuse(self, error: MessageError) -> None:
        core = self._core
        core.sound(Sound.REFUSED_KEY)
        key = f"message_error.{error.code}"
        where = next((f"{name} {place}" for name, place in error.where.items()), "")
        said = core.words.say(key if core.words.knows(key) else "message_error.other", where=where)
        core.say("cargo.not_read", "attention", "F3", why=said)

    # -- choosing ------------------------------------------------------------------------------------------------------

    def latest(self) -> None:
        """Show the consignments of the message that was laid down last."""

        def work(records: Records) -> Arrivals | None:
            manifest = next(iter(records.store.manifests.latest(CONSIGNMENT, 1)), None)
            return Arrivals(manifest, listed_of(records, manifest), manifest.items) if manifest is not None else None

        def done(arrivals: Arrivals | None) -> None:
            if arrivals is None:
                self._core.say("cargo.no_message")
            else:
                self._choose(arrivals)

        self._core.act(work, done)

    def move(self, step: int) -> None:
        """Choose another consignment of the listing."""
        arrivals = self._core.state.arrivals
        if arrivals is not None and arrivals.consignments:
            place = max(0, min(len(arrivals.consignments) - 1, arrivals.selected + step))
            self._core.update(arrivals=replace(arrivals, selected=place))

    def choose(self) -> None:
        """Open the consignment chosen."""
        arrivals = self._core.state.arrivals
        if arrivals is None or not arrivals.consignments or not self._core.gate.allows(auto_repeat=False):
            self._core.sound(Sound.REFUSED_KEY)
        else:
            self._open(arrivals.consignments[arrivals.selected])

    def leave(self) -> None:
        """Go back to the empty desk."""
        self._core.update(arrivals=None, stage=Stage.EMPTY)
        self._core.say("message.none")

    def _open(self, listed: Listed) -> None:
        def work(records: Records) -> ConsignmentRead | None:
            plain = records.store.manifests.item(listed.manifest, listed.place)
            if plain is None:
                return None
            return replace(ConsignmentRead.from_plain(plain), manifest=listed.manifest, place=listed.place)

        def done(read: ConsignmentRead | None) -> None:
            if read is None:  # its days are over
                self._core.say("cargo.gone", "attention")
            else:
                self._examining.open(read)

        self._core.act(work, done)

    # -- by number -----------------------------------------------------------------------------------------------------

    def number_form(self) -> None:
        """Ask for the number of a consignment or container; that of the open one stands in the form already."""
        encounter = None if self._core.state.decided else self._core.state.encounter
        number = encounter.consignment.number if encounter is not None and encounter.consignment is not None else ""
        self._core.gate.advice_changed()
        self._core.update(stage=Stage.FORM, form=Form(NUMBER_FORM, {"number": number}))

    def number(self, form: Form) -> None:
        """Take a typed number: of the open consignment; else one of a message kept here, or of none: asked twice."""
        typed = " ".join(form.values.get("number", "").upper().split())
        encounter = None if self._core.state.decided else self._core.state.encounter
        if not plain_number(typed) or len(typed) > MOST_NUMBER or not typed.isprintable():
            self._fault(form, "cargo_number")
        elif encounter is not None and encounter.consignment is not None:
            read = encounter.consignment
            corrected = replace(read, consignment=replace(read.consignment, number=typed))
            by_hand = encounter.by_hand | {"number"}
            changed = replace(encounter, consignment=corrected, by_hand=by_hand, verdict=None)
            self._examining.examine(changed, EventKind.ENCOUNTER_CORRECTED)
        else:
            self._find(form, typed)

    def _find(self, form: Form, typed: str) -> None:
        core = self._core

        def work(records: Records) -> list[Listed]:
            manifests = records.store.manifests
            places = manifests.find(plain_number(typed), MOST_LISTED)
            found = ((manifest, place, manifests.item(manifest, place)) for manifest, place in places)
            return [Listed.of(name, ConsignmentRead.from_plain(plain), place) for name, place, plain in found]

        def done(found: list[Listed]) -> None:
            if len(found) == 1:
                self._open(found[0])
            elif found:
                self._choose(Arrivals(None, tuple(found), len(found)))
            elif form.subject == typed:  # the officer has read that no message names it
                self._examining.open(by_number(typed, core.clock.now()))
            else:
                core.sound(Sound.REFUSED_KEY)
                fault = core.words.say("fault.cargo_unknown")
                core.update(form=Form(NUMBER_FORM, {"number": typed}, subject=typed, fault=fault))

        core.act(work, done)

    def _fault(self, form: Form, fault: str) -> None:
        self._core.sound(Sound.REFUSED_KEY)
        self._core.update(form=replace(form, fault=self._core.words.say(f"fault.{fault}")))
