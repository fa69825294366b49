"""A whole booth for tests: a real store, real signed packages, real jobs; only the reader and the clock are ours."""

from __future__ import annotations

import io
import queue
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.booth.desk.desk import Desk, Places
from checkpoint_app.booth.record.signed_objects import put_small
from checkpoint_app.booth.view.screen import Action, DeskView, Sound, Stage
from checkpoint_app.screening import entry_to_plain, number_to_plain
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedDate, ListedNumber, Name
from checkpoint_app.screening.numbers.build import blocks_of
from checkpoint_app.store import Officer, Store, create_passphrase_key
from checkpoint_app.store.passphrase_key import Stretching
from checkpoint_app.store.trust import put_trust

try:
    from checkpoint_app.sync.pace import LineState
except ImportError:
    from collections import namedtuple

    LineState = namedtuple("LineState", "state since reason retry_at")
from checkpoint_app.verdict import Agreement, Check, Outcome, Policy, Requirement
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.pin import make_verifier
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.repository import delta_file
from checkpoint_app.wire.sealing import new_key

PASSPHRASE = "correct horse battery"
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
CLEAR = ("P<UTOMUSTER<<KLARA<LUISA<<<<<<<<<<<<<<<<<<<<", "C01X00T478UTO8001014F3001019<<<<<<<<<<<<<<08")
OFFICER, PIN = "m.demo", "2468"
SUPERVISOR, SUPERVISOR_PIN = "s.muestra", "8642"
THRESHOLD = 6_000
VERIFIERS: dict[str, str] = {}


class FakeClock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now
        self.seconds = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def pass_(self, **parts: float) -> None:
        step = timedelta(**parts)
        self.time += step
        self.seconds += max(0.0, step.total_seconds())  # a wall clock may be set back, this one never is


class NoReader:
    """A reader for tests that type."""

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read_frames(self, images: tuple[bytes, ...]) -> object:
        return self.read(images[0])

    def read(self, image: bytes) -> object:
        raise AssertionError("no picture was meant to be read")


def verifier(pin: str) -> str:
    """Argon2id is slow on purpose: one verifier a PIN a test run."""
    if pin not in VERIFIERS:
        VERIFIERS[pin] = make_verifier(pin)
    return VERIFIERS[pin]


@dataclass
class Publisher:
    """Signs lists, policy and officers for a booth."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def policy(self, issued_at: datetime = START, version: int = 1, **changes: object) -> bytes:
        policy = Policy(
            **{
                "name": "Paso Test",
                "version": version,
                "issued_at": issued_at,
                "required": (
                    Requirement(Check.DOCUMENT),
                    Requirement(Check.LOST_STOLEN, "INTL"),
                    Requirement(Check.WANTED, "ECU"),
                ),
                "outcomes": {
                    "document.expired": Outcome.NOTE,
                    "document.read_doubtful": Outcome.NOTE,
                    "lost_stolen.possible": Outcome.NOTE,
                    "wanted.cleared_before": Outcome.NOTE,
                },
                **changes,
            }
        )
        return self._small("policy", ListKind.POLICY, version, issued_at, to_plain(policy))

    def officers(self, issued_at: datetime = START, version: int = 1) -> bytes:
        ends_at = START + timedelta(days=365)
        officers = [
            Officer(OFFICER, "M. Demo", "officer", verifier(PIN), ends_at),
            Officer(SUPERVISOR, "S. Muestra", "supervisor", verifier(SUPERVISOR_PIN), ends_at),
        ]
        return self._small("officers", ListKind.OFFICERS, version, issued_at, {"officers": to_plain(officers)})

    def persons(self, folder: Path, booth: Desk | Store, entries: Sequence[Entry], **changes: object) -> Path:
        return self._list(folder, booth, "ECU", ListKind.PERSONS, [entry_to_plain(e) for e in entries], changes)

    def numbers(self, folder: Path, booth: Desk | Store, numbers: Sequence[ListedNumber], **changes: object) -> Path:
        return self._list(folder, booth, "INTL", ListKind.DOCUMENTS, blocks_of(map(number_to_plain, numbers)), changes)

    def _small(self, name: str, kind: ListKind, version: int, issued_at: datetime, record: object) -> bytes:
        stream = io.BytesIO()
        write_package(
            stream, [record], self.key, name=name, kind=kind, version=version, originator="Test", issued_at=issued_at
        )
        return stream.getvalue()

    def _list(self, folder: Path, store: Store, name: str, kind: ListKind, records: Iterable, changes: dict) -> Path:
        records = list(records)
        options = {
            "version": 1,
            "originator": "Ecuador",
            "issued_at": START - timedelta(hours=6),
            "agreement": Agreement("Test", START - timedelta(days=30), START + timedelta(days=60)),
            "handling": ("LE-ONLY",),
            **changes,
        }
        content_key = options.pop("content_key", None) or new_key()
        not_after = options.pop("not_after", START + timedelta(days=30))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{options['version']}.list"
        if (step := options.get("step")) is not None:
            path = folder / delta_file(name, step.base_version, options["version"])
        calibration = Calibration(ENGINE, THRESHOLD, 1000, 1000, 1000, len(records), 1).to_plain()
        signer = options.pop("signer", self.key)
        with path.open("wb") as stream:
            write_package(
                stream,
                records,
                signer,
                name=name,
                kind=kind,
                content_key=content_key,
                calibration=calibration if kind is ListKind.PERSONS else None,
                **options,
            )
        grant = grant_key(
            content_key,
            list_name=name,
            booth=store.identity.exchange_key.public_key(),
            not_after=not_after,
            signer=signer,
        )
        beside = path.with_suffix(".grant") if step is None else folder / f"{name}.grant"
        beside.write_bytes(write_grant(grant))
        return path

    def trust(self) -> dict:
        return dict.fromkeys(("ECU", "INTL", "policy", "officers"), self.key.public_key())


ERIKSON = Entry(
    id="E-1",
    schema="Person",
    names=(Name("ERIKSON", "Ana María"),),
    birth_dates=(ListedDate("1974-08-21", "1974-08-21"),),
    sex="F",
    nationalities=("ECU",),
)
STOLEN = ListedNumber("L898902C3", "UTO", DocumentCategory.STOLEN)
OTHERS = tuple(
    Entry(
        f"O-{n}", "Person", (Name(f"PRUEBA{n:03d}", "Nadie"),), (ListedDate("1960-01-01", "1960-01-01"),), "M", ("CHL",)
    )
    for n in range(50)
)


class Booth:
    """A desk with its store, driven as the window drives it."""

    def __init__(
        self,
        folder: Path,
        clock: FakeClock,
        publisher: Publisher,
        reader: object | None = None,
        places: Places | None = None,
        messages: object | None = None,
    ) -> None:
        self.clock = clock
        self.publisher = publisher
        self.folder = folder
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.sounds: list[Sound] = []
        self.views: list[DeskView] = []
        self.desk = Desk(
            places or Places(folder / "data", folder / "inbox"),
            reader or NoReader(),
            self.calls.put,
            language="en",
            clock=clock,
            messages=messages,
        )
        self.desk.on_sound(self.sounds.append)
        self.desk.on_view(self.views.append)

    @property
    def view(self) -> DeskView:
        return self.desk.view()

    def until(self, condition: Callable[[DeskView], object], seconds: float = 30.0) -> DeskView:
        """Run what comes back to the UI thread until the view is as wanted."""
        deadline = time.monotonic() + seconds
        while not condition(self.view):
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(
                    f"the desk never came to it; message: {self.view.message.text}; form: {self.view.form}"
                )
            try:
                self.calls.get(timeout=min(left, 0.5))()
            except queue.Empty:
                continue
        return self.view

    def settle(self, seconds: float = 0.3) -> DeskView:
        """Let everything under way come to its end."""
        quiet_at = time.monotonic() + seconds
        while time.monotonic() < quiet_at:
            try:
                self.calls.get(timeout=0.05)()
                quiet_at = time.monotonic() + seconds
            except queue.Empty:
                continue
        return self.view

    def unlock(self) -> None:
        self.desk.opening.start()
        self.until(lambda v: v.form and v.form.name == "unlock")
        self.desk.edit("passphrase", PASSPHRASE)
        self.desk.submit()
        self.until(lambda v: v.form and v.form.name == "sign_in")

    def sign_in(self, officer: str = OFFICER, pin: str = PIN) -> DeskView:
        self.desk.edit("officer", officer)
        self.desk.edit("pin", pin)
        self.desk.submit()
        return self.until(lambda v: v.stage is not Stage.FORM or (v.form and v.form.fault))

    def open(self, lists: int = 2) -> DeskView:
        self.unlock()
        view = self.sign_in()
        self.until(lambda _v: sum(one.bar is None for one in self.desk._core.state.lists) >= lists)
        return view

    def type(self, *lines: str) -> DeskView:
        self.press(Action.CORRECT)
        self.desk.edit("mrz", "\n".join(lines))
        self.desk.submit()
        return self.until(lambda v: v.advice.advice is not None or (v.form and v.form.fault))

    def press(self, action: Action, *, wait: float = 1.0, auto_repeat: bool = False) -> None:
        self.clock.pass_(seconds=wait)
        self.desk.press(action, auto_repeat=auto_repeat)

    def kinds(self) -> list[str]:
        """The kinds of all events so far, in order."""
        return self._ask(lambda records: [event.header.kind.value for event in records.store.journal.events()])

    def last_body(self, kind: str) -> dict:
        """The body of the last event of a kind."""

        def ask(records):
            events = [event for event in records.store.journal.events() if event.header.kind == kind]
            return records.store.journal.body(events[-1].header.seq)

        return self._ask(ask)

    def let_pass_with_reason(self) -> None:
        self.press(Action.LET_PASS)
        self.desk.choose(1)
        self.press(Action.LET_PASS)
        self.until(lambda v: v.stage is Stage.EMPTY)

    def let_pass(self) -> None:
        self.press(Action.LET_PASS)
        self.until(lambda v: v.stage is Stage.EMPTY)

    def refer(self) -> None:
        self.press(Action.REFER)
        self.until(lambda v: v.stage is Stage.EMPTY)

    def store(self) -> Store:
        return self._ask(lambda records: records.store)

    def versions(self) -> dict[str, int]:
        return self._ask(lambda records: records.versions())

    def trusted_now(self) -> datetime:
        return self._ask(lambda records: records.trusted_now())

    def bring(self, *entries: Entry, version: int, **changes: object) -> None:
        """Lay a newer list of persons into the inbox and wait until it is in force and loaded."""
        store = self._ask(lambda records: records.store)
        self.publisher.persons(self.folder / "inbox", store, (*OTHERS, *entries), version=version, **changes)
        self.desk._keeping.look()
        self.until(
            lambda _v: any(
                one.source.version == version and one.bar is None
                for one in self.desk._core.state.lists
                if one.source.name == "ECU"
            )
        )

    def _ask(self, question):
        answer: queue.Queue = queue.Queue()
        self.desk._core.record(question, answer.put, answer.put)
        deadline = time.monotonic() + 20
        while answer.empty() and time.monotonic() < deadline:
            try:
                self.calls.get(timeout=0.1)()
            except queue.Empty:
                continue
        found = answer.get_nowait()
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        self.desk.close()


def make_booth(folder: Path, **lists: object) -> tuple[Publisher, FakeClock]:
    """Create the store with trust, policy and officers, and lay the list packages into the inbox."""
    clock, publisher = FakeClock(), Publisher()
    data = folder / "data"
    data.mkdir(parents=True)
    key = create_passphrase_key(data, PASSPHRASE, Stretching(time_cost=1, memory_kib=64, lanes=1))
    with Store.create(data, key, booth="test-1", clock=clock) as store:
        put_trust(store, publisher.trust(), 1)
        put_small(store, publisher.policy(**lists.get("policy", {})), publisher.trust())
        put_small(store, publisher.officers(), publisher.trust())
        if lists.get("persons", ()) is not None:
            publisher.persons(folder / "inbox", store, (*OTHERS, ERIKSON), **lists.get("persons", {}))
        if lists.get("numbers", ()) is not None:
            publisher.numbers(folder / "inbox", store, (STOLEN,), **lists.get("numbers", {}))
    return publisher, clock


def up():
    """A line that holds."""
    return LineState("up", START, "", None)


def down(since: datetime):
    """No line since then."""
    return LineState("down", since, "name_not_found", since + timedelta(minutes=3))
