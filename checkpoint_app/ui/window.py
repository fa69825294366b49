"""The window: places the parts on the grid, paints the desk's view, and sends the officer's keys to the desk."""

from __future__ import annotations

import time

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QColor, QDragEnterEvent, QDropEvent, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from checkpoint_app.booth.desk import key_gate
from checkpoint_app.booth.view.listing import MOST_LISTED, MOST_PLOTS
from checkpoint_app.booth.view.screen import (
    Action,
    CasesView,
    ChecksView,
    CompareView,
    DeskView,
    DocumentView,
    EmptyDeskView,
    FormView,
    HistoryView,
    PersonView,
    Stage,
)
from checkpoint_app.ui import access, dropping, keys, measures, pictures
from checkpoint_app.ui.advice import AdvicePanel
from checkpoint_app.ui.canvas import Theme
from checkpoint_app.ui.cargo import NO_CONSIGNMENT, ConsignmentPane
from checkpoint_app.ui.cargo_tables import EquipmentPanel, GoodsPanel, shares
from checkpoint_app.ui.cases import MOST_ROWS, CasesPanel
from checkpoint_app.ui.checks import ChecksPanel
from checkpoint_app.ui.compare import ComparePanel
from checkpoint_app.ui.desk_protocol import DeskLike, Post
from checkpoint_app.ui.document import DocumentPane
from checkpoint_app.ui.emptydesk import EmptyDesk
from checkpoint_app.ui.footer import Footer
from checkpoint_app.ui.form import FormCalls, FormPanel
from checkpoint_app.ui.history import HistoryPanel
from checkpoint_app.ui.keybar import KeyBar
from checkpoint_app.ui.listing import NO_LISTING, ListingPanel
from checkpoint_app.ui.measures import Grid
from checkpoint_app.ui.painted import Painted
from checkpoint_app.ui.palette import Palette
from checkpoint_app.ui.panel import ReasonsPanel
from checkpoint_app.ui.person import PersonPanel
from checkpoint_app.ui.ring import FocusRing
from checkpoint_app.ui.rules import NO_RULES, RulesPanel
from checkpoint_app.ui.topbar import TopBar

NO_DOCUMENT = DocumentView("", "", None, (), (), (), "")
NO_PERSON = PersonView("", "", "", "")
NO_CHECKS = ChecksView("", "", (), "")
NO_COMPARE = CompareView("", "", "", "", "", "", (), None)
NO_FORM = FormView("", "", "", (), "")
NO_DESK = EmptyDeskView("", "", ())
NO_HISTORY = HistoryView("", (), ("", "", ""))
NO_CASES = CasesView("", (), ("", "", "", ""), (), -1)
LISTED = (Stage.ARRIVALS, Stage.INSPECTIONS)
WITH_CHECKS = (Stage.ENCOUNTER, Stage.CARGO)

DEVICE_S = 0.04
"""An Enter this soon after another key comes from a device, and opens nothing."""


class DeskWindow(QWidget):
    """The booth's one window. It shows nothing until a desk is bound; it never opens another."""

    def __init__(self, palette: Palette, post: Post) -> None:
        super().__init__()
        self._post = post
        self._desk: DeskLike | None = None
        self._view: DeskView | None = None
        self._theme = Theme(palette, 1.0)
        self._new_since = self._turned_back_at = self._key_at = 0.0
        self.setAcceptDrops(True)
        # The window itself holds the focus while nothing else does: left with none, Qt would give it to the first key.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fill_ground()
        theme, calls = self._theme, FormCalls(self._edit, self._submit, self._choose, self._confirm)
        self.bar = TopBar(self, theme, self.press)
        self.document = DocumentPane(self, theme)
        self.person = PersonPanel(self, theme)
        self.checks = ChecksPanel(self, theme)
        self.empty = EmptyDesk(self, theme, self._press_cap)
        self.cases = CasesPanel(self, theme, self._choose, self._move)
        self.history = HistoryPanel(self, theme)
        self.cargo = ConsignmentPane(self, theme)
        self.equipment = EquipmentPanel(self, theme)
        self.goods = GoodsPanel(self, theme)
        self.listing = ListingPanel(self, theme, self._choose, self._move)
        self.rules = RulesPanel(self, theme, self._move)
        self.compare = ComparePanel(self, theme, self.press)
        self.form = FormPanel(self, theme, calls)
        self.advice = AdvicePanel(self, theme)
        self.reasons = ReasonsPanel(self, theme)
        self.reason_form = FormPanel(self, theme, calls, small=True)
        self.keys = KeyBar(self, theme, self.press)
        self.footer = Footer(self, theme, self.press)
        self.ring = FocusRing(self, theme)
        for part in self.parts:
            part.hide()
        self.setFocus()
        QApplication.instance().focusChanged.connect(self._focus_changed)  # type: ignore[union-attr]

    @property
    def parts(self) -> tuple[Painted, ...]:
        """Every part of the window, shown or not."""
        return (
            self.bar, self.document, self.person, self.cargo, self.equipment, self.goods, self.checks, self.empty,
            self.cases, self.history, self.listing, self.rules, self.compare, self.form, self.advice,
            self.reasons, self.reason_form, self.keys, self.footer, self.ring,
        )  # fmt: skip

    def _fill_ground(self) -> None:
        colours = QPalette()
        colours.setColor(QPalette.ColorRole.Window, QColor(self._theme.palette.ground))
        self.setPalette(colours)
        self.setAutoFillBackground(True)

    # -- the desk ----------------------------------------------------------------------------------------------

    def bind(self, desk: DeskLike) -> None:
        """Show ``desk`` from now on and send it what the officer does."""
        self._desk = desk
        desk.on_view(self.show_view)
        self.show_view(desk.view())

    def show_view(self, view: DeskView) -> None:
        """Paint ``view``; only parts whose values changed are touched."""
        before, self._view = self._view, view
        if before is None or _asks(before) != _asks(view):
            self._new_since = time.monotonic()
        if before is None or _page_of(before) != _page_of(view):
            pictures.forget()
        if before is None or before.bar != view.bar:
            self.bar.set_view(view.bar)
        if before is None or before.advice != view.advice:
            self.advice.set_view(view.advice)
        if before is None or (before.message, before.status) != (view.message, view.status):
            self.footer.set_view(view.message, view.status)
        if before is None or before.keys != view.keys:
            self.keys.set_view(view.keys)
        self._show_body(view)
        self._show_right(view)
        for part in (self.bar, self.advice, self.keys, self.footer):
            part.show()
        if before is None or _arrangement(before) != _arrangement(view):
            self._place_all()
        self._settle_focus(before, view)
        for said in access.changes(before, view):
            access.announce(self, said)

    def _show_body(self, view: DeskView) -> None:
        """Show left and centre. A part that goes forgets what it showed: the next person may see the glass."""
        stage = view.stage
        working, comparing = stage is Stage.ENCOUNTER, stage is Stage.COMPARE
        document = view.document if working or comparing else None
        person = view.person if working else None
        checks = view.checks if stage in WITH_CHECKS else None
        compare = view.compare if comparing else None
        form = view.form if stage is Stage.FORM else None
        cases = view.cases if stage is Stage.CASES else None
        history = view.history if stage is Stage.HISTORY else None
        portrait = view.person.portrait if view.person and comparing else None
        self.document.set_view(document or NO_DOCUMENT)
        self.person.set_view(person or NO_PERSON)
        self.checks.set_view(checks or NO_CHECKS, online=view.bar.line.up)
        self.compare.set_view(compare or NO_COMPARE, portrait)
        self.form.set_view(form or NO_FORM, view.document if form else None)
        self.empty.set_view(view.desk or NO_DESK)
        self.cases.set_view(cases or NO_CASES)
        self.history.set_view(history or NO_HISTORY)
        for part, shown in (
            (self.document, document is not None),
            (self.person, person is not None),
            (self.checks, checks is not None),
            (self.compare, compare is not None),
            (self.empty, stage is Stage.EMPTY),
            (self.cases, cases is not None),
            (self.history, history is not None),
            (self.form, stage is Stage.FORM),
        ):
            part.setVisible(shown)
        self._show_consignment(view)
        self._show_lists(view)

    def _show_consignment(self, view: DeskView) -> None:
        """Show a consignment; while one of its parties is compared it stays at the left."""
        comparing = view.stage is Stage.COMPARE and view.document is None
        there = view.consignment if view.stage is Stage.CARGO or comparing else None
        consignment = there or NO_CONSIGNMENT
        self.cargo.set_view(consignment)
        self.equipment.set_view(consignment.equipment_head, consignment.equipment)
        self.goods.set_view(consignment.goods_head, consignment.goods)
        self.cargo.setVisible(there is not None)
        for table in (self.equipment, self.goods):
            table.setVisible(there is not None and not comparing)

    def _show_lists(self, view: DeskView) -> None:
        listing = view.listing if view.stage in LISTED else None
        rules = view.rules if view.stage is Stage.RULES else None
        self.listing.set_view(listing or NO_LISTING)
        self.rules.set_view(rules or NO_RULES)
        self.listing.setVisible(listing is not None)
        self.rules.setVisible(rules is not None)

    def _show_right(self, view: DeskView) -> None:
        likeness = view.compare.likeness if view.compare and view.stage is Stage.COMPARE else None
        self.reasons.set_view(view.panel, likeness)
        self.reason_form.set_view(view.panel_form or NO_FORM)
        self.reason_form.setVisible(view.panel_form is not None)
        self.reasons.setVisible(view.panel_form is None)

    # -- the grid ----------------------------------------------------------------------------------------------

    @property
    def theme(self) -> Theme:
        """The palette and scale in force."""
        return self._theme

    def set_palette(self, palette: Palette) -> None:
        """Change to another palette."""
        self._theme = Theme(palette, self._theme.scale)
        self._fill_ground()
        self._place_all()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Choose the scale and place everything anew."""
        super().resizeEvent(event)
        self._theme = Theme(self._theme.palette, measures.scale_for(self.width(), self.height()))
        self._place_all()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The grid's smallest size."""
        return QSize(measures.BASE_WIDTH, measures.BASE_HEIGHT)

    @property
    def grid(self) -> Grid:
        """The grid for the window's present size; never smaller than the base."""
        scale = self._theme.scale
        return Grid(max(self.width() / scale, measures.BASE_WIDTH), max(self.height() / scale, measures.BASE_HEIGHT))

    def _place_all(self) -> None:
        grid = self.grid
        for part in self.parts:
            part.set_theme(self._theme)
        self.keys.set_grid(grid)
        left, centre, _ = grid.columns
        for part, area in (
            (self.bar, grid.top_bar),
            (self.document, left),
            (self.person, grid.person),
            (self.cargo, left),
            (self.compare, centre),
            (self.empty, grid.body),
            (self.cases, grid.body),
            (self.history, grid.body),
            (self.listing, grid.body),
            (self.rules, grid.body),
            (self.form, grid.body),
            (self.advice, grid.advice),
            (self.reasons, grid.panel),
            (self.reason_form, grid.panel),
            (self.keys, grid.key_bar),
            (self.footer, grid.footer),
        ):
            part.place(area)
        self._place_centre(grid)
        self.ring.follow(QApplication.focusWidget())

    def _place_centre(self, grid: Grid) -> None:
        """Place the checks: below the person, or below the tables of a consignment, which take what they need."""
        view = self._view
        if view is None or view.stage is not Stage.CARGO or view.consignment is None:
            self.checks.place(grid.checks)
            return
        there = view.consignment
        equipment, goods = (there.equipment_head, len(there.equipment)), (there.goods_head, len(there.goods))
        areas = shares(grid.columns[1], equipment, goods, view.checks or NO_CHECKS)
        for part, area in zip((self.equipment, self.goods, self.checks), areas, strict=True):
            part.place(area)

    # -- focus -------------------------------------------------------------------------------------------------

    def _settle_focus(self, before: DeskView | None, view: DeskView) -> None:
        """A new form takes the cursor; otherwise a new arrangement leaves the focus nowhere."""
        for part, now, then in (
            (self.form, view.form, before.form if before else None),
            (self.reason_form, view.panel_form, before.panel_form if before else None),
        ):
            if now is not None and (then is None or then.name != now.name):
                part.focus_first()
                return
        focus = QApplication.focusWidget()
        if before is not None and before.stage is not view.stage and focus is not None and self.isAncestorOf(focus):
            self.setFocus()

    def focus_chain(self) -> list[QWidget]:
        """Return what Tab visits, in order: message key, fields, tables, findings or lists, reasons, keys, top bar."""
        chain: list[QWidget] = [self.footer.message] if self.footer.message.view.action is not None else []
        chain += [self.empty.notice, *self.form.focusable, *self.document.shown_fields]
        chain += [*self.cargo.focusable, *self.equipment.focusable, *self.goods.focusable, *self.checks.findings]
        chain += [*self.cases.focusable, *self.history.focusable, *self.listing.focusable, *self.rules.focusable]
        chain += [self.reasons, *self.reason_form.focusable]
        chain += self.keys.buttons
        chain += [self.bar.switch, self.bar.officer]
        return [part for part in chain if part.isVisible()]

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Step along ``focus_chain``; from nowhere to its first or last part.

        Qt asks this as well when the part with the focus is hidden: then the focus goes nowhere, never to a key.
        """
        chain = self.focus_chain()
        focus = QApplication.focusWidget()
        if not chain or (focus is not None and not focus.isVisible()):
            self.setFocus()
            return True
        step = 1 if forward else -1
        at = chain.index(focus) + step if focus in chain else (0 if forward else -1)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        chain[at % len(chain)].setFocus(reason)
        return True

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        self.ring.follow(new)

    # -- what the officer does ---------------------------------------------------------------------------------

    def press(self, action: Action) -> None:
        """Send a key pressed by mouse or finger."""
        if self._desk is not None and not self._is_out_of_sight(action):
            self._desk.press(action)

    def _is_out_of_sight(self, action: Action) -> bool:
        """Whether ``action`` confirms what the panel's pages hide, or hid till now: then it is turned back to."""
        if action is not Action.AS_READ:
            return False
        if self.reasons.turn_back():
            self._turned_back_at = time.monotonic()
        return time.monotonic() - self._turned_back_at < key_gate.HOLD_S

    def _edit(self, field: str, text: str) -> None:
        if self._desk is not None:
            self._desk.edit(field, text)

    def _choose(self, number: int) -> None:
        if self._desk is not None:
            self._desk.choose(number)

    def _move(self, step: int) -> None:
        if self._desk is not None:
            self._desk.move(step)

    def _submit(self) -> None:
        if self._desk is not None:
            self._desk.submit()

    def _drop(self, data: bytes, name: str) -> None:
        if self._desk is not None:
            self._desk.drop(data, name)

    def keyed(self, text: str) -> None:
        """Hand over the lines of a zone that a reader typed; an empty text is something that it typed and is none."""
        if self._desk is not None:
            self._desk.keyed(text)

    @property
    def shows_something_new(self) -> bool:
        """Whether what the officer decides about changed so lately that the desk refuses a decision."""
        return time.monotonic() - self._new_since < key_gate.HOLD_S

    def tick(self) -> None:
        """Tell the desk that a second went by, as long as there is one."""
        if self._desk is not None:
            self._desk.tick()

    def _confirm(self, cap: str) -> None:
        """Take a form's own key pressed by mouse: a decision's key decides, Enter hands in."""
        if not self._press_cap(cap):
            self._submit()

    def _press_cap(self, cap: str) -> bool:
        """Press the key of the key bar that is named ``cap``; tell whether there is one."""
        keys_shown = self._view.keys if self._view is not None else ()
        chosen = (Action.CHOOSE, Action.CONFIRM)  # their Enter is the list's, not a form's
        key = next((key for key in keys_shown if key.cap == cap and key.action not in chosen), None)
        if key is not None:
            self.press(key.action)
        return key is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Send keys to the desk. Whatever is no key of ours does nothing at all."""
        desk = self._desk
        if desk is None:
            return
        action, choice = keys.action_of(event), keys.choice_of(event)
        step = keys.step_of(event, across=self._view is not None and self._view.stage is Stage.COMPARE)
        page = keys.page_of(event)
        before, self._key_at = self._key_at, time.monotonic()
        if action is not None:
            if not self._is_out_of_sight(action):
                desk.press(action, auto_repeat=event.isAutoRepeat())
        elif choice is not None:
            if not event.isAutoRepeat():
                desk.choose(choice)
        elif step is not None:
            desk.move(step)
        elif page is not None:
            self._page(page)
        elif keys.opens(event) and self._has_choice() and self._key_at - before >= DEVICE_S:
            desk.submit()

    def _has_choice(self) -> bool:
        """Whether Enter opens what is selected: in a list, unless something else is asked."""
        asked = self._view is None or self._view.panel_form is not None
        return not asked and (self.listing.selected is not None or self.rules.selected is not None)

    def _page(self, step: int) -> None:
        """Turn the pages of a list or the comparison, where there are several, else (or with the focus there) those
        of the reasons.
        """
        lists = ((self.cases, MOST_ROWS), (self.listing, MOST_LISTED), (self.rules, MOST_PLOTS))
        rows = next((rows for part, rows in lists if part.isVisible() and part.has_pages), 0)
        if self.reasons.hasFocus():
            self.reasons.page(step)
        elif self.compare.isVisible() and self.compare.has_pages:
            self.compare.page(step)
        elif rows:
            self._move(step * rows)
        else:
            self.reasons.page(step)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Welcome files."""
        if dropping.paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Read the first file off the UI thread and hand its bytes to the desk."""
        files = dropping.paths(event.mimeData())
        if files and self._desk is not None:
            event.acceptProposedAction()
            dropping.read(files[0], self._drop, self._post)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Tell the desk that the window goes."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None
        event.accept()


def _asks(view: DeskView) -> tuple[object, ...]:
    return view.stage, view.advice, view.panel_form and view.panel_form.name


def _arrangement(view: DeskView) -> tuple[object, ...]:
    """Return what decides where parts stand: of a consignment also how much there is to show."""
    return (view.stage, view.consignment, view.checks) if view.stage is Stage.CARGO else (view.stage,)


def _page_of(view: DeskView) -> bytes | None:
    return view.document.image if view.document is not None else None
