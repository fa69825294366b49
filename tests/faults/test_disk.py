"""Disks that are full, failing or read-only, and a folder that is not ours: a clear word, nothing lost, work goes on.

Lists that are tampered, older, ended or signed by another are in tests/booth/lists/test_lists.py.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import Action, DeskView, Stage
from checkpoint_app.store.migrations import RECORDS
from tests.booth.helpers import PASSPHRASE, Booth, FakeClock, Publisher, make_booth
from tests.faults.disks import failing, fill, make_room, remount, small_disk
from tests.faults.examine import Promises, examine
from tests.faults.template import FAMILY, GIVEN, LATER, STRANGER, Template, open_store, passport
from tests.faults.tracing import ROOT

ANNA = passport(FAMILY, GIVEN, "X1234567", "740821")
KLARA = passport(STRANGER, "KLARA", "X7654321")
OLGA = passport(STRANGER, "OLGA", "X1111111")
Fresh = Callable[[], Path]


def word(key: str) -> str:
    return Words("en").say(f"store.{key}", code="")


@contextmanager
def desk(folder: Path) -> Iterator[Booth]:
    booth = Booth(folder, FakeClock(), Publisher())
    try:
        yield booth
    finally:
        booth.close()


def told(booth: Booth, key: str) -> DeskView:
    return booth.until(lambda v: v.message.text == word(key))


def type_only(booth: Booth, *lines: str) -> None:
    booth.press(Action.CORRECT)
    booth.desk.edit("mrz", "\n".join(lines))
    booth.desk.submit()


def protect(booth: Booth) -> None:
    booth.press(Action.PROTECT)
    booth.desk.choose(1)
    booth.press(Action.PROTECT)


def bring(folder: Path, name: str, version: int) -> None:
    for end in (".grant", ".list"):
        shutil.copyfile(folder / LATER / f"{name}-{version}{end}", folder / "inbox" / f"{name}-{version}{end}")


def dispositions(folder: Path) -> list[tuple[str | None, str]]:
    """Return document number and disposition of each decision, in order."""
    with open_store(folder, FakeClock()) as store:
        store.journal.verify()
        bodies = [(event.header.kind.value, store.journal.body(event.header.seq)) for event in store.journal.events()]
    numbers = {b["encounter_id"]: b["document"]["document_number"] for kind, b in bodies if kind == "encounter_read"}
    return [(numbers[b["encounter_id"]], b["disposition"]) for kind, b in bodies if kind == "disposition"]


def test_full_disk(template: Template, tmp_path: Path) -> None:
    """What is open is finished from the reserve, a new one is refused, protection is never; all is written later."""
    with small_disk(tmp_path / "disk", 32) as disk:
        folder = disk / "booth"
        shutil.copytree(template.folder, folder)
        with desk(folder) as booth:
            booth.open()
            booth.type(*KLARA)
            booth.press(Action.SECOND)
            booth.type(*ANNA)
            booth.settle()  # what is written beside would give the reserve up, and the filling take it
            fill(disk)
            booth.desk.tick()
            booth.refer()  # from the reserve
            fill(disk)
            type_only(booth, *OLGA)
            assert told(booth, "disk_full").person is None
            booth.press(Action.SECOND)
            booth.settle()  # its checks can't be made anew; it is on the desk all the same
            protect(booth)
            assert told(booth, "protect_unsaved").stage is Stage.EMPTY
            protect(booth)  # nor is somebody without a document turned away
            told(booth, "protect_unsaved")
            booth.settle()
            for _ in range(3):
                booth.desk.tick()
            booth.settle()
            make_room(disk)
            while booth.desk._deciding.unsaved:
                for _ in range(3):  # seconds that pass before the disk has answered
                    booth.desk.tick()
                booth.settle(0.1)
            assert "protection path, saved" in booth.view.message.text
            booth.type(*OLGA)
            booth.let_pass()
        assert dispositions(folder) == [
            ("X1234567", "refer"),
            ("X7654321", "protect"),
            (None, "protect"),
            ("X1111111", "let_pass"),
        ]


def test_full_disk_keeps_the_list_in_force_and_takes_the_new_one_when_there_is_room(
    template: Template, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 32) as disk:
        folder = disk / "booth"
        shutil.copytree(template.folder, folder)
        with desk(folder) as booth:
            booth.open()
            bring(folder, "ECU", 2)
            fill(disk)
            booth.desk._keeping.look()
            booth.until(
                lambda v: "there is no room on the disk" in v.message.text or v.message.text == word("disk_full")
            )
            booth.settle()
            assert booth.versions()["ECU"] == 1
            make_room(disk)
            booth.desk._keeping.look()
            booth.until(lambda _v: booth.versions()["ECU"] == 2)
            booth.settle()
        examine(folder, brought("ECU", 2), template.events)


def brought(*key: object) -> Promises:
    promised = Promises()
    promised.done["list", *key] = 1
    promised.done["signed_in", "m.demo"] = 1
    return promised


@pytest.mark.parametrize(
    ("inject", "key"),
    [
        ("fsync,fdatasync:error=EIO", "disk_failed"),
        ("pwrite64:error=EIO", "disk_failed"),
        ("pwrite64:error=EROFS", "disk_failed"),
        ("pwrite64:error=ENOSPC", "disk_full"),
    ],
)
def test_failing_disk(fresh: Fresh, strace: str, inject: str, key: str) -> None:
    folder = fresh()
    with desk(folder) as booth:
        booth.open()
        booth.type(*ANNA)
        with failing(strace, inject):
            booth.press(Action.REFER)
            assert told(booth, key).person.family_name == FAMILY
            booth.press(Action.SECOND)
            type_only(booth, *OLGA)
            booth.until(lambda v: v.message.text == word(key) and v.stage is Stage.EMPTY)
            booth.press(Action.SECOND)
            booth.settle()  # its checks can't be made anew; it is on the desk all the same
            protect(booth)
            told(booth, "protect_unsaved")
            booth.settle()
        booth.desk.tick()
        booth.desk.tick()
        booth.until(lambda v: "protection path, saved" in v.message.text)
        booth.type(*KLARA)
        booth.let_pass()
    assert dispositions(folder) == [("X1234567", "protect"), ("X7654321", "let_pass")]


@pytest.mark.parametrize("inject", ["fsync,fdatasync:error=EIO", "pwrite64:error=EIO"])
def test_disk_that_fails_during_a_list_swap_leaves_the_list_in_force(fresh: Fresh, strace: str, inject: str) -> None:
    folder = fresh()
    with desk(folder) as booth:
        booth.open()
        bring(folder, "ECU", 2)
        with failing(strace, inject):
            booth.desk._keeping.look()
            told(booth, "disk_failed")
            booth.settle()
            assert booth.versions()["ECU"] == 1
        assert booth.type(*ANNA).advice.advice is not None
        booth.refer()
        booth.desk._keeping.look()
        booth.until(lambda _v: booth.versions()["ECU"] == 2)
        booth.settle()
    with open_store(folder, FakeClock()) as store:
        store.journal.verify()
        assert [(one.header.name, one.header.version) for one in store.lists.in_force()] == [("ECU", 2), ("INTL", 1)]


def test_old_segment_that_cannot_be_removed_does_not_undo_the_swap(fresh: Fresh, strace: str) -> None:
    folder = fresh()
    with desk(folder) as booth:
        booth.open()
        bring(folder, "ECU", 2)
        with failing(strace, "unlink:error=EIO"):
            booth.desk._keeping.look()
            booth.until(lambda v: "in force" in v.message.text)
            booth.until(lambda _v: {one.source.version for one in booth.desk._core.state.lists} == {1, 2})
            booth.settle()
    with open_store(folder, FakeClock()):
        assert len(list((folder / "data" / "segments").iterdir())) == 2


def test_read_only_folder_is_told_and_opens_once_it_can_be_written(template: Template, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 32) as disk:
        folder = disk / "booth"
        shutil.copytree(template.folder, folder)
        remount(disk, "ro")
        with desk(folder) as booth:
            assert stopped(booth) == word("read_only")
            remount(disk, "rw")
            booth.open()
            booth.type(*KLARA)
            booth.let_pass()


def stopped(booth: Booth) -> str:
    """Type the passphrase; return why the booth does not open."""
    booth.desk.opening.start()
    booth.until(lambda v: v.form and v.form.name == "unlock")
    booth.desk.edit("passphrase", PASSPHRASE)
    booth.desk.submit()
    return booth.until(lambda v: v.form and v.form.fault).form.fault


def test_key_of_another_booth_opens_nothing_and_harms_nothing(fresh: Fresh, tmp_path: Path) -> None:
    folder = fresh()
    make_booth(tmp_path / "other", persons=None, numbers=None)
    right = (folder / "data" / "store.key").read_bytes()
    shutil.copyfile(tmp_path / "other" / "data" / "store.key", folder / "data" / "store.key")
    before = (folder / "data" / "booth.db").read_bytes()
    with desk(folder) as booth:
        assert "does not open" in stopped(booth)
        assert (folder / "data" / "booth.db").read_bytes() == before
        (folder / "data" / "store.key").write_bytes(right)
        booth.open()


def test_newer_database_is_told_and_left_alone(fresh: Fresh) -> None:
    folder = fresh()
    with open_store(folder, FakeClock()) as store:
        store._db.execute(f"INSERT INTO {RECORDS} (name) VALUES ('a_later_step')")
    for _ in range(2):  # the refusal changes nothing
        with desk(folder) as booth:
            assert stopped(booth) == word("newer")


def driver(folder: Path, *acts: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.driver", str(folder), "1", *acts]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_second_window_is_told_and_the_first_goes_on(fresh: Fresh) -> None:
    folder = fresh()
    first = driver(folder, "wait", "passes")
    assert json.loads(first.stdout.readline())["what"] == "intent"
    assert json.loads(first.stdout.readline())["act"] == "signed_in"
    with desk(folder) as booth:
        assert stopped(booth) == word("busy")
        said, _ = first.communicate("\n", timeout=60)
        assert json.loads(said.splitlines()[-1]) == {"what": "end"}
        booth.open()


def test_of_two_windows_started_at_once_one_opens(fresh: Fresh) -> None:
    folder = fresh()
    both = [driver(folder, "wait", "passes") for _ in range(2)]
    words = []
    for one in both:
        one.stdout.readline()
        words.append(json.loads(one.stdout.readline()))
    assert sorted(line["what"] for line in words) == ["done", "stopped"]
    refused = words.index(next(line for line in words if line["what"] == "stopped"))
    assert words[refused]["word"] == word("busy")
    said, _ = both[1 - refused].communicate("\n", timeout=60)
    assert json.loads(said.splitlines()[-1]) == {"what": "end"}
    both[refused].communicate(timeout=60)
    assert both[refused].returncode == 3
    assert len(dispositions(folder)) == 1
