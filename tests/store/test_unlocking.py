"""An unlock by code: one challenge, one code, once; five wrong ones spend it; nothing helps without the key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from checkpoint_app.store import Officer, SignedObject, Store, StoreMisuseError, UnlockResult
from checkpoint_app.wire.unlock import unlock_code
from tests.store.helpers import START, FakeClock, new_store, reopen

SHARED = bytes(range(32, 64))
LIGHT = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
VERIFIER = LIGHT.hash("2468")


def officer(name: str = "o-1", verifier: str = VERIFIER) -> Officer:
    return Officer(name, "Synthetic Officer", "officer", verifier, START + timedelta(days=30))


def put(store: Store, version: int, *officers: Officer) -> None:
    store.officers.put(officers, SignedObject("officers", "post", version, b"signed", None))


def lock(store: Store, name: str = "o-1") -> None:
    for _ in range(5):
        store.officers.verify_pin(name, "0000")


def code(store: Store, name: str = "o-1", booth: str = "booth-1") -> str:
    return unlock_code(SHARED, booth, name, store.officers.challenge(name))


def test_there_is_a_challenge_only_for_a_locked_officer(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        assert store.officers.challenge("o-1") == store.officers.challenge("nobody") == ""
        for name in ("o-1", "nobody"):
            assert store.officers.unlock_with(name, "A" * 10, SHARED) is UnlockResult.NOT_LOCKED
        lock(store)
        challenge = store.officers.challenge("o-1")
        assert len(challenge) == 8
        assert challenge.isdigit()
    with reopen(tmp_path) as store:
        assert store.officers.challenge("o-1") == challenge


def test_a_code_unlocks_once(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer(), officer("o-2"))
        lock(store)
        lock(store, "o-2")
        right, first = code(store), store.officers.challenge("o-1")
        for wrong in (code(store, "o-2"), code(store, booth="booth-2"), "", "\ud800"):
            assert store.officers.unlock_with("o-1", wrong, SHARED) is UnlockResult.WRONG
        typed = f" {right[:5].lower()}-{right[5:]} "
        assert store.officers.unlock_with("o-1", typed, SHARED) is UnlockResult.RIGHT
        assert store.officers.tries_left("o-1") == 5
        assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.NOT_LOCKED
        lock(store)
        assert store.officers.challenge("o-1") != first
        assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.WRONG
        assert store.officers.tries_left("o-2") == 0


def test_an_unlock_by_other_means_kills_the_code(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        lock(store)
        old = code(store)
        store.officers.unlock("o-1")
        lock(store)
        assert store.officers.unlock_with("o-1", old, SHARED) is UnlockResult.WRONG
        old = code(store)
        put(store, 2, officer(verifier=LIGHT.hash("2468")))  # a new PIN unlocks
        lock(store)
        assert store.officers.unlock_with("o-1", old, SHARED) is UnlockResult.WRONG


def spend(store: Store, result: UnlockResult = UnlockResult.WRONG) -> str:
    right = code(store)
    for _ in range(5):
        assert store.officers.unlock_with("o-1", "AAAAAAAAAA", SHARED) is result
    return right


def test_five_wrong_codes_spend_the_challenge_for_a_day(tmp_path: Path) -> None:
    clock = FakeClock()
    with new_store(tmp_path, clock) as store:
        put(store, 1, officer())
        lock(store)
        right = spend(store)
    with reopen(tmp_path, clock) as store:
        assert store.officers.challenge("o-1") == ""
        assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.SPENT
        clock.time += timedelta(hours=23)
        assert store.officers.challenge("o-1") == ""
        clock.time += timedelta(hours=1)
        assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.WRONG
        assert store.officers.unlock_with("o-1", code(store), SHARED) is UnlockResult.RIGHT


def test_a_newer_list_gives_a_new_challenge_only_for_a_spent_one(tmp_path: Path) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        lock(store)
        waiting = store.officers.challenge("o-1")
        put(store, 2, officer())
        assert store.officers.challenge("o-1") == waiting
        spend(store)
        put(store, 3, officer())
        assert store.officers.challenge("o-1") not in ("", waiting)
        assert store.officers.unlock_with("o-1", code(store), SHARED) is UnlockResult.RIGHT


def test_a_try_counts_before_it_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: object) -> bool:
        raise KeyboardInterrupt

    with new_store(tmp_path) as store:
        put(store, 1, officer())
        lock(store)
        right = code(store)
        with monkeypatch.context() as patch:
            patch.setattr("checkpoint_app.store.unlocking.is_unlock_code", killed)
            for _ in range(5):
                with pytest.raises(KeyboardInterrupt):
                    store.officers.unlock_with("o-1", right, SHARED)
        assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.SPENT


def test_an_unlock_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    def unlock_unwritten(store: Store) -> None:
        with store.transaction():
            assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.RIGHT
            raise ZeroDivisionError

    with new_store(tmp_path) as store:
        put(store, 1, officer())
        lock(store)
        right = code(store)
        with pytest.raises(ZeroDivisionError):
            unlock_unwritten(store)
        assert store.officers.tries_left("o-1") == 0
        assert store.officers.unlock_with("o-1", right, SHARED) is UnlockResult.RIGHT


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_without_the_shared_key_nobody_is_unlocked(tmp_path: Path, key: bytes) -> None:
    with new_store(tmp_path) as store:
        put(store, 1, officer())
        lock(store)
        typed = unlock_code(key, "booth-1", "o-1", store.officers.challenge("o-1"))
        with pytest.raises(StoreMisuseError):
            store.officers.unlock_with("o-1", typed, key)
        assert store.officers.tries_left("o-1") == 0
