"""`checkpoint central init` and `serve`: a new centre, and the service that booths ask."""

from __future__ import annotations

import argparse
import os

from checkpoint_app.central import opening
from checkpoint_app.commands.central_home import add_home, home_of, opened, passphrase_of

MOST_WORKERS = 64
DATABASE_URL = "CHECKPOINT_CENTRAL_DATABASE_URL"  # a URL with a password is safer there


def add_arguments(action: str, parser: argparse.ArgumentParser) -> None:
    """Declare what ``action`` takes."""
    add_home(parser)
    if action == "init":
        host = "host name or IP address by which booths reach the centre; may be given again"
        url = f"an empty PostgreSQL database, postgresql://USER@HOST/NAME; else {DATABASE_URL}, else an encrypted file"
        parser.add_argument("--host-name", action="append", default=[], metavar="NAME", help=host)
        parser.add_argument("--database-url", metavar="URL", help=url)
        return
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="address to listen on (127.0.0.1)")
    workers = f"processes that screen, up to {MOST_WORKERS} (as many as there are cores); 0: the service does it itself"
    parser.add_argument("--workers", type=_count, default=_cores(), metavar="N", help=workers)
    parser.add_argument("--port", type=int, default=8443, metavar="N", help="port (8443); 0: any free one")


def run(args: argparse.Namespace) -> int:
    """Run the action. Raises CommandError, CentreError."""
    if args.action == "init":
        return _init(args)
    from checkpoint_app.central.server import serve

    with opened(args) as centre:
        serve(centre, args.host, args.port, args.workers)
    return 0


def _cores() -> int:
    """Return how many cores this process may use, and no more than are ever of use."""
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:4]) > MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text[:20]!r}: expected a number from 0 to {MOST_WORKERS}")
    return int(text)


def _init(args: argparse.Namespace) -> int:
    folder = home_of(args)
    passphrase = passphrase_of(args, twice=True)
    url = args.database_url or os.environ.get(DATABASE_URL, "")
    centre = opening.create(folder, passphrase, database_url=url, host_names=args.host_name)
    opening.close(centre)
    print(f"{folder}: a new centre; keep its passphrase, for nothing opens without it")
    return 0
