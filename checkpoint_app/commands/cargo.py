"""`checkpoint cargo read FILE`: reads a manifest, waybill or declaration of a carrier or of customs."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from checkpoint_app.cargo.plain_cargo import plain_consignment, plain_equipment, plain_fault, plain_head, plain_message
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import INTERACTIVE, STREAMED
from checkpoint_app.cargo.streaming import stream_message
from checkpoint_app.cargo.values import (
    CargoMessage,
    Consignment,
    Equipment,
    Message,
    MessageError,
    MessageFault,
    PassengerList,
)
from checkpoint_app.commands.message_files import open_message, plain, read_file, tell_failure

Row = TypeVar("Row")
_ROWS = 200
"""Rows of each table that are shown at most; JSON has them all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the step."""
    steps = parser.add_subparsers(dest="step", metavar="read", required=True)
    read = steps.add_parser("read", help="read a manifest, waybill or declaration")
    read.add_argument("file", type=Path, metavar="FILE", help="one message: EDIFACT, Cargo-IMP or XML")
    read.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    read.add_argument(
        "--stream",
        action="store_true",
        help="for messages up to 1 GiB: one JSON line a consignment, container and fault",
    )


def run(args: argparse.Namespace) -> int:
    """Read the message; 0 when it was read, its faults told; 2 when it can't be read."""
    try:
        if args.stream:
            _stream(args.file)
        else:
            show = _print_json if args.json else _print_tables
            show(_cargo(read_message(read_file(args.file, INTERACTIVE.bytes))))
    except MessageError as error:
        return tell_failure(args.file, error)
    return 0


def _cargo(message: Message) -> CargoMessage:
    if isinstance(message, PassengerList):
        raise MessageError("not_cargo", "a list of passengers: read it with `checkpoint passengers read`")
    return message


def _print_json(message: CargoMessage) -> None:
    _print(plain_message(message))


def _print(value: dict[str, Any]) -> None:
    """Print one line of JSON, in ASCII: what it says must not depend on the terminal."""
    print(json.dumps(value))


# -- lines of JSON ----------------------------------------------------------------------------------------------------


def _stream(path: Path) -> None:
    counts = Counter(consignments=0, equipment=0, faults=0)
    with open_message(path, STREAMED.bytes) as source:
        streamed = stream_message(source)
        for part in streamed.parts:
            match part:
                case Consignment():
                    counts["consignments"] += 1
                    _print({"consignment": plain_consignment(streamed.kind, part)})
                case Equipment():
                    counts["equipment"] += 1
                    _print({"equipment": plain_equipment(streamed.kind, part)})
                case MessageFault():
                    counts["faults"] += 1
                    _print({"fault": plain_fault(part)})
                case CargoMessage():
                    _print({"summary": {**plain_head(part), "counts": dict(counts)}})


# -- tables -----------------------------------------------------------------------------------------------------------


def _print_tables(message: CargoMessage) -> None:
    carried = message.transport
    told = (carried.name, carried.id, carried.voyage, *message.flights)
    print(plain(" ".join(part for part in (message.kind, message.version, *dict.fromkeys(told)) if part)))
    if message.count_matches is False:
        print("the counts that it declares are not what is in it")
    _print_rows("consignment", message.consignments, _consignment_row)
    _print_rows("equipment", message.equipment, _equipment_row)
    _print_rows("fault", message.faults, lambda fault: f"{fault.code} {fault.tag} at {fault.where}")


def _print_rows(name: str, rows: Sequence[Row], row: Callable[[Row], str]) -> None:
    if rows:
        print(f"{name} ({len(rows)})")
    for one in rows[:_ROWS]:
        print(f"  {plain(row(one))}")
    if len(rows) > _ROWS:
        print(f"  … {len(rows) - _ROWS} more: ask for --json")


def _consignment_row(one: Consignment) -> str:
    way = f"{one.load or '?'}-{one.discharge or '?'}"
    packages = "?" if one.packages is None else str(one.packages)
    weight = "? kg" if one.weight_kg is None else f"{one.weight_kg:g} kg"
    names = " → ".join(party.name or "?" if (party := one.party(role)) else "?" for role in ("shipper", "consignee"))
    goods = next((line.text for line in one.goods if line.text), "")
    return f"{one.number or '?':<20.20} {way:<12.12} {packages:>7} {weight:>14}  {names}  {goods:.60}"


def _equipment_row(one: Equipment) -> str:
    state = {True: "full", False: "empty", None: ""}[one.full]
    digit = {True: "", False: "wrong check digit", None: "no check digit"}[one.check_digit_ok]
    seals = f"seals {', '.join(one.seals)}" if one.seals else ""
    told = (digit if one.kind == "CN" else "", seals)
    return f"{one.number or '?':<14.14} {one.type or '':<5.5} {state:<6} {' '.join(told)}".rstrip()
