"""Two networks together: believed where they agree, in doubt where they do not, and neither alone."""

from __future__ import annotations

import numpy as np
import pytest

from checkpoint_app.readers.recogniser.evidence import PLACE
from checkpoint_app.readers.recogniser.recognise import ALPHABET, peaks
from checkpoint_app.readers.recogniser.witnesses import Sight, Witnesses, line_cells, together
from tests.readers.seen import Doubles, cells, strip

CLEAR = 0.75
BLANK = np.zeros((1, len(ALPHABET)))
LINE = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def said(general: str, own: str) -> Doubles:
    seen = [cells(character) if character != " " else BLANK for character in (general, own)]
    both: Doubles = together(seen[0], seen[1])[0]
    return both


def test_what_both_say_is_clear() -> None:
    assert said("7", "7")[PLACE["7"]] > 0.95
    assert said("<", "<")[PLACE["<"]] > 0.95


def test_what_they_disagree_about_is_in_doubt() -> None:
    both = said("P", "R")
    assert 0.4 < both[PLACE["P"]] < CLEAR
    assert 0.4 < both[PLACE["R"]] < CLEAR


@pytest.mark.parametrize("pair", [("7", " "), (" ", "7")])
def test_neither_is_believed_alone(pair: tuple[str, str]) -> None:
    both = said(*pair)
    assert both.argmax() == PLACE["7"]
    assert both[PLACE["7"]] < CLEAR


def test_what_neither_saw_stays_unknown() -> None:
    assert said(" ", " ").sum() == 0


def test_the_own_network_tells_o_from_0_where_the_general_one_is_blind() -> None:
    assert said("0", "O").argmax() == PLACE["O"]
    assert said("0", "0").argmax() == PLACE["0"]
    assert said("O", "0").max() < CLEAR


def sight(steps: int, first: float, pitch: float, missing: tuple[int, ...] = ()) -> Sight:
    output = strip(LINE, [first + pitch * at for at in range(len(LINE))], steps, missing)
    return Sight(output, peaks(output))


def test_the_networks_need_not_see_a_line_at_the_same_steps() -> None:
    general, own = sight(230, 5, 5), sight(460, 13, 10)
    found = line_cells([general, own, own], 44)
    assert found is not None
    for seen in (found.general, found.own):
        assert "".join(ALPHABET[place] for place in seen.argmax(axis=1)) == LINE


def test_a_line_with_few_peaks_is_read_at_its_neighbours_places() -> None:
    full = line_cells([sight(460, 13, 10)] * 3, 44)
    assert full is not None
    weak = sight(460, 15, 10, tuple(range(15, 44)))
    assert line_cells([weak] * 3, 44) is None
    found = line_cells([weak] * 3, 44, full.places)
    assert found is not None
    assert "".join(ALPHABET[place] for place in found.own[:15].argmax(axis=1)) == LINE[:15]
    assert found.own[20:].sum() == 0


def test_pale_print_on_dark_ground_is_turned_about() -> None:
    seen: list[np.ndarray] = []

    def own(crop: np.ndarray) -> np.ndarray:
        seen.append(crop)
        return np.zeros((4, 38), dtype=np.float32)

    dark = np.full((48, 200, 3), 40, dtype=np.uint8)
    dark[16:32, ::4] = 220
    Witnesses(own, own).glance(dark)
    Witnesses(own, own).glance(255 - dark)
    assert np.median(seen[0]) > 200
    assert np.abs(seen[0].astype(int) - seen[1]).max() < 40
