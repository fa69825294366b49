"""The process that `test_kill` kills: imports once, then forks a child for each round, which works until it is killed.

Reads folders from standard input, a line each; writes the child's process id, then a line for each act that the store
has confirmed: ``E seq`` an event, ``L version`` a list in force, ``X seq`` a body erased,
``A seq`` an acknowledgement.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from checkpoint_app.store import SegmentWriter, Store
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import header, one_encounter, read_body, reopen


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def apply_list(store: Store, version: int) -> None:
    path, key = store.lists.new_segment()
    with SegmentWriter(path, key) as writer:
        writer.add("version", str(version).encode() * 20_000)
        writer.finish()
    store.lists.stage(header(version), path, key)
    store.lists.put_in_force("wanted", version)
    tell(f"L {version}")


def work(folder: Path) -> None:
    store = reopen(folder)
    version = max((copy.header.version for copy in store.lists.in_force()), default=0)
    while True:
        for _ in range(3):
            name = f"e{store.journal.head().seq}"
            store.journal.append(EventKind.ENCOUNTER_READ, read_body(name, note="x" * 3000))
            tell(f"E {store.journal.head().seq}")
            one_encounter(store, name)
            tell(f"E {store.journal.head().seq}")
        head = store.journal.head()
        store.delivery.acknowledge(head.seq, head.hash, [head.seq - 1])
        tell(f"A {head.seq}")
        version += 1
        apply_list(store, version)
        erased = store.journal.head().seq - 3
        store.journal.erase_body(erased)
        tell(f"X {erased}")


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(Path(line.strip()))
        tell(f"P {child}")
        os.waitpid(child, 0)
        tell("done")


if __name__ == "__main__":
    main()
