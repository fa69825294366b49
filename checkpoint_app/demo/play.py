"""The played demonstration: Encounters on the real window, through real key presses, with pictures and two tables.

It runs on a thread beside the window. It puts specimens into the watched folder, waits for what the screen shows, and
presses keys through the X server (xdotool), as an officer would.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from checkpoint_app.demo.acting import Acting, Row
from checkpoint_app.demo.booth import DemoBooth
from checkpoint_app.demo.bus import Bus
from checkpoint_app.demo.goods import Goods
from checkpoint_app.demo.hands import Hands, Post
from checkpoint_app.demo.remote import BY_STICK, NAMED_OFFLINE, NAMED_ONLINE, Remote
from checkpoint_app.demo.tray import TrayItem

TITLE = "checkpoint demo"
ONLINE, OFFLINE = ("1-clear", "2-name-hit", "3-stolen"), ("5-expired", "6-card")
"""The first Encounters that are played, with the centre and without it."""
PLAYED = ONLINE + OFFLINE + BY_STICK
"""All that are played; the others lie in the tray of the window."""


class Play:
    """Plays the tray. ``save`` saves the window's picture and ``end`` closes it; both run on the UI thread.

    ``drop`` lays a picture or a message on the window, as a mouse would; on the UI thread too. ``stick`` stands for
    a stick.
    """

    def __init__(
        self,
        booth: DemoBooth,
        pictures: Path,
        post: Post,
        *,
        image: Callable[[TrayItem], bytes],
        save: Callable[[Path], None],
        drop: Callable[[bytes], None],
        end: Callable[[], None],
        stick: Path,
        language: str,
    ) -> None:
        self.hands = Hands(pictures, post, save)
        self.rows: list[Row] = []
        self.failure: Exception | None = None
        self.late_hit = ""
        self._acting = Acting(self.hands, booth.tray, image, language)
        self.remote = Remote(self.hands, self._acting, booth.centre, booth.places, stick, language, post, drop)
        self.bus = Bus(self.hands, self._acting, language, post, drop)
        self.goods = Goods(self.hands, language, post, drop)
        self._post = post
        self._end = end
        self._centre = booth.centre
        self._publishing: threading.Thread | None = None

    def run(self, items: tuple[TrayItem, ...], on_bus: tuple[TrayItem, TrayItem]) -> None:
        """Play everything, then close the window; a failure is kept for the main thread.

        ``on_bus`` are the two travellers of the bus, the first one listed.
        """
        try:
            self._acting.sign_in()
            by_name = {item.name: item for item in items}
            for number, name in enumerate(ONLINE, 1):
                self.rows.append(self._acting.encounter(number, by_name[name], online=True))
            self._lose_the_centre(by_name[NAMED_OFFLINE])
            for number, name in enumerate(OFFLINE, len(ONLINE) + 1):
                self.rows.append(self._acting.encounter(number, by_name[name], online=False))
            self._bring_the_centre_back()
            self.late_hit = self._acting.close_cases("late-hit")
            self.remote.delivered()
            self.remote.delta(by_name[NAMED_OFFLINE], by_name[NAMED_ONLINE])
            travellers = [by_name[name] for name in BY_STICK]
            self.rows += self.remote.without_line(len(ONLINE + OFFLINE) + 1, *travellers)
            self.rows += self.bus.play(len(self.rows) + 1, on_bus)
            self.goods.play()
            self.remote.delivered()
            self.hands.picture("empty-desk-after")
        except Exception as error:  # noqa: BLE001 - the boundary of the playing thread
            self.failure = error
            self.hands.picture("where-it-stopped")
        finally:
            self._post(self._end)

    def _lose_the_centre(self, named: TrayItem) -> None:
        """Kill the centre in mid-work, and let a newer list be published while no booth can hear of it."""
        self._centre.kill()
        self.hands.until(lambda view: not view.bar.line.up, "the line lost")
        self.hands.picture("line-lost")
        self._publishing = threading.Thread(target=self._publish, args=(named,), name="publisher", daemon=True)
        self._publishing.start()

    def _publish(self, named: TrayItem) -> None:
        try:
            self.remote.publish(named)
        except Exception as error:  # noqa: BLE001 - the boundary of the publishing thread
            self.failure = error

    def _bring_the_centre_back(self) -> None:
        """Let it screen what it now hears of by the list of now: what it or the booth finds late is one case."""
        if self._publishing is not None:
            self._publishing.join()
        if self.failure is not None:
            raise self.failure
        self._centre.start()
        self.hands.until(lambda view: view.bar.line.up, "the line back")


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
