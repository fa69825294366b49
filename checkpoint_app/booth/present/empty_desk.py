"""The empty desk: what to do, and how each device stands before the queue opens."""

from __future__ import annotations

from checkpoint_app.booth.cases.case_view import unowned
from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import DeviceView, EmptyDeskView
from checkpoint_app.readers.protocol import Health
from checkpoint_app.readers.scanner import ScannerState
from checkpoint_app.verdict import LaneKind


def empty_desk(state: DeskState, words: Words) -> EmptyDeskView:
    """Return the empty desk."""
    count = unowned(state) if state.officer is not None else 0
    goods = state.lane_kind is LaneKind.CARGO
    return EmptyDeskView(
        title=words.say("desk.title_cargo" if goods else "desk.title"),
        hint=words.say("desk.hint_cargo" if goods else "desk.hint"),
        devices=(
            _reader(state.health.reader, words),
            _scanner(state.health.scanner, words),
            _folder(state.health.folder, words),
            DeviceView(words.say("desk.chip"), words.say("desk.not_connected"), ready=False),
            DeviceView(words.say("desk.camera"), words.say("desk.not_connected_f"), ready=False),
        ),
        notice=words.say("message.late_hit", count=count) if count else "",
        notice_cap="F6" if count else "",
        goods=goods,
    )


def _reader(health: Health, words: Words) -> DeviceView:
    state = {Health.READY: "desk.ready", Health.FAILED: "desk.stopped"}.get(health, "desk.starting")
    name = words.say("desk.reader")
    return DeviceView(name, words.say(state), health is Health.READY, attention=health is Health.FAILED)


def _folder(health: Health | None, words: Words) -> DeviceView:
    name = words.say("desk.folder")
    if health is None:
        return DeviceView(name, words.say("desk.off"), ready=False)
    if health is Health.READY:
        return DeviceView(name, words.say("desk.watching"), ready=True)
    return DeviceView(name, words.say("desk.not_found"), ready=False, attention=True)


def _scanner(scanner: ScannerState | None, words: Words) -> DeviceView:
    name = words.say("scanner.name")
    if scanner is None:
        return DeviceView(name, words.say("scanner.not_used"), ready=False)
    state = scanner.trouble or f"state_{scanner.health}"
    is_ready = scanner.health in (Health.READY, Health.BUSY)
    was_there = scanner.health is Health.ABSENT and scanner.model != ""
    return DeviceView(
        name, words.say(f"scanner.{state}"), is_ready, attention=scanner.health is Health.FAILED or was_there
    )
