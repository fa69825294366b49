"""A store key sealed to this machine's TPM 2.0 by `systemd-creds` (systemd.io/CREDENTIALS, systemd-creds(1)).

The program is called by its absolute path, with fixed arguments and an environment of ours; the key goes in and out by
pipes, never in an argument or a file, and each call is bounded in time and size. What it seals is a file of the data
folder that nothing but this TPM opens, as long as the machine starts as it did (by default PCR 7, Secure Boot).

It is never a fallback: it is used only where it was asked for, and where it fails the store does not open. The witness
lies beside it as beside a passphrase: systemd-creds counts nothing, so a folder put back whole is not noticed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from checkpoint_app.store.connection import KEY_BYTES
from checkpoint_app.store.errors import KeyMissingError, StoreExistsError, TpmRefusedError, TpmUnavailableError
from checkpoint_app.store.files import disk_errors, write_whole
from checkpoint_app.store.keys import KEY_FILE, FileWitness, KeyKind, StoreKey, read_key_file, write_key_file
from checkpoint_app.wire.sealing import new_key

CREDENTIAL_FILE = "store.cred"
NAME = "checkpoint-store-key"
FOLDERS = ("/usr/bin", "/bin")
"""Where the program may lie; PATH is not asked."""
WITHIN_S = 30.0
MAX_OUTPUT_BYTES = 16 << 10
_PROGRAM = "systemd-creds"
_HAS = ("has-tpm2",)
_SEAL = ("--with-key=tpm2", f"--name={NAME}", "encrypt", "-", "-")
_OPEN = (f"--name={NAME}", "--newline=no", "decrypt", "-", "-")


def has_tpm() -> bool:
    """Tell whether systemd-creds is here and says that this machine has a TPM 2.0 it can use, wholly."""
    try:
        code, _output = _run(_HAS, b"")
    except TpmUnavailableError:
        return False
    return code == 0


def create_tpm_key(folder: Path) -> StoreKey:
    """Make a new store key for ``folder``, sealed to the TPM, and opened once to prove it.

    Raises TpmUnavailableError where there is none, TpmRefusedError where it fails, StoreExistsError where a key file is
    there already, and the disk's errors.
    """
    if (folder / KEY_FILE).exists():
        raise StoreExistsError(f"{KEY_FILE}: there is a key already; it is never overwritten")
    if not has_tpm():
        raise TpmUnavailableError("systemd-creds knows no TPM 2.0 on this machine; use a passphrase")
    key = new_key()
    code, sealed = _run(_SEAL, key)
    if code != 0 or not sealed:
        raise TpmRefusedError("the TPM did not seal the key; use a passphrase, or see why: journalctl -t systemd-creds")
    if key in sealed or _opened(sealed) != key:
        raise TpmRefusedError("the TPM did not give back the key that it sealed; use a passphrase")
    write_whole(folder / CREDENTIAL_FILE, sealed)
    write_key_file(folder, {"version": 1, "kind": str(KeyKind.TPM)})  # last: from here on there is a key
    return StoreKey(KeyKind.TPM, key, FileWitness(folder, key))


def open_tpm_key(folder: Path) -> StoreKey:
    """Return the store key of ``folder``, opened by the TPM.

    Raises TpmUnavailableError, TpmRefusedError, KeyMissingError, and the disk's errors.
    """
    kind = read_key_file(folder)["kind"]
    if kind != KeyKind.TPM:
        raise KeyMissingError(f"{KEY_FILE}: the key of this store is kept by a {kind}")
    with disk_errors(CREDENTIAL_FILE):
        try:
            with (folder / CREDENTIAL_FILE).open("rb") as file:
                sealed = file.read(MAX_OUTPUT_BYTES + 1)
        except FileNotFoundError as error:
            raise KeyMissingError(f"{CREDENTIAL_FILE}: missing; restore it from a backup of the data folder") from error
    if not sealed or len(sealed) > MAX_OUTPUT_BYTES:
        raise KeyMissingError(f"{CREDENTIAL_FILE}: damaged; restore it from a backup of the data folder")
    key = _opened(sealed)
    return StoreKey(KeyKind.TPM, key, FileWitness(folder, key))


def _opened(sealed: bytes) -> bytes:
    code, key = _run(_OPEN, sealed)
    if code != 0 or len(key) != KEY_BYTES:
        raise TpmRefusedError(
            "the TPM does not open this store's key: another machine, or one that starts otherwise than before"
            " (firmware, Secure Boot); put that back, or enrol the booth anew"
        )
    return key


def _run(arguments: tuple[str, ...], given: bytes) -> tuple[int, bytes]:
    """Return exit code and output. Raises TpmUnavailableError where it can't run, hangs or says too much."""
    program = next((path for path in (Path(folder, _PROGRAM) for folder in FOLDERS) if os.access(path, os.X_OK)), None)
    if program is None:
        raise TpmUnavailableError("systemd-creds is not installed; use a passphrase")
    try:
        process = subprocess.Popen(
            [str(program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": ":".join(FOLDERS), "LC_ALL": "C"},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise TpmUnavailableError(f"systemd-creds does not run ({type(error).__name__})") from error
    ends = time.monotonic() + WITHIN_S
    try:
        with process:
            try:
                output = _talk(process, given, ends)
                return process.wait(max(0.1, ends - time.monotonic())), output
            except BaseException:
                _end(process)
                raise
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TpmUnavailableError("systemd-creds did not answer in time") from error


def _talk(process: subprocess.Popen[bytes], given: bytes, ends: float) -> bytes:
    """Give what goes in, which a pipe holds at once, and return what comes out. Raises TpmUnavailableError."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018  both are pipes
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(given)
    output = b""
    while (part := _read(process.stdout, ends)) != b"":
        output += part
        if len(output) > MAX_OUTPUT_BYTES:
            raise TpmUnavailableError("systemd-creds says more than a credential holds")
    return output


def _read(pipe: IO[bytes], ends: float) -> bytes:
    ready, _, _ = select.select([pipe], [], [], max(0.0, ends - time.monotonic()))
    if not ready:
        raise TpmUnavailableError(f"systemd-creds did not answer within {WITHIN_S:.0f} s")
    return os.read(pipe.fileno(), MAX_OUTPUT_BYTES)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program with all that it started: nobody waits for what holds its pipe."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
