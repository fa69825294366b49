"""`checkpoint sync`: one round of the line without the window."""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from checkpoint_app.commands.booth_store import open_store
from checkpoint_app.commands.errors import CommandError
from checkpoint_app.commands.home import DATA, INBOX, home
from checkpoint_app.store import Store, StoreError

if TYPE_CHECKING:
    from checkpoint_app.booth.lists.list_updates import Outcome
    from checkpoint_app.sync.bringing import Bringing, OnBytes
    from checkpoint_app.sync.line import Line
    from checkpoint_app.sync.round import RoundDone

METADATA = "repository"  # below the data folder; the window keeps it there too


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE",
                        help="file whose first line is the passphrase; else it is asked for")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object for scripts")


def run(args: argparse.Namespace) -> int:
    """Run one round. Exit code 0, or 1 when something was refused; raises CommandError: 1 when the line is down."""
    from checkpoint_app.booth.line.windowless_round import apply_and_tell, tell
    from checkpoint_app.booth.opening.status_file import LineStatus
    from checkpoint_app.sync.errors import LineError

    with open_store(home() / DATA, args.passphrase_file) as store:
        heard = store.time.seen
        try:
            with _line(store) as line:
                done = _round(line, store)
            up = LineStatus("up", store.time.wall(), None, "")
            faults = [(fault.part, fault.code) for fault in done.faults]
            applied = apply_and_tell(store, home() / DATA, home() / INBOX, up, faults)
            found = sum(1 for row in store.cases.all(open_only=True) if row.untold)
            told = _told(done, store.delivery.outbox().count, applied, found)
        except LineError as error:
            tell(store, home() / DATA, LineStatus("down", store.time.wall(), None, str(error.code)))
            since = "never heard from the centre" if heard is None else f"last heard from it {heard:%Y-%m-%d %H:%M} UTC"
            raise CommandError(f"no line: {error}; {since}", 1) from error
        except StoreError as error:
            raise CommandError(f"{error} ({error.code})") from error
    print(json.dumps(told) if args.json else _text(told))
    return 1 if done.faults or any(outcome.refused for outcome in applied) else 0


@contextlib.contextmanager
def _line(store: Store) -> Iterator[Line]:
    from checkpoint_app.store.trusted_time import MachineClock
    from checkpoint_app.sync.enrolled import enrolled_of
    from checkpoint_app.sync.line import Line

    enrolled = enrolled_of(store)
    if enrolled is None:
        raise CommandError("this booth is not enrolled; `checkpoint enrol --central URL --code CODE` does it")
    line = Line(enrolled, store.identity, MachineClock(), seen=store.time.seen)
    try:
        yield line
    finally:
        line.close()


def _round(line: Line, store: Store) -> RoundDone:
    from checkpoint_app.sync.fetch import fetch_lists
    from checkpoint_app.sync.round import run_round

    metadata = home() / DATA / METADATA
    with shown(sys.stderr) as show:
        fetch = functools.partial(fetch_lists, on_bytes=show)
        return run_round(
            line, lambda work: work(store), home() / INBOX, metadata, fetch, most_events=None, most_bodies=None
        )


@contextlib.contextmanager
def shown(screen: TextIO) -> Iterator[OnBytes]:
    """Show how far each list is in one line of a terminal, which is empty again afterwards; elsewhere nothing."""
    if not screen.isatty():
        yield lambda _bringing: None
        return
    try:
        yield lambda bringing: print(f"\r{progress(bringing)}", end="\x1b[K", file=screen, flush=True)
    finally:
        print("\r", end="\x1b[K", file=screen, flush=True)


def progress(bringing: Bringing) -> str:
    """Return the line that tells how far a list is: of how many kilobytes, how fast, and the time left."""
    text = f"bringing  {bringing.name} {bringing.version}: {bringing.done // 1000} of {-(-bringing.total // 1000)} kB"
    if bringing.left_s is None:
        return text
    minutes, seconds = divmod(math.ceil(bringing.left_s), 60)
    hours, minutes = divmod(minutes, 60)
    left = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{text}, {bringing.rate_bytes_s / 1000:.1f} kB/s, {left} left"


def _told(done: RoundDone, waiting: int, applied: list[Outcome], found: int) -> dict[str, Any]:
    """Return what is printed; ``found`` are the late hits that this booth found and the centre does not have yet."""
    delivered = done.delivered
    return {
        "sent": delivered.sent if delivered else 0,
        "bodies": delivered.bodies if delivered else 0,
        "acknowledged": delivered.acknowledged if delivered else None,
        "waiting": waiting,
        "wanted": delivered.wanted if delivered else None,
        "fetched": [{"name": target.name, "version": target.version} for target in done.brought],
        "applied": [{"name": one.name, "version": one.version, "refused": one.refused} for one in applied],
        "unfinished": list(done.unfinished),
        "cases": len(done.cases),
        "found": found,
        "faults": [{"part": fault.part, "code": fault.code, "text": fault.text} for fault in done.faults],
    }


def _text(told: dict[str, Any]) -> str:
    lines = [f"sent      {_count(told['sent'], 'event')}, {_count(told['bodies'], 'picture')}"]
    lines += [f"fetched   {one['name']} {one['version']}" for one in told["fetched"]]
    lines += [
        f"refused   {one['name']} {one['version']}: {one['refused']}"
        if one["refused"]
        else f"in force  {one['name']} {one['version']}"
        for one in told["applied"]
    ]
    lines += [f"coming    {name}" for name in told["unfinished"]]
    lines.append(f"received  {_count(told['cases'], 'case')}")
    lines += [f"found     {_count(told['found'], 'late hit')} here"] if told["found"] else []
    lines.append(f"waiting   {_count(told['waiting'], 'event')}, {_count(told['wanted'] or 0, 'picture')}")
    lines += [f"refused   {fault['part']}: {fault['text']}" for fault in told["faults"]]
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
