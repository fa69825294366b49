"""What an officer says about the zone: typed, corrected, or confirmed as it was read."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.encounter.doubt_view import part_on_desk, parts_on_desk
from checkpoint_app.booth.encounter.examiner import Encountering, still_of
from checkpoint_app.booth.record.encounter import Encounter, ReadSource
from checkpoint_app.booth.record.zone_doubts import FIELDS, doubts_of, field_at
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.documents import Mrz, MrzError, parse_mrz, split_lines
from checkpoint_app.wire.event import EventKind


class Correcting:
    """Takes lines that are typed, and the word that what was read stands in the document."""

    def __init__(self, core: Core, encountering: Encountering) -> None:
        self._core = core
        self._encountering = encountering

    def by_hand(self) -> None:
        """Open the form for typing the zone; the lines of the open Encounter stand in it already."""
        encounter = self._core.state.encounter
        lines = "\n".join(encounter.mrz.lines) if encounter else ""
        self._core.gate.advice_changed()  # Enter would confirm what has only just been shown
        self._core.update(stage=Stage.FORM, form=Form("by_hand", {"mrz": lines}))

    def typed(self, text: str) -> None:
        """Open an Encounter on typed lines, or correct the open one; a fault stays in the form with what was typed.

        Where the reader was in doubt and nothing is changed, what was read is confirmed: not within the time that it
        takes to look.
        """
        core = self._core
        before = None if core.state.decided else core.state.encounter
        in_doubt = before is not None and (before.doubtful or before.doubts)
        if in_doubt and not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
            return
        try:
            mrz = parse_mrz(split_lines(text), core.clock.now().date())
        except MrzError as error:
            core.sound(Sound.REFUSED_KEY)
            fault = core.words.say(f"mrz_error.{error.code}", **error.params)
            core.update(form=Form("by_hand", {"mrz": text}, fault=fault))
            return
        if before is None:
            self._encountering.open_on(mrz, ReadSource.TYPED)
        else:
            self._settle(before, mrz)

    def as_read(self) -> None:
        """Take the word that the stretch on the screen stands so in the document; after the last, write it down."""
        core = self._core
        encounter = core.state.encounter
        if encounter is None or part_on_desk(core.state) is None or not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
        elif core.state.looked + 1 < len(parts_on_desk(core.state)):
            core.gate.advice_changed()
            core.update(looked=core.state.looked + 1)
        else:
            self._settle(encounter, encounter.mrz)

    def _settle(self, before: Encounter, mrz: Mrz) -> None:
        """Take ``mrz`` for what the document says: what differs is by hand, what was in doubt and stays confirmed."""
        by_hand = before.by_hand | changed_fields(before.mrz, mrz)
        self._encountering.examine(
            replace(
                before,
                mrz=mrz,
                doubtful=False,
                doubts=(),
                held=still_of(before, mrz),
                national=None,  # it was told of what was read before
                by_hand=by_hand,
                confirmed=(before.confirmed | _in_doubt(before)) - by_hand,
            ),
            EventKind.ENCOUNTER_CORRECTED,
        )


def _in_doubt(encounter: Encounter) -> frozenset[str]:
    """Return the fields in doubt; a doubt that the reader gives no place for is about every field."""
    fields = {one.field for one in doubts_of(encounter.mrz, encounter.doubts)}
    if encounter.doubtful and not fields:
        fields = {name for name in FIELDS if getattr(encounter.mrz.document, name)}
    return frozenset(fields)


def changed_fields(before: Mrz, after: Mrz) -> frozenset[str]:
    """Return the fields that differ, by value or by the characters that stand for them, check digits included."""
    changed = {name for name in FIELDS if getattr(before.document, name) != getattr(after.document, name)}
    if before.document.format is after.document.format:
        pairs = enumerate(zip(before.lines, after.lines, strict=True))
        changed |= {
            field_at(before, (line, at))
            for line, (old, new) in pairs
            for at, (was, now) in enumerate(zip(old, new, strict=True))
            if was != now
        }
    return frozenset(changed)
