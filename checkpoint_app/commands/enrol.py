"""`checkpoint enrol`: makes this booth known to a centre, by the code that its administrator handed over."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from checkpoint_app.commands.booth_store import KEYS, make_store, open_store
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.home import DATA, home
from checkpoint_app.store import KeyKind, Store, StoreError
from checkpoint_app.wire.enrolment import BoothState, CodeError, EnrolmentCode

# What the command line can cure; all else is the line's or the centre's.
_BAD_INPUT = frozenset({"wrong_centre", "wrong_host", "code_refused"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--central", required=True, metavar="URL", help="address of the centre, https://HOST[:PORT]")
    parser.add_argument("--code", required=True, metavar="CODE", help="the enrolment code; - reads it from the input")
    parser.add_argument("--booth", metavar="NAME", help="name of this booth, where none is set up yet")
    parser.add_argument("--wait", type=_seconds, default=300.0, metavar="SECONDS",
                        help="how long to wait until the administrator has confirmed it (300)")  # fmt: skip
    parser.add_argument("--key", type=KeyKind, choices=KEYS, default=KeyKind.PASSPHRASE,
                        help="who keeps the key of a new booth's store (passphrase)")  # fmt: skip
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE",
                        help="file whose first line is the passphrase; else it is asked for")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Enrol the booth. Exit code 0 when it is confirmed, 1 while it waits; raises CommandError."""
    from checkpoint_app.sync.transport import read_url

    try:
        url = read_url(args.central)
        code = EnrolmentCode.from_text(sys.stdin.readline() if args.code == "-" else args.code)
    except CodeError as error:
        raise CommandError(str(error)) from error
    except ValueError as error:
        raise CommandError(f"--central {error}") from error
    with _store(args) as store:
        try:
            return _enrol(store, url, code, args.wait)
        except StoreError as error:
            raise CommandError(f"{error} ({error.code})") from error


def _store(args: argparse.Namespace) -> Store:
    folder = home() / DATA
    if not Store.exists(folder):
        if args.booth is None:
            raise CommandError("no booth is set up here yet: name it by --booth, as the code was made for it")
        return make_store(folder, args.booth, args.key, args.passphrase_file)
    store = open_store(folder, args.passphrase_file)
    if args.booth not in (None, store.identity.booth):
        store.close()
        raise CommandError(f"--booth {args.booth}: the booth set up here is {store.identity.booth}")
    return store


def _enrol(store: Store, url: str, code: EnrolmentCode, wait_s: float) -> int:
    from checkpoint_app.store.trusted_time import MachineClock
    from checkpoint_app.sync.enrol import booth_keys, enrol
    from checkpoint_app.sync.errors import LineError

    keys = booth_keys(store.identity)
    print(f"booth        {keys.booth}\nfingerprint  {keys.fingerprint}", flush=True)

    def waits() -> None:
        command = f"checkpoint central booths confirm {keys.booth} {keys.fingerprint}"
        print(f"compare it with the centre's: {command}", flush=True)

    try:
        enrolled = enrol(url, code, lambda work: work(store), MachineClock(), wait_s=wait_s, waits=waits)
    except LineError as error:
        raise CommandError(f"{url}: {error}", 2 if error.code in _BAD_INPUT else 1) from error
    if enrolled.state is BoothState.CONFIRMED:
        print(f"confirmed    {enrolled.post}")
        return 0
    print("it still waits to be confirmed; enrol it again by the same code, which goes on from here", file=sys.stderr)
    return 1


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text}: from 0 to 86400 seconds")
    return seconds
