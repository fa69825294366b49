"""Opening the booth: the store's key, the policy in force, the officer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from checkpoint_app import __version__
from checkpoint_app.booth.crossings.lot import give_up
from checkpoint_app.booth.desk.core import Core, store_key
from checkpoint_app.booth.desk.state import Counts, Form, OnDuty, Post
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import SUPERVISOR, PinRefusedError, Records
from checkpoint_app.booth.rules.rules_in_force import local_day
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.store import (
    KeyKind,
    PinResult,
    RolledBackError,
    Store,
    StoreError,
    StoreKey,
    StoreMissingError,
    WitnessState,
    WrongKeyError,
    key_kind,
    open_keyring_key,
    open_passphrase_key,
    open_tpm_key,
)
from checkpoint_app.verdict import LaneKind, Policy
from checkpoint_app.wire.event import EventKind

_PIN_FAULTS = {PinResult.LOCKED: "fault.locked_out", PinResult.ENDED: "fault.officer_ended"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What an opened booth starts with."""

    records: Records
    policy: Policy | None
    clearances: int
    post: Post
    direction_in: bool
    lane_kind: LaneKind
    key_kind: str
    counts: Counts
    to_send: int
    rolled_back: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in brings: the officer, and the Encounters that were left open, the latest first."""

    officer: OnDuty
    left_open: tuple[Encounter, ...]


class Opening:
    """Unlocks the store and signs officers in. A PIN only changes the officer inside an unlocked booth."""

    def __init__(self, core: Core, folder: Path) -> None:
        self._core = core
        self._folder = folder
        self.opened: Callable[[], None] = lambda: None
        self.signed_in: Callable[[tuple[Encounter, ...]], None] = lambda _left_open: None

    def start(self) -> None:
        """Look where the key is: ask the passphrase, or open with the keyring's or the TPM's key."""
        core = self._core
        core.update(stage=Stage.FORM, form=Form("opening"))

        def done(kind: KeyKind | None) -> None:
            if kind is KeyKind.PASSPHRASE:
                core.update(form=Form("unlock"))
            elif kind in (KeyKind.KEYRING, KeyKind.TPM):
                core.jobs.on_database(lambda: self._open(""), self._done, self._failed)
            else:
                core.update(form=Form("not_set_up"))

        core.jobs.on_database(lambda: key_kind(self._folder), done, self._failed)

    def unlock(self, passphrase: str) -> None:
        """Open the store with the passphrase."""
        if not passphrase:
            self._failed(WrongKeyError("no passphrase was typed"))
            return
        self._core.update(form=Form("opening"))
        self._core.jobs.on_database(lambda: self._open(passphrase), self._done, self._failed)

    def open_with(self, key: StoreKey) -> None:
        """Open the store with a key that is at hand: one that is in memory only, and that the screen tells of."""
        self._core.jobs.on_database(lambda: self._open_store(key), self._done, self._failed)

    def sign_in(self, officer_id: str, pin: str) -> None:
        """Sign an officer in by PIN."""
        core = self._core

        def work(records: Records) -> SignedIn | None:
            if records.unlock(officer_id, pin):
                return None
            officer = records.sign_in(officer_id, pin)
            on_duty = OnDuty(officer.id, officer.name, supervisor=officer.role == SUPERVISOR)
            return SignedIn(on_duty, tuple(records.open_encounters()))

        def done(signed_in: SignedIn | None) -> None:
            if signed_in is None:
                core.update(form=Form("sign_in", {"officer": officer_id}))
                core.say("message.unlocked", "tick", time=clock(core.clock.now()))
                return
            core.update(officer=signed_in.officer, form=None, stage=Stage.EMPTY)
            if core.state.health.key_kind == KeyKind.MEMORY:
                core.say("message.memory_key", "attention")
            elif core.state.message.symbol != "attention":  # what was told at opening stays until it is read
                core.say("message.none")
            self.signed_in(signed_in.left_open)

        def failed(error: Exception) -> None:
            if isinstance(error, PinRefusedError):
                core.sound(Sound.REFUSED_KEY)
                key = "fault.locked_challenge" if error.challenge else _PIN_FAULTS.get(error.result, "fault.sign_in")
                fault = core.words.say(key, challenge=" ".join((error.challenge[:4], error.challenge[4:])))
                core.update(form=Form("sign_in", {"officer": officer_id}, fault=fault))
            else:
                core.update(form=Form("sign_in", {"officer": officer_id}))
                core.failed(error)

        core.act(work, done, failed)

    def check_officer(self) -> None:
        """Sign the officer out whom a newer list does not know any more, or whose time has ended: at once.

        An open Encounter stays on the desk for the next officer.
        """
        core = self._core
        officer = core.state.officer
        if officer is None:
            return

        def done(may_work: bool) -> None:
            if not may_work and core.state.officer == officer:
                core.when_free(self._send_off)

        core.record(lambda records: records.may_work(officer.id), done)

    def _send_off(self) -> None:
        self.sign_out()
        self._core.say("fault.officer_ended", "attention")

    def sign_out(self) -> None:
        """Sign the officer out; an open Encounter stays on the desk for the next one, the vehicle does not."""
        core = self._core
        officer = core.state.officer
        if officer is None:
            return
        core.gate.shut()
        core.act(
            lambda records: records.write(EventKind.SIGNED_OUT, {"officer": officer.id}),
            lambda _none: core.update(officer=None, stage=Stage.FORM, form=Form("sign_in"), reason=None, vehicle=""),
        )

    def _open(self, passphrase: str) -> Opened:
        return self._open_store(self._key(passphrase))

    def _key(self, passphrase: str) -> StoreKey:
        """Return the store's key from whoever keeps it, and nobody else: what fails is told, never replaced."""
        if passphrase:
            return open_passphrase_key(self._folder, passphrase)
        return open_tpm_key(self._folder) if key_kind(self._folder) is KeyKind.TPM else open_keyring_key(self._folder)

    def _open_store(self, key: StoreKey) -> Opened:
        try:
            return self._take(Store.open(self._folder, key, clock=self._core.clock))
        except RolledBackError:
            # Work goes on with what is left: the journal says so, the screen says so, and the centre will see the fork.
            return self._take(Store.open(self._folder, key, clock=self._core.clock, accept_rollback=True))

    def _take(self, store: Store) -> Opened:
        records = Records(store)
        rolled_back = store.witness_state is WitnessState.ROLLED_BACK
        started = {"version": __version__, "key": store.key_kind.value, "rolled_back": rolled_back}
        records.write(EventKind.STARTED, started)
        policy = records.policy()
        crossing = store.projections.crossing()
        if rolled_back:
            give_up(store, crossing.lane if crossing else "1", local_day(records.trusted_now()))
        return Opened(
            records=records,
            policy=policy,
            clearances=records.clearances_version(),
            post=Post(
                name=records.post_name(),
                lane=crossing.lane if crossing else "1",
                booth=store.identity.booth,
            ),
            direction_in=crossing is None or crossing.direction == "in",
            lane_kind=LaneKind.CARGO if crossing is not None and crossing.kind == LaneKind.CARGO else LaneKind.PEOPLE,
            key_kind=store.key_kind.value,
            counts=records.counts(self._core.clock.now()),
            to_send=records.outbox().count,
            rolled_back=rolled_back,
        )

    def _done(self, opened: Opened) -> None:
        core = self._core
        core.records = opened.records
        core.update(
            policy=opened.policy,
            clearances=opened.clearances,
            post=opened.post,
            direction_in=opened.direction_in,
            lane_kind=opened.lane_kind,
            counts=opened.counts,
            health=replace(core.state.health, key_kind=opened.key_kind, to_send=opened.to_send),
            form=Form("sign_in"),
        )
        if opened.rolled_back:
            core.say("message.rolled_back", "attention")
        self.opened()

    def _failed(self, error: Exception) -> None:
        core = self._core
        if isinstance(error, WrongKeyError):
            core.sound(Sound.REFUSED_KEY)
            core.update(form=Form("unlock", fault=core.words.say("fault.passphrase")))
        elif isinstance(error, StoreMissingError):
            core.update(form=Form("not_set_up"))
        elif isinstance(error, StoreError):
            key = f"store.{store_key(error)}"
            text = core.words.say(key if core.words.knows(key) else "store.unknown", code=error.code)
            core.update(form=Form("stopped", fault=text))
        else:
            core.update(form=Form("stopped", fault=core.words.say("message.internal", code=type(error).__name__)))
