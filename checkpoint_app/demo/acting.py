"""What the officer of the played demonstration does: signs in, decides Encounters, takes and closes a case."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import DeskView, KeyState, Stage
from checkpoint_app.demo.booth import PASSPHRASE
from checkpoint_app.demo.hands import AGAIN_S, PRESSES, Hands, PlayError
from checkpoint_app.demo.partners import PARTNER_LISTS
from checkpoint_app.demo.policy import OFFICERS, DemoOfficer
from checkpoint_app.demo.rule_sets import RULE_SETS
from checkpoint_app.demo.tray import TrayItem
from checkpoint_app.verdict import Advice, Outcome

_SIGN_IN_TRIES = 20
_SIGNS = {Outcome.CLEAR: "=", Outcome.NOTE: "!", Outcome.HIT: "X", Outcome.NOT_CHECKED: "?", None: "."}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    item: str
    line: str
    read: str
    answers: str
    advice: str
    expected: str
    disposition: str
    milliseconds: int

    @property
    def as_planned(self) -> bool:
        """Whether the advice is one that the document's story allows."""
        return self.advice in self.expected.split(" or ")


class Acting:
    """The officer of the play. ``tray`` is the folder that the booth watches; ``image`` gives a document's picture."""

    def __init__(self, hands: Hands, tray: Path, image: Callable[[TrayItem], bytes], language: str) -> None:
        self._hands = hands
        self._tray = tray
        self._image = image
        words = Words(language)
        self._same = words.say("check.centre_same")
        # By lot anybody may be drawn, and who was played before comes a second time: then the advice is to look.
        self._may_look = (words.say("check.draw"), words.say("check.stay"))

    def sign_in(self) -> None:
        """Open the booth, and sign in; afterwards the desk is empty and ready."""
        officer = OFFICERS[0]
        self._hands.until(lambda view: view.form and view.form.name == "unlock", "the passphrase form")
        self._hands.picture("unlock")
        self._hands.type(PASSPHRASE)
        self._hands.key("Return")
        self._hands.until(lambda view: view.form and view.form.name == "sign_in", "the sign-in form")
        self._until_known(officer)
        self._finish_what_was_left_open()
        self._hands.until(
            lambda view: (
                view.stage is Stage.EMPTY
                and len(view.panel) > 1
                and len(view.panel[1].table) == len(PARTNER_LISTS) + len(RULE_SETS)
                and view.desk is not None
                and view.desk.devices[0].ready
            ),
            "the empty desk with lists, rules and the reader ready",
        )
        if (desk := self._hands.until(bool, "a view").desk) is not None and desk.notice:
            self.close_cases("late-hit-left")
        self._hands.picture("empty-desk")

    def _until_known(self, officer: DemoOfficer) -> None:
        """Sign in as soon as the officers that the centre has sent are in force: a new booth knows nobody."""
        for _ in range(_SIGN_IN_TRIES):
            self._hands.type(officer.id)
            self._hands.key("Tab")
            self._hands.type(officer.pin)
            self._hands.key("Return")
            tried = self._hands.until(
                lambda view: view.stage is not Stage.FORM or (view.form and view.form.fault), "an answer to the sign-in"
            )
            if tried.stage is not Stage.FORM:
                return
            self._hands.hold()
            self._hands.key("shift+Tab")
            self._hands.key("ctrl+a")
        raise PlayError("nobody may sign in: the list of officers has not come")

    def _finish_what_was_left_open(self) -> None:
        """A demo that was ended in the middle left its Encounter on the desk: refer it before the play begins."""
        self._hands.until(lambda view: view.stage is not Stage.FORM, "the desk after sign-in")
        self._hands.hold()
        if self._hands.until(bool, "a view").stage is Stage.EMPTY:
            return
        self._hands.until(lambda view: view.advice.advice is not None, "the advice on the Encounter left open")
        self._hands.hold()
        self._hands.key("F7")
        self._hands.hold()
        if self._hands.until(bool, "a view").panel_form is not None:
            self._hands.key("ctrl+1")
            self._hands.hold()
            self._hands.key("F7")

    def encounter(self, number: int, item: TrayItem, *, online: bool, beside: Callable[[], None] = lambda: None) -> Row:
        """Lay a document down, read the advice, decide. ``online``: the centre's answer is waited for.

        ``beside`` is called while the person is open, before the decision.
        """
        image = self._image(item)  # before the clock starts: a camera would not wait for our pencil
        for _ in range(PRESSES):  # where the reading took too long the desk asks for it once more
            self._hands.until(_reads, "the reader ready")
            began = time.monotonic()
            self._lay(item.name, image)
            self._hands.until(lambda view: view.stage is not Stage.EMPTY, f"{item.name} being read")
            view = self._hands.until(
                lambda view: view.advice.advice is not None or view.stage is Stage.EMPTY, f"advice on {item.name}"
            )
            milliseconds = round(1000 * (time.monotonic() - began))
            if view.advice.advice is not None:
                break
        else:
            raise PlayError(f"{item.name} is not read: {view.message.text}")
        if online:
            view = self._hands.until(lambda v: v.checks and v.checks.centre == self._same, "the centre's same answers")
        view = self._hands.until(
            lambda v: v.checks and not any(row.waiting for row in v.checks.rows), "the printed page compared"
        )
        advice = view.advice.advice.value if view.advice.advice else ""
        self._hands.picture(f"{number}-{item.name}")
        beside()
        disposition = self._decide(number, item, view)
        read = view.document.mrz[-1] if view.document else ""
        answers = " ".join(_SIGNS[row.outcome] for row in view.checks.rows if row.outcome) if view.checks else ""
        line = view.checks.centre if view.checks else "-"
        return Row(item.name, line, read, answers, advice, self._expected(item, view), disposition, milliseconds)

    def _expected(self, item: TrayItem, view: DeskView) -> str:
        """Return the advice that the story plans; by lot, or for an earlier crossing, it may be to look."""
        planned = [advice.value for advice in item.expected]
        rows = view.checks.rows if view.checks else ()
        if any(row.outcome is Outcome.NOTE and row.name.startswith(self._may_look) for row in rows):
            planned += [Advice.LOOK.value] if Advice.PROCEED in item.expected else []
        return " or ".join(dict.fromkeys(planned))

    def _decide(self, number: int, item: TrayItem, view: DeskView) -> str:
        self._hands.hold()
        if any(key.cap == "F6" and key.state is not KeyState.OFF for key in view.keys):
            self._hands.key("F6")
            self._hands.until(lambda v: v.stage is Stage.COMPARE, "the comparison")
            self._hands.picture(f"{number}-{item.name}-compare")
            self._hands.key("F6")
            self._hands.until(lambda v: v.stage is Stage.ENCOUNTER, "the Encounter again")
        key = "F7" if view.advice.advice is Advice.REFER else "F5"
        self._hands.key(key)
        if view.advice.advice in (Advice.LOOK, Advice.INCOMPLETE):
            self._hands.until(lambda v: v.panel_form is not None, "the reason")
            self._hands.key("ctrl+2")
            self._hands.until(lambda v: v.panel_form and v.panel_form.fields[0].value == "2", "reason 2")
            self._hands.picture(f"{number}-{item.name}-reason")
            self._hands.hold()
            self._hands.key("F5")
        for _ in range(PRESSES):  # a key that comes just as the checks are made anew does nothing: press again
            if self._hands.played.within(AGAIN_S, lambda v: v.stage is Stage.EMPTY):
                break
            self._hands.key(key)
        empty = self._hands.until(lambda v: v.stage is Stage.EMPTY, "the desk clear again")
        return empty.message.text

    def _lay(self, name: str, image: bytes) -> None:
        """Put the picture into the tray in one step, as a scanner's software would."""
        part = self._tray / f".{name}.part"
        part.write_bytes(image)
        part.replace(self._tray / f"{name}-{time.monotonic_ns()}.jpg")

    def close_cases(self, picture: str) -> str:
        """At a late hit that nobody has: take and close it, and any other; return what the first is, in words."""
        hands, said = self._hands, ""
        view = hands.until(lambda view: view.desk and view.desk.notice, "the late hit on the empty desk")
        hands.picture(picture)
        while view.desk is not None and view.desk.notice:  # a play that was ended in the middle may have left more
            hands.key("F6")
            view = hands.until(lambda v: v.cases and v.cases.rows and v.cases.rows[0].unowned, "the list of cases")
            said = said or (f"{view.cases.rows[0].name}: {view.cases.rows[0].kind}" if view.cases else "")
            hands.hold()
            hands.picture(f"{picture}-cases")
            self._close_case(picture)
            hands.key("Escape")
            view = hands.until(lambda v: v.stage is Stage.EMPTY, "the empty desk")
        return said

    def _close_case(self, picture: str) -> None:
        hands = self._hands
        hands.key("ctrl+t")
        hands.until(lambda v: v.cases and not v.cases.rows[0].unowned, "the case taken")
        hands.hold()
        hands.key("ctrl+t")
        hands.until(lambda v: v.panel_form is not None, "the outcome asked")
        hands.key("ctrl+1")
        hands.until(lambda v: v.panel_form and v.panel_form.fields[0].value == "1", "outcome 1")
        hands.hold()
        hands.picture(f"{picture}-closing")
        hands.key("ctrl+t")
        hands.until(lambda v: v.panel_form is None, "the case closed")
        hands.hold()


def _reads(view: DeskView) -> bool:
    """Tell whether the desk is clear and its reader ready: one that took too long is started anew."""
    return view.stage is Stage.EMPTY and view.desk is not None and view.desk.devices[0].ready
