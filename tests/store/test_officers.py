"""Officers: PINs, the lock after five wrong ones, end dates, and lists that replace one another whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type

from checkpoint_app.store import (
    Officer,
    OlderVersionError,
    PinResult,
    SignedObject,
    Store,
    StoreMisuseError,
)
from checkpoint_app.wire.pin import make_verifier
from tests.store.helpers import START, FakeClock, new_store, reopen

LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
VERIFIER = LIGHT.hash("2468")
END = START + timedelta(days=30)


def officer(name: str = "o-1", verifier: str = VERIFIER) -> Officer:
    return Officer(name, "Synthetic Officer", "officer", verifier, END)


def put(store: Store, version: int, *officers: Officer) -> None:
    store.officers.put(officers, SignedObject("officers", "post", version, b"signed", None))


def test_the_right_pin_and_a_wrong_one(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer(), officer("o-2", LIGHT.hash("1357")))
        assert store.officers.verify_pin("o-1", "2468") is PinResult.RIGHT
        assert store.officers.verify_pin("o-1", "1357") is PinResult.WRONG
        assert store.officers.verify_pin("o-1", "") is PinResult.WRONG
        assert store.officers.verify_pin("o-2", "1357") is PinResult.RIGHT
        assert store.officers.verify_pin("o-3", "2468") is PinResult.UNKNOWN
        assert [one.id for one in store.officers.all()] == ["o-1", "o-2"]
        assert store.officers.get("o-1") == officer()
        assert store.officers.get("o-3") is None


def test_five_wrong_pins_lock_across_restarts(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        for left in (4, 3, 2):
            assert store.officers.verify_pin("o-1", "0000") is PinResult.WRONG
            assert store.officers.tries_left("o-1") == left
    with reopen(tmp_path) as store:
        for _ in range(2):
            assert store.officers.verify_pin("o-1", "0000") is PinResult.WRONG
        assert store.officers.verify_pin("o-1", "2468") is PinResult.LOCKED
    with reopen(tmp_path) as store:
        assert store.officers.verify_pin("o-1", "2468") is PinResult.LOCKED
        assert store.officers.tries_left("o-1") == store.officers.tries_left("nobody") == 0
        store.officers.unlock("o-1")
        assert store.officers.verify_pin("o-1", "2468") is PinResult.RIGHT


def test_a_right_pin_forgets_the_wrong_ones(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        for pin in ("0", "0", "0", "0", "2468", "0", "0", "0", "0", "2468"):
            assert store.officers.verify_pin("o-1", pin) is not PinResult.LOCKED


def test_a_try_counts_before_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: object) -> bool:
        raise KeyboardInterrupt

    with new_store(tmp_path) as store:
        put(store, 1, officer())
        monkeypatch.setattr("checkpoint_app.store.officers.matches", killed)
        with pytest.raises(KeyboardInterrupt):
            store.officers.verify_pin("o-1", "2468")
        assert store.officers.tries_left("o-1") == 4


def test_an_officer_ends_at_the_trusted_time(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        put(store, 1, officer())
        clock.time = END - timedelta(seconds=1)
        assert store.officers.verify_pin("o-1", "2468") is PinResult.ENDED
        clock.time = START  # turning the clock back does not help once a later signed moment was seen
        assert store.officers.verify_pin("o-1", "2468") is PinResult.RIGHT
        store.time.see(END)
        assert store.officers.verify_pin("o-1", "2468") is PinResult.ENDED


def test_a_newer_list_replaces_the_whole_and_keeps_the_lock_of_an_unchanged_pin(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer(), officer("o-2"), officer("gone"))
        for name in ("o-1", "o-2"):
            for _ in range(5):
                store.officers.verify_pin(name, "0000")
        put(store, 2, officer(), officer("o-2", LIGHT.hash("2468")))
        assert store.officers.verify_pin("o-1", "2468") is PinResult.LOCKED
        assert store.officers.verify_pin("o-2", "2468") is PinResult.RIGHT
        assert store.officers.verify_pin("gone", "2468") is PinResult.UNKNOWN
        for version in (1, 2):
            with pytest.raises(OlderVersionError):
                put(store, version, officer("old"))
        assert [one.id for one in store.officers.all()] == ["o-1", "o-2"]
        assert store.signed.version("officers", "post") == 2


def argon2i(pin: str) -> str:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=Type.I).hash(pin)


@pytest.mark.parametrize(
    "verifier",
    [
        "",
        "2468",
        argon2i("2468"),
        VERIFIER.replace("m=64", "m=999999999"),
        VERIFIER.replace("t=1", "t=9999"),
        VERIFIER.replace("p=1", "p=99"),
        VERIFIER.replace("t=1", "t=0"),
        VERIFIER + "\n",
    ],
    ids=lambda text: "$".join(text.split("$")[:4]),  # without the salt: workers must name tests alike
)
def test_a_verifier_out_of_bounds_refuses_the_list_whole(tmp_path: Path, verifier: str) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        with pytest.raises(StoreMisuseError) as caught:
            put(store, 2, officer("o-2"), officer("bad", verifier))
        assert verifier == "" or verifier not in str(caught.value)
        assert [one.id for one in store.officers.all()] == ["o-1"]
        assert store.signed.version("officers", "post") == 1
        with pytest.raises(StoreMisuseError):
            store.officers.put([officer()], SignedObject("policy", "post", 9, b""))


def test_the_verifier_made_here_is_accepted_here(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer(verifier=make_verifier("13579")))
        assert store.officers.verify_pin("o-1", "13579") is PinResult.RIGHT
        assert make_verifier("13579") != make_verifier("13579")
