"""Negative controls: the product with one guard taken out. A checker that finds none of it would prove nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

from sqlalchemy import Connection

from checkpoint_app.booth import applying
from checkpoint_app.booth.records import Records
from checkpoint_app.central import cases, delivery
from checkpoint_app.store import delivery as store_delivery
from checkpoint_app.store.lists import Lists
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.sync import deliver
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.line import MOST_STATEMENT_BYTES
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.statement import Statement
from tests.simulation import steps
from tests.simulation.campaign import Control
from tests.simulation.world import World

folding = importlib.import_module("checkpoint_app.verdict.fold")  # the room gives the function the same name


@dataclass(frozen=True)
class Taken:
    """One guard that is taken out: what is patched, how often which steps come, and the words that must be found."""

    what: Callable[[ExitStack], None]
    found: str
    often: Mapping[steps.Step, float] = field(default_factory=dict)
    prepare: Callable[[World], None] = lambda _world: None

    @property
    def control(self) -> Control:
        return Control(self.often, self.prepare)

    @contextmanager
    def out(self) -> Iterator[None]:
        """Return a block in which it is taken out."""
        with ExitStack() as stack:
            self.what(stack)
            yield


def _put(stack: ExitStack, place: object, name: str, value: object) -> None:
    stack.enter_context(mock.patch.object(place, name, value))


# -- the centre -------------------------------------------------------------------------------------------------------


def _no_unique_constraint(world: World) -> None:
    with world.centre.centre.begin() as connection:
        for name in ("events", "bodies"):
            _without_keys(connection, name)


def _without_keys(connection: Connection, name: str) -> None:
    for words in (
        f"CREATE TABLE bare AS SELECT * FROM {name}",
        f"DROP TABLE {name}",
        f"ALTER TABLE bare RENAME TO {name}",
    ):
        connection.exec_driver_sql(words)


def _stored_as_it_comes(stack: ExitStack) -> None:
    """Nothing is looked up before it is stored: the unique constraints would be the last line, and they are off."""

    def after(head: delivery._Head, one: delivery._Incoming) -> delivery._Head:
        return delivery._Head(head.chain, max(head.seq, one.seq), one.hash if one.seq >= head.seq else head.hash)

    _put(stack, delivery, "_hashes", lambda *_: {})
    _put(stack, delivery, "_refuse_known_ids", lambda *_: None)
    _put(stack, delivery, "_after", after)


def _cases_forgotten(stack: ExitStack) -> None:
    _put(stack, cases, "raise_case", lambda *_args, **_how: True)


# -- the booth --------------------------------------------------------------------------------------------------------


def _sent_is_delivered(stack: ExitStack) -> None:
    """The booth takes what it has sent for delivered, and does not wait to be told how far the centre is."""

    def post(self: Any, path: str, value: object, within_s: float) -> LineError | None:
        try:
            asked = self._line.post(Statement, path, value, most=MOST_STATEMENT_BYTES, within_s=within_s, large=True)
            self._take(asked)
        except LineError as error:
            if error.code not in deliver._CURED_BY_READING or not isinstance(value, Batch):
                raise
            last = self.acknowledgement.seq + len(value.events)
            self._on_store(lambda store: store.delivery.acknowledge(last, store.journal.hash_at(last)))
            self.acknowledgement = replace(self.acknowledgement, seq=last)
            return error
        return None

    _put(stack, deliver._Delivery, "_post", post)


def _any_acknowledgement(stack: ExitStack) -> None:
    """Whatever the centre acknowledges is taken silently, be it of another chain."""
    _put(stack, store_delivery.Delivery, "_check_own", lambda *_: None)


def _any_version(stack: ExitStack) -> None:
    footing = applying.footing_of
    _put(stack, applying, "footing_of", lambda records: replace(footing(records), versions={}, digests={}))
    _put(stack, Lists, "check_newer", lambda *_: None)


def _no_expiry(stack: ExitStack) -> None:
    bar = Policy.bar_to_use
    _put(stack, Policy, "bar_to_use", lambda self, issued_at, _term, now: bar(self, issued_at, None, now))
    _put(stack, Records, "end_list", lambda *_: frozenset())
    _put(stack, folding, "_is_met", lambda *_: True)


def _forgotten_early(stack: ExitStack) -> None:
    def sure(self: Any) -> int:
        return int(self._journal.head().seq)

    _put(stack, store_delivery.Delivery, "_sure", sure)


def _absence_is_well(stack: ExitStack) -> None:
    _put(stack, folding, "_is_met", lambda *_: True)


def _clock_alone(stack: ExitStack) -> None:
    _put(stack, TrustedTime, "now", TrustedTime.wall)


ROUGH = {steps.weather: 15, steps.line_round: 45, steps.encounter: 25}
PUT_BACK = {steps.back_up: 15, steps.put_back: 20, steps.line_round: 45, steps.encounter: 30}
STICKS = {steps.fill_stick: 15, steps.lay_stick: 20, steps.apply: 30, steps.withdraw: 15, steps.line_round: 30}
DAYS = {steps.time_passes: 40}
CONTROLS = {
    "the centre's unique constraint is off": Taken(
        _stored_as_it_comes, "doubled", ROUGH | {steps.repeat: 15}, _no_unique_constraint
    ),
    "what was sent counts as delivered": Taken(_sent_is_delivered, "the centre never had it|are lost", ROUGH),
    "any version may take the place of another": Taken(_any_version, "has taken the place of", STICKS),
    "an acknowledgement of another chain is taken": Taken(
        _any_acknowledgement, "is of another chain|was never written", PUT_BACK
    ),
    "an agreement's end is ignored": Taken(_no_expiry, "not .*not_checked", {steps.end_agreement: 20, **DAYS}),
    "bodies are forgotten before they are delivered": Taken(
        _forgotten_early, "forgotten, and not delivered", ROUGH | DAYS | {steps.forget: 40}
    ),
    "an absence is as good as an answer": Taken(_absence_is_well, "where it must be incomplete", DAYS),
    "late hits are noted, and told to nobody": Taken(_cases_forgotten, "told to nobody"),
    "the machine's clock is believed": Taken(
        _clock_alone, "lies before a signed moment", {steps.clock_jumps: 20, steps.line_round: 30}
    ),
}
