"""Slips at the desk: printed after a decision where the officer wants one, and taken from travellers who bring one.

A slip is for the next post of a country without a line between its posts. It is signed on the database's thread with
the booth's key, written down, drawn by the window and put out beside the screen.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import SlipOffer
from checkpoint_app.booth.encounter.examiner import Encountering, Images
from checkpoint_app.booth.record.encounter import Disposition, Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.slips import slip_check
from checkpoint_app.booth.slips.slip_code import modules_of
from checkpoint_app.booth.slips.slip_output import Output, Paper, SlipOutputError, output_of, put_out
from checkpoint_app.booth.slips.slip_view import SlipSheet, slip_offered, slip_sheet
from checkpoint_app.booth.view.screen import Action, Sound, Stage
from checkpoint_app.readers.reading import Reading
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.slip import Decided, SlipDecision, SlipResult, pseudonym, write_slip
from checkpoint_app.wire.slip_text import read_slip_text

DECISIONS = {Disposition.LET_PASS: SlipDecision.LET_PASS, Disposition.REFER: SlipDecision.REFER}
"""What a slip can say. Of protection there is none: whoever reads it could harm who carries it."""
_SHIFT_KEY_BYTES = 32

Draws = Callable[[SlipSheet, Paper], bytes]
"""Draws a sheet on a paper, as a PDF; on the UI thread."""


@dataclass(frozen=True, slots=True)
class _Signed:
    """A slip on its way to the printer."""

    sheet: SlipSheet
    output: Output


class Slips:
    """Prints slips and takes them. ``draw`` is given by the window; without one nothing is printed."""

    def __init__(self, core: Core, encountering: Encountering, data: Path) -> None:
        self._core = core
        self._encountering = encountering
        self._data = data
        self._shift_key = b""
        self.draw: Draws | None = None

    def begin_shift(self) -> None:
        """An officer signed in: from now on slips name them by a pseudonym that no other shift has."""
        self._shift_key = os.urandom(_SHIFT_KEY_BYTES)
        self._core.update(slip=None)

    def decided(self, encounter: Encounter, disposition: Disposition, direction_in: bool) -> None:
        """Offer a slip of what was just decided, where there can be one."""
        decision, policy = DECISIONS.get(disposition), self._core.state.policy
        lines = encounter.mrz.lines
        if decision is None or policy is None or not policy.slip_hours or not lines:
            return

        def done(offer: SlipOffer) -> None:
            if self._core.state.officer is not None and self._core.state.encounter is None:
                self._core.update(slip=offer)

        def work(records: Records) -> SlipOffer:
            return SlipOffer(encounter.id, lines, decision, direction_in, records.trusted_now())

        self._core.record(work, done)

    def print(self) -> None:
        """Sign a slip of what was decided last, write that down, and print it."""
        core = self._core
        state, draw = core.state, self.draw
        offer, officer, policy = slip_offered(state), state.officer, state.policy
        if offer is None or officer is None or policy is None or draw is None:
            core.sound(Sound.REFUSED_KEY)
            return
        key, language, post = self._shift_key, state.language, state.post.name

        def work(records: Records) -> _Signed:
            output = output_of(self._data)
            alias = pseudonym(key, officer.id)
            decided = Decided(offer.mrz, offer.at, offer.decision, offer.direction_in, policy.version, alias)
            slip = write_slip(decided, records.store.identity.signing_key)
            body = {"encounter_id": offer.encounter_id, "officer": officer.id, "pseudonym": alias.hex()}
            sheet = slip_sheet(decided, post, modules_of(slip), language)
            records.write(EventKind.SLIP_PRINTED, body)
            return _Signed(sheet, output)

        core.act(work, lambda signed: self._put_out(signed, draw, policy.slip_hours), self._not_printed)

    def _put_out(self, signed: _Signed, draw: Draws, keep_hours: int) -> None:
        pdf = draw(signed.sheet, signed.output.paper)
        key = "slip.sent" if signed.output.queue else "slip.saved"
        self._core.jobs.printing(
            lambda: put_out(pdf, signed.output, self._data, keep_hours),
            lambda where: self._core.say(key, "tick", where=where),
            self._not_printed,
        )

    def _not_printed(self, error: Exception) -> None:
        if not isinstance(error, SlipOutputError):
            self._core.failed(error)
            return
        why = self._core.words.say(f"slip.not_printed.{error.code}")
        self._core.say("slip.not_printed_why", "attention", "Ctrl+P", Action.SLIP, why=why)

    # -- a slip that a traveller brings --------------------------------------------------------------------------------

    def keyed(self, text: str) -> None:
        """Take a slip that a device typed."""
        if read_slip_text(text) is None:
            self._refuse("slip.unread")
        else:
            code = slip_check.QR, text.strip().upper().encode()
            self._core.when_free(lambda: self._lay(code))

    def picture(self, images: Images) -> bool:
        """Look for a slip in a picture laid down while an Encounter is open; tell whether that was done."""
        if not self._is_open:
            return False

        def done(reading: Reading) -> None:
            codes = [(code.format, code.data) for code in reading.barcodes]
            slip = next((code for code in codes if slip_check.codes_in([code])), None)
            if slip is None or self._is_another(reading):
                self._refuse("message.decide_first", "F10")
            else:
                self._core.when_free(lambda: self._lay(slip))

        self._core.jobs.reading(
            lambda: self._encountering.look(images), done, lambda _error: self._refuse("message.decide_first", "F10")
        )
        return True

    def _is_another(self, reading: Reading) -> bool:
        """Tell whether a picture shows another document than the open Encounter's: its slip is not this person's."""
        encounter = self._core.state.encounter
        return reading.mrz is not None and encounter is not None and reading.mrz.lines != encounter.mrz.lines

    def look_again(self) -> None:
        """Judge the slip of the open Encounter anew: the centre may just have revoked the booth that signed it."""
        encounter, policy = self._core.state.encounter, self._core.state.policy
        if encounter is None or encounter.slip is None or policy is None or not self._is_open:
            return

        def work(records: Records) -> SlipResult | None:
            return slip_check.judged(encounter, records.booths, policy, records.trusted_now())

        def done(result: SlipResult | None) -> None:
            if result != encounter.slip and self._core.state.encounter is encounter and self._is_open:
                self._encountering.answer_again(encounter)

        self._core.record(work, done)

    def _lay(self, code: tuple[str, bytes]) -> None:
        encounter = self._core.state.encounter
        if encounter is None or not self._is_open:
            self._refuse("slip.document_first" if self._core.state.stage is Stage.EMPTY else "slip.not_now")
        elif code in encounter.barcodes:
            self._core.say("slip.known", "tick")
        else:
            self._encountering.also_read(encounter, code)

    @property
    def _is_open(self) -> bool:
        """Whether an Encounter is on the desk that a slip can be laid to now."""
        state = self._core.state
        idle = state.officer is not None and state.reason is None and state.form is None and not self._core.occupied
        return idle and state.encounter is not None and not state.decided

    def _refuse(self, key: str, cap: str = "") -> None:
        self._core.sound(Sound.REFUSED_KEY)
        self._core.say(key, "attention", cap)
