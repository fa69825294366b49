"""Forms: unlock, sign-in and by hand in place of document and checks; the reason in the right panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import DocumentView, FieldKind, FormField, FormView, Mark
from checkpoint_app.ui import fonts, pictures, symbols, zone
from checkpoint_app.ui.canvas import RIGHT, Canvas, Theme, cap_width
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.inputs import Input, LineInput, MrzInput
from checkpoint_app.ui.measures import CHIP_CORNER, PADDING, Area
from checkpoint_app.ui.painted import Panel, Pressable
from checkpoint_app.ui.palette import Palette
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.ui.zone import ZoneInput

LABEL_HEIGHT, INPUT_HEIGHT, INPUT_SMALL, MRZ_HEIGHT, CHOICE_HEIGHT, GAP = 26.0, 40.0, 36.0, 106.0, 34.0, 14.0
COLUMN_WIDTH, COLUMN_GAP, LEAST_GAP = 560.0, 32.0, 2.0
PICTURE = Area(PADDING, PADDING, 336, 236)
SMALL_PICTURE = Area(PADDING, PADDING, 228, 160)
"""Beside lines that have pictures of their own."""


@dataclass(frozen=True, slots=True)
class FormCalls:
    """What a form tells: (field, text) on each change, Enter, a choice by its number, its key pressed by its cap."""

    edit: Callable[[str, str], None]
    submit: Callable[[], None]
    choose: Callable[[int], None]
    confirm: Callable[[str], None]


class ChoiceLine(Pressable):
    """A numbered choice; the chosen one stands on inset ground inside an accent edge."""

    number, text, chosen = 0, "", False

    def paint(self, canvas: Canvas) -> None:
        """Paint number and text."""
        palette, area = canvas.palette, self.room
        if self.chosen:
            canvas.fill(area, palette.inset, CHIP_CORNER)
            canvas.frame(area, palette.accent_edge, 3, CHIP_CORNER)
        middle = area.height / 2
        canvas.text(str(self.number), fonts.BODY_BOLD, (10, middle), 24, palette.text)
        face = fonts.BODY_STRONG if self.chosen else fonts.BODY
        canvas.text(self.text, face, (34, middle), area.width - 42, palette.text)

    def spoken(self) -> Spoken:
        """Return the choice, and whether it is the chosen one."""
        return Spoken(Role.RadioButton, self.text, key=f"Ctrl+{self.number}", checked=self.chosen)


class SubmitKey(Pressable):
    """The key that hands the form in, by its name."""

    cap = ""

    def paint(self, canvas: Canvas) -> None:
        """Paint the cap."""
        if self.cap:
            canvas.fill(self.room, canvas.palette.inset if self.pressed else canvas.palette.surface, CHIP_CORNER)
            canvas.cap(self.cap, self.room)

    def spoken(self) -> Spoken:
        """Return the key's name."""
        return Spoken(Role.Button, self.cap, key=self.cap)


class FormPanel(Panel):
    """A form. ``small`` is the one in the right panel: no large title, full width."""

    def __init__(self, parent: QWidget | None, theme: Theme, calls: FormCalls, *, small: bool = False) -> None:
        super().__init__(parent, theme)
        self.view = FormView("", "", "", (), "")
        self._document: DocumentView | None = None
        self._calls, self._small = calls, small
        self.inputs: dict[str, Input] = {}
        self.choices: list[ChoiceLine] = []
        self.submit_key = SubmitKey(self, theme, lambda: calls.confirm(self.view.submit))

    def set_view(self, view: FormView, document: DocumentView | None = None) -> None:
        """Show ``view``; inputs are new with a new form, else they keep focus and cursor."""
        if _shape(view) != _shape(self.view):
            self._rebuild(view)
        self.view, self._document = view, document
        self.submit_key.cap = view.submit
        for field in view.fields:
            if field.kind is FieldKind.CHOICE:
                self._take_choice(field)
            else:
                made = self.inputs[field.name]
                if isinstance(made, ZoneInput):
                    made.set_strips(field.strips)
                made.take(field.value)
        self.arrange()
        self.update()

    def _rebuild(self, view: FormView) -> None:
        had_focus = view.name == self.view.name and any(old.hasFocus() for old in self.inputs.values())
        for old in (*self.inputs.values(), *self.choices):
            old.hide()
            old.deleteLater()
        self.inputs, self.choices = {}, []
        for field in view.fields:
            if field.kind is FieldKind.CHOICE:
                self.choices += [self._choice(number, text) for number, text in enumerate(field.choices, 1)]
            else:
                self.inputs[field.name] = self._input(field)
        if had_focus:
            self.focus_first()

    def _choice(self, number: int, text: str) -> ChoiceLine:
        line = ChoiceLine(self, self.theme, lambda: self._calls.choose(number))
        line.number, line.text = number, text
        line.show()
        return line

    def _input(self, field: FormField) -> Input:
        def edited(text: str) -> None:
            self._calls.edit(field.name, text)

        made: Input
        if field.kind is FieldKind.ZONE:
            made = ZoneInput(self, self.theme, field.label, edited, self._calls.submit)
            made.set_strips(field.strips)
            made.moved = self.update
        elif field.kind is FieldKind.MRZ:
            made = MrzInput(self, edited, self._calls.submit)
        else:
            made = LineInput(self, field.kind, edited, self._calls.submit)
        made.set_theme(self.theme)
        made.setAccessibleName(field.label)
        made.take(field.value)
        made.show()
        return made

    def _take_choice(self, field: FormField) -> None:
        for line in self.choices:
            line.chosen = field.value == str(line.number)
            line.update()

    def set_theme(self, theme: Theme) -> None:
        """Take another palette or scale, inputs as well."""
        super().set_theme(theme)
        for made in self.inputs.values():
            made.set_theme(theme)

    def focus_first(self) -> None:
        """Put the cursor into the first input."""
        first = next(iter(self.inputs.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(first, MrzInput):
            first.to_end()
        elif isinstance(first, ZoneInput):
            first.to_first_doubt()

    @property
    def focusable(self) -> list[QWidget]:
        """The widgets that Tab visits, in order."""
        return [*self.choices, *self.inputs.values(), self.submit_key]

    # -- layout ------------------------------------------------------------------------------------------------

    def _has_picture(self) -> bool:
        return not self._small and self._document is not None and self._document.image is not None

    def _picture(self) -> Area:
        return SMALL_PICTURE if self._has_zone() else PICTURE

    def _has_zone(self) -> bool:
        return any(field.kind is FieldKind.ZONE for field in self.view.fields)

    def _column(self) -> Area:
        """The column of the fields: full width in the right panel and for MRZ lines, else a middle one."""
        wide = self.room.width - 2 * PADDING
        if self._small:
            return Area(PADDING, PADDING, wide, self.room.height - 2 * PADDING)
        if any(field.kind in (FieldKind.MRZ, FieldKind.ZONE) for field in self.view.fields):
            return Area(PADDING, 40, wide, self.room.height - 56)
        if self._is_double():
            return Area(2 * PADDING, PADDING, self.room.width - 4 * PADDING, self.room.height - 2 * PADDING)
        return Area((self.room.width - COLUMN_WIDTH) / 2, 96, COLUMN_WIDTH, self.room.height - 112)

    def _has_key_above(self) -> bool:
        """Whether the form's key stands beside the title: below the fields there may be no room."""
        return self._small or self._is_double()

    def _is_double(self) -> bool:
        """Whether the fields are more than one column holds: they are lines only, and stand in two."""
        fields = self.view.fields
        if self._small or any(field.kind not in (FieldKind.TEXT, FieldKind.SECRET) for field in fields):
            return False
        words = 96 + fonts.TITLE.line + 4 + 2 * fonts.BODY.line + 20
        rows = sum(LABEL_HEIGHT + INPUT_HEIGHT + LEAST_GAP + 4 for _ in fields)
        marks = sum(len(self._mark_lines(field)) * fonts.LABEL.line for field in fields if not _is_beside(field))
        return words + rows + marks + fonts.BODY.line + 36 > self.room.height

    def _words(self) -> tuple[Area, tuple[str, ...], tuple[str, ...]]:
        """Where title and hint stand, and their lines."""
        column = self._column()
        if self._has_picture():
            picture = self._picture()
            left = picture.right + 24
            column = Area(left, PADDING + 8, self.room.width - PADDING - left, picture.height)
        room = column.width - (cap_width(self.view.submit) + 8 if self._has_key_above() and self.view.submit else 0)
        return (
            column,
            fonts.wrap(self.view.title, self._title_face(), room),
            fonts.wrap(self.view.hint, self._hint_face(), column.width),
        )

    def _title_face(self) -> Face:
        return fonts.ENTRY if self._small else fonts.TITLE

    def _hint_face(self) -> Face:
        return fonts.LABEL if self._small else fonts.BODY

    def _fields_top(self) -> float:
        column, title, hint = self._words()
        words = column.y + len(title) * self._title_face().line + 4
        words += len(hint) * self._hint_face().line if self.view.hint else 0
        return max(words, self._picture().bottom if self._has_picture() else 0) + (8 if self._small else 20)

    def _field_height(self, field: FormField) -> float:
        if field.kind is FieldKind.CHOICE:
            return len(field.choices) * CHOICE_HEIGHT
        marks = len(self._mark_lines(field)) * fonts.LABEL.line
        return LABEL_HEIGHT + self._input_height(field) + marks

    def _input_height(self, field: FormField) -> float:
        if field.kind is FieldKind.ZONE:
            return zone.height(field.strips, self._column().width)
        if field.kind is FieldKind.MRZ:
            return MRZ_HEIGHT
        return INPUT_SMALL if self._has_key_above() else INPUT_HEIGHT

    def _mark_lines(self, field: FormField) -> tuple[str, ...]:
        """Return the words below the input; those without a sign stand beside the label of a line."""
        return () if _is_beside(field) else tuple(line for line in field.mark_text.split("\n") if line)

    def _fault_lines(self) -> tuple[str, ...]:
        return fonts.wrap(self.view.fault, fonts.BODY_STRONG, self._column().width - 34) if self.view.fault else ()

    def _groups(self) -> tuple[tuple[FormField, ...], ...]:
        """The fields by column."""
        fields = self.view.fields
        half = -(-len(fields) // 2)
        return (fields[:half], fields[half:]) if self._is_double() else (fields,)

    def _places(self) -> list[tuple[FormField, Area]]:
        """Each field with its area; the gaps close up where a panel is short."""
        column, groups = self._column(), self._groups()
        wide = (column.width - COLUMN_GAP * (len(groups) - 1)) / len(groups)
        gap = min(self._gap(group) for group in groups)
        places = []
        for number, group in enumerate(groups):
            top = self._fields_top()
            for field in group:
                area = Area(column.x + number * (wide + COLUMN_GAP), top, wide, self._field_height(field))
                places.append((field, area))
                top = area.bottom + gap
        return places

    def _gap(self, fields: tuple[FormField, ...]) -> float:
        """Return how far ``fields`` stand apart in a column: less where they would not fit otherwise."""
        if not fields:
            return GAP
        used = self._fields_top() + sum(map(self._field_height, fields)) + len(self._fault_lines()) * fonts.BODY.line
        over = used + GAP * len(fields) + 8 - self.room.height
        return GAP if over <= 0 else max(LEAST_GAP, GAP - over / len(fields))

    def _fault_top(self) -> float:
        places = self._places()
        return max(area.bottom for _, area in places) + 8 if places else self._fields_top()

    def arrange(self) -> None:
        """Place inputs, choices and the key."""
        column, scale = self._column(), self.theme.scale
        for field, area in self._places():
            if field.kind is FieldKind.CHOICE:
                for number, line in enumerate(self.choices):
                    line.place(Area(area.x - 6, area.y + number * CHOICE_HEIGHT, area.width + 12, CHOICE_HEIGHT))
                continue
            box = Area(area.x, area.y + LABEL_HEIGHT, area.width, self._input_height(field))
            self.inputs[field.name].setGeometry(
                round(box.x * scale), round(box.y * scale), round(box.width * scale), round(box.height * scale)
            )
        self._place_key(column)

    def _place_key(self, column: Area) -> None:
        wide = cap_width(self.view.submit) if self.view.submit else 0
        self.submit_key.setVisible(bool(wide))
        top = column.y if self._has_key_above() else self._fault_top() + len(self._fault_lines()) * fonts.BODY.line + 8
        if self._has_zone():
            top = self._fields_top() - 8  # beside the label: three lines with their pictures leave no room below
        self.submit_key.place(Area(column.right - wide, top, wide, 28))

    def paint(self, canvas: Canvas) -> None:
        """Paint surface, picture, title, hint, labels, marks and fault."""
        super().paint(canvas)
        palette = canvas.palette
        if self._has_picture() and self._document is not None:
            pictures.page(canvas, self._document.image, self._picture())
        column, title, hint = self._words()
        top = column.y + canvas.lines(title, self._title_face(), (column.x, column.y), column.width, palette.text) + 4
        canvas.lines(hint, self._hint_face(), (column.x, top), column.width, palette.muted)
        for field, at in self._places():
            if field.kind is not FieldKind.CHOICE:
                self._paint_field(canvas, field, at)
        self._paint_fault(canvas)

    def _paint_field(self, canvas: Canvas, field: FormField, area: Area) -> None:
        palette, middle = canvas.palette, area.y + 11
        beside = fonts.width(field.mark_text, fonts.LABEL_STRONG) + 16 if _is_beside(field) and field.mark_text else 0.0
        beside = min(beside, area.width / 2)
        label = fonts.elide_middle(field.label, fonts.LABEL, area.width - beside)
        wide = canvas.text(label, fonts.LABEL, (area.x, middle), area.width - beside, palette.muted)
        if beside:
            words = fonts.elide_middle(field.mark_text, fonts.LABEL_STRONG, beside - 16)
            canvas.text(words, fonts.LABEL_STRONG, (area.right, middle), beside - 16, palette.text, RIGHT)
        made = self.inputs.get(field.name)
        if isinstance(made, ZoneInput):
            room = area.width - wide - 16 - cap_width(self.view.submit) - 12
            canvas.text(made.doubt_here, fonts.LABEL_STRONG, (area.x + wide + 16, middle), room, palette.look.ink)
        below = area.y + LABEL_HEIGHT + self._input_height(field) + 4
        lines = self._mark_lines(field)
        for number, line in enumerate(lines):
            middle = below + (number + 0.5) * fonts.LABEL.line
            name, ink = _mark(field.mark, palette)
            if name:
                symbols.draw(canvas, name, Spot(area.x + 10, middle, 18, ink))
            canvas.text(line, fonts.LABEL_STRONG, (area.x + 30, middle), area.width - 30, ink)

    def _paint_fault(self, canvas: Canvas) -> None:
        column, palette, top = self._column(), canvas.palette, self._fault_top()
        if lines := self._fault_lines():
            spot = Spot(column.x + 12, top + 14, 22, palette.look.ink, palette.surface)
            symbols.draw(canvas, "attention", spot)
            canvas.lines(lines, fonts.BODY_STRONG, (column.x + 34, top), column.width - 34, palette.text)

    def spoken(self) -> Spoken:
        """Return the title; hint and fault as description."""
        return Spoken(Role.Form, self.view.title, f"{self.view.fault} {self.view.hint}".strip())


def _shape(view: FormView) -> tuple[object, ...]:
    return (view.name, *((field.name, field.kind, field.choices) for field in view.fields))


def _is_beside(field: FormField) -> bool:
    """Whether the words about a value stand beside its label: they are one line, and no sign goes with them."""
    return field.kind is FieldKind.TEXT and field.mark is Mark.NONE and "\n" not in field.mark_text


def _mark(mark: Mark, palette: Palette) -> tuple[str, str]:
    if mark is Mark.TICK:
        return "tick", palette.proceed.ink
    if mark is Mark.WRONG:
        return "differs", palette.look.ink
    return "", palette.muted
