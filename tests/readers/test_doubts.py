"""What check digits leave open stays in doubt: visas' optional data, coincidences among twins, washed-out letters."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from checkpoint_app.documents import Format
from checkpoint_app.readers.recogniser.decide import decide
from checkpoint_app.readers.recogniser.doubts import others, undecided
from checkpoint_app.readers.recogniser.evidence import PLACE
from checkpoint_app.readers.recogniser.repair import Cell, Rule
from checkpoint_app.readers.recogniser.twins import Glyphs, Hearing, hear
from tests.readers.helpers import TD3
from tests.readers.seen import Doubles, cells
from tests.readers.test_twins import printed

TODAY = date(2026, 11, 24)
VISA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")


def doubts(
    lines: tuple[str, ...],
    format_: Format,
    torn: frozenset[tuple[Cell, int, int]] = frozenset(),
    alone: frozenset[Cell] = frozenset(),
    faded: dict[Cell, float] | None = None,
) -> frozenset[Cell]:
    seen = [cells(line) for line in lines]
    decision = decide(format_, seen, TODAY)
    assert decision.valid
    picture, found = printed(lines)
    glyphs = Glyphs(_faded(picture, faded or {}), found)
    return undecided(format_, decision, Hearing(seen, torn, alone), glyphs)


def _faded(picture: np.ndarray, faded: dict[Cell, float]) -> np.ndarray:
    picture = picture.copy()
    for (line, at), ink in faded.items():
        left, y = 30 * (at + 1), 40 + 70 * line
        part = picture[y - 26 : y + 26, left - 4 : left + 34].astype(float)
        picture[y - 26 : y + 26, left - 4 : left + 34] = (225 - (225 - part) * ink).astype(np.uint8)
    return picture


def pair(cell: Cell, characters: str) -> tuple[Cell, int, int]:
    return cell, PLACE[characters[0]], PLACE[characters[1]]


@pytest.mark.parametrize(("lines", "format_"), [(TD3, Format.TD3), (VISA, Format.MRVA)])
def test_a_clear_zone_leaves_no_doubt(lines: tuple[str, ...], format_: Format) -> None:
    assert doubts(lines, format_) == frozenset()


def test_twins_without_a_digit_need_two_witnesses() -> None:
    assert doubts(VISA, Format.MRVA, torn=frozenset({pair((1, 28), "6G")})) == {(1, 28)}
    assert doubts(VISA, Format.MRVA, alone=frozenset({(1, 31)})) == {(1, 31)}


def test_a_digit_decides_one_torn_twin_that_it_can_see() -> None:
    torn = frozenset({pair((1, 3), "8B")})
    assert doubts(VISA, Format.MRVA, torn=torn, alone=frozenset({(1, 2)})) == frozenset()


def test_no_digit_decides_a_torn_pair_that_it_cannot_see() -> None:
    torn = frozenset({pair((1, 1), "8S")})  # 8 and S are 8 modulo 10
    assert doubts(TD3, Format.TD3, torn=torn) == {(1, 1)}


def test_two_torn_twins_that_cancel_each_other_stay_in_doubt() -> None:
    number = "L88898901"
    digit = sum(w * (int(c) if c.isdigit() else ord(c) - 55) for w, c in zip((7, 3, 1) * 3, number, strict=True)) % 10
    lines = (VISA[0], f"{number}{digit}{VISA[1][10:]}")
    both = frozenset({pair((1, 1), "8B"), pair((1, 3), "8B")})  # B is 3 more than 8 modulo 10: 3·3 + 7·3 = 30
    assert doubts(lines, Format.MRVA, torn=both) == {(1, 1), (1, 3)}


@pytest.mark.parametrize(("ink", "doubt"), [(0.15, True), (0.6, False)])
def test_a_washed_out_letter_is_in_doubt_where_no_digit_covers_it(ink: float, doubt: bool) -> None:
    faded = {(0, 10): ink, (1, 2): ink}  # a letter of the name, and one that its digit vouches for
    assert doubts(TD3, Format.TD3, faded=faded) == ({(0, 10)} if doubt else frozenset())


def test_all_other_readings_are_weighed() -> None:
    rule = Rule(((0, 0), (0, 1)), (0, 2))
    evidence = np.full((3, 37), -np.inf)
    evidence[0, [1, 2]] = np.log([0.9, 0.1])
    evidence[1, [2, 3, 5]] = np.log([0.5, 0.1, 0.4])
    evidence[2, [3, 6, 0]] = np.log([0.6, 0.2, 0.2])
    chosen = [[1, 2, 3]]  # 7·1 + 3·2 = 13
    # Others that hold: 2 2 0 (20), 1 3 6 (16), 2 3 3 (23); 1 5 (22) and 2 5 (29) hold with no digit seen.
    own, rest = 0.9 * 0.5 * 0.6, 0.1 * 0.5 * 0.2 + 0.9 * 0.1 * 0.2 + 0.1 * 0.1 * 0.6
    assert others(chosen, [evidence], rule) == pytest.approx(rest / (own + rest))
    assert others([[1, 2, 6]], [evidence], rule) > 0  # one that does not hold itself


def test_the_witness_tells_where_it_contradicts_and_where_it_is_missing() -> None:
    lines = ("P<UTOOOOSSS<<ZOSO<<<<<<<<<<<<<<<<<<<<<<<<<<<", "O898902C36UTO7008122F0204159ZE184226B<<<<<10")
    picture, found = printed(lines)
    seen: list[Doubles] = [cells(lines[0]), cells("0" + lines[1][1:])]
    hearing = hear(Format.TD3, lines, seen, Glyphs(picture, found))
    assert pair((1, 0), "0O") in hearing.torn
    assert not any(cell == (1, 4) for cell, *_ in hearing.torn)
    bare = ("P<" + "K" * 42, "8" + "<" * 26 + "0O" + "<" * 15)
    picture, found = printed(bare)
    hearing = hear(Format.TD3, bare, [cells(line) for line in bare], Glyphs(picture, found))
    assert (1, 28) in hearing.alone
    assert (1, 0) not in hearing.alone
