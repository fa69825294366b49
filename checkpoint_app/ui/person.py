"""The person panel: portrait, family name and given names on two lines, facts, and the history here."""

from __future__ import annotations

from checkpoint_app.booth.view.screen import PersonView
from checkpoint_app.ui import fonts, pictures
from checkpoint_app.ui.canvas import Canvas
from checkpoint_app.ui.fonts import BOLD, REGULAR, Face
from checkpoint_app.ui.measures import Area
from checkpoint_app.ui.painted import Panel
from checkpoint_app.ui.spoken import Role, Spoken

NAME_SIZES = (32, 28, 24)
PORTRAIT = Area(16, 16, 96, 128)
TEXT_AT, END = 128.0, 16.0


def name_face(name: str, weight: int, room: float) -> Face:
    """Return the largest face of the name's three steps in which ``name`` fits ``room``; the smallest if in none."""
    faces = [Face(size, weight) for size in NAME_SIZES]
    return next((face for face in faces if fonts.width(name, face) <= room), faces[-1])


class PersonPanel(Panel):
    """Who stands here. Names step down in size by measured width, then lose their middle to an ellipsis."""

    view = PersonView("", "", "", "")

    def set_view(self, view: PersonView) -> None:
        """Show ``view``; the tip holds a name that had to be shortened, whole."""
        if view == self.view:
            return
        self.view = view
        told = (self._whole_name() if self._is_shortened() else "", self._long_history())
        self.setToolTip("\n".join(part for part in told if part))
        self.update()

    def _whole_name(self) -> str:
        return f"{self.view.family_name} {self.view.given_names}".strip()

    def _names(self) -> tuple[tuple[str, int, float], tuple[str, int, float]]:
        return (self.view.family_name, BOLD, 37.5), (self.view.given_names, REGULAR, 80.5)

    def _room(self) -> float:
        return self.room.width - TEXT_AT - END

    def _is_shortened(self) -> bool:
        room = self._room()
        return any(fonts.width(name, Face(NAME_SIZES[-1], weight)) > room for name, weight, _ in self._names())

    def _long_history(self) -> str:
        return self.view.history if fonts.width(self.view.history, fonts.LABEL) > self._room() else ""

    def paint(self, canvas: Canvas) -> None:
        """Paint portrait and lines."""
        super().paint(canvas)
        palette, room = canvas.palette, self._room()
        pictures.portrait(canvas, self.view.portrait, PORTRAIT)
        for name, weight, middle in self._names():
            face = name_face(name, weight, room)
            shown = fonts.elide_middle(name, face, room)
            canvas.text(shown, face, (TEXT_AT, middle), room, palette.text)
        canvas.text(self.view.facts, fonts.BODY, (TEXT_AT, 121.5), room, palette.text)
        history = fonts.elide_middle(self.view.history, fonts.LABEL, room)
        canvas.text(history, fonts.LABEL, (TEXT_AT, 147), room, palette.muted)

    def spoken(self) -> Spoken:
        """Return the whole name, with facts and history as description."""
        return Spoken(Role.Grouping, self._whole_name(), f"{self.view.facts}. {self.view.history}".strip(". "))
