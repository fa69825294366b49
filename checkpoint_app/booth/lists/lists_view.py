"""The lists in words: which are here and how they stand, which one comes or is built, and what ends soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.ages import age_text, day_and_time, day_month_year
from checkpoint_app.booth.view.screen import MessageView, PanelSection, StatusItem
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.verdict import NotDone, Policy

if TYPE_CHECKING:
    from checkpoint_app.booth.lists.list_updates import Progress
    from checkpoint_app.booth.rules.rules_in_force import LoadedRules
    from checkpoint_app.sync.bringing import Bringing

_UNITS = ((1_000_000, "mb"), (1_000, "kb"))


def lists_section(state: DeskState, words: Words) -> PanelSection:
    """Return the section of the lists: a row each, with its age or why it is closed, and what comes or ends."""
    rows = tuple((_kind(one, words), f"{one.source.name} {one.source.version}", _stands(one, state, words))
                 for one in state.lists)  # fmt: skip
    rows += tuple((words.say("check.risk"), f"{one.source.name} {one.source.version}", _stands(one, state, words))
                  for one in state.rules)  # fmt: skip
    rows += tuple((words.say("building.codes"), f"{name} {version}", words.say("building.no_age"))
                  for name, version in state.codes)  # fmt: skip
    lines = tuple(_coming(state, words))
    if not lines and not rows:
        lines = (words.say("panel.no_lists"),)
    ends = tuple(_ends(state, words))
    return PanelSection(words.say("panel.lists"), table=rows, lines=lines, muted=ends, bars=tuple(_shares(state)))


def lists_sections(state: DeskState, words: Words) -> tuple[PanelSection, ...]:
    """Return the section of the lists; none before the store is open, when nobody knows which there are."""
    closed = state.form is not None and state.form.name in ("opening", "unlock")
    return () if closed else (lists_section(state, words),)


def coming_item(state: DeskState, words: Words) -> StatusItem | None:
    """Return how far the list is that comes, or is being built: said where nothing that is amiss has to be."""
    if (one := state.bringing) is not None:
        label = _label(one.name, one.version)
        return StatusItem(words.say("building.short_coming", list=label, percent=_percent(one.done, one.total)))
    if (built := state.building) is not None:
        label = _label(built.name, built.version)
        return StatusItem(words.say("building.short", list=label, percent=_percent(built.done, built.total)))
    return None


def closed_item(state: DeskState, words: Words) -> StatusItem | None:
    """Return how many lists are closed, because lease or agreement have ended: nobody may take them for young."""
    ended = (NotDone.LEASE_ENDED, NotDone.AGREEMENT_ENDED)
    count = sum(one.bar in ended for one in state.lists)
    return StatusItem(words.say("building.closed", count=count), bold=True) if count else None


def ending_message(state: DeskState, words: Words) -> MessageView | None:
    """Return a message on the agreement, or the lease, that ends next, if that is soon or was."""
    if state.officer is None:
        return None
    if any(one.bar is NotDone.LEASE_ENDED for one in state.lists):
        return MessageView(words.say("building.lease_over"), "attention")
    soon = _soon(state)
    if not soon:
        return None
    ends_at, key, name = min(soon)
    return MessageView(words.say(f"building.{key}_ends", list=name, date=day_and_time(words, ends_at)), "clock")


def _kind(one: LoadedList, words: Words) -> str:
    return words.say("check.wanted" if one.kind == "persons" else "check.lost_stolen")


def _label(name: str, version: int) -> str:
    return f"{name}\u00a0{version}"


def _stands(one: LoadedList | LoadedRules, state: DeskState, words: Words) -> str:
    """Return the age of a list or a rule set, or the short word for why it is not consulted."""
    bar = one.bar if state.policy is None else _closed(one, state.policy, state.judged_at)
    if bar is not None and words.knows(f"building.bar_{bar.value}"):
        return words.say(f"building.bar_{bar.value}")
    return age_text(words, one.source.issued_at, state.judged_at) if one.source.issued_at else ""


def _closed(one: LoadedList | LoadedRules, policy: Policy, now: datetime) -> NotDone | None:
    return one.barred(policy, now) if isinstance(one, LoadedList) else one.closed(now)


def _coming(state: DeskState, words: Words) -> list[str]:
    lines = []
    if state.bringing is not None:
        lines.append(_coming_text(state.bringing, words))
    if state.building is not None:
        lines.append(_building_text(state.building, words))
    return lines


def _shares(state: DeskState) -> list[float]:
    """Return how far what is told in `_coming` is, in its order."""
    return [one.done / max(1, one.total) for one in (state.bringing, state.building) if one is not None]


def _building_text(one: Progress, words: Words) -> str:
    done, total, percent = words.whole(one.done), words.whole(one.total), _percent(one.done, one.total)
    return words.say("building.list", list=_label(one.name, one.version), done=done, total=total, percent=percent)


def _coming_text(one: Bringing, words: Words) -> str:
    """Return bytes, rate and time left; of these what is known."""
    facts = {"list": _label(one.name, one.version), "done": _bytes(one.done, words), "total": _bytes(one.total, words)}
    if one.left_s is None:
        return words.say("building.coming", **facts)
    rate, left = _bytes(int(one.rate_bytes_s), words), _left(one.left_s, words)
    return words.say("building.coming_rate", **facts, rate=rate, left=left)


def _bytes(count: int, words: Words) -> str:
    for size, unit in _UNITS:
        if count >= size:
            return words.say(f"building.{unit}", n=words.decimal(count / size))
    return words.say("building.bytes", n=count)


def _left(seconds: float, words: Words) -> str:
    """Return a time to go, rounded up to what a person plans by: seconds, minutes, or hours and minutes."""
    if seconds < 60:
        return words.say("building.left_seconds", n=max(1, round(seconds)))
    minutes = -int(-seconds // 60)
    if minutes < 60:
        return words.say("building.left_minutes", n=minutes)
    return words.say("building.left_hours", h=minutes // 60, m=minutes % 60)


def _percent(done: int, total: int) -> int:
    return done * 100 // max(1, total)


def _ends(state: DeskState, words: Words) -> list[str]:
    return [
        words.say(f"building.{key}_ends", list=name, date=day_month_year(words, ends_at))
        for ends_at, key, name in sorted(_soon(state))
    ]


def _soon(state: DeskState) -> list[tuple[datetime, str, str]]:
    """Return what ends within the policy's days of warning: the moment, ``agreement`` or ``lease``, the list.

    A lease is renewed with each contact, so its end is told only once half of its time has gone by without one.
    """
    if state.policy is None:
        return []
    agreed = timedelta(days=state.policy.warn_days)
    leased = min(agreed, timedelta(days=state.policy.offline_days) / 2)
    found = []
    for one in state.lists:
        name = one.source.name
        ends_at = one.agreement.ends_at if one.agreement is not None else None
        if ends_at is not None and state.judged_at < ends_at <= state.judged_at + agreed:
            found.append((ends_at, "agreement", name))
        lease = one.lease_ends_at
        if lease is not None and lease != ends_at and state.judged_at < lease <= state.judged_at + leased:
            found.append((lease, "lease", name))
    return found
