"""The command `checkpoint`: finds the command's module and turns its errors into one clear line and an exit code."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from checkpoint_app.commands.errors import CommandError
from checkpoint_app.confined.hardening import harden

# Command → what it does. Each is a module of `commands` with `add_arguments(parser)` and `run(args) -> int`;
# it is imported only when it is asked for, so that the window's start pays for nothing else.
COMMANDS = {
    "read": "read documents from pictures",
    "screen": "screen travellers against a list",
    "lists": "import lists, and tell about one",
    "status": "tell the booth's state",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line ``argv``; without a command, open the booth's window. Returns the exit code."""
    harden()  # every command has people in memory
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments and not arguments[0].startswith("-") else None
    parser = argparse.ArgumentParser(prog="checkpoint", description="The inspection booth of a border post.")
    parsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    module = importlib.import_module("checkpoint_app.commands.window")
    module.add_arguments(parser)
    for command, text in COMMANDS.items():
        sub = parsers.add_parser(command, help=text, description=text)
        if command == name:
            module = importlib.import_module(f"checkpoint_app.commands.{command}")
            module.add_arguments(sub)
    args = parser.parse_args(arguments)
    try:
        return int(module.run(args))
    except CommandError as error:
        print(f"checkpoint: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
