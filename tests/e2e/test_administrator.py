"""What docs/administrator.md shows is run, in order, as it stands there: from nothing to two enrolled booths."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checkpoint_app.demo import lists
from checkpoint_app.demo.centre import free_port
from checkpoint_app.demo.policy import demo_policy
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.wire.plain import to_plain
from tests.mutants import ROOT

DOCUMENT = ROOT / "docs/administrator.md"
CODE = re.compile(r"^([0-9A-Z]{4}-){13}[0-9A-Z]{4}$", re.MULTILINE)
FINGERPRINT = re.compile(r"fingerprint +([0-9A-F-]{24})")


@dataclass(frozen=True)
class Block:
    """A fenced block: what kind (empty, serve, booth NAME, sync, backup), and its commands."""

    kind: str
    text: str


def blocks() -> Iterator[Block]:
    for found in re.finditer(r"^```sh ?(.*?)\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL):
        yield Block(found.group(1), found.group(2))


class Machines:
    """The centre's machine and the booths', with the document's names put to what a test has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.code = self.fingerprint = ""
        self.serving: subprocess.Popen | None = None
        self.enrolling: subprocess.Popen | None = None
        binary = folder / "bin"
        binary.mkdir()
        script = binary / "checkpoint"
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m checkpoint_app "$@"\n')
        script.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{binary}:{os.environ['PATH']}", "CHECKPOINT_ADMIN": "admin"}

    def put(self, text: str) -> str:
        for said, here in (
            ("/srv/checkpoint", str(self.folder)),
            ("centre.example:8443", f"127.0.0.1:{self.port}"),
            ("--host 0.0.0.0 --port 8443", f"--host 127.0.0.1 --port {self.port}"),
            ("--host-name centre.example", "--host-name 127.0.0.1"),
            ("--code CODE", f"--code {self.code}"),
            ("FINGERPRINT", self.fingerprint),
        ):
            text = text.replace(said, here)
        return text

    def run(self, text: str, **more: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.put(text)],
            env=self.environment | more,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, (text, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout

    def start(self, text: str, **more: str) -> subprocess.Popen:
        return subprocess.Popen(
            shlex.split(self.put(text)),
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def booth_home(self, name: str) -> dict[str, str]:
        return {"CHECKPOINT_HOME": str(self.folder / name)}

    def close(self) -> None:
        for process in (self.serving, self.enrolling):
            if process is not None and process.stdout and not process.stdout.closed:
                process.terminate()
                process.communicate(timeout=30)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    machines = Machines(tmp_path)
    (tmp_path / "central.passphrase").write_text("a synthetic passphrase\n")
    (tmp_path / "booth.passphrase").write_text("another synthetic one\n")
    (tmp_path / "pin.m").write_text("2468\n")
    (tmp_path / "pin.s").write_text("8642\n")
    policy = demo_policy(datetime.now(UTC).replace(microsecond=0))
    (tmp_path / "policy.json").write_text(json.dumps(to_plain(policy)))
    wanted = tmp_path / "wanted.jsonl"
    wanted.write_text("".join(json.dumps(entry_to_plain(entry)) + "\n" for entry in lists.watchlist(200)))
    machines.run(
        "openssl genpkey -algorithm ed25519 -out ecu.pem && openssl pkey -in ecu.pem -pubout -out ecu.pub.pem && "
        "openssl pkeyutl -sign -rawin -inkey ecu.pem -in wanted.jsonl -out wanted.jsonl.sig"
    )
    yield machines
    machines.close()


@pytest.mark.timeout(300)
def test_the_document_from_nothing_to_two_enrolled_booths(machines: Machines) -> None:
    said, booth = "", ""
    seen = [block.kind.split(" ")[0] for block in blocks()]
    assert [seen.count(kind) for kind in ("serve", "booth", "sync", "backup")] == [1, 2, 1, 1]
    for block in blocks():
        kind, _, name = block.kind.partition(" ")
        if kind == "serve":
            machines.serving = machines.start(block.text)
            assert machines.serving.stdout.readline().startswith("serving on https://127.0.0.1:")
        elif kind == "booth":
            booth = name
            assert CODE.search(said), (block, said)
            machines.code = CODE.search(said).group()
            passphrase = str(machines.folder / "booth.passphrase")
            arguments = f"{block.text.strip()} --passphrase-file {passphrase} --wait 100"
            machines.enrolling = machines.start(arguments, **machines.booth_home(name))
            shown = ""
            while "booths confirm" not in shown:
                line = machines.enrolling.stdout.readline()
                assert line, machines.enrolling.communicate(timeout=30)
                shown += line
            machines.fingerprint = FINGERPRINT.search(shown).group(1)
        elif kind == "sync":
            passphrase = str(machines.folder / "booth.passphrase")
            text = block.text.replace("checkpoint sync", f"checkpoint sync --passphrase-file {passphrase}")
            told = machines.run(text, **machines.booth_home(booth)).splitlines()
            assert "in force  ECU 1" in told
            status = json.loads(told[-1])
            assert (status["booth"], status["line"]["state"]) == (booth, "up")
            assert [(one["name"], one["version"], one["state"]) for one in status["lists"]] == [("ECU", 1, "fresh")]
            assert status["outbox"]["acknowledged"] > 0
        else:
            exports = [line for line in block.text.splitlines() if line.startswith("export ")]
            for line in exports:
                key, _, value = machines.put(line.removeprefix("export ")).partition("=")
                machines.environment[key] = value
            said = machines.run(block.text)
            if "booths confirm" in block.text:
                machines.enrolling.communicate(timeout=60)
                assert machines.enrolling.returncode == 0
                if "checkpoint central booths\n" in block.text:
                    assert machines.fingerprint in said
    assert "revoked" in machines.run("checkpoint central booths")
