"""Cases at the desk: the list that F6 opens, taking one, closing it with an outcome. Each step is in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checkpoint_app.booth.cases.case_view import CLOSE_FORM, TABS, is_mine, place_of, selected_case, shown_cases
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.store.cases import CaseRow
from checkpoint_app.wire.case import CaseOutcome, CaseState, marks
from checkpoint_app.wire.event import EventKind

_CASE = "case"
_SAW = "saw"
_A_VIEW = 100
_NOTHING = frozenset({""})
"""Stands for what is found where a case names nothing: it is heard all the same."""
OUTCOMES = tuple(outcome.value for outcome in CaseOutcome)


class CaseKeeping:
    """Shows the cases and takes what the officer does with them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def load(self) -> None:
        """Bring the cases of the store to the desk."""
        self._core.record(_all, self._show)

    def arrived(self) -> None:
        """Cases came, from the centre or found here: let new ones be heard, and say so without a name.

        Anyone may see the glass. One that both found is heard once, and again where something else is found.
        """
        core = self._core

        def done(rows: tuple[CaseRow, ...]) -> None:
            known = _unheard(core.state.cases)
            self._show(rows)
            if any(not found <= known.get(name, frozenset()) for name, found in _unheard(rows).items()):
                core.sound(Sound.LATE_HIT)
                core.say("message.none")  # what stands while nothing else is said is the late hit that nobody has

        core.record(_all, done)

    def delivered(self, seq: int) -> None:
        """The centre has this booth's events up to ``seq``: what it did not know of a case it may know now."""
        if any(0 < row.untold <= seq for row in self._core.state.cases):
            self._core.record(_all, self._show)

    def _show(self, rows: tuple[CaseRow, ...]) -> None:
        """Show the cases as they stand now; the one that is looked at stays chosen, and a key is not for another."""
        core = self._core
        before = selected_case(core.state) if core.state.stage is Stage.CASES else None
        core.update(cases=rows, case=before.case.case_id if before else core.state.case)
        if before is not None and selected_case(core.state) != before:
            core.gate.advice_changed()

    def open(self) -> None:
        """Show the list; that somebody looked at it is written down first."""
        core = self._core
        officer = core.state.officer
        if officer is None:
            return

        def work(records: Records) -> tuple[CaseRow, ...]:
            rows = _all(records)
            names = [row.case.case_id for row in rows]
            for begin in range(0, max(1, len(names)), _A_VIEW):
                seen = names[begin : begin + _A_VIEW]
                records.write(EventKind.CASES_VIEWED, {"officer": officer.id, "cases": seen})
            return rows

        def done(rows: tuple[CaseRow, ...]) -> None:
            core.gate.advice_changed()
            core.update(
                cases=rows, case="", case_tab=0, stage=Stage.CASES, encounter=None, decided="", show_lists=False
            )

        core.act(work, done)

    def leave(self) -> None:
        """Go back to the empty desk."""
        self._core.update(stage=Stage.EMPTY, reason=None, case="")
        self._core.say("message.none")

    def move(self, step: int) -> None:
        """Choose another case of the list; not while one is being closed."""
        state = self._core.state
        shown = shown_cases(state)
        if state.reason is not None or not shown:
            return
        place = max(0, min(len(shown) - 1, place_of(state.case, shown) + step))
        self._core.gate.advice_changed()
        self._core.update(case=shown[place].case.case_id)

    def choose_tab(self, number: int) -> None:
        """Choose which cases are listed (from 1)."""
        if 1 <= number <= len(TABS):
            self._core.gate.advice_changed()
            self._core.update(case_tab=number - 1, case="")
        else:
            self._core.sound(Sound.REFUSED_KEY)

    def take(self) -> None:
        """Take the chosen case; one that is one's own already is closed: the outcome is asked."""
        core = self._core
        row, officer = selected_case(core.state), core.state.officer
        may = core.gate.allows(auto_repeat=False) and row is not None and row.case.state is not CaseState.CLOSED
        if row is None or officer is None or not may:
            core.sound(Sound.REFUSED_KEY)
        elif is_mine(core.state, row.case):
            core.gate.advice_changed()
            name = row.case.case_id
            asked = {_CASE: name, _SAW: " ".join(self._seen(name))}
            core.update(case=name, reason=Form(CLOSE_FORM, asked, subject=CLOSE_FORM, choices=OUTCOMES))
        else:
            body = {"case_id": row.case.case_id, "officer": officer.id}
            self._write(EventKind.CASE_TAKEN, body, "message.case_taken")

    def choose_outcome(self, number: int) -> None:
        """Choose the outcome of this number (from 1)."""
        form = self._core.state.reason
        if form is None or not 1 <= number <= len(form.choices):
            self._core.sound(Sound.REFUSED_KEY)
        else:
            self._core.update(reason=replace(form, chosen=number, fault=""))

    def close(self) -> None:
        """Close the case that the form was opened for, with its outcome and words."""
        core = self._core
        form, officer = core.state.reason, core.state.officer
        if form is None or officer is None or not core.gate.allows(auto_repeat=False):
            core.sound(Sound.REFUSED_KEY)
        elif not self._is_as_asked(form):
            core.sound(Sound.REFUSED_KEY)
            core.gate.advice_changed()
            core.update(reason=None)
        elif not form.chosen:
            core.sound(Sound.REFUSED_KEY)
            core.update(reason=replace(form, fault=core.words.say("fault.outcome_needed")))
        else:
            body = {
                "case_id": form.values[_CASE],
                "officer": officer.id,
                "outcome": form.choices[form.chosen - 1],
                "text": form.values.get("text", "").strip(),
                "saw": form.values[_SAW].split(),
            }
            self._write(EventKind.CASE_CLOSED, body, "message.case_closed")

    def _is_as_asked(self, form: Form) -> bool:
        """Tell whether the case is still the officer's, and names what it named when its closing was asked for."""
        mine = (row.case.case_id for row in self._core.state.cases if is_mine(self._core.state, row.case))
        return form.values[_CASE] in mine and form.values[_SAW].split() == self._seen(form.values[_CASE])

    def _seen(self, name: str) -> list[str]:
        """Return the marks of all that the desk knows to be found: what comes after it is not closed with it."""
        return sorted(
            mark for row in self._core.state.cases if row.case.case_id == name for mark in marks(row.case.found)
        )

    def _write(self, kind: EventKind, body: Mapping[str, Any], said: str) -> None:
        core = self._core
        core.gate.shut()

        def work(records: Records) -> tuple[CaseRow, ...]:
            records.write(kind, body)
            return _all(records)

        def done(rows: tuple[CaseRow, ...]) -> None:
            core.gate.advice_changed()  # the list has moved: a second press was meant for what stood here before
            core.update(cases=rows, case=body["case_id"], reason=None)
            core.say(said, "tick", time=clock(core.clock.now()))

        def failed(error: Exception) -> None:
            core.gate.advice_changed()
            core.failed(error)

        core.act(work, done, failed)


def _unheard(rows: tuple[CaseRow, ...]) -> dict[str, frozenset[str]]:
    """Return the marks of what is found in each case that nobody has, by its id."""
    return {row.case.case_id: marks(row.case.found) or _NOTHING for row in rows if row.case.state is CaseState.NEW}


def _all(records: Records) -> tuple[CaseRow, ...]:
    return tuple(records.store.cases.all())
