"""A bus that announced its passengers, played: its list screened before it comes, one who is on it, one who is not.

Each story is asserted as it is played, and told in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import DeskView, Stage
from checkpoint_app.demo.acting import Acting, Row
from checkpoint_app.demo.hands import Hands, PlayError, Post
from checkpoint_app.demo.messages import bus_list, bus_name
from checkpoint_app.demo.remote import Told
from checkpoint_app.demo.tray import TrayItem, absent


@dataclass(slots=True)
class Bus:
    """Plays the bus. ``drop`` lays a file on the window, as a mouse would; on the UI thread."""

    hands: Hands
    acting: Acting
    language: str
    post: Post
    drop: Callable[[bytes], None]
    rows: list[Told] = field(default_factory=list)

    def play(self, first: int, riders: Sequence[TrayItem]) -> list[Row]:
        """Take the list in, say that the bus stands at the lane, decide on two travellers, close the list.

        ``riders`` are one whom the list names, and one whom it does not.
        """
        listed, other = riders
        now = datetime.now(UTC)
        name = bus_name(now)
        data = bus_list((listed.document, absent(now.date())), now)
        self.hands.hold()
        self.post(lambda: self.drop(data))
        said = Words(self.language).say("cargo.passengers_received", count="2", time="").strip()
        told = "the passenger list received"  # or screened already: then the message says that
        self.hands.until(lambda view: said in view.message.text or name in view.message.text, told)
        self._open(name)
        self.hands.key("Return")
        self.hands.until(lambda view: view.message.symbol == "tick", "the bus at the lane")
        self.hands.hold()
        self.hands.picture("bus-list")
        self._leave()
        rows = [self.acting.encounter(first + place, one, online=True) for place, one in enumerate(riders)]
        self.rows.append(
            Told("a bus announced", f"{name}: {listed.name} as stated on its list, {other.name} not on it")
        )
        self._close(name)
        return rows

    def _open(self, name: str) -> None:
        """Open the list of this name, once everybody on it was screened."""
        waits = Words(self.language).say("passengers.waits")
        self.hands.hold()
        self.hands.key("ctrl+m")
        self.hands.until(lambda view: (row := _row(view, name)) and waits not in row, f"{name} screened")
        self.hands.hold()
        self.hands.picture("bus-lists")
        self.hands.choose(name)
        self.hands.key("Return")
        self.hands.until(lambda view: view.stage is Stage.ARRIVALS and not _row(view, name), f"who is on {name}")
        self.hands.hold()

    def _leave(self) -> None:
        for _ in range(2):
            self.hands.key("Escape")
            self.hands.hold()
        self.hands.until(lambda view: view.stage is Stage.EMPTY, "the empty desk")

    def _close(self, name: str) -> None:
        """Close the list: who did not appear is told before it is written down."""
        self._open(name)
        self.hands.key("ctrl+t")
        self.hands.hold()
        self.hands.picture("bus-closing")
        self.hands.key("ctrl+t")
        view = self.hands.until(lambda view: view.message.symbol == "tick", f"{name} closed")
        if not view.message.text.rstrip(".").endswith("1"):
            raise PlayError(f"{name}: one did not appear, the screen says {view.message.text}")
        self.rows.append(Told("who did not appear", f"{name}: 1 of 2, written down as the list was closed"))
        self._leave()


def _row(view: DeskView, name: str) -> str:
    """Return the cells of the list's row; nothing where it is not shown."""
    rows = view.listing.rows if view.listing and view.stage is Stage.ARRIVALS else ()
    return next((" ".join(row.cells) for row in rows if name in row.cells[0]), "")
