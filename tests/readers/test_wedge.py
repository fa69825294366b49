"""Whose keys they are: every key comes out once and in order, a zone from a device, all else from a person."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import Format
from checkpoint_app.readers.wedge import (
    HOLD_S,
    LINE,
    MARK_S,
    MOST,
    PAUSE_S,
    SURE,
    Burst,
    Outcome,
    Stroke,
    Typed,
    Wedge,
    Zone,
    zone_in,
)
from tests.documents.helpers import CHEDL, SPECIMENS, TD1, TD2, TD3

Key = tuple[str, float]
SEPARATORS = {"CR": "\r", "LF": "\n", "CRLF": "\r\n", "TAB": "\t", "nothing": ""}
SUFFIXES = ("", "\r", "\t", "\r\n", "\x03")


@dataclass
class Played:
    """What came out of a wedge, when each outcome came, and the keys in the order in which they were settled."""

    outcomes: list[tuple[float, Outcome[int]]]

    @property
    def zones(self) -> list[str]:
        return [one.text for _, one in self.outcomes if isinstance(one, Zone)]

    @property
    def let_go(self) -> str:
        return "".join(one.let_go for _, one in self.outcomes if isinstance(one, Zone))

    @property
    def typed(self) -> str:
        return "".join(s.text for _, one in self.outcomes if isinstance(one, Typed) for s in one.strokes)

    @property
    def bursts(self) -> list[str]:
        return [one.text for _, one in self.outcomes if isinstance(one, Burst)]


def play(keys: Iterable[Key]) -> Played:
    """Feed keys at their times; between them the clock runs, as the window's timer lets it."""
    wedge: Wedge[int] = Wedge()
    came: list[tuple[float, Outcome[int]]] = []
    last = 0.0
    for number, (text, at) in enumerate(keys):
        if wedge.is_holding and at > last + wedge.wait:
            due = last + wedge.wait
            came += [(due, one) for one in wedge.expire()]
        came += [(at, one) for one in wedge.feed(Stroke(text, at, number))]
        last = at
    if wedge.is_holding:
        came += [(last + wedge.wait, one) for one in wedge.expire()]
    assert not wedge.is_holding
    return Played(came)


def paced(text: str, gap: float, start: float = 10.0) -> list[Key]:
    return [(character, start + number * gap) for number, character in enumerate(text)]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("format_", list(Format))
def test_every_format_in_every_way_is_one_zone(format_: Format, separator: str) -> None:
    lines = SPECIMENS[format_]
    for suffix, gap in itertools.product(SUFFIXES, (0.0, 0.001, 0.005, 0.015, 0.03, 0.034)):
        played = play(paced(SEPARATORS[separator].join(lines) + suffix, gap))
        assert played.zones == ["\n".join(lines)]
        assert (played.typed, played.bursts) == ("", [])


def test_caps_lock_does_not_matter() -> None:
    assert play(paced("\r".join(TD3).lower(), 0.002)).zones == ["\n".join(TD3)]


@pytest.mark.parametrize("sign", [";", ">", "?", "\\", " ", "ñ"])
@pytest.mark.parametrize("lines", [TD1, TD2, TD3], ids=["TD1", "TD2", "TD3"])
def test_another_sign_for_the_filler_is_taken_back_where_all_digits_are_right(
    lines: tuple[str, ...], sign: str
) -> None:
    sent = "\r".join(lines).replace("<", sign)
    assert play(paced(sent, 0.002)).zones == ["\n".join(lines)]
    wrong = sent.replace("7408122", "7408123")
    assert play(paced(wrong, 0.002)).zones == []
    assert len(play(paced(wrong, 0.002)).bursts) == 1


def test_without_check_digits_no_sign_is_taken_for_the_filler() -> None:
    assert play(paced("\r".join(CHEDL).replace("<", ";"), 0.002)).zones == []


def test_a_zone_with_a_wrong_digit_is_a_zone_all_the_same() -> None:
    forged = TD3[1].replace("7408122", "7408123")
    assert play(paced(f"{TD3[0]}\r{forged}\r", 0.002)).zones == [f"{TD3[0]}\n{forged}"]


def test_letters_and_digits_alone_are_no_zone() -> None:
    assert zone_in("A" * 88) is None
    assert play(paced("A1" * 44, 0.002)).zones == []


@pytest.mark.parametrize("gap", [0.036, 0.045, 0.06, 0.08, 0.15, 0.4])
def test_a_person_who_types_a_zone_types(gap: float) -> None:
    text = "\r".join(TD3)
    played = play(paced(text, gap))
    assert played.typed == text
    assert played.zones == played.bursts == []


def test_a_persons_key_is_held_for_no_longer_than_sixty_milliseconds() -> None:
    keys = paced("motivo en palabras", 0.09)
    for (_, pressed), (settled, outcome) in zip(keys, play(keys).outcomes, strict=True):
        assert isinstance(outcome, Typed)
        assert settled - pressed <= HOLD_S + 1e-9 <= 0.06


def test_a_key_that_types_nothing_is_held_for_less() -> None:
    ((settled, outcome),) = play([("", 3.0)]).outcomes
    assert isinstance(outcome, Typed)
    assert settled - 3.0 <= MARK_S + 1e-9 < HOLD_S


def test_a_device_may_pause_once_it_is_known() -> None:
    first, second = TD3
    pause = PAUSE_S - 0.01
    assert play([*paced(first, 0.002, 1.0), *paced(second, 0.002, 1.0 + 43 * 0.002 + pause)]).zones == ["\n".join(TD3)]


@pytest.mark.parametrize("stalls", [{1: 0.06}, {3: 0.2}, {1: 0.1, 2: 0.06, 5: 0.24}, {7: 0.1}])
def test_a_device_that_begins_haltingly_is_read_and_its_first_characters_are_taken_back(
    stalls: dict[int, float],
) -> None:
    now, keys = 1.0, []
    for number, character in enumerate("\r".join(TD3)):
        now += stalls.get(number, 0.002)
        keys.append((character, now))
    played = play(keys)
    assert played.zones == ["\n".join(TD3)]
    assert played.typed == played.let_go == TD3[0][: max(stalls)]
    assert played.bursts == []


def test_what_a_person_typed_long_before_is_not_taken_back() -> None:
    played = play([("P", 1.0), *paced("\r".join(TD3)[1:], 0.002, 1.0 + PAUSE_S + 0.01)])
    assert (played.zones, played.typed) == ([], "P")


def test_a_slow_device_may_pause_between_lines() -> None:
    first, second = TD3
    keys = [*paced(first, 0.03, 1.0), *paced(second, 0.03, 1.0 + 43 * 0.03 + 0.2)]
    assert play(keys).zones == ["\n".join(TD3)]


def test_the_first_two_lines_of_three_are_not_taken_for_two() -> None:
    glued = "".join(TD1)
    cut = 72
    keys = [*paced(glued[:cut], 0.002, 1.0), *paced(glued[cut:], 0.002, 1.0 + cut * 0.002 + 0.2)]
    assert play(keys).zones == ["\n".join(TD1)]


def test_the_enter_of_a_device_that_comes_late_presses_nothing() -> None:
    keys = paced("\r".join(TD3), 0.002, 1.0)
    late = keys[-1][1] + 0.2
    played = play([*keys, ("\r", late), ("\t", late + 0.05)])
    assert (played.zones, played.typed) == (["\n".join(TD3)], "")
    assert play([*keys, ("\r", keys[-1][1] + PAUSE_S + 0.01)]).typed == "\r"


@pytest.mark.parametrize("prefix", ["\x02", "", "M", "]Q1"])
def test_marks_before_the_lines_are_the_devices(prefix: str) -> None:
    keys = [(character, 1.0 + at * 0.002) for at, character in enumerate([*(prefix or [""]), *"\r".join(TD1), "\x03"])]
    played = play(keys)
    assert played.zones == ["\n".join(TD1)]
    assert [one for _, one in played.outcomes if isinstance(one, Typed)] == []


def test_function_keys_around_the_lines_press_nothing() -> None:
    texts = ["", *"\r".join(TD3), "", "\r"]
    played = play([(text, 1.0 + at * 0.005) for at, text in enumerate(texts)])
    assert len(played.outcomes) == 1
    assert played.zones == ["\n".join(TD3)]


def test_what_a_person_typed_just_before_and_after_stays_typed() -> None:
    start = 1.0
    zone = paced("\r".join(TD3), 0.002, start + 0.045)
    end = zone[-1][1]
    played = play([("a", start), *zone, ("b", end + 0.04), ("c", end + 0.6)])
    assert (played.typed, played.zones) == ("abc", ["\n".join(TD3)])


def test_a_function_key_after_typed_text_is_a_key_of_its_own() -> None:
    keys = [*paced("un motivo", 0.005, 1.0), ("", 1.0 + 8 * 0.005 + 0.03)]
    first, second = (one for _, one in play(keys).outcomes)
    assert isinstance(first, Burst)
    assert isinstance(second, Typed)
    assert second.strokes[0].key == 9


def test_a_persons_keys_soon_come_through_after_a_device() -> None:
    gun = paced("4006381333931", 0.003, 1.0)
    person = paced("esto es un texto", 0.11, gun[-1][1] + 0.1)
    outcomes = play([*gun, *person]).outcomes
    late = {
        stroke.key: settled - stroke.at
        for settled, one in outcomes
        if isinstance(one, (Typed, Burst))
        for stroke in one.strokes
    }
    assert max(late[number] for number in range(len(gun) + SURE, len(late))) <= HOLD_S + 1e-9


def test_an_endless_burst_is_let_go_and_keys_live_again_after_a_pause() -> None:
    wedge: Wedge[int] = Wedge()
    outcomes: list[Outcome[int]] = []
    for number in range(50_000):
        outcomes += wedge.feed(Stroke("A", number * 0.003, number))
        assert len(wedge._held) <= MOST
    assert outcomes == [Burst(())]
    assert not wedge.is_holding
    function_key = Stroke("", 150.0, -1)
    assert wedge.feed(function_key) == (Typed((function_key,)),)
    after = Stroke("x", 150.0 + PAUSE_S + 0.01, -2)
    assert wedge.feed(after) == ()
    assert wedge.expire() == (Typed((after,)),)


def test_a_repeat_is_told_by_how_late_it_comes() -> None:
    wedge: Wedge[int] = Wedge()
    assert not wedge.continues(1.0)
    wedge.feed(Stroke("<", 1.0, 0))
    assert wedge.continues(1.001)
    assert wedge.continues(1.0 + HOLD_S - 0.001)
    assert not wedge.continues(1.0 + 0.15)


def test_times_that_go_back_lose_nothing() -> None:
    """The X server's clock starts anew after 49.7 days."""
    wedge: Wedge[int] = Wedge()
    assert wedge.feed(Stroke("a", 4_294_967.2, 0)) == ()
    assert wedge.feed(Stroke("b", 0.01, 1)) == ()
    (typed,) = wedge.expire()
    assert isinstance(typed, Typed)
    assert [stroke.key for stroke in typed.strokes] == [0, 1]


def test_what_a_burst_looks_like() -> None:
    def burst(text: str) -> Burst[int]:
        return Burst(tuple(Stroke(character, 0.0, 0) for character in text))

    assert burst("\r".join(TD3)[:-1]).is_damaged_zone
    assert not burst("M1MUSTER/ERIKA        EABCDEF").is_long
    assert burst("M1MUSTER/ERIKA        EABCDEF SCLUIOXX 0123 100Y012A0001 100").is_long
    assert not burst("4006381333931\r").is_long
    assert not burst("open for the demonstration, in a booth\r").is_long
    assert Burst(()).is_long


# -- properties ------------------------------------------------------------------------------------------------------

GAPS = st.one_of(
    st.floats(0.0, 0.02), st.floats(0.02, 0.06), st.floats(0.05, 0.3), st.sampled_from([0.0, HOLD_S, PAUSE_S])
)
TEXTS = st.one_of(st.sampled_from(["", "\r", "\t", "<", "a", " "]), st.characters(codec="utf-8"))


@st.composite
def anyones_keys(draw: st.DrawFn) -> list[Key]:
    """Keys of persons and devices, in any rhythm, one after the other and one amid the other."""
    texts: list[str] = []
    gaps: list[float] = []
    for _ in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            lines = draw(st.sampled_from(list(SPECIMENS.values())))
            piece = draw(st.sampled_from(sorted(SEPARATORS.values()))).join(lines) + draw(st.sampled_from(SUFFIXES))
            gap = draw(st.floats(0.0, 0.03))
            texts += piece
            gaps += [gap] * len(piece)
        else:
            typed = draw(st.lists(st.tuples(TEXTS, GAPS), max_size=30))
            texts += [text for text, _ in typed]
            gaps += [gap for _, gap in typed]
    for at in draw(st.lists(st.integers(0, max(0, len(texts) - 1)), max_size=3)):
        texts.insert(at, draw(TEXTS))
        gaps.insert(at, draw(GAPS))
    now, keys = 5.0, []
    for text, gap in zip(texts, gaps, strict=True):
        now += gap
        keys.append((text, now))
    return keys


@given(anyones_keys())
def test_no_key_is_lost_doubled_or_out_of_order(keys: list[Key]) -> None:
    """Keys that come back are in order and never twice; those that do not are a zone's, its marks', or a flood's."""
    played = play(keys)
    back = [s.key for _, one in played.outcomes if isinstance(one, (Typed, Burst)) for s in one.strokes]
    assert back == sorted(set(back))
    used = len(keys) - len(back)
    if not any(isinstance(one, Burst) and not one.strokes for _, one in played.outcomes):
        letters = sum(len(zone.replace("\n", "")) for zone in played.zones) - len(played.let_go)
        others = sum(1 for text, _ in keys if text in "\r\n\t\x02\x03 ")
        assert letters <= used <= letters + others + 8 * len(played.zones)


@given(st.lists(st.tuples(st.characters(codec="utf-8"), st.floats(HOLD_S + 0.001, 3.0)), max_size=120))
def test_at_a_persons_pace_every_key_is_typed(keys: list[tuple[str, float]]) -> None:
    now, timed = 1.0, []
    for text, gap in keys:
        now += gap
        timed.append((text, now))
    played = play(timed)
    assert played.typed == "".join(text for text, _ in keys)
    assert played.zones == played.bursts == []


@given(
    st.sampled_from(list(SPECIMENS.values())),
    st.lists(st.floats(0.0005, 0.019), min_size=100, max_size=100),
    st.dictionaries(st.integers(1, 60), st.floats(0.02, PAUSE_S - 0.001), max_size=4),
    st.sampled_from(sorted(SEPARATORS.values())),
)
def test_a_device_with_an_uneven_pace_is_read(
    lines: tuple[str, ...], gaps: list[float], stalls: dict[int, float], separator: str
) -> None:
    text, now, keys = separator.join(lines), 1.0, []
    for number, character in enumerate(text):
        now += stalls.get(number, gaps[number % 100])
        keys.append((character, now))
    assert play(keys).zones == ["\n".join(lines)]


@given(st.text(st.characters(codec="utf-8"), max_size=MOST), st.floats(0.0, 0.03))
def test_any_burst_comes_back_whole_or_is_a_zone(text: str, gap: float) -> None:
    played = play(paced(text, gap))
    assert len(played.zones) <= 1
    if not played.zones:
        assert played.typed + "".join(played.bursts) == text


def test_long_keys_of_a_zone_are_no_persons() -> None:
    """Even an uneven, slow device is one by the length of what it typed without a pause."""
    assert play(paced("B" * LINE, 0.034)).bursts == ["B" * LINE]
    assert play(paced("B" * LINE, 0.036)).typed == "B" * LINE
    assert play(paced("b" * (SURE - 1), 0.001)).typed == "b" * (SURE - 1)
