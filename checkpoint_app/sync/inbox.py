"""Reads the booth's inbox: each case is proven, in its place, and in the journal before the next is asked for.

The booth says which item it had last, by number and digest: a centre that was put back to a backup sees by it that the
numbers after its own last one are taken, and goes on above them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from checkpoint_app.store.store import Store
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.on_store import OnStore
from checkpoint_app.wire.api import INBOX
from checkpoint_app.wire.case import MAX_INBOX_BYTES, MOST_ITEMS, Case, Inbox
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain

_MOST_PAGES = 20


def read_inbox(line: Line, on_store: OnStore) -> list[Case]:
    """Return the cases that are new, each journalled as ``case_received``.

    Raises LineError (what was journalled before it stays) and the store's StoreErrors.
    """
    received: list[Case] = []
    for _page in range(_MOST_PAGES):
        after, seen = on_store(lambda store: (store.cases.last_number(), store.cases.last_digest()))
        path = f"{INBOX}?seen={seen}&after={after}" if seen else f"{INBOX}?after={after}"
        got = line.get(Inbox, path, most=MAX_INBOX_BYTES, etag=line.etags.get(path, ""))
        cases = [] if got.value is None else _proven(line, got.value, after)
        if not cases:
            line.etags = {path: got.etag} if got.etag else {}
            break
        on_store(functools.partial(_journal, cases=cases))
        received += cases
        if got.value is None or cases[-1].number >= got.value.last:
            break
    return received


def _proven(line: Line, inbox: Inbox, after: int) -> list[Case]:
    """Return the cases of ``inbox``, if the centre signed each, for this booth, in their dense order."""
    if inbox.booth != line.booth or len(inbox.items) > MOST_ITEMS:
        raise LineError(LineCode.MALFORMED, "it is not this booth's inbox")
    if inbox.last < after:  # new cases would take the numbers of those seen
        raise LineError(LineCode.MALFORMED, "the inbox ends before the last case received")
    cases = [line.read_stated(Case, item) for item in inbox.items]
    for number, case in enumerate(cases, after + 1):
        if case.booth != line.booth or case.number != number:
            raise LineError(LineCode.MALFORMED, "a case is another booth's, or out of its order")
    return cases


def _journal(store: Store, *, cases: Sequence[Case]) -> None:
    """Write the cases down, all or none."""
    with store.transaction():
        for case in cases:
            store.journal.append(EventKind.CASE_RECEIVED, {"case": to_plain(case)})
