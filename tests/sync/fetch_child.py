"""A booth's process that fetches lists until it is killed: FOLDER, with ``enrolled`` in it, is its data folder."""

from __future__ import annotations

import sys
from pathlib import Path

from checkpoint_app.store.trusted_time import MachineClock
from checkpoint_app.sync.enrolled import enrolled_of
from checkpoint_app.sync.fetch import fetch_lists
from checkpoint_app.sync.line import Line
from tests.store.helpers import FakeClock, reopen
from tests.sync.repository_server import NOW


def main(folder: Path) -> None:
    with reopen(folder / "data", FakeClock(NOW)) as store:
        enrolled = enrolled_of(store)
        assert enrolled is not None
        line = Line(enrolled, store.identity, MachineClock())
        fetch_lists(line, lambda work: work(store), folder / "inbox", folder / "metadata")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
