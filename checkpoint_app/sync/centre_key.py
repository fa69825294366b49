"""The centre's exchange key: stated by its own key with each enrolment and each set of grants, and kept with it."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkpoint_app.store.store import Store
from checkpoint_app.sync.enrolled import Enrolled, enrolled_of, put_enrolled
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.enrolment import ExchangeKey
from checkpoint_app.wire.sealing import KEY_BYTES
from checkpoint_app.wire.statement import Statement, StatementError, read_statement


def stating(enrolled: Enrolled, statement: Statement | None) -> Enrolled:
    """Return ``enrolled`` with the exchange key that its centre states; an older centre states none.

    Raises LineError where another signed it, or it is another centre's.
    """
    if statement is None:
        return enrolled
    try:
        key = Ed25519PublicKey.from_public_bytes(enrolled.anchors.key)
        stated = read_statement(ExchangeKey, statement, key)
    except (StatementError, ValueError) as error:
        raise LineError(LineCode.NOT_SIGNED) from error
    if stated.centre != enrolled.audience or len(stated.key) != KEY_BYTES:
        raise LineError(LineCode.MALFORMED, "its exchange key is another centre's")
    return enrolled if stated.key == enrolled.exchange_key else replace(enrolled, exchange_key=stated.key)


def learn_exchange_key(line: Line, on_store: OnStore, statement: Statement | None) -> None:
    """Keep what the centre of ``line`` states with its grants. Raises LineError, and the store's StoreErrors."""
    told = stating(line.enrolled, statement)
    if told.exchange_key == line.enrolled.exchange_key:
        return
    line.enrolled = told

    def keep(store: Store) -> None:
        kept = enrolled_of(store)
        if kept is not None and kept.audience == told.audience:
            put_enrolled(store, replace(kept, exchange_key=told.exchange_key))

    on_store(keep)
