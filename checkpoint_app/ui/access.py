"""What a screen reader is told: an interface for each painted widget, and announcements when something changes."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget

from checkpoint_app.booth.view.screen import AdviceView, DeskView, LineView, Stage
from checkpoint_app.ui.spoken import Spoken

if TYPE_CHECKING:
    from checkpoint_app.ui.painted import Painted

Item = TypeVar("Item")


class PaintedInterface(QAccessibleWidget):
    """Tells what a painted widget says of itself; unaided, Qt would call it "client" without a name."""

    def __init__(self, widget: Painted) -> None:
        super().__init__(widget)
        self._widget = weakref.ref(widget)

    def _spoken(self) -> Spoken:
        widget = self._widget()
        return widget.spoken() if widget is not None else Spoken()

    def role(self) -> QAccessible.Role:
        """Return the widget's role."""
        return self._spoken().role

    def text(self, which: QAccessible.Text) -> str:
        """Return name, description or key."""
        spoken = self._spoken()
        if which is QAccessible.Text.Name:
            return spoken.name
        if which is QAccessible.Text.Description:
            return spoken.description
        if which is QAccessible.Text.Accelerator:
            return spoken.key
        return str(super().text(which))

    def state(self) -> QAccessible.State:
        """Return the widget's state; a key that is off is disabled, though it can be pressed to hear so."""
        state = super().state()
        spoken = self._spoken()
        if spoken.disabled:
            state.disabled = True
        if spoken.role is QAccessible.Role.RadioButton:
            state.checkable = True
            state.checked = spoken.checked
        if spoken.selected is not None:
            state.selectable = True
            state.selected = spoken.selected
        return state


_alive: dict[int, PaintedInterface] = {}


def give_interface(widget: Painted) -> None:
    """Give ``widget`` its interface.

    Registered by hand, once a widget: a factory would be asked for every object of the application. Qt's cache owns
    the interface and deletes it when the widget goes; the Python half must live until then, and is let go only after
    (slots run in the order they were connected).
    """
    interface = PaintedInterface(widget)
    number = QAccessible.registerAccessibleInterface(interface)
    _alive[number] = interface
    widget.destroyed.connect(lambda: _alive.pop(number, None))


@dataclass(frozen=True, slots=True)
class Said:
    """An announcement. Assertive ones interrupt."""

    text: str
    assertive: bool = False


def _advice(view: AdviceView) -> str:
    line = view.line.replace(" · ", ", ")
    return f"{view.word}. {line}" if line else view.word


def _line(view: LineView) -> str:
    return view.detail or view.text


def _chosen(view: DeskView | None) -> tuple[tuple[str, ...], str] | None:
    """Return what is selected in the list on the screen: what it is, and how it is told."""
    if view is None:
        return None
    if view.stage is Stage.CASES and view.cases is not None:
        case = _at(view.cases.rows, view.cases.selected)
        return ((case.name, case.kind), case.accessible) if case is not None else None
    if view.stage in (Stage.ARRIVALS, Stage.INSPECTIONS) and view.listing is not None:
        row = _at(view.listing.rows, view.listing.selected)
        return (row.cells[:1], row.accessible or ". ".join(row.cells)) if row is not None else None
    if view.stage is Stage.RULES and view.rules is not None:
        plot = _at(view.rules.plots, view.rules.selected)
        return ((plot.rule, plot.title), plot.accessible or f"{plot.rule} {plot.title}") if plot is not None else None
    return None


def _at(rows: Sequence[Item], place: int) -> Item | None:
    return rows[place] if 0 <= place < len(rows) else None


def _newly_chosen(before: DeskView | None, after: DeskView) -> str:
    """Return what tells of the row that has just been selected; what else changes in a row may tick without a word."""
    old, new = _chosen(before), _chosen(after)
    return "" if new is None or (old is not None and old[0] == new[0]) else new[1]


def changes(before: DeskView | None, after: DeskView) -> tuple[Said, ...]:
    """Return what to announce, each once, in the order that matters: advice, date of lists, message, line.

    Ages that tick and clear answers are not announced. A row that is selected comes before its advice, which is no news
    then and does not interrupt. The booth's own announcements follow, where they are new.
    """
    chosen = _newly_chosen(before, after)
    said: list[Said] = [Said(chosen)] if chosen else []
    old, new = (before.advice if before else AdviceView(None, "")), after.advice
    if new.advice is not None and (new.advice, new.line) != (old.advice, old.line):
        said.append(Said(_advice(new), assertive=not chosen))
    if new.as_of and new.as_of != old.as_of:
        said.append(Said(new.as_of))
    if before is not None:
        said += _of_the_desk(before, after)
    known = {*(before.announcements if before else ()), *(one.text for one in said)}
    said += [Said(text) for text in after.announcements if text not in known]
    return tuple(said)


def _of_the_desk(before: DeskView, after: DeskView) -> list[Said]:
    """Return message, line, and a late hit that arrives on the empty desk: not again after each traveller."""
    said = [Said(after.message.text)] if after.message.text != before.message.text else []
    if after.bar.line.up != before.bar.line.up:
        said.append(Said(_line(after.bar.line)))
    notice = after.desk.notice if after.desk is not None else ""
    if before.desk is not None and notice not in ("", before.desk.notice, after.message.text):
        said.append(Said(notice))
    return said


def announce(window: QWidget, said: Said) -> None:
    """Let a screen reader say ``said``."""
    event = QAccessibleAnnouncementEvent(window, said.text)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if said.assertive else politeness.Polite)
    QAccessible.updateAccessibility(event)
