"""`checkpoint passengers read`: what a list of passengers (PAXLST) or bookings (PNRGOV) says, as JSON or as a table."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from checkpoint_app.cargo import plain_passengers
from checkpoint_app.cargo.passengers_stream import stream_list
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import INTERACTIVE, STREAMED
from checkpoint_app.cargo.values import MessageError, MessageFault, Passenger, PassengerList, Pnr
from checkpoint_app.commands.message_files import open_message, plain, read_file, tell_failure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the step."""
    steps = parser.add_subparsers(dest="step", metavar="read", required=True)
    read = steps.add_parser("read", help="say what a PAXLST or PNRGOV message holds")
    read.add_argument("file", type=Path, metavar="FILE", help="the message, as it was sent")
    read.add_argument("--json", action="store_true", help="one JSON object")
    read.add_argument(
        "--stream",
        action="store_true",
        help="for files up to 1 GiB: a JSON object a line for each passenger or booking and each fault, then a summary",
    )


def run(args: argparse.Namespace) -> int:
    """Print what the message says. Exit code 0; 2 where it can't be read: JSON with ``error`` and ``where``."""
    try:
        if args.stream:
            _stream(args.file)
            return 0
        message = _read(args.file)
    except MessageError as error:
        return tell_failure(args.file, error)
    if args.json:
        _print(plain_passengers.list_to_plain(message))
    else:
        print("\n".join(_table(message)))
    return 0


def _read(path: Path) -> PassengerList:
    message = read_message(read_file(path, INTERACTIVE.bytes))
    if not isinstance(message, PassengerList):
        raise MessageError("not_a_list", f"a message of the kind {message.kind}: read it with `checkpoint cargo read`")
    return message


def _stream(path: Path) -> None:
    """Print line by line; what was printed before an error stays true."""
    faults: Counter[str] = Counter()
    found = 0
    with open_message(path, STREAMED.bytes) as file:
        for part in stream_list(file):
            if isinstance(part, MessageFault):
                faults[part.code] += 1
                _print({"fault": plain_passengers.fault_to_plain(part)})
            elif isinstance(part, PassengerList):
                _print(_summary(part, found, faults))
            else:
                found += 1
                _print(_part(part))


def _part(part: Passenger | Pnr) -> dict[str, Any]:
    return plain_passengers.pnr_to_plain(part) if isinstance(part, Pnr) else plain_passengers.passenger_to_plain(part)


def _summary(listed: PassengerList, found: int, faults: Counter[str]) -> dict[str, Any]:
    plain_list = {"summary": True, **plain_passengers.head_to_plain(listed)}
    plain_list["pnrs" if listed.kind == "PNRGOV" else "passengers"] = found
    if listed.declared is not None:
        plain_list |= {"declared_count": listed.declared, "count_matches": listed.declared == found}
    return plain_list | {"faults": dict(sorted(faults.items()))}


def _print(answer: dict[str, Any]) -> None:
    """Print one line of JSON, in ASCII: what it says must not depend on the terminal."""
    print(json.dumps(answer))


# -- the table --------------------------------------------------------------------------------------------------------


def _table(listed: PassengerList) -> Iterator[str]:
    yield plain(
        f"{listed.kind} {listed.version or ''} from {listed.sender or 'unknown'}, {listed.prepared or 'undated'}"
    )
    for leg in listed.legs:
        times = f"{leg.departs or '?'} to {leg.arrives or '?'}"
        yield plain(f"  {leg.flight or '-':10} {leg.origin or '?'} to {leg.destination or '?'}  {times}")
    yield ""
    if listed.kind == "PNRGOV":
        rows: Iterable[list[str]] = ([pnr.locator or "-", *_row(one)] for pnr in listed.pnrs for one in pnr.passengers)
    else:
        rows = ([one.locator or "-", *_row(one)] for one in listed.passengers)
    yield from _columns([["locator", "name", "role", "sex", "birth", "nationality", "documents"], *rows])
    yield ""
    if listed.declared is not None:
        yield f"counted by the sender: {listed.declared}; found: {len(listed.passengers)}"
    for code, number in sorted(Counter(fault.code for fault in listed.faults).items()):
        yield f"{code}: {number}"


def _row(one: Passenger) -> list[str]:
    documents = "; ".join(" ".join(filter(None, (doc.type, doc.number, doc.issuer))) for doc in one.documents)
    name = f"{one.family or '?'}, {one.given or '?'}" + (" (not readable)" if one.unreadable else "")
    return [name, one.role.value, one.sex or "-", one.birth or "-", one.nationality or "-", documents or "-"]


def _columns(rows: list[list[str]]) -> Iterator[str]:
    widths = [min(40, max(len(row[place]) for row in rows)) for place in range(len(rows[0]))]
    for row in rows:
        yield plain("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
