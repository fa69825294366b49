"""Negative controls: the product with one guard taken out. A checker that finds none of it would prove nothing."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import Connection

from checkpoint_app.booth.lists import list_updates
from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import cases, delivery
from checkpoint_app.central.incoming import Incoming
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store import delivery as store_delivery
from checkpoint_app.store.leases import Leases
from checkpoint_app.store.lists import Lists
from checkpoint_app.store.trusted_time import TrustedTime
from checkpoint_app.sync import deliver
from checkpoint_app.sync.errors import LineError
from checkpoint_app.sync.line import MOST_STATEMENT_BYTES
from checkpoint_app.verdict import Policy
from checkpoint_app.wire.api import EVENTS
from checkpoint_app.wire.batch import BATCH_TYPE, read_batch
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import Statement
from tests.simulation import steps
from tests.simulation.booth import SimBooth
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

    def after(head: delivery._Head, one: Incoming) -> delivery._Head:
        return delivery._Head(head.chain, max(head.seq, one.seq), one.hash if one.seq >= head.seq else head.hash)

    _put(stack, delivery, "_hashes", lambda *_: {})
    _put(stack, delivery, "_refuse_known_ids", lambda *_: None)
    _put(stack, delivery, "_after", after)


def _cases_forgotten(stack: ExitStack) -> None:
    _put(stack, cases, "raise_case", lambda *_args, **_how: True)


# -- the booth --------------------------------------------------------------------------------------------------------


def _sent_is_delivered(stack: ExitStack) -> None:
    """The booth takes what it has sent for delivered, and does not wait to be told how far the centre is."""

    def send(self: Any, data: bytes) -> LineError | None:
        try:
            post = self._line.post_bytes
            self._take(post(Statement, EVENTS, data, BATCH_TYPE, most=MOST_STATEMENT_BYTES))
        except LineError as error:
            if error.code not in deliver._CURED_BY_READING:
                raise
            last = self.acknowledgement.seq + len(read_batch(data).events)
            self._on_store(lambda store: store.delivery.acknowledge(last, store.journal.hash_at(last)))
            self.acknowledgement = replace(self.acknowledgement, seq=last)
            return error
        return None

    _put(stack, deliver._Delivery, "_send", send)


def _any_acknowledgement(stack: ExitStack) -> None:
    """Whatever the centre acknowledges is taken silently, be it of another chain."""
    _put(stack, store_delivery.Delivery, "_check_own", lambda *_: None)


class _Forgetful(dict[str, int]):
    """Versions in force, of which nobody is told that one is newer than what comes."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name) if default is None else default


def _any_version(stack: ExitStack) -> None:
    footing = list_updates.footing_of

    def forgetful(records: Records) -> list_updates.Footing:
        made = footing(records)
        return replace(made, versions=_Forgetful(made.versions))

    _put(stack, list_updates, "footing_of", forgetful)
    _put(stack, Lists, "check_newer", lambda *_: None)


def _no_end(stack: ExitStack) -> None:
    """An agreement's end is nothing to the booth, whoever tells of it."""
    bar = Policy.bar_to_use
    _put(stack, Policy, "bar_to_use", lambda self, issued_at, _term, now: bar(self, issued_at, None, now))
    _put(stack, Records, "end_list", lambda *_: frozenset())
    _put(stack, Lists, "purge", lambda *_: False)
    _put(stack, folding, "_is_met", lambda *_: True)


def _no_lease_end(stack: ExitStack) -> None:
    """What was once granted opens its list for ever."""

    def content_key(self: Any, key_id: str) -> bytes:
        return bytes(self._db.value("SELECT content_key FROM leases WHERE key_id = ?", (key_id,)) or b"")

    barred = LoadedList.barred
    _put(stack, Leases, "content_key", content_key)
    _put(stack, Leases, "expire", lambda *_: [])
    _put(stack, LoadedList, "barred", lambda self, *by: barred(replace(self, lease_ends_at=None), *by))


def _any_order(stack: ExitStack) -> None:
    """A delta is laid over whatever version is in force."""
    lay = Lists._lay_under

    def lay_under(self: Any, header: Any) -> int:
        here = self._version(header.name)
        base = header.step and replace(
            header.step, base_version=here, base_digest=self._header(header.name, here).payload_digest
        )
        return lay(self, replace(header, step=base))

    def due(inbox: Path, _versions: object) -> list[Path]:
        return [*sorted(inbox.glob("*.delta"), reverse=True), *sorted(inbox.glob("*.list"))]

    _put(stack, Lists, "_lay_under", lay_under)
    _put(stack, list_updates, "_check_step", lambda *_: None)
    _put(stack, list_updates, "packages_due", due)


def _forgotten_early(stack: ExitStack) -> None:
    def sure(self: Any) -> int:
        return int(self._journal.head().seq)

    _put(stack, store_delivery.Delivery, "_sure", sure)


def _absence_is_well(stack: ExitStack) -> None:
    _put(stack, folding, "_is_met", lambda *_: True)


def _clock_alone(stack: ExitStack) -> None:
    _put(stack, TrustedTime, "now", TrustedTime.wall)


# -- what leads to where the guard stands ------------------------------------------------------------------------------


def _round(world: World, booth: SimBooth) -> None:
    world.round(booth)
    booth.work(booth.apply)


def _an_older_list_lies_ready(world: World) -> None:
    booth = world.booths[0]
    booth.store._db.execute("DROP INDEX list_copies_in_force")  # the last line: one version of a list is in force
    kept = world.folder / "kept"
    shutil.copytree(booth.inbox, kept)
    world.bring("ECU", {0: 0, 4: 0})
    world.publish()
    _round(world, booth)
    world.check(())
    shutil.copytree(kept, booth.inbox, dirs_exist_ok=True)


def _a_disk_is_put_back(world: World) -> None:
    booth = world.booths[0]
    world.back_up(booth)
    booth.work(lambda: booth.encounter(5, decide=True, picture=False))
    world.round(booth)
    world.check(())
    world.put_back(booth)
    booth.work(lambda: booth.encounter(6, decide=True, picture=False))


def _three_deltas_lie_ready(world: World) -> None:
    booth = world.booths[0]
    for contents in ({0: 0, 1: 0, 4: 0}, {0: 0, 4: 0}, {0: 0, 4: 0, 5: 0}):
        world.time.move(minutes=5)
        world.bring("ECU", contents)
        world.publish()
    world.round(booth)


def _requests_are_cut(world: World) -> None:
    """Of what a booth sends, no large request arrives whole."""
    serve = world.serve

    def cut(method: str, path: str, headers: Any, body: bytes, arrives: int | None) -> Any:
        if path != EVENTS:
            return serve(method, path, headers, body, arrives)
        return None

    world.serve = cut  # type: ignore[method-assign]
    for booth in world.booths:
        booth.close()
        booth.open()


def _an_undelivered_body_is_old(world: World) -> None:
    booth = world.booths[0]
    booth.work(lambda: booth.encounter(5, decide=True, picture=False))
    world.time.move(hours=200)
    booth.store.time.see(world.centre.now())


def _lists_are_old(world: World) -> None:
    world.time.move(hours=24 * 8)


def _a_lease_is_over(world: World) -> None:
    """Of the lists in force one is young, and its key's time is over."""
    booth = world.booths[0]
    day = timedelta(days=1)
    world.time.move(hours=24 * 6)
    booth.store._db.execute("UPDATE leases SET not_after = ?", (to_plain(world.time.at - day),))
    world.touched = [booth]
    world.check(world.booths)


OFTEN = {steps.line_round: 30, steps.apply: 30}
CONTROLS = {
    "the centre's unique constraint is off": Taken(
        _stored_as_it_comes, "doubled", {steps.repeat: 40}, _no_unique_constraint
    ),
    "what was sent counts as delivered": Taken(
        _sent_is_delivered, "the centre never had it|are lost", OFTEN, _requests_are_cut
    ),
    "any version may take the place of another": Taken(
        _any_version, "has taken the place of|two versions", OFTEN, _an_older_list_lies_ready
    ),
    "an acknowledgement of another chain is taken": Taken(
        _any_acknowledgement, "is of another chain|was never written|come to rest", OFTEN, _a_disk_is_put_back
    ),
    "deltas are applied in any order": Taken(_any_order, "traveller", OFTEN, _three_deltas_lie_ready),
    "a lease has no end": Taken(_no_lease_end, "not .*not_checked", {steps.time_passes: 60}, _a_lease_is_over),
    "an agreement's end is ignored": Taken(
        _no_end,
        "not .*not_checked|must be incomplete",
        {steps.end_agreement: 40, steps.publish: 40, steps.line_round: 40},
    ),
    "bodies are forgotten before they are delivered": Taken(
        _forgotten_early, "forgotten, and not delivered", {steps.forget: 60}, _an_undelivered_body_is_old
    ),
    "an absence is as good as an answer": Taken(_absence_is_well, "where it must be incomplete", OFTEN, _lists_are_old),
    "late hits are noted, and told to nobody": Taken(_cases_forgotten, "told to nobody", {steps.encounter: 40}),
    "the machine's clock is believed": Taken(
        _clock_alone, "lies before a signed moment", {steps.clock_jumps: 30, steps.line_round: 30}
    ),
}
