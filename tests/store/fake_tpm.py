"""A stand-in for `systemd-creds` on a machine with a TPM 2.0, and for its failures: no TPM is on the test machines.

``install`` writes the program into a folder; the file ``mode`` beside it tells how it behaves, the file ``pcr`` how the
machine started, and ``calls`` what it was called with.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROGRAM = f"""#!{sys.executable} -IS
import hashlib, hmac, json, os, subprocess, sys, time
here = os.path.dirname(os.path.abspath(__file__))
def text(name):
    with open(os.path.join(here, name)) as file:
        return file.read()
mode, pcr = text("mode"), text("pcr").encode()
with open(os.path.join(here, "calls"), "a") as file:
    file.write(json.dumps({{"argv": sys.argv, "env": dict(os.environ), "cwd": os.getcwd()}}) + "\\n")
if sys.argv[1:] == ["has-tpm2"]:
    print("no" if mode == "no_tpm" else "yes")
    sys.exit(31 if mode in ("no_tpm", "no_tpm_seals") else 0)
if mode == "hang":
    time.sleep(60)
if mode == "hang_with_child":
    subprocess.Popen([sys.executable, "-IS", "-c", "import time; time.sleep(60)", here])
    time.sleep(60)
given = sys.stdin.buffer.read()
out = sys.stdout.buffer
stream = lambda nonce: hashlib.sha256(b"tpm" + pcr + nonce).digest()
if "encrypt" in sys.argv:
    assert sys.argv[1:] == ["--with-key=tpm2", "--name=checkpoint-store-key", "encrypt", "-", "-"], sys.argv
    if mode == "fails":
        sys.exit(1)
    nonce = os.urandom(16)
    body = bytes(a ^ b for a, b in zip(given, stream(nonce)))
    sealed = (nonce + body + hmac.digest(stream(nonce), body, "sha256")).hex().encode()
    out.write({{"clear": given, "empty": b""}}.get(mode, sealed))
    sys.exit(0)
assert sys.argv[1:] == ["--name=checkpoint-store-key", "--newline=no", "decrypt", "-", "-"], sys.argv
if mode == "garbage":
    out.write(os.urandom(31)); sys.exit(0)
if mode == "flood":
    while True:
        out.write(b"x" * 65536)
try:
    data = bytes.fromhex(given.decode())
except ValueError:
    sys.exit(1)
nonce, body, tag = data[:16], data[16:48], data[48:]
if not hmac.compare_digest(hmac.digest(stream(nonce), body, "sha256"), tag):
    print("TPM policy does not match current system state", file=sys.stderr)
    sys.exit(1)
out.write(bytes(a ^ b for a, b in zip(body, stream(nonce))))
"""


class FakeTpm:
    """The stand-in in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.program = folder / "systemd-creds"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o700)
        self.behaves("ok")
        self.starts("secure")

    def behaves(self, mode: str) -> None:
        """Behave so from now on."""
        (self.folder / "mode").write_text(mode)

    def starts(self, pcr: str) -> None:
        """The machine started so: another text is another measurement."""
        (self.folder / "pcr").write_text(pcr)

    def calls(self) -> list[dict[str, Any]]:
        """What it was called with so far."""
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]
