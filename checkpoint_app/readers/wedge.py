"""Readers that type: tells the keys of a device from those of a person, and finds the zone in what it typed.

A pure state machine. A key is held back until it is known whose it is: a person's next key does not follow within
``HOLD_S``, a device's does, again and again. Whatever goes in comes out once and in order, as typed keys, as a zone or
as a burst. Times are those of the keys, in seconds, not those of their handling: a busy screen changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Generic, TypeVar

from checkpoint_app.documents import MrzError, parse_mrz, split_lines
from checkpoint_app.documents.check_digits import FILLER, MRZ_CHARACTERS, upper
from checkpoint_app.wire.slip_text import PREFIX, TEXT_LENGTH

Key = TypeVar("Key")

HOLD_S = 0.050
"""A key is held for so long; the next one of a device has come by then."""
PACE_S, SLOW_S = 0.020, 0.035
"""Half of a device's keys at least come at this pace; those of a slow one too, which is known by a whole line only."""
MARK_S = 0.030
"""A key that types nothing, as a function key, is held for so long: it may be the mark with which a device begins."""
PAUSE_S = 0.250
"""A device that is known as such may pause so long, between lines or on a busy line."""
SURE = 8
"""So many keys at a device's pace are not a person's."""
LINE, TWO_LINES = 30, 60
"""The shortest line of a card's zone, and two of them; the shortest boarding pass has 60 characters too."""
MOST = 260
"""No burst is longer; what comes on after it is let go until there is a pause."""

BREAKS = frozenset("\r\n\t\v\f\x02\x03\x1c\x1d\x1e")
_SHORTEST_ZONE = 69
_MARKS = 3  # characters that a device sets before or after the lines, or that a person typed at that moment
_ANY_DAY = date(2100, 1, 1)  # check digits don't depend on the day, and no birth lies after this one


@dataclass(frozen=True, slots=True)
class Stroke(Generic[Key]):
    """One key: the character it types ("\\r" for Enter, "\\t" for Tab, "" for none), its time in seconds, itself."""

    text: str
    at: float
    key: Key


@dataclass(frozen=True, slots=True)
class Typed(Generic[Key]):
    """Keys of a person: to be handed on as they are."""

    strokes: tuple[Stroke[Key], ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """The lines of a zone that a device typed, parted by line feeds. All its keys are used up.

    ``let_go`` are its first characters where they were handed on as typed before it was known: to be taken back.
    """

    text: str
    let_go: str = ""


@dataclass(frozen=True, slots=True)
class Burst(Generic[Key]):
    """Keys of a device that are no zone; none of them where there were more than ``MOST``."""

    strokes: tuple[Stroke[Key], ...]

    @property
    def text(self) -> str:
        """What was typed, as it came."""
        return "".join(stroke.text for stroke in self.strokes)

    @property
    def is_damaged_zone(self) -> bool:
        """Whether this looks like lines of a zone with something wrong or missing."""
        return len(self.text) >= LINE and FILLER * 2 in self.text

    @property
    def slip(self) -> str:
        """The text of a slip, whole or not, without what the device sets before or after it; empty where it is none."""
        begins = self.text.upper().find(PREFIX)
        return self.text[begins : begins + TEXT_LENGTH].strip() if begins >= 0 else ""

    @property
    def is_long(self) -> bool:
        """Whether this is more than a bar code, or a security key that types a passphrase, has to say."""
        return not self.strokes or self.is_damaged_zone or len(self.text) >= TWO_LINES


Outcome = Typed[Key] | Zone | Burst[Key]


class Wedge(Generic[Key]):
    """Takes keys one by one; gives them back as soon as it is known whose they are."""

    def __init__(self) -> None:
        self._held: list[Stroke[Key]] = []
        self._let_go: tuple[Stroke[Key], ...] = ()
        self._last = 0.0
        self._after_zone = False
        self._flooded = False

    @property
    def is_holding(self) -> bool:
        """Whether keys are held back."""
        return bool(self._held)

    @property
    def wait(self) -> float:
        """How long, in seconds after the last key, the next may take to belong to the keys held."""
        if not any(stroke.text for stroke in self._held):
            return MARK_S
        if not self._is_typing_on:
            return HOLD_S
        lines = zone_in(_text(self._held))
        return HOLD_S if lines and _is_sound(lines) else PAUSE_S

    @property
    def _is_typing_on(self) -> bool:
        """Whether the last keys held are a device's: a person may have gone on after it."""
        slowest = SLOW_S if len(self._held) >= LINE else PACE_S
        return len(self._held) >= SURE and median(_gaps(self._held[-SURE:])) <= slowest

    def feed(self, stroke: Stroke[Key]) -> tuple[Outcome[Key], ...]:
        """Take a key that was pressed once; return what is known by it, in order."""
        gap = max(0.0, stroke.at - self._last)
        came: tuple[Outcome[Key], ...] = ()
        if self._held and gap > self._reach(stroke):
            came = self.expire()
        if self._goes_on_beyond(stroke, gap):
            self._last = stroke.at
            return came
        self._flooded = self._flooded and not stroke.text
        if self._flooded:
            return (*came, Typed((stroke,)))
        self._after_zone = False
        self._held.append(stroke)
        self._last = stroke.at
        if len(self._held) > MOST:
            self._held.clear()
            self._flooded = True
            came = (*came, Burst(()))
        return came

    def expire(self) -> tuple[Outcome[Key], ...]:
        """No further key came within ``wait``: return what the keys held are."""
        held, self._held = tuple(self._held), []
        if not held:
            return ()
        let_go, self._let_go = self._let_go_before(held[0]), ()
        if not _is_device(held):
            self._let_go = (*let_go, *held)[-LINE:]
            return (Typed(held),)
        found = _find_zone(held) or _find_begun(let_go, held)
        if found is None:
            return (Burst(held),)
        before, zone, after = found
        self._after_zone = True
        return tuple(one for one in (_typed(before), zone, _typed(after)) if one is not None)

    def continues(self, at: float) -> bool:
        """Whether a key that types something at this time belongs to the keys held: no repeat begins so soon."""
        return bool(self._held) and max(0.0, at - self._last) <= self.wait

    def give_up(self) -> tuple[Outcome[Key], ...]:
        """Something else happens that comes after the keys held: return them, unless a device is still typing."""
        return () if self._is_typing_on else self.expire()

    def _let_go_before(self, first: Stroke[Key]) -> tuple[Stroke[Key], ...]:
        """Return the keys handed on just before ``first`` that may be the beginning of what a device types."""
        known = self._let_go
        near = bool(known) and max(0.0, first.at - known[-1].at) <= PAUSE_S
        return known if near and all(one.text and one.text not in BREAKS for one in known) else ()

    def _reach(self, stroke: Stroke[Key]) -> float:
        """How late ``stroke`` may be to belong to the keys held, or, where it types nothing, to be a mark of theirs."""
        wait = self.wait
        return wait if stroke.text or zone_in(_text(self._held)) else min(wait, PACE_S)

    def _goes_on_beyond(self, stroke: Stroke[Key], gap: float) -> bool:
        """Whether the key is the rest of what is settled: Enter after a zone, or the endless end of a flood."""
        if self._held or not stroke.text or gap > PAUSE_S:
            return False
        return self._flooded or (self._after_zone and stroke.text in BREAKS)


def zone_in(text: str) -> tuple[str, ...] | None:
    """Return the lines of the zone that ``text`` is, or None.

    A keyboard layout other than the device's may put one other sign in the place of the filler: that is taken back
    where all check digits are right then.
    """
    if len(text) < _SHORTEST_ZONE:
        return None
    lines = _lines(text)
    if lines is not None:
        return lines if FILLER in text or _digits_right(lines) else None
    odd = {sign for sign in upper(text) if sign not in MRZ_CHARACTERS and sign not in BREAKS}
    if len(odd) != 1 or FILLER in text:
        return None
    lines = _lines(text.replace(odd.pop(), FILLER))
    return lines if lines is not None and _digits_right(lines) else None


def _lines(text: str) -> tuple[str, ...] | None:
    try:
        return split_lines(text)
    except MrzError:
        return None


def _digits_right(lines: tuple[str, ...]) -> bool:
    digits = parse_mrz(lines, _ANY_DAY).check_digits
    return bool(digits) and all(digit.ok for digit in digits)


def _is_sound(lines: tuple[str, ...]) -> bool:
    """Whether all check digits are right; where the format has none, whether there is no fault at all."""
    mrz = parse_mrz(lines, _ANY_DAY)
    return all(digit.ok for digit in mrz.check_digits) and (bool(mrz.check_digits) or mrz.valid)


_Found = tuple[tuple[Stroke[Key], ...], Zone, tuple[Stroke[Key], ...]]


def _find_begun(let_go: tuple[Stroke[Key], ...], held: tuple[Stroke[Key], ...]) -> _Found[Key] | None:
    """Return the zone that the last of the keys ``let_go`` and all of those ``held`` are, with nothing wrong in it."""
    for count in range(1, len(let_go) + 1):
        begun = _text(let_go[-count:])
        lines = zone_in(begun + _text(held))
        if lines and _is_sound(lines):
            return (), Zone("\n".join(lines), begun), ()
    return None


def _find_zone(held: tuple[Stroke[Key], ...]) -> _Found[Key] | None:
    """Return the zone among ``held`` with the keys before and after it that are a person's.

    Less than the whole is a zone only with all check digits right. What surrounds it at a device's pace is the
    device's own marks, and used up.
    """
    strokes = tuple(stroke for stroke in held if stroke.text)
    for first in range(_MARKS + 1):
        for beyond in range(_MARKS + 1):
            last = len(strokes) - beyond
            lines = zone_in(_text(strokes[first:last]))
            if lines and (first == beyond == 0 or _digits_right(lines)):
                before, after = strokes[: first + 1], strokes[last - 1 :]
                own_before = strokes[:first] if max(_gaps(before), default=0.0) > PACE_S else ()
                own_after = strokes[last:] if max(_gaps(after), default=0.0) > PACE_S else ()
                return own_before, Zone("\n".join(lines)), own_after
    return None


def _is_device(strokes: Sequence[Stroke[Key]]) -> bool:
    slowest = SLOW_S if len(strokes) >= LINE else PACE_S
    return len(strokes) >= SURE and median(_gaps(strokes)) <= slowest


def _typed(strokes: tuple[Stroke[Key], ...]) -> Typed[Key] | None:
    return Typed(strokes) if strokes else None


def _text(strokes: Sequence[Stroke[Key]]) -> str:
    return "".join(stroke.text for stroke in strokes)


def _gaps(strokes: Sequence[Stroke[Key]]) -> list[float]:
    return [max(0.0, after.at - before.at) for before, after in pairwise(strokes)]
