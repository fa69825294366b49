"""The text inputs of forms: they leave the window's keys alone, and Enter hands the form in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import QFont, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from checkpoint_app.booth.view.screen import FieldKind
from checkpoint_app.ui import fonts, keys
from checkpoint_app.ui.canvas import Theme
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.zone import ZoneInput

MAX_LINE, MAX_LINES = 200, 3
MRZ_FACE = Face(24, ocr=True)
THREE_LINES_LENGTH = 30

Edited = Callable[[str], None]
Submitted = Callable[[], None]


def sheet(theme: Theme) -> str:
    """Return the style of the inputs; fonts are set in code, a sheet would beat them."""
    palette, scale = theme.palette, theme.scale
    edge = max(1, round(palette.edge_width * scale))
    padding = round(8 * scale)
    return (
        f"QLineEdit, QPlainTextEdit {{ background: {palette.inset}; color: {palette.text};"
        f" border: {max(2, edge)}px solid {palette.edge}; border-radius: {round(4 * scale)}px;"
        f" padding: 0 {padding}px; selection-background-color: {palette.accent_bg};"
        f" selection-color: {palette.accent_fg}; }}"
        f" QLineEdit:focus, QPlainTextEdit:focus {{ border-color: {palette.accent_edge}; }}"
    )


def scaled(face: Face, scale: float) -> QFont:
    """Return the font of ``face`` in pixels: inputs are real widgets and know no units."""
    result = QFont(fonts.font(face))
    result.setPixelSize(round(face.size * scale))
    return result


class LineInput(QLineEdit):
    """One line: a text or a secret."""

    def __init__(self, parent: QWidget, kind: FieldKind, on_edit: Edited, on_submit: Submitted) -> None:
        super().__init__(parent)
        self._on_submit = on_submit
        self.setMaxLength(MAX_LINE)
        if kind is FieldKind.SECRET:
            self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)  # a picture dropped here is for the desk, not its path for the field
        self.textEdited.connect(on_edit)

    def take(self, text: str) -> None:
        """Show ``text`` without telling the desk; the cursor stays where it was."""
        if text != self.text():
            at = self.cursorPosition()
            self.setText(text)
            self.setCursorPosition(min(at, len(text)))

    def set_theme(self, theme: Theme) -> None:
        """Take colours and size."""
        self.setFont(scaled(fonts.BODY, theme.scale))
        self.setStyleSheet(sheet(theme))

    def event(self, event: QEvent) -> bool:
        """Leave the window's keys to the window."""
        if _is_override(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Hand in with Enter, pass the window's keys on, type the rest."""
        if keys.is_ours(event):
            event.ignore()
        elif keys.is_enter(event):
            if not event.isAutoRepeat():
                self._on_submit()
        else:
            super().keyPressEvent(event)


class MrzInput(QPlainTextEdit):
    """The lines of a machine readable zone, in OCR-B. Enter goes to the next line, and hands in after the last."""

    def __init__(self, parent: QWidget, on_edit: Edited, on_submit: Submitted) -> None:
        super().__init__(parent)
        self._on_submit = on_submit
        self._on_edit = on_edit
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._edited)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Paste, but no more than a zone can hold: a clipboard may hold anything."""
        self.insertPlainText(source.text()[: MAX_LINE * MAX_LINES])

    def _edited(self) -> None:
        bounded = "\n".join(line[:MAX_LINE] for line in self.toPlainText().split("\n")[: MAX_LINES + 1])
        if bounded != self.toPlainText():
            self.take(bounded)
        self._on_edit(bounded)

    def take(self, text: str) -> None:
        """Show ``text`` without telling the desk; the cursor stays where it was."""
        if text == self.toPlainText():
            return
        at = self.textCursor().position()
        self.blockSignals(True)
        self.setPlainText(text)
        self.blockSignals(False)
        cursor = self.textCursor()
        cursor.setPosition(min(at, len(text)))
        self.setTextCursor(cursor)

    def to_end(self) -> None:
        """Put the cursor behind what is there already."""
        self.moveCursor(QTextCursor.MoveOperation.End)

    def is_complete(self) -> bool:
        """Tell whether Enter hands in: the last line is reached (three for lines of 30), or it is empty."""
        lines = self.toPlainText().split("\n")
        wanted = MAX_LINES if len(lines[0].strip()) == THREE_LINES_LENGTH else MAX_LINES - 1
        return len(lines) >= wanted or (len(lines) > 1 and not lines[-1])

    def set_theme(self, theme: Theme) -> None:
        """Take colours and size."""
        self.setFont(scaled(MRZ_FACE, theme.scale))
        self.setStyleSheet(sheet(theme))

    def event(self, event: QEvent) -> bool:
        """Leave the window's keys to the window."""
        if _is_override(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Type; Enter opens the next line or hands in."""
        if keys.is_ours(event):
            event.ignore()
        elif keys.is_enter(event) and (self.is_complete() or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            if not event.isAutoRepeat():
                self._on_submit()
        else:
            super().keyPressEvent(event)


def _is_override(event: QEvent) -> bool:
    return event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and keys.is_ours(event)


Input = LineInput | MrzInput | ZoneInput
