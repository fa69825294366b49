"""What a remote crossing lives on, played: a delta over the line, a slip, and a stick where there is no line.

Each story is asserted as it is played, and told in a row with what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2

from checkpoint_app.booth.desk.places import Places
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.opening.status_file import StatusError, read_status
from checkpoint_app.booth.slips.slip_output import FOLDER as SLIPS
from checkpoint_app.booth.view.screen import Action, DeskView, KeyState, PanelSection
from checkpoint_app.demo.acting import Acting, Row
from checkpoint_app.demo.centre import DemoCentre
from checkpoint_app.demo.hands import PRESSES, Hands, PlayError, Post
from checkpoint_app.demo.partners import PARTNER_LISTS, entry_like
from checkpoint_app.demo.policy import BOOTH
from checkpoint_app.demo.tray import TrayItem
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.store import Store
from checkpoint_app.wire.bundle import BUNDLE_ENDING
from checkpoint_app.wire.event import EventHeader, EventKind
from checkpoint_app.wire.slip import SlipVerdict
from checkpoint_app.wire.slip_text import SLIP_BYTES

NAMED_OFFLINE, NAMED_ONLINE = "6-card", "1-clear"
"""Whom the newer versions name: one that is published while the booth has no line, and one that comes over the line."""
BY_STICK = ("4-check-digit", "8-visa")
"""Who passes while the line is cut for long; the last one is given a slip."""
_ENTRIES = {NAMED_OFFLINE: "ECU-LATE-0001", NAMED_ONLINE: "ECU-LATE-0002"}
_SLIP_DPI, _SLIP_WITHIN_S = 200, 15.0
_TAKE, _WRITE = "Ctrl+I", "Ctrl+U"


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the second table: a story, and what came of it."""

    story: str
    figures: str


@dataclass(slots=True)
class Remote:
    """Plays the stories. ``stick`` is a folder that stands for one: it is there while the stick is in the booth."""

    hands: Hands
    acting: Acting
    centre: DemoCentre
    places: Places
    stick: Path
    language: str
    post: Post
    drop: Callable[[bytes], None]
    rows: list[Told] = field(default_factory=list)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def publish(self, *named: TrayItem) -> int:
        """Publish the partner's next version, with entries that name the bearers of these documents; return it."""
        more = [entry_to_plain(entry_like(one.document, _ENTRIES[one.name])) for one in named]
        version = self.centre.bring(PARTNER_LISTS[0], datetime.now(UTC).replace(microsecond=0), more)
        self.centre.command("publish")
        return version

    def delivered(self) -> None:
        """Wait until the centre has everything."""
        self.hands.until_true(lambda: self._outbox()["count"] == 0, "everything delivered")

    def delta(self, *named: TrayItem) -> None:
        """A newer version comes over the line as what has changed, and names somebody whom the booth let pass."""
        wanted = PARTNER_LISTS[0].name
        version = self.publish(*named)
        self.hands.until_true(lambda: self._version(wanted) == version, f"{wanted} {version} in force at the booth")
        delta, whole = self.centre.published(wanted, version)
        if not 0 < delta < whole // 3:
            raise PlayError(f"{wanted} {version}: the delta has {delta} bytes, the whole list {whole}")
        self.rows.append(
            Told("a newer list over the line", f"{wanted} {version}: {delta:,} bytes instead of {whole:,}")
        )
        self.acting.close_cases("late-hit-here")
        self.delivered()

    def without_line(self, first: int, *items: TrayItem) -> list[Row]:
        """Decide while the line is cut, hand the last traveller a slip and read it, and let a stick do the rest."""
        self.centre.kill()
        self.hands.until(lambda view: not view.bar.line.up, "the line lost again")
        rows = [self.acting.encounter(first + place, item, online=False) for place, item in enumerate(items)]
        slip = self._print_slip()
        rows.append(self.acting.encounter(first + len(items), items[-1], online=False, beside=lambda: self._lay(slip)))
        self._carry()
        self.centre.start()
        self.hands.until(lambda view: view.bar.line.up, "the line back")
        self.delivered()
        return rows

    # -- the slip ----------------------------------------------------------------------------------------------------

    def _print_slip(self) -> Path:
        """Print a slip of the decision just made; return its picture."""
        folder = self.places.data / SLIPS
        before = set(folder.glob("*.pdf"))
        self.hands.until(lambda view: _is_alive(view, Action.SLIP), "the key for a slip")
        self.hands.key("ctrl+p")
        self.hands.until_true(lambda: set(folder.glob("*.pdf")) - before, "the slip as a PDF")
        self.hands.until(lambda view: view.message.symbol == "tick", "the word that the slip is saved")
        self.hands.hold()
        self.hands.picture("slip-printed")
        (pdf,) = set(folder.glob("*.pdf")) - before
        picture = self.hands.pictures / "slip.png"
        pypdfium2.PdfDocument(pdf)[0].render(scale=_SLIP_DPI / 72).to_pil().save(picture)
        self.rows.append(Told("a slip", f"{pdf.stat().st_size:,} bytes of PDF: {pdf}"))
        return picture

    def _lay(self, slip: Path) -> None:
        """Lay the slip to the open person, as its picture; wait for what the booth says of it."""
        words = Words(self.language)
        image, title = slip.read_bytes(), words.say("slip.title")

        def section(view: DeskView) -> PanelSection | None:
            return next((one for one in view.panel if one.head == title), None)

        for _ in range(PRESSES):  # one that comes just as the checks are made anew is refused: lay it down again
            self.hands.hold()
            self.post(lambda: self.drop(image))
            if self.hands.played.within(_SLIP_WITHIN_S, section):
                break
        said = section(self.hands.until(section, "a word on the slip"))
        if said is None or said.muted != (words.say("slip.only_told"),):
            raise PlayError("the slip is not believed")
        self.hands.picture("slip-verified")

    # -- the stick ---------------------------------------------------------------------------------------------------

    def _carry(self) -> None:
        """Write what waits to a stick, carry it to the centre, and bring its answer back."""
        away = self.stick.with_name(f"{self.stick.name}-away")
        before = self._outbox()["count"]
        self.stick.mkdir()
        self.hands.until(lambda view: _offers(view, _WRITE), "the offer to write to the stick")
        self.hands.picture("stick-offer")
        self.hands.key("ctrl+u")
        self.hands.until_true(lambda: list(self.stick.glob(f"*{BUNDLE_ENDING}")), "the bundle on the stick")
        self.hands.until(lambda view: view.message.symbol == "tick", "the word that the stick may be pulled")
        self.hands.picture("stick-written")
        self._pull(away)
        (bundle,) = away.glob(f"*{BUNDLE_ENDING}")
        received = self.centre.bundle("import", bundle)
        written = bundle.stat().st_size
        bundle.unlink()
        answer = away / f"answer{BUNDLE_ENDING}"
        self.centre.bundle("export", answer, f"--to={BOOTH}")
        brought = answer.stat().st_size
        away.rename(self.stick)
        self.hands.until(lambda view: _offers(view, _TAKE), "the offer to take the stick's bundle in")
        self.hands.picture("stick-answer")
        self.hands.key("ctrl+i")
        acknowledged = received["acknowledged"]
        self.hands.until_true(lambda: self._outbox()["acknowledged"] >= acknowledged, "the receipt, without a line")
        self.hands.until(lambda view: view.message.symbol == "tick", "the word that the stick may be pulled")
        self.hands.picture("stick-taken")
        if self.hands.until(bool, "a view").bar.line.up or received["refused"] or received["events"] < before:
            raise PlayError(f"by stick: {before} events waited, the centre said {received}")
        self._pull(away)
        there = f"{received['events']} events and {received['bodies']} pictures to the centre in {written:,} bytes"
        back = f"its answer in {brought:,}: acknowledged up to event {acknowledged}"
        self.rows.append(Told("by stick, without a line", f"{there}, {back}"))

    def _pull(self, away: Path) -> None:
        self.stick.rename(away)
        self.hands.until(lambda view: not (_offers(view, _TAKE) or _offers(view, _WRITE)), "the stick pulled")

    # -- what the booth says of itself -------------------------------------------------------------------------------

    def _status(self) -> dict[str, Any]:
        try:
            return read_status(self.places.data, datetime.now(UTC))
        except StatusError as error:
            raise PlayError(str(error)) from error

    def _outbox(self) -> dict[str, Any]:
        outbox: dict[str, Any] = self._status()["outbox"]
        return outbox

    def _version(self, name: str) -> int:
        return next((int(one["version"]) for one in self._status()["lists"] if one["name"] == name), 0)


def told_afterwards(store: Store, centre: DemoCentre, began_at: datetime) -> list[Told]:
    """Look into booth and centre once the window is closed, and tell what only they know. Raises PlayError."""
    events = [one.header for one in store.journal.events() if one.header.wall_time >= began_at]
    return [_who_found_it(store, centre, events), _layers(store), _slip_checked(store, events)]


def _who_found_it(store: Store, centre: DemoCentre, events: Sequence[EventHeader]) -> Told:
    """The booth opened the case itself, before the centre said anything of it; the centre has that one case once."""
    opened = [(one.seq, store.journal.body(one.seq)["case"]) for one in events if one.kind is EventKind.CASE_OPENED]
    entry, nothing = _ENTRIES[NAMED_ONLINE], (0, dict[str, Any]())
    seq, case = next(((seq, case) for seq, case in opened if entry in _named_in(case)), nothing)
    name = case.get("case_id", "")
    received = [one.seq for one in events if one.kind is EventKind.CASE_RECEIVED]
    told = [at for at in received if store.journal.body(at)["case"]["case_id"] == name]
    at_centre = [one for one in centre.cases() if one["case_id"] == name]
    if not seq or any(at < seq for at in told) or len(at_centre) != 1:
        raise PlayError(f"late hit: opened here at {seq}, told by the centre at {told}, {len(at_centre)} cases there")
    return Told("found by the booth itself", f"case {name}: opened here as event {seq}, one case at the centre")


def _named_in(case: Mapping[str, Any]) -> set[str]:
    return {candidate["entry_id"] for found in case["found"] for candidate in found["candidates"]}


def _layers(store: Store) -> Told:
    """The list that came as a delta lies over the version before it, and was not loaded whole."""
    wanted = PARTNER_LISTS[0].name
    copy = next(one for one in store.lists.in_force() if one.header.name == wanted)
    base, *deltas = copy.layers
    if not deltas:
        raise PlayError(f"{wanted} {copy.header.version} was loaded whole")
    changed = sum(one.records for one in deltas)
    return Told("what lies in the booth", f"{wanted}: {base.records:,} entries, {changed} in deltas over them")


def _slip_checked(store: Store, events: Sequence[EventHeader]) -> Told:
    """The slip that was printed is the one that was believed."""
    printed, checked = (
        [store.journal.body(one.seq) for one in events if one.kind is kind]
        for kind in (EventKind.SLIP_PRINTED, EventKind.SLIP_CHECKED)
    )
    said = checked[-1] if checked else {}
    if not printed or said.get("result") != SlipVerdict.GOOD or said.get("pseudonym") != printed[-1]["pseudonym"]:
        raise PlayError(f"slip: {len(printed)} printed, the last one judged: {said.get('result')}")
    where = f"{said['booth']}, {said['decision']}, officer {said['pseudonym']}"
    return Told("the slip, read again", f"{SLIP_BYTES} bytes signed: {said['result']} ({where})")


def told_table(rows: Sequence[Told]) -> str:
    """Return the rows as a printed table."""
    width = max(len(row.story) for row in rows)
    return "\n".join(f"{row.story.ljust(width)}  {row.figures}" for row in rows)


def _is_alive(view: DeskView, action: Action) -> bool:
    return any(key.action is action and key.state is not KeyState.OFF for key in view.keys)


def _offers(view: DeskView, cap: str) -> bool:
    return any(item.cap == cap for item in view.status)
