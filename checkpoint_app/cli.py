"""The command `checkpoint`: finds the command's module and turns its errors into one clear line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.confined.child import describe
from checkpoint_app.confined.hardening import harden

# Command → what it does. Each is a module of `commands` with `add_arguments(parser)` and `run(args) -> int`;
# it is imported only when it is asked for, so that the window's start pays for nothing else.
COMMANDS = {
    "read": "read documents from pictures",
    "screen": "screen travellers against a list",
    "cargo": "read manifests, waybills and declarations of goods",
    "lists": "import lists, and tell about one",
    "passengers": "read lists of passengers and bookings",
    "status": "tell the booth's state",
    "enrol": "make this booth known to a centre",
    "sync": "deliver, bring lists and receive cases, once",
    "bundle": "carry by hand what a line would carry",
    "drill": "cut the line on purpose, and see what would be missed",
    "rules": "check risk rules, and run them over subjects",
    "central": "the central service",
}


class _Parser(argparse.ArgumentParser):
    """A parser that refuses a wrong command line in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv``; without a command, open the booth's window. Returns the exit code.

    A wrong command line, and a call for help, end in SystemExit. Nothing ends in a traceback: it could quote a person.
    """
    harden()  # every command has people in memory
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name that the terminal's alphabet lacks is no reason to stop
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        if sys.stdout is not None:  # it may be closed
            sys.stdout.flush()
    except CommandError as error:
        print(f"checkpoint: {_shown(str(error))}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # whoever read the answers has gone; Python would complain of it again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the boundary of the process
        print(f"checkpoint: a fault of the program, not of the input: {describe(error)}; report it", file=sys.stderr)
        return 2
    return code


def _run(arguments: Sequence[str]) -> int:
    """Import the command that is named, and no other, and run it."""
    name = arguments[0] if arguments and not arguments[0].startswith("-") else None
    parser = _Parser(prog="checkpoint", description="The inspection booth of a border post.")
    parsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    module = importlib.import_module("checkpoint_app.commands.window")
    module.add_arguments(parser)
    for command, text in COMMANDS.items():
        sub = parsers.add_parser(command, help=text, description=text)
        if command == name:
            module = importlib.import_module(f"checkpoint_app.commands.{command}")
            module.add_arguments(sub)
    return int(module.run(parser.parse_args(arguments)))


def _shown(text: str) -> str:
    """Return ``text`` without what would steer a terminal: names of files may be a stranger's."""
    return "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)


if __name__ == "__main__":
    sys.exit(main())
