"""`checkpoint lists`: import sources into a signed list package, and tell about one."""

from __future__ import annotations

import argparse
from pathlib import Path

from checkpoint_app.commands.list_sources import add_source_arguments
from checkpoint_app.wire.header import ListKind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `lists import` and `lists info`."""
    parsers = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add_import(parsers.add_parser("import", help="make a signed list package of sources"))
    info = parsers.add_parser("info", help="tell what a list package holds, and of what age")
    info.add_argument("list", type=Path, metavar="LIST", help="the list package")
    info.add_argument("--json", action="store_true", help="one JSON object for scripts")


def run(args: argparse.Namespace) -> int:
    """Run the action asked for. Exit code 0, or 1 when records were refused; raises CommandError for 2 and 3."""
    if args.action == "info":
        from checkpoint_app.commands.list_info import tell

        return tell(args.list, as_json=args.json)
    from checkpoint_app.commands.list_import import import_list

    return import_list(args)


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE",
                        help="lists as OFAC, UN, EU and others publish them; JSON, CSV; numbers")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="LIST", help="the package to write")
    parser.add_argument("--compare", type=Path, metavar="LIST",
                        help="tell what changes since this package; without --out nothing is written")  # fmt: skip
    parser.add_argument("--ids", action="store_true", help="with --compare: the ids of the entries that change, too")
    parser.add_argument("--kind", type=ListKind, choices=(ListKind.PERSONS, ListKind.DOCUMENTS),
                        help="what the sources hold; told from their content if not given")  # fmt: skip
    add_source_arguments(parser)
    about = parser.add_argument_group("what the header says")
    about.add_argument("--name", help="name of the list; the first source's name if not given")
    about.add_argument("--version", type=int, help="version; one more than the package that LIST is now, or 1")
    about.add_argument("--originator", help="who vouches for the entries; the list's name if not given")
    about.add_argument("--issued", metavar="TIME", help="moment as of which the list is true; now if not given (UTC)")
    about.add_argument("--agreement", metavar="NAME", help="agreement that lets the list be used")
    about.add_argument(
        "--agreement-begins", metavar="TIME", help="when it begins; when the list is issued if not given"
    )
    about.add_argument("--agreement-ends", metavar="TIME", help="when it ends; needed with --agreement")
    about.add_argument("--handling", action="append", default=[], metavar="CODE",
                       help="handling code of entries that have none of their own")  # fmt: skip
    about.add_argument("--false-hits", type=float, default=10.0, metavar="N",
                       help="threshold for at most N false hits in 10,000 clean travellers (10)")  # fmt: skip
    keys = parser.add_argument_group("keys")
    keys.add_argument(
        "--publisher-key", type=Path, metavar="FILE", help="Ed25519 private key (PEM) that signs the list"
    )
    keys.add_argument("--for", dest="booth", type=Path, metavar="BOOTHKEYFILE",
                      help="seal the list, and write the key beside it (.grant) for this booth alone")  # fmt: skip
    keys.add_argument("--days", type=int, default=14, help="days for which the booth may use that key (14)")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object on standard output")
