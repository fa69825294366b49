"""Check digits: the worked examples of Doc 9303-3 and the groups that no digit tells apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents import MRZ_CHARACTERS, check_digit, indistinguishable

ZONE_TEXT = st.text(alphabet=sorted(MRZ_CHARACTERS), max_size=44)


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("520727", "3"),  # Doc 9303-3 §4.9, example 1
        ("AB2134<<<", "5"),  # example 2
        ("HA672242<658022549601086<<<<<<<<<<<<<<0", "8"),  # example 3: the composite of a TD3
        ("L898902C3", "6"),
        ("D23145890734", "9"),
        ("", "0"),
        ("<<<<<<", "0"),
        ("Z", "5"),
        ("A", "0"),
        ("00Z", "5"),
    ],
)
def test_worked_examples(text: str, digit: str) -> None:
    assert check_digit(text) == digit


def test_a_character_of_no_zone_is_refused() -> None:
    with pytest.raises(KeyError):
        check_digit("ä")


def test_groups_that_no_digit_tells_apart() -> None:
    groups = {indistinguishable(character) for character in MRZ_CHARACTERS}
    assert groups == {
        frozenset(group) for group in ("0<AKU", "1BLV", "2CMW", "3DNX", "4EOY", "5FPZ", "6GQ", "7HR", "8IS", "9JT")
    }


@given(ZONE_TEXT, st.data())
def test_one_changed_character_shows_unless_it_is_of_the_group(text: str, data: st.DataObject) -> None:
    text += "A"
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(sorted(MRZ_CHARACTERS)))
    changed = text[:place] + other + text[place + 1 :]
    assert (check_digit(changed) == check_digit(text)) == (other in indistinguishable(text[place]))
