"""`checkpoint central`: the central service. Finds the action's module, which alone imports what the extra brings."""

from __future__ import annotations

import argparse
import importlib

from checkpoint_app.commands.errors import CommandError

# Action → its module of `commands`, with `add_arguments(action, parser)` and `run(args) -> int`, and what it does.
ACTIONS = {
    "init": ("central_service", "make a new centre"),
    "serve": ("central_service", "serve booths until it is stopped"),
    "enrol-code": ("central_booths", "make the code by which a booth enrols"),
    "booths": ("central_booths", "list booths; confirm and revoke them"),
    "agreements": ("central_lists", "keep the agreements that let lists be used"),
    "import": ("central_lists", "take in a version of a list"),
    "publish": ("central_lists", "bring lists into force for booths"),
    "rules": ("central_rules", "tell which rule sets are in service, and how they fare"),
    "officers": ("central_officers", "keep officers, and answer a challenge by telephone"),
    "cases": ("central_cases", "list cases; take and close them"),
    "audit": ("central_audit", "tell who did what, and whether the record is whole"),
}
EXTRA = frozenset({"fastapi", "psycopg", "sqlalchemy", "starlette", "uvicorn"})
_REFUSED = frozenset({"booth_revoked", "booth_unknown", "fingerprint_wrong"})  # done, but with 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions; what an action takes is declared by its module once it is asked for."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = "\n".join(f"  {name:12}{text}" for name, (_module, text) in ACTIONS.items())
    parser.epilog = f"actions:\n{actions}\n\n{parser.prog} ACTION --help tells more"
    parser.add_argument("action", choices=ACTIONS, metavar="ACTION")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help="what the action takes")
    parser.set_defaults(parser_class=type(parser), prog=parser.prog)


def run(args: argparse.Namespace) -> int:
    """Run the action asked for. Raises CommandError, also where the extra is not installed."""
    name, text = ACTIONS[args.action]
    try:
        if any(not _is_text(word) for word in args.rest):
            raise CommandError(f"central {args.action}: an argument holds bytes that are no text in UTF-8")
        module = importlib.import_module(f"checkpoint_app.commands.{name}")
        parser = args.parser_class(prog=f"{args.prog} {args.action}", description=text)
        module.add_arguments(args.action, parser)
        given = parser.parse_args(args.rest, argparse.Namespace(action=args.action))
        return _run(module.run, given)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in EXTRA:
            raise CommandError("the central service is not installed: install checkpoint-app[central]") from error
        raise


def _is_text(word: str) -> bool:
    """Tell whether a word of the command line was text: other bytes arrive as halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in word)


def _run(action: object, given: argparse.Namespace) -> int:
    from checkpoint_app.central.centre import CentreError

    try:
        return int(action(given))  # type: ignore[operator]
    except CentreError as error:
        raise CommandError(str(error), 1 if error.code in _REFUSED else 2) from error
