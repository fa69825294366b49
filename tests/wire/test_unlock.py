"""The code that unlocks an officer by telephone."""

import base64
import hmac

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.unlock import UNLOCK_CONTEXT, is_unlock_code, new_challenge, unlock_code

KEY = bytes(range(32))
ABOUT = ("demo-3", "EC-104", "01234567")


def test_a_code_unlocks_what_it_was_made_for():
    code = unlock_code(KEY, *ABOUT)
    assert is_unlock_code(code, KEY, *ABOUT)
    assert len(code) == 10


def test_the_form_of_the_code_stays_for_ever():
    message = b"checkpoint unlock 1\x00" + canonical_bytes(list(ABOUT))
    expected = base64.b32encode(hmac.digest(KEY, message, "sha256")).decode()[:10]
    assert unlock_code(KEY, *ABOUT) == expected
    assert UNLOCK_CONTEXT == b"checkpoint unlock key 1 "


@pytest.mark.parametrize(
    ("key", "about"),
    [
        (bytes(32), ABOUT),
        (KEY, ("demo-4", "EC-104", "01234567")),
        (KEY, ("demo-3", "EC-105", "01234567")),
        (KEY, ("demo-3", "EC-104", "01234568")),
        (KEY, ("demo-3EC-104", "", "01234567")),
    ],
)
def test_it_unlocks_nothing_else(key, about):
    assert not is_unlock_code(unlock_code(KEY, *ABOUT), key, *about)
    assert is_unlock_code(unlock_code(key, *about), key, *about)


@given(st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_a_code_may_be_typed_as_it_is_heard(key, dice):
    code = unlock_code(key, *ABOUT)
    taken = {"O": "O0o", "I": "I1i", "B": "B8b"}
    heard = "".join(dice.choice(taken.get(one, one + one.lower())) + dice.choice(["", " ", "-"]) for one in code)
    assert is_unlock_code(f" {heard}\n", key, *ABOUT)


@given(st.text(st.characters()))
@example("\ud800" * 10)
def test_whatever_else_is_typed_is_no_code(text):
    assert not is_unlock_code(text, KEY, *ABOUT)


@given(st.integers(0, 9), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_wrong_character_is_noticed(place, typed):
    code = unlock_code(KEY, *ABOUT)
    changed = code[:place] + typed + code[place + 1 :]
    assert is_unlock_code(changed, KEY, *ABOUT) == (changed == code)
    assert not is_unlock_code(code[:9], KEY, *ABOUT)
    assert not is_unlock_code(code + typed, KEY, *ABOUT)


def test_challenges_are_eight_digits_and_seldom_the_same(monkeypatch):
    challenges = {new_challenge() for _ in range(200)}
    assert len(challenges) > 190
    assert all(len(one) == 8 and one.isascii() and one.isdigit() for one in challenges)
    bounds = []
    monkeypatch.setattr("secrets.randbelow", lambda bound: bounds.append(bound) or 7)
    assert new_challenge() == "00000007"
    assert bounds == [100_000_000]
