"""A booth set up for the demonstration: store, trust, policy, officers, and the list packages in its inbox."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from checkpoint_app.booth.places import Places
from checkpoint_app.booth.records import direction_word
from checkpoint_app.booth.signed import put_small
from checkpoint_app.demo.package import make_packages
from checkpoint_app.demo.policy import BOOTH, LANE, OFFICERS_NAME, POLICY_NAME
from checkpoint_app.store import OlderVersionError, Store, create_passphrase_key, key_kind, open_passphrase_key
from checkpoint_app.store.trust import put_trust
from checkpoint_app.wire.event import EventKind

PASSPHRASE = "open for the demonstration"  # noqa: S105 - nothing secret
"""Told openly: it protects nothing but invented people."""


@dataclass(frozen=True, slots=True)
class DemoBooth:
    """The demo's folders. ``tray`` is the folder that the booth watches for pictures."""

    places: Places
    tray: Path


def prepare(home: Path, *, now: datetime | None = None) -> DemoBooth:
    """Set the booth up in ``home``, or find it set up; renew packages that have grown too old for the stories."""
    now = now or datetime.now(UTC)
    data, inbox, tray = home / "data", home / "packages", home / "tray"
    for folder in (data, inbox, tray):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _store(data) as store:
        made = make_packages(inbox, store.identity.exchange_public_bytes, now)
        with contextlib.suppress(OlderVersionError):  # set up before: trust does not change
            put_trust(store, made.trust, 1)
            lane = {"direction": direction_word(True), "lane": LANE, "officer": ""}
            store.journal.append(EventKind.CROSSING_CHANGED, lane)
        for name in (POLICY_NAME, OFFICERS_NAME):
            with contextlib.suppress(OlderVersionError):
                put_small(store, made.packages[name].read_bytes(), made.trust)
    return DemoBooth(Places(data, inbox, tray), tray)


def _store(data: Path) -> Store:
    if key_kind(data) is None or not Store.exists(data):
        return Store.create(data, create_passphrase_key(data, PASSPHRASE), booth=BOOTH)
    return Store.open(data, open_passphrase_key(data, PASSPHRASE), accept_rollback=True)
