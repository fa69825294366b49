"""PINs and their verifiers."""

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type

from checkpoint_app.wire.pin import is_pin, is_verifier, make_verifier, matches

LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("2468")


@pytest.mark.parametrize("text", ["0000", "24680", "123456789012"])
def test_a_pin_has_four_to_twelve_digits(text):
    assert is_pin(text)


@pytest.mark.parametrize("text", ["", "123", "1234567890123", "12a4", "1234\n", " 1234", "١٢٣٤", "12.4"])
def test_what_is_no_pin(text):
    assert not is_pin(text)


def test_a_verifier_knows_its_pin_and_none_other():
    verifier = make_verifier("13579")
    assert is_verifier(verifier)
    assert matches(verifier, "13579")
    assert not matches(verifier, "13578")
    assert not matches(verifier, "")
    assert "13579" not in verifier
    assert make_verifier("13579") != verifier


def test_a_made_verifier_costs_whoever_guesses_what_was_measured():
    assert make_verifier("13579").startswith("$argon2id$v=19$m=65536,t=3,p=2$")


@pytest.mark.parametrize(
    ("before", "after"),
    [("m=64", "m=262144"), ("t=1", "t=16"), ("p=1", "p=8"), ("m=64", "m=1")],
)
def test_the_bounds_themselves_are_within(before, after):
    assert is_verifier(LIGHT.replace(before, after))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2468",
        PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.I).hash("2468"),
        LIGHT.replace("m=64", "m=262145"),
        LIGHT.replace("t=1", "t=17"),
        LIGHT.replace("p=1", "p=9"),
        LIGHT.replace("m=64", "m=0"),
        LIGHT.replace("t=1", "t=0"),
        LIGHT.replace("p=1", "p=0"),
        LIGHT.replace("v=19", "v=16"),
        LIGHT + "\n",
        " " + LIGHT,
    ],
    ids=lambda text: "$".join(text.split("$")[:4]),  # without the salt: workers must name tests alike
)
def test_what_is_no_verifier_within_bounds(text):
    assert not is_verifier(text)
