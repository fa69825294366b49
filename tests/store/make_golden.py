"""Makes tests/store/golden/version-1.db: a database as version 1 of its shape wrote it, with a synthetic key.

Run once, when version 1 was new: ``python -m tests.store.make_golden``. The file is committed and never made again;
a test opens it with each later program.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from checkpoint_app.wire.event import EventKind
from tests.store.helpers import (
    decided_body,
    document,
    new_store,
    not_same_body,
    one_encounter,
    read_body,
    reopen,
)

GOLDEN = Path(__file__).parent / "golden" / "version-1.db"


def main() -> None:
    """Write the golden file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with new_store(folder) as store:
            store.journal.append(EventKind.STARTED, {"version": "0.1.0", "key": "passphrase"})
            store.journal.append(EventKind.SIGNED_IN, {"officer": "o-1"})
            store.journal.append(EventKind.CROSSING_CHANGED, {"direction": "in", "lane": "2"})
            one_encounter(store, "first", document=document("Y7654321", "MUSTERLING"))
            store.journal.append(EventKind.ENCOUNTER_READ, read_body("second"))
            store.journal.append(EventKind.NOT_SAME_PERSON, not_same_body("second"))
            store.journal.append(EventKind.DISPOSITION, decided_body("second"))
            store.journal.append(EventKind.ENCOUNTER_READ, read_body("third", document=document("Z1", "SPECIMEN")))
            store.journal.erase_body(4)
        with reopen(folder) as store:
            # What version 2 added is taken out again.
            store._db.execute("DROP TABLE cleared_pairs")
            store._db.execute("DELETE FROM migrations WHERE name <> 'first_schema'")
            store._db.checkpoint()
        GOLDEN.parent.mkdir(exist_ok=True)
        shutil.copy(folder / "booth.db", GOLDEN)


if __name__ == "__main__":
    main()
