"""The right panel: headed sections with reasons for and against, where they come from, and what to do.

Sections are laid out into blocks with known heights; where all would not fit, the gaps close up, then the type steps
down to the smallest there is, and then the panel pages with a mark at its foot: nothing is cut without saying so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from checkpoint_app.booth.view.screen import Likeness, PanelSection, ReasonRow, StripView
from checkpoint_app.ui import fonts, strips, symbols
from checkpoint_app.ui.canvas import RIGHT, Canvas, Theme
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.measures import PADDING, TABLE_ROW, Area
from checkpoint_app.ui.painted import Panel
from checkpoint_app.ui.palette import Palette
from checkpoint_app.ui.spoken import Role, Spoken
from checkpoint_app.ui.symbols import Spot
from checkpoint_app.verdict import Outcome, Sign

TOP, SPACING, ROW_SPACING, SECTION_GAP = 16.0, 3.0, 3.0, 14.0
TEXT_AT, SYMBOL_AT = 34.0, 11.0
LIKENESS_HEIGHT = 51.0
BAR = 10
MOST_BOLD_LINES = 3
STRIP_PITCH, STRIP_MOST, STRIP_TEXT, STRIP_FACE = 40.0, 72.0, 36.0, Face(30, ocr=True)

Paint = Callable[[Canvas, float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the panel: the gap above it, its height, and its painter (canvas, upper edge).

    ``leads``: it never stands last on a part, for it says what follows.
    """

    gap: float
    height: float
    paint: Paint
    leads: bool = False


class ReasonsPanel(Panel):
    """The panel below the advice."""

    def __init__(self, parent: QWidget | None, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._sections: tuple[PanelSection, ...] = ()
        self._likeness: Likeness | None = None
        self._first = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_view(self, sections: tuple[PanelSection, ...], likeness: Likeness | None) -> None:
        """Show ``sections``, with the likeness bar below the first one's bold line while comparing."""
        if (sections, likeness) != (self._sections, self._likeness):
            self._sections, self._likeness, self._first = sections, likeness, 0
            self.update()

    def page(self, step: int) -> None:
        """Turn to the next part (+1) or back (-1) where not everything fits."""
        if step > 0 and not self._shows_all():
            self._first += self._shown()
        elif step < 0:
            self._first = 0
        self.update()

    def _shows_all(self) -> bool:
        blocks, _ = self._laid_out()
        return self._first + self._shown() >= len(blocks)

    def _shown(self) -> int:
        """Return how many blocks fit from the first one shown on, at least one."""
        blocks, squeeze = self._laid_out()
        top, limit = TOP, self._limit(blocks, squeeze)
        for number, block in enumerate(blocks[self._first :]):
            top += self._gap(number, block, squeeze) + block.height
            if top > limit + 0.5:
                orphan = number > 1 and blocks[self._first + number - 1].leads
                return max(1, number - orphan)
        return len(blocks) - self._first

    def _gap(self, number: int, block: Block, squeeze: float) -> float:
        """Return the gap above the ``number``-th block shown: none above the first of a further part."""
        return 0.0 if self._first and not number else block.gap * squeeze

    def _limit(self, blocks: list[Block], squeeze: float) -> float:
        return self.room.height - (8 if self._fits(blocks, squeeze) else 26)

    def turn_back(self) -> bool:
        """Turn back to the first part; tell whether another one was shown."""
        turned, self._first = self._first > 0, 0
        self.update()
        return turned

    def _width(self) -> float:
        return self.room.width - 2 * PADDING

    def _laid_out(self) -> tuple[list[Block], float]:
        """Return the blocks and the factor of their gaps; rows give up two units of size before any is left out."""
        for face in (fonts.BODY, fonts.LABEL):
            blocks = self._blocks(face)
            squeeze = self._squeeze(blocks)
            if self._fits(blocks, squeeze):
                break
        return blocks, squeeze

    def _blocks(self, face: Face) -> list[Block]:
        blocks: list[Block] = []
        for number, section in enumerate(self._sections):
            gap = SECTION_GAP if number else 0.0
            likeness = self._likeness if number == 0 else None
            blocks += self._section(section, gap, likeness, face)
        return blocks

    def _section(self, section: PanelSection, gap: float, likeness: Likeness | None, face: Face) -> list[Block]:
        blocks = [Block(gap, 24, partial(self._paint_head, section), leads=True)]
        if section.strip is not None:
            blocks += self._strip(section.strip)
        if section.bold:
            blocks.append(self._bold(section.bold))
        if likeness is not None:
            blocks.append(Block(SPACING, LIKENESS_HEIGHT, partial(self._paint_likeness, likeness)))
        for number, row in enumerate(section.rows):
            above = 6.0 if number == 0 and section.bold else ROW_SPACING
            blocks.append(self._row(row, above, face))
        for number, entry in enumerate(section.table):
            blocks.append(Block(1 if number == 0 else 0, TABLE_ROW, partial(self._paint_entry, entry)))
        for number, text in enumerate(section.lines):
            blocks.append(self._text(text, face, muted=False))
            if number < len(section.bars):
                blocks.append(Block(3, BAR, partial(self._paint_bar, section.bars[number])))
        blocks += [self._text(text, fonts.LABEL, muted=True) for text in section.muted]
        return blocks

    def _strip(self, view: StripView) -> list[Block]:
        """A stretch of the zone as it is printed, and below each glyph the character that was read."""
        wide = min(self._width(), strips.width(view, STRIP_PITCH))
        high = strips.height(view, wide, STRIP_MOST)

        def picture(canvas: Canvas, top: float) -> None:
            strips.paint_picture(canvas, view, Area(PADDING, top, wide, high))

        def text(canvas: Canvas, top: float) -> None:
            strips.paint_text(canvas, view, view.text, Area(PADDING, top, wide, STRIP_TEXT), STRIP_FACE)

        return [Block(SPACING, round(high), picture), Block(1, STRIP_TEXT, text)]

    def _text(self, text: str, face: Face, *, muted: bool) -> Block:
        lines = fonts.wrap(text, face, self._width())

        def paint(canvas: Canvas, top: float) -> None:
            ink = canvas.palette.muted if muted else canvas.palette.text
            canvas.lines(lines, face, (PADDING, top), self._width(), ink)

        return Block(SPACING, round(len(lines) * face.line), paint)

    def _row(self, row: ReasonRow, gap: float, face: Face) -> Block:
        room = self._width() - TEXT_AT
        face = face._replace(weight=fonts.STRONG) if row.strong else face
        lines = fonts.wrap(row.text, face, room)

        def paint(canvas: Canvas, top: float) -> None:
            middle = top + face.line / 2
            self._paint_lead(canvas, row, middle)
            canvas.lines(lines, face, (PADDING + TEXT_AT, top), room, canvas.palette.text)

        return Block(gap, round(len(lines) * face.line), paint)

    def _paint_lead(self, canvas: Canvas, row: ReasonRow, middle: float) -> None:
        palette, x = canvas.palette, PADDING + SYMBOL_AT
        if row.number:
            canvas.text(row.number, fonts.BODY_BOLD, (PADDING, middle), TEXT_AT, palette.text)
        elif row.sign is not None:
            ink = palette.muted if row.sign is Sign.UNKNOWN else palette.text
            symbols.draw(canvas, row.sign.value, Spot(x, middle, 18, ink))
        elif row.symbol:
            ink, ground = _symbol_inks(row.symbol, palette)
            symbols.draw(canvas, row.symbol, Spot(x, middle + 1, 22, ink, ground))

    def _paint_head(self, section: PanelSection, canvas: Canvas, top: float) -> None:
        middle, muted = top + 12, canvas.palette.muted
        wide = canvas.text(section.head.upper(), fonts.LABEL_STRONG, (PADDING, middle), self._width(), muted)
        if section.count:
            room = self._width() - wide - 7
            canvas.text(section.count, fonts.LABEL_STRONG, (PADDING + wide + 7, middle), room, muted)

    def _bold(self, text: str) -> Block:
        """The entry's name, on up to three lines where it needs them; what is longer loses its middle."""
        face, room = fonts.ENTRY, self._width()
        lines = fonts.wrap(text, face, room)
        if len(lines) > MOST_BOLD_LINES:
            kept = lines[: MOST_BOLD_LINES - 1]
            lines = (*kept, fonts.elide_middle(fonts.after(text, kept), face, room))

        def paint(canvas: Canvas, top: float) -> None:
            canvas.lines(lines, face, (PADDING, top), room, canvas.palette.text)

        return Block(SPACING, round(len(lines) * face.line), paint)

    def _paint_entry(self, entry: tuple[str, str, str], canvas: Canvas, top: float) -> None:
        name, source, value = entry
        palette, middle = canvas.palette, top + TABLE_ROW / 2
        right = self.room.width - PADDING - 1
        end = right
        if source:
            wide = canvas.text(value, fonts.LABEL, (right, middle), 96, palette.muted, RIGHT)
            end = right - max(59.0, wide + 10)
            end -= canvas.text(source, fonts.LABEL, (end, middle), 150, palette.muted, RIGHT)
        else:
            end -= canvas.text(value, fonts.BODY_STRONG, (right, middle), 150, palette.text, RIGHT)
        canvas.text(name, fonts.BODY, (PADDING, middle), end - PADDING - 12, palette.text)

    def _paint_bar(self, share: float, canvas: Canvas, top: float) -> None:
        palette, bar = canvas.palette, Area(PADDING, top, self._width(), BAR)
        canvas.fill(bar, palette.inset, BAR / 2)
        canvas.fill(Area(bar.x, bar.y, bar.width * min(1.0, max(0.0, share)), BAR), palette.edge, BAR / 2)
        canvas.frame(bar, palette.edge, 1, BAR / 2)

    def _paint_likeness(self, likeness: Likeness, canvas: Canvas, top: float) -> None:
        """Value and threshold in words above a bar with the threshold's mark."""
        palette, left, wide = canvas.palette, PADDING, self._width()
        value = canvas.text(likeness.value_text, fonts.LABEL_STRONG, (left, top + 15), wide, palette.text)
        room = wide - value - 12
        canvas.text(likeness.threshold_text, fonts.LABEL, (left + wide, top + 15), room, palette.muted, RIGHT)
        bar = Area(left, top + 31.5, wide, 13)
        canvas.fill(bar, palette.inset, 5)
        canvas.fill(Area(bar.x, bar.y, wide * min(1.0, max(0.0, likeness.value)), bar.height), palette.edge, 5)
        canvas.frame(bar, palette.edge, 1, 5)
        mark = left + wide * min(1.0, max(0.0, likeness.threshold))
        canvas.fill(Area(mark - 1.5, bar.y - 6, 3, bar.height + 12), palette.text)

    def _room(self) -> float:
        return self.room.height - TOP - 8

    def _squeeze(self, blocks: list[Block]) -> float:
        """Return the factor for the gaps: 1, or less where not everything fits otherwise."""
        gaps = sum(block.gap for block in blocks)
        over = sum(block.gap + block.height for block in blocks) - self._room()
        return 1.0 if over <= 0 or not gaps else max(0.35, 1 - over / gaps)

    def _fits(self, blocks: list[Block], squeeze: float) -> bool:
        used = sum(block.gap * squeeze + block.height for block in blocks)
        return self._first == 0 and used <= self._room() + 0.5

    def paint(self, canvas: Canvas) -> None:
        """Paint the blocks below each other, as far as they fit."""
        super().paint(canvas)
        blocks, squeeze = self._laid_out()
        shown, top = self._shown(), TOP
        for number, block in enumerate(blocks[self._first : self._first + shown]):
            top += self._gap(number, block, squeeze)
            block.paint(canvas, top)
            top += block.height
        if self._first + shown < len(blocks):
            self._paint_more(canvas)

    def _paint_more(self, canvas: Canvas) -> None:
        """The mark that more follows: turn with Page Down."""
        symbols.draw(canvas, "arrow_down", Spot(self.room.width / 2, self.room.height - 14, 16, canvas.palette.text))

    def spoken(self) -> Spoken:
        """Return the first head; everything below as the description, signs left to the reasons' own words."""
        if not self._sections:
            return Spoken()
        first, *others = self._sections
        told = [*_told(first)]
        for section in others:
            told += [section.head, *_told(section)]
        return Spoken(Role.Grouping, f"{first.head} {first.count}".strip(), ". ".join(told))


def _told(section: PanelSection) -> list[str]:
    rows = [f"{row.number} {row.text}".strip() for row in section.rows]
    table = [" ".join(part for part in entry if part) for entry in section.table]
    said = section.strip.said if section.strip is not None else ()
    return [text.rstrip(".") for text in (*said, section.bold, *rows, *table, *section.lines, *section.muted) if text]


def _symbol_inks(symbol: str, palette: Palette) -> tuple[str, str]:
    """Return ink and ground of a leading symbol: solid for findings, outline elsewhere."""
    if symbol in (Outcome.NOTE, "attention"):
        return palette.look.ink, palette.surface
    if symbol == Outcome.HIT:
        return palette.refer.ink, palette.surface
    if symbol == Outcome.CLEAR:
        return palette.proceed.ink, ""
    if symbol == Outcome.NOT_CHECKED:
        return palette.incomplete.ink, ""
    return palette.muted, ""
