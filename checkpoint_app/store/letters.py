"""Letters of the centre to other booths of the post, kept unopened until a stick goes there: the newest for each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checkpoint_app.store.signed_objects import SignedObject
from checkpoint_app.store.store import Store

MOST_LETTERS = 16
_LETTER = "letter"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def keep_letter(store: Store, receiver: str, made_at: datetime, data: bytes) -> bool:
    """Keep a letter to the booth ``receiver``, if it is newer than the one that is here; tells whether.

    The caller has verified that the centre signed it. Letters to more than MOST_LETTERS booths are not kept.
    """
    version = (made_at - _EPOCH) // timedelta(microseconds=1)
    here = store.signed.version(_LETTER, receiver)
    if here is None and len(store.signed.all(_LETTER)) >= MOST_LETTERS:
        return False
    if here is not None and version <= here:
        return False
    store.signed.put(SignedObject(_LETTER, receiver, version, data))
    return True


def letter_to(store: Store, receiver: str) -> bytes | None:
    """Return the newest letter to the booth ``receiver``, None where there is none."""
    kept = store.signed.get(_LETTER, receiver)
    return None if kept is None else kept.data


def lettered(store: Store) -> list[str]:
    """Return the booths that there are letters to, by name."""
    return [kept.name for kept in store.signed.all(_LETTER)]
