"""A stick that is in: what it is good for, with the key for it, and how far it is; never what is written on it."""

from __future__ import annotations

from checkpoint_app.booth.desk.state import DeskState, StickWork
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import Action, MessageView, StatusItem

TAKE_CAP, WRITE_CAP = "Ctrl+I", "Ctrl+U"
_MIB = 1 << 20


def stick_actions(state: DeskState) -> frozenset[Action]:
    """Return what can be done with the stick now: nothing while something is, or while a reason is asked."""
    stick = state.stick
    if stick is None or state.officer is None or state.reason is not None or stick.work is not StickWork.NONE:
        return frozenset()
    offered = ((Action.STICK_TAKE, stick.brings), (Action.STICK_WRITE, stick.takes))
    return frozenset(action for action, is_offered in offered if is_offered)


def stick_message(state: DeskState, words: Words) -> MessageView | None:
    """Return what is said of the stick as long as nothing else is."""
    stick = state.stick
    if stick is None or state.officer is None:
        return None
    if stick.work is not StickWork.NONE:
        return MessageView(words.say(f"stick.{stick.work.value}", percent=stick.done), "attention")
    if stick.brings:
        key = "stick.offer_centre" if stick.from_centre else "stick.offer_booth"
        return MessageView(words.say(key, size=_size(stick.size)), "envelope", TAKE_CAP, Action.STICK_TAKE)
    if stick.takes:
        text = words.say("stick.offer_write", count=state.health.to_send)
        if stick.for_booth:
            text = words.say("stick.offer_lists", booth=stick.for_booth)
        return MessageView(text, "envelope", WRITE_CAP, Action.STICK_WRITE)
    return None


def stick_item(state: DeskState, words: Words) -> StatusItem | None:
    """Return the strip's word on the stick: seen also while something else is said."""
    stick = state.stick
    if stick is None or state.officer is None:
        return None
    if stick.work is not StickWork.NONE:
        return StatusItem(words.say(f"stick.short_{stick.work.value}", percent=stick.done), bold=True)
    if not (stick.brings or stick.takes):
        return None
    return StatusItem(words.say("stick.short"), cap=TAKE_CAP if stick.brings else WRITE_CAP)


def _size(size: int) -> str:
    """Return a size in MB; less than one is one."""
    return f"{max(1, round(size / _MIB))}\u00a0MB"
