"""A real centre for end-to-end tests: a small one, served as a process of its own that a test can kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checkpoint_app.central import agreements, booths, delivery, importing, officers, opening, publishing
from checkpoint_app.central.agreements import Concluded
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.importing import Material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.officers import Person, Role
from checkpoint_app.demo.centre import free_port
from checkpoint_app.screening import ENGINE, entry_to_plain, number_to_plain
from checkpoint_app.screening.calibration import Calibration
from checkpoint_app.screening.entry import Entry, ListedNumber
from checkpoint_app.store import Store, create_passphrase_key
from checkpoint_app.store.passphrase_key import Stretching as StoreStretching
from checkpoint_app.sync.enrol import ask_to_enrol, booth_keys, enrol
from checkpoint_app.verdict import Check, Outcome, Policy, Requirement
from checkpoint_app.wire.delivery import Acknowledgement
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.plain import to_plain
from tests.booth.helpers import OFFICER, OTHERS, PASSPHRASE, PIN, SUPERVISOR, SUPERVISOR_PIN, verifier

CENTRE_PASSPHRASE = "a synthetic passphrase"
HOST, POST, BOOTH = "127.0.0.1", "Paso Prueba", "prueba-1"
AGREEMENT = "EC-US"


class RealCentre:
    """A centre with a post's policy, officers and lists; ``centre`` is open here too, beside the serving process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"https://{HOST}:{self.port}"
        self._passphrase = folder.parent / "centre.passphrase"
        self._passphrase.write_text(CENTRE_PASSPHRASE)
        light = Stretching(time_cost=1, memory_kib=64, lanes=1)
        self.centre: Centre = opening.create(folder, CENTRE_PASSPHRASE, host_names=[HOST], stretching=light)
        self._process: subprocess.Popen[str] | None = None
        self._found_post()

    def _found_post(self) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        centre = self.centre
        with centre.begin() as connection:
            term = Concluded(AGREEMENT, "ECU", now - timedelta(days=30), now + timedelta(days=60))
            agreements.add(centre, connection, term)
            for name, role, pin in ((OFFICER, "officer", PIN), (SUPERVISOR, "supervisor", SUPERVISOR_PIN)):
                officers.add(
                    centre, connection, name, Person(name, Role(role), verifier(pin)), now + timedelta(days=365)
                )
        policy = Policy(
            name="policy",
            version=1,
            issued_at=now,
            required=(
                Requirement(Check.DOCUMENT),
                Requirement(Check.LOST_STOLEN, "INTL"),
                Requirement(Check.WANTED, "ECU"),
            ),
            outcomes={"document.expired": Outcome.NOTE, "wanted.cleared_before": Outcome.NOTE},
        )
        declared = Declared("policy", ListKind.POLICY, "post")
        importing.import_version(centre, declared, Material(lambda _version: [to_plain(policy)], now))

    def persons(self, entries: Sequence[Entry], name: str = "ECU", *, silent: bool = False) -> None:
        """Import a version of a list of persons, beside fifty that nobody is taken for."""
        listed = (*OTHERS, *entries)
        calibration = Calibration(ENGINE, 6_000, 1000, 1000, 1000, len(listed), 1)
        declared = Declared(name, ListKind.PERSONS, "ECU", AGREEMENT, b"\x01" * 32, silent, ("LE-ONLY",))
        self._import(declared, [entry_to_plain(entry) for entry in listed], calibration)

    def numbers(self, numbers: Sequence[ListedNumber]) -> None:
        """Import a version of the list of documents."""
        self._import(Declared("INTL", ListKind.DOCUMENTS, "INTL"), [number_to_plain(one) for one in numbers], None)

    def _import(self, declared: Declared, records: list[dict], calibration: Calibration | None) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        material = Material(lambda _version: records, now, calibration)
        importing.import_version(self.centre, declared, material)

    def publish(self) -> list[str]:
        return publishing.publish(self.centre)

    # -- the process -----------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "checkpoint_app", "central", "serve", "--host", HOST, "--port", str(self.port)],
            env={
                **os.environ,
                "CHECKPOINT_CENTRAL_HOME": str(self.folder),
                "CHECKPOINT_CENTRAL_PASSPHRASE_FILE": str(self._passphrase),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = self._process.stdout.readline()
        if not said.startswith("serving on"):
            raise AssertionError(f"the centre does not serve: {said}{self._process.communicate(timeout=30)[1]}")

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> str:
        """End it in order; returns what it logged."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> str:
        process, self._process = self._process, None
        if process is None:
            return ""
        process.send_signal(how)
        return process.communicate(timeout=30)[1]

    def close(self) -> None:
        self._end(signal.SIGTERM)
        opening.close(self.centre)

    # -- booths ----------------------------------------------------------------------------------------------------

    def enrol(self, data: Path, booth: str = BOOTH) -> None:
        """Make a booth's store in ``data`` and enrol it, as an administrator and an officer would together."""
        data.mkdir(parents=True)
        key = create_passphrase_key(data, PASSPHRASE, StoreStretching(time_cost=1, memory_kib=64, lanes=1))
        with Store.create(data, key, booth=booth) as store:
            code = booths.new_code(self.centre, booth, POST)
            ask_to_enrol(self.url, code, store.identity)
            booths.confirm(self.centre, booth, booth_keys(store.identity).fingerprint)
            enrol(self.url, code, lambda work: work(store), store.time._clock, wait_s=20)

    def acknowledged(self, booth: str = BOOTH) -> Acknowledgement:
        return delivery.acknowledgement(self.centre, booth)
