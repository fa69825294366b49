"""A key under a passphrase: it comes back with the same words for the same use, and damage is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.wire.passphrase import (
    PassphraseError,
    ShortPassphraseError,
    Stretching,
    WrappedKeyError,
    WrongPassphraseError,
    unwrap_with,
    wrap_under,
)

LIGHT = Stretching(time_cost=1, memory_kib=64, lanes=1)
KEY = bytes(range(32))
WORDS = "a synthetic passphrase"


def test_the_key_comes_back_with_the_same_words_for_the_same_use() -> None:
    wrapped = json.loads(json.dumps(wrap_under(WORDS, KEY, b"use", LIGHT)))
    assert unwrap_with(WORDS, wrapped, b"use") == KEY
    assert unwrap_with(WORDS, {**wrapped, "other": 1}, b"use") == KEY
    with pytest.raises(WrongPassphraseError):
        unwrap_with(WORDS, wrapped, b"another use")
    with pytest.raises(WrongPassphraseError) as caught:
        unwrap_with(WORDS + " ", wrapped, b"use")
    assert WORDS not in str(caught.value)


def test_each_wrapping_has_its_own_salt() -> None:
    first, second = (wrap_under(WORDS, KEY, b"use", LIGHT) for _ in range(2))
    assert first["salt"] != second["salt"]
    assert first["wrapped"] != second["wrapped"]


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(ShortPassphraseError, match="8 characters"):
        wrap_under("7 chars", KEY, b"use", LIGHT)


@pytest.mark.parametrize(
    "harm",
    [
        {"time_cost": 1 << 30, "memory_kib": 64, "lanes": 1},
        {"time_cost": 1, "memory_kib": 1 << 40, "lanes": 1},
        {"time_cost": 1, "memory_kib": 64, "lanes": 1000},
        {"time_cost": 0, "memory_kib": 64, "lanes": 1},
        {"time_cost": 1, "memory_kib": 64, "lanes": 1, "more": 1},
        {"time_cost": float("inf"), "memory_kib": 64, "lanes": 1},
        "argon2id",
        None,
    ],
)
def test_parameters_out_of_bounds_are_refused_before_they_cost_anything(harm: Any) -> None:
    with pytest.raises(WrappedKeyError):
        unwrap_with(WORDS, {**wrap_under(WORDS, KEY, b"use", LIGHT), "argon2id": harm}, b"use")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SMALL = {"time_cost": 1, "memory_kib": 64, "lanes": 1}


@settings(max_examples=100)
@given(salt=JSON, wrapped=JSON, parameters=st.just(SMALL) | JSON)
def test_whatever_a_file_holds_ends_in_an_error_of_this_module(salt: Any, wrapped: Any, parameters: Any) -> None:
    with pytest.raises(PassphraseError):
        unwrap_with(WORDS, {"salt": salt, "wrapped": wrapped, "argon2id": parameters}, b"use")
