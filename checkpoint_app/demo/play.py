"""The played demonstration: Encounters on the real window, through real key presses, with pictures and a table.

It runs on a thread beside the window. It puts specimens into the watched folder, waits for what the screen shows, and
presses keys through the X server (xdotool), as an officer would.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from checkpoint_app.booth.view import DeskView, KeyState, Stage
from checkpoint_app.booth.words import Words
from checkpoint_app.demo.booth import PASSPHRASE
from checkpoint_app.demo.centre import DemoCentre
from checkpoint_app.demo.partners import PARTNER_LISTS, entry_like
from checkpoint_app.demo.policy import OFFICERS, DemoOfficer
from checkpoint_app.demo.tray import TrayItem
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.verdict import Advice, Outcome

TITLE = "checkpoint demo"
_HOLD_S = 0.6
_PRESSES, _AGAIN_S = 3, 2.0
_PATIENCE_S = 30.0
_SIGN_IN_TRIES = 20
ONLINE, OFFLINE = ("1-clear", "2-name-hit", "3-stolen"), ("5-expired", "6-card")
"""The five Encounters that are played, with the centre and without it; the others lie in the tray of the window."""
NAMED_LATER = "6-card"
"""Whom the list names that is published while the booth has no line."""

_SIGNS = {Outcome.CLEAR: "=", Outcome.NOTE: "!", Outcome.HIT: "X", Outcome.NOT_CHECKED: "?", None: "."}

Post = Callable[[Callable[[], None]], None]


class PlayError(Exception):
    """The demonstration did not go as planned; the message says where."""


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


class Played:
    """What the window shows, seen from the playing thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._view: DeskView | None = None

    def show(self, view: DeskView) -> None:
        """Take the newest view; called on the UI thread."""
        with self._changed:
            self._view = view
            self._changed.notify_all()

    def until(self, wanted: Callable[[DeskView], object], what: str) -> DeskView:
        """Wait for a view as wanted and return it. Raises PlayError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._view is not None and wanted(self._view), _PATIENCE_S):
                said = self._view.message.text if self._view else "nothing"
                raise PlayError(f"waited in vain for: {what}; the screen says: {said}")
            if self._view is None:
                raise PlayError(what)
            return self._view

    def within(self, seconds: float, wanted: Callable[[DeskView], object]) -> bool:
        """Tell whether a view as wanted comes within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._view is not None and bool(wanted(self._view)), seconds)


class Play:
    """Plays the tray. ``save`` saves the window's picture and ``end`` closes it; both run on the UI thread."""

    def __init__(
        self,
        tray: Path,
        pictures: Path,
        post: Post,
        *,
        image: Callable[[TrayItem], bytes],
        save: Callable[[Path], None],
        end: Callable[[], None],
        centre: DemoCentre,
        language: str,
    ) -> None:
        self.played = Played()
        self.rows: list[Row] = []
        self.failure: Exception | None = None
        self._tray = tray
        self._pictures = pictures
        self._post = post
        self._save = save
        self._image = image
        self._end = end
        self._centre = centre
        self._same = Words(language).say("check.centre_same")
        self._publishing: threading.Thread | None = None
        self.late_hit = ""

    def run(self, items: tuple[TrayItem, ...]) -> None:
        """Play everything, then close the window; a failure is kept for the main thread."""
        try:
            self._sign_in()
            by_name = {item.name: item for item in items}
            for number, name in enumerate(ONLINE, 1):
                self.rows.append(self._encounter(number, by_name[name], online=True))
            self._lose_the_centre(by_name[NAMED_LATER])
            for number, name in enumerate(OFFLINE, len(ONLINE) + 1):
                self.rows.append(self._encounter(number, by_name[name], online=False))
            self._bring_the_centre_back()
            self._late_hit()
            self._picture("empty-desk-after")
        except Exception as error:  # noqa: BLE001 - the boundary of the playing thread
            self.failure = error
            self._picture("where-it-stopped")
        finally:
            self._post(self._end)

    def _lose_the_centre(self, named: TrayItem) -> None:
        """Kill the centre in mid-work, and let a newer list be published while no booth can hear of it."""
        self._centre.kill()
        self.played.until(lambda view: not view.bar.line.up, "the line lost")
        self._picture("line-lost")
        self._publishing = threading.Thread(target=self._publish, args=(named,), name="publisher", daemon=True)
        self._publishing.start()

    def _publish(self, named: TrayItem) -> None:
        try:
            wanted = PARTNER_LISTS[0]
            more = [entry_to_plain(entry_like(named.document, "ECU-LATE-0001"))]
            self._centre.bring(wanted, datetime.now(UTC).replace(microsecond=0), more)
            self._centre.command("publish")
        except Exception as error:  # noqa: BLE001 - the boundary of the publishing thread
            self.failure = error

    def _bring_the_centre_back(self) -> None:
        if self._publishing is not None:
            self._publishing.join()
        if self.failure is not None:
            raise self.failure
        self._centre.start()
        self.played.until(lambda view: view.bar.line.up, "the line back")

    def _late_hit(self) -> None:
        """The centre screens what it now hears of by the list of now; what it finds comes back, is taken and closed."""
        self.played.until(lambda view: view.desk and view.desk.notice, "the late hit on the empty desk")
        self._picture("late-hit")
        self._key("F6")
        view = self.played.until(lambda v: v.cases and v.cases.rows, "the list of cases")
        self.late_hit = f"{view.cases.rows[0].name}: {view.cases.rows[0].kind}" if view.cases else ""
        time.sleep(_HOLD_S)
        self._picture("cases")
        self._key("ctrl+t")
        self.played.until(lambda v: v.cases and not v.cases.rows[0].unowned, "the case taken")
        time.sleep(_HOLD_S)
        self._key("ctrl+t")
        self.played.until(lambda v: v.panel_form is not None, "the outcome asked")
        self._key("ctrl+1")
        self.played.until(lambda v: v.panel_form and v.panel_form.fields[0].value == "1", "outcome 1")
        time.sleep(_HOLD_S)
        self._picture("case-closing")
        self._key("ctrl+t")
        self.played.until(lambda v: v.panel_form is None, "the case closed")
        time.sleep(_HOLD_S)
        self._key("Escape")
        self.played.until(lambda v: v.stage is Stage.EMPTY, "the empty desk")
        self.played.until(lambda v: _to_send(v) == 0, "everything delivered")

    def _sign_in(self) -> None:
        officer = OFFICERS[0]
        self.played.until(lambda view: view.form and view.form.name == "unlock", "the passphrase form")
        self._picture("unlock")
        self._type(PASSPHRASE)
        self._key("Return")
        self.played.until(lambda view: view.form and view.form.name == "sign_in", "the sign-in form")
        self._until_known(officer)
        self._finish_what_was_left_open()
        self.played.until(
            lambda view: (
                view.stage is Stage.EMPTY
                and len(view.panel) > 1
                and len(view.panel[1].table) == 2
                and view.desk is not None
                and view.desk.devices[0].ready
            ),
            "the empty desk with both lists and the reader ready",
        )
        self._picture("empty-desk")

    def _until_known(self, officer: DemoOfficer) -> None:
        """Sign in as soon as the officers that the centre has sent are in force: a new booth knows nobody."""
        for _ in range(_SIGN_IN_TRIES):
            self._type(officer.id)
            self._key("Tab")
            self._type(officer.pin)
            self._key("Return")
            tried = self.played.until(
                lambda view: view.stage is not Stage.FORM or (view.form and view.form.fault), "an answer to the sign-in"
            )
            if tried.stage is not Stage.FORM:
                return
            time.sleep(_HOLD_S)
            self._key("shift+Tab")
            self._key("ctrl+a")
        raise PlayError("nobody may sign in: the list of officers has not come")

    def _finish_what_was_left_open(self) -> None:
        """A demo that was ended in the middle left its Encounter on the desk: refer it before the play begins."""
        self.played.until(lambda view: view.stage is not Stage.FORM, "the desk after sign-in")
        time.sleep(_HOLD_S)
        if self.played.until(bool, "a view").stage is Stage.EMPTY:
            return
        self.played.until(lambda view: view.advice.advice is not None, "the advice on the Encounter left open")
        time.sleep(_HOLD_S)
        self._key("F7")
        time.sleep(_HOLD_S)
        if self.played.until(bool, "a view").panel_form is not None:
            self._key("ctrl+1")
            time.sleep(_HOLD_S)
            self._key("F7")

    def _encounter(self, number: int, item: TrayItem, *, online: bool) -> Row:
        image = self._image(item)  # before the clock starts: a camera would not wait for our pencil
        began = time.monotonic()
        self._lay(item.name, image)
        view = self.played.until(
            lambda view: view.advice.advice is not None or view.message.symbol == "attention", f"advice on {item.name}"
        )
        milliseconds = round(1000 * (time.monotonic() - began))
        if view.advice.advice is None:
            return Row(item.name, "-", "-", "-", view.message.text, _expected(item), "-", milliseconds)
        if online:
            view = self.played.until(lambda v: v.checks and v.checks.centre == self._same, "the centre's same answers")
        view = self.played.until(
            lambda v: v.checks and not any(row.waiting for row in v.checks.rows), "the printed page compared"
        )
        advice = view.advice.advice.value if view.advice.advice else ""
        self._picture(f"{number}-{item.name}")
        disposition = self._decide(number, item, view)
        read = view.document.mrz[-1] if view.document else ""
        answers = " ".join(_SIGNS[row.outcome] for row in view.checks.rows if row.outcome) if view.checks else ""
        line = view.checks.centre if view.checks else "-"
        return Row(item.name, line, read, answers, advice, _expected(item), disposition, milliseconds)

    def _decide(self, number: int, item: TrayItem, view: DeskView) -> str:
        time.sleep(_HOLD_S)
        if any(key.cap == "F6" and key.state is not KeyState.OFF for key in view.keys):
            self._key("F6")
            self.played.until(lambda v: v.stage is Stage.COMPARE, "the comparison")
            self._picture(f"{number}-{item.name}-compare")
            self._key("F6")
            self.played.until(lambda v: v.stage is Stage.ENCOUNTER, "the Encounter again")
        key = "F7" if view.advice.advice is Advice.REFER else "F5"
        self._key(key)
        if view.advice.advice in (Advice.LOOK, Advice.INCOMPLETE):
            self.played.until(lambda v: v.panel_form is not None, "the reason")
            self._key("ctrl+2")
            self.played.until(lambda v: v.panel_form and v.panel_form.fields[0].value == "2", "reason 2")
            self._picture(f"{number}-{item.name}-reason")
            time.sleep(_HOLD_S)
            self._key("F5")
        for _ in range(_PRESSES):  # a key that comes just as the checks are made anew does nothing: press again
            if self.played.within(_AGAIN_S, lambda v: v.stage is Stage.EMPTY):
                break
            self._key(key)
        empty = self.played.until(lambda v: v.stage is Stage.EMPTY, "the desk clear again")
        return empty.message.text

    def _lay(self, name: str, image: bytes) -> None:
        """Put the picture into the tray in one step, as a scanner's software would."""
        part = self._tray / f".{name}.part"
        part.write_bytes(image)
        part.replace(self._tray / f"{name}-{time.monotonic_ns()}.jpg")

    def _picture(self, name: str) -> None:
        path = self._pictures / f"{name}.png"
        saved = threading.Event()

        def save() -> None:
            self._save(path)
            saved.set()

        self._post(save)
        saved.wait(10)

    def _type(self, text: str) -> None:
        self._xdotool("type", "--delay", "5", text)

    def _key(self, key: str) -> None:
        self._xdotool("key", key)

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], check=True, timeout=20)


def _to_send(view: DeskView) -> int:
    """Return how many events the status says are waiting."""
    digits = [word for word in view.status[1].text.replace(",", " ").split() if word.isdigit()]
    return int(digits[0]) if digits else 0


def _expected(item: TrayItem) -> str:
    return " or ".join(advice.value for advice in item.expected)


def table(rows: list[Row]) -> str:
    """Return the rows as a printed table."""
    head = Row(
        "document",
        "centre",
        "read (last line)",
        "checks (= clear, ! note, X hit, ? not done)",
        "advice",
        "expected",
        "then",
        0,
    )
    columns = [[getattr(row, name) for row in (head, *rows)] for name in Row.__slots__[:-1]]
    widths = [max(len(cell) for cell in column) for column in columns]
    lines = []
    for index, row in enumerate((head, *rows)):
        cells = [column[index].ljust(width) for column, width in zip(columns, widths, strict=True)]
        lines.append("  ".join([*cells, f"{row.milliseconds} ms" if index else "ms"]))
    return "\n".join(lines)
