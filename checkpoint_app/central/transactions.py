"""Transactions that two callers may want at once: on PostgreSQL one of them is told to try again, and does."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from checkpoint_app.central.centre import Centre

T = TypeVar("T")

MOST_TRIES = 10
# Serialization failure, deadlock, and the unique violation that stands for either where both inserted the same number.
_TRY_AGAIN = frozenset({"40001", "40P01", "23505"})
_FIRST_PAUSE_S = 0.002


def retried(centre: Centre, work: Callable[[Connection], T], *, lasting: bool = True) -> T:
    """Return what ``work`` returns, done in one transaction; done anew where another came between, a bounded number.

    ``work`` must change nothing but the database. Whatever it raises ends the transaction, and nothing of it happened.
    ``lasting``: as for `Centre.begin`.
    """
    for tried in range(1, MOST_TRIES):
        try:
            with centre.begin(lasting=lasting) as connection:
                return work(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _TRY_AGAIN:
                raise
        time.sleep(random.uniform(0, _FIRST_PAUSE_S * 2**tried))  # noqa: S311 - so that two do not meet again
    with centre.begin(lasting=lasting) as connection:
        return work(connection)
