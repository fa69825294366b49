"""The demo's embedded centre: a real one, made and served by the commands that an administrator uses."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.central.lists import VersionState
from checkpoint_app.demo import policy as post
from checkpoint_app.demo.partners import (
    PARTNER_LISTS,
    PartnerList,
    calibration_file,
    read_json,
    source_digest,
    write_partner_package,
)
from checkpoint_app.demo.rule_sets import AGE as RULES_AGE
from checkpoint_app.demo.rule_sets import RULE_OWNER, RULE_SETS, DemoRules, write_signed
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.repository import PACKAGE_ENDING, delta_file

PASSPHRASE = "central for the demonstration"  # noqa: S105 - nothing secret
HOST = "127.0.0.1"
KEEP = timedelta(days=30)
"""Shorter than a series of versions lasts: within one there are deltas."""
DRIFT = timedelta(hours=4)
_COMMAND_S, _START_S = 180.0, 60.0
Record = Mapping[str, Any]


class DemoCentreError(Exception):
    """A command of the centre failed; the message is what it said."""


class DemoCentre:
    """The centre in ``folder``, with what was noted of it: when it was made, its port, the versions imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._home = folder / "home"
        self._notes_file = folder / "notes.json"
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where booths reach it."""
        return f"https://{HOST}:{self._notes()['port']}"

    def provide(self, now: datetime) -> bool:
        """Make the centre, or find it made, with lists as old as the stories want; tell whether it is a new one."""
        notes = self._notes()
        is_new = not notes or notes["made_of"] != source_digest() or now - _moment(notes["made_at"]) > KEEP
        if is_new:
            self._make(now)
        stale = [one for one in PARTNER_LISTS if self._is_stale(one, now)]
        for one in stale:
            self.bring(one, self._issued_at(one.name, now - one.age))
        old = [one for one in RULE_SETS if self._is_old(one.name, now - RULES_AGE - DRIFT)]
        for rules in old:
            self.bring_rules(rules, self._issued_at(rules.name, now - RULES_AGE))
        if stale or old:
            self.command("publish")
        return is_new

    def _issued_at(self, name: str, at: datetime) -> datetime:
        """Return when the next version of a list was issued: ``at``, but after the one before."""
        before = self._notes()["issued"].get(name)
        return at if before is None else max(at, _moment(before) + timedelta(seconds=1))

    def _is_old(self, name: str, oldest: datetime) -> bool:
        issued_at = self._notes()["issued"].get(name)
        return issued_at is None or _moment(issued_at) < oldest

    def _is_stale(self, one: PartnerList, now: datetime) -> bool:
        """Tell whether a newer version is due: for its age, or since the last one names somebody more."""
        return one.name in self._notes()["named_more"] or self._is_old(one.name, now - one.age - DRIFT)

    def bring(self, one: PartnerList, issued_at: datetime, more: Sequence[Record] = ()) -> int:
        """Import the next version of a partner's list; returns its number. The partner's file does not stay."""
        notes = self._notes()
        version = int(notes["versions"].get(one.name, one.first_version - 1)) + 1
        agreement = from_plain(Agreement, notes["agreements"][one.name])
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(notes["partner"]))
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            scratch = Path(name)
            package = write_partner_package(
                one, scratch, key, version=version, issued_at=issued_at, agreement=agreement, more=more
            )
            public = _public_half(key, scratch)
            persons = one.kind.value == "persons"
            self.command(
                "import",
                f"--list={one.name}",
                f"--originator={one.originator}",
                f"--agreement={agreement.name}",
                f"--partner-key={public}",
                *(f"--handling={code}" for code in one.handling),
                *((f"--calibration={calibration_file(self.folder)}",) if persons else ()),
                str(package),
            )
        notes["named_more"] = [name for name in notes["named_more"] if name != one.name] + ([one.name] if more else [])
        notes["versions"][one.name] = version
        notes["issued"][one.name] = to_plain(issued_at)
        self._note(notes)
        return version

    def bring_rules(self, one: DemoRules, issued_at: datetime) -> None:
        """Import a rule set that its owner has signed; a second administrator approves it where one has to."""
        notes = self._notes()
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(notes["rule_owner"]))
        issued_at = issued_at.replace(microsecond=0)
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            scratch = Path(name)
            source, signature = write_signed(one.issued(issued_at), scratch, key)
            public = f"--partner-key={_public_half(key, scratch)}"
            whose = ("--kind=rules", f"--originator={RULE_OWNER}", public)
            said = self.command("import", str(source), *whose, f"--signature={signature}", "--json")
        told = json.loads(said)
        if told["state"] == VersionState.PENDING:
            self.command("import", f"--list={one.name}", f"--approve={told['version']}", admin="demo-2")
        notes["issued"][one.name] = to_plain(issued_at)
        self._note(notes)

    def lots(self, booth: str) -> list[str]:
        """Return a line for each day of the lot that is over, drawn again. Raises DemoCentreError if one is wrong."""
        return self.command("audit", "--lots", f"--booth={booth}").splitlines()

    def start(self) -> None:
        """Serve, as a process of its own; returns when it listens. Raises DemoCentreError."""
        self._process = subprocess.Popen(
            [*_CHECKPOINT, "central", "serve", "--host", HOST, "--port", str(self._notes()["port"])],
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        stdout = self._process.stdout
        said = stdout.readline() if stdout is not None else ""
        if not said.startswith("serving on"):
            _out, errors = self._process.communicate(timeout=_START_S)
            raise DemoCentreError(f"the centre does not serve: {(errors or said).strip()}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.communicate(timeout=30)

    def enrol(self, data_home: Path, booth: str, passphrase_file: Path) -> None:
        """Enrol the booth whose home is ``data_home``: code, request, comparison of fingerprints. The centre serves."""
        code = self.command("enrol-code", booth, f"--post={post.POST}").splitlines()[0]
        arguments = [f"--central={self.url}", f"--code={code}", f"--booth={booth}"]
        environment = {**os.environ, "CHECKPOINT_HOME": str(data_home)}
        enrolling = subprocess.Popen(
            [*_CHECKPOINT, "enrol", *arguments, f"--passphrase-file={passphrase_file}", "--wait=60"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = ""
        while enrolling.stdout is not None and (line := enrolling.stdout.readline()):
            said += line
            if "booths confirm" in line:  # its keys are at the centre, and wait for a person
                break
        waiting = next((one for one in self.booths() if one["name"] == booth), None)
        # Two people would compare what the two screens show; here one line is looked for in the other.
        if waiting is not None and waiting["fingerprint"] in said:
            self.command("booths", "confirm", booth, waiting["fingerprint"])
        _out, errors = enrolling.communicate(timeout=_COMMAND_S)
        if enrolling.returncode != 0:
            raise DemoCentreError(f"the booth is not enrolled: {errors.strip() or said.strip()}")

    def booths(self) -> list[dict[str, Any]]:
        """Return what the centre knows of its booths."""
        found: list[dict[str, Any]] = json.loads(self.command("booths", "--json"))["booths"]
        return found

    def cases(self) -> list[dict[str, Any]]:
        """Return the centre's cases."""
        found: list[dict[str, Any]] = json.loads(self.command("cases", "--json"))["cases"]
        return found

    def published(self, name: str, version: int) -> tuple[int, int]:
        """Return the sizes of what booths are offered of a list: the delta to ``version``, 0 if none, and the whole."""
        folder = self._home / "repository" / "targets" / name
        # Packages of earlier versions stay for a while, for booths that have begun with one.
        deltas = folder.glob(f"*.{delta_file(name, version - 1, version)}")
        newest = max(folder.glob(f"*.{name}{PACKAGE_ENDING}"), key=lambda path: path.stat().st_mtime)
        return sum(path.stat().st_size for path in deltas), newest.stat().st_size

    def bundle(self, step: str, file: Path, *arguments: str) -> dict[str, Any]:
        """Run `checkpoint bundle` at the centre and return what it told. Raises DemoCentreError."""
        told: dict[str, Any] = json.loads(
            self._run("bundle", step, str(file), f"--home={self._home}",
                      f"--passphrase-file={self.folder / 'passphrase'}", "--json", *arguments)
        )  # fmt: skip
        return told

    def command(self, *arguments: str, admin: str = "demo") -> str:
        """Run `checkpoint central …` as ``admin`` and return what it printed. Raises DemoCentreError."""
        return self._run("central", *arguments, admin=admin)

    def _run(self, *arguments: str, admin: str = "demo") -> str:
        done = subprocess.run(
            [*_CHECKPOINT, *arguments],
            env={**self._environment(), "CHECKPOINT_ADMIN": admin},
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )
        if done.returncode != 0:
            raise DemoCentreError(f"{arguments[0]} {arguments[1]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def _make(self, now: datetime) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / "passphrase").touch(mode=0o600)
        (self.folder / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
        self.command("init", f"--host-name={HOST}")
        agreements = {one.name: one.agreement(now) for one in PARTNER_LISTS}
        for one in PARTNER_LISTS:
            term = agreements[one.name]
            begins, ends = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (term.begins_at, term.ends_at))
            partner = f"--partner={one.originator}"
            self.command("agreements", "add", term.name, partner, f"--begins={begins}", f"--ends={ends}")
        for officer in post.OFFICERS:
            pin = self.folder / "pin"
            pin.write_text(officer.pin, encoding="utf-8")
            name, role = f"--name={officer.name}", f"--role={officer.role}"
            self.command("officers", "add", officer.id, name, role, f"--pin-file={pin}")
            pin.unlink()
        policy = self.folder / "policy.json"
        policy.write_text(json.dumps(to_plain(post.demo_policy(now.replace(microsecond=0)))), encoding="utf-8")
        self.command("import", "--list=policy", str(policy))
        self._note(
            {
                "made_at": to_plain(now),
                "made_of": source_digest(),
                "port": free_port(),
                "partner": secrets.token_hex(32),
                "rule_owner": secrets.token_hex(32),
                "agreements": {name: to_plain(term) for name, term in agreements.items()},
                "versions": {},
                "issued": {},
                "named_more": [],
            }
        )

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CHECKPOINT_CENTRAL_HOME": str(self._home),
            "CHECKPOINT_CENTRAL_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "CHECKPOINT_ADMIN": "demo",
        }

    def _notes(self) -> dict[str, Any]:
        return read_json(self._notes_file)

    def _note(self, notes: Mapping[str, Any]) -> None:
        self._notes_file.write_text(json.dumps(notes), encoding="utf-8")


_CHECKPOINT = (sys.executable, "-m", "checkpoint_app")


def _public_half(key: Ed25519PrivateKey, folder: Path) -> Path:
    path = folder / "public.pem"
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
    return path


def _moment(text: str) -> datetime:
    return from_plain(datetime, text)


def free_port() -> int:
    """Return a port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
