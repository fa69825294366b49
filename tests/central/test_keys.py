"""A centre is made wholly or not at all, opens by its passphrase alone, and leaves nothing in clear."""

from __future__ import annotations

import json
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from checkpoint_app.central import acts, booths, database, identity, keys, opening
from checkpoint_app.central.centre import Centre, CentreError
from tests.central.helpers import START, Clock
from tests.central.line import LIGHT, PASSPHRASE, made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "centre"


@pytest.fixture
def whole(folder: Path, clock: Clock) -> Iterator[Centre]:
    with made(folder, clock) as centre:
        yield centre


def refused(code: str, work: Callable[[], object]) -> str:
    with pytest.raises(CentreError) as caught:
        work()
    assert caught.value.code == code
    assert "\n" not in str(caught.value)
    return str(caught.value)


def reopened(folder: Path, clock: Clock, passphrase: str = PASSPHRASE) -> str:
    centre = opening.open_centre(folder, passphrase, clock=clock.now)
    try:
        return identity.audience(centre)
    finally:
        opening.close(centre)


def test_a_centre_opens_again_as_itself_by_its_passphrase(whole: Centre, folder: Path, clock: Clock) -> None:
    assert reopened(folder, clock) == identity.audience(whole)
    assert whole.now() == START
    with whole.begin() as connection:
        assert acts.verify(connection) == 1
        assert acts.all(connection)[0].what == "centre made"
    refused("passphrase_wrong", lambda: reopened(folder, clock, PASSPHRASE + "."))


def test_two_centres_have_nothing_in_common(tmp_path: Path, clock: Clock) -> None:
    with made(tmp_path / "a", clock) as one, made(tmp_path / "b", clock) as other:
        assert identity.audience(one) != identity.audience(other)
        assert one.vault.derived("database") != other.vault.derived("database")
        opening.close(one)
        opening.close(other)
        shutil.copy(tmp_path / "a" / "centre.db", tmp_path / "b" / "centre.db")
    refused("database_failed", lambda: reopened(tmp_path / "b", clock))


def test_folder_and_files_are_their_owners_alone(whole: Centre, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in folder.iterdir():
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_folder_that_others_may_read_is_closed_to_them(folder: Path, clock: Clock) -> None:
    folder.mkdir(mode=0o755)
    with made(folder, clock):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_is_in_clear_in_the_folder(whole: Centre, folder: Path) -> None:
    code = booths.new_code(whole, "demo-secret-booth", "Rumichaca")
    opening.close(whole)
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in (b"demo-secret-booth", b"Rumichaca", PASSPHRASE.encode(), code.secret, b"SQLite format"):
        assert secret not in stored
    assert b"BEGIN PRIVATE KEY" not in stored


def test_a_second_init_is_refused_and_harms_nothing(whole: Centre, folder: Path, clock: Clock) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    refused("centre_exists", lambda: opening.create(folder, "another passphrase", stretching=LIGHT))
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert reopened(folder, clock) == identity.audience(whole)


def test_a_centre_without_its_key_file_is_not_made_anew_over(whole: Centre, folder: Path, clock: Clock) -> None:
    opening.close(whole)
    (folder / keys.KEY_FILE).rename(folder / "kept elsewhere")
    refused("key_missing", lambda: opening.create(folder, PASSPHRASE, stretching=LIGHT))
    refused("centre_missing", lambda: reopened(folder, clock))
    (folder / "kept elsewhere").rename(folder / keys.KEY_FILE)
    assert reopened(folder, clock)


def test_a_newer_database_is_refused_and_left_as_it_is(whole: Centre, folder: Path, clock: Clock) -> None:
    with whole.begin() as connection:
        newer = update(database.meta).where(database.meta.c.name == "schema").values(value=str(opening.SCHEMA + 1))
        connection.execute(newer)
    opening.close(whole)
    before = (folder / database.DATABASE_FILE).read_bytes()
    assert "newer program" in refused("centre_newer", lambda: reopened(folder, clock))
    assert (folder / database.DATABASE_FILE).read_bytes() == before


def test_a_database_that_is_missing_or_of_another_id_is_told(whole: Centre, folder: Path, clock: Clock) -> None:
    with whole.begin() as connection:
        connection.execute(update(database.meta).where(database.meta.c.name == "id").values(value="other"))
    opening.close(whole)
    refused("database_other", lambda: reopened(folder, clock))
    (folder / database.DATABASE_FILE).unlink()
    refused("database_missing", lambda: reopened(folder, clock))
    assert not (folder / database.DATABASE_FILE).exists()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (b"", "key_damaged"),
        (b"[]", "key_damaged"),
        (b"{" * 10_000, "key_damaged"),
        (b" " * 20_000, "key_damaged"),
        ({"version": 2}, "centre_newer"),
        ({"salt": "AAAA"}, "key_damaged"),
        ({"wrapped": None}, "key_damaged"),
        ({"argon2id": {"time_cost": 1, "memory_kib": 1 << 40, "lanes": 1}}, "key_damaged"),
        ({"database_url": "00"}, "key_damaged"),
        ({"database_url": "nothing"}, "key_damaged"),
        ({"database_url": None}, "key_damaged"),
        ({"id": "another"}, "database_other"),
    ],
)
def test_a_harmed_key_file_is_told(whole: Centre, folder: Path, clock: Clock, harm: Any, code: str) -> None:
    path = folder / keys.KEY_FILE
    data = harm if isinstance(harm, bytes) else json.dumps({**json.loads(path.read_bytes()), **harm}).encode()
    path.write_bytes(data)
    refused(code, lambda: reopened(folder, clock))


def test_what_cannot_be_made_stands_in_nobodys_way(folder: Path, clock: Clock) -> None:
    refused("passphrase_short", lambda: opening.create(folder, "short", stretching=LIGHT))
    refused("host_names", lambda: opening.create(folder, PASSPHRASE, host_names=["a b"], stretching=LIGHT))
    for url in ("mysql://x/y", "postgresql://", "postgresql://host:port:x/y", "nonsense"):
        refused("database_url", lambda url=url: opening.create(folder, PASSPHRASE, database_url=url, stretching=LIGHT))  # type: ignore[misc]
    with made(folder, clock):
        pass
    assert reopened(folder, clock)


def test_a_folder_that_is_a_file_is_told(folder: Path) -> None:
    folder.write_text("")
    refused("folder_unusable", lambda: opening.create(folder, PASSPHRASE, stretching=LIGHT))


KILL = """
import os, signal, sys
from pathlib import Path
from checkpoint_app.central import {module} as module, opening
from tests.central.line import LIGHT, PASSPHRASE
plain = module.{name}
def killed(*arguments, **how):
    if {after}:
        plain(*arguments, **how)
    os.kill(os.getpid(), signal.SIGKILL)
module.{name} = killed
opening.create(Path(sys.argv[1]), PASSPHRASE, database_url=sys.argv[2], stretching=LIGHT)
"""
INSTANTS = [
    ("keys", "write_half_key", False),
    ("keys", "write_half_key", True),
    ("identity", "create", True),
    ("publishing", "create_repository", True),
    ("keys", "make_whole", False),
    ("keys", "make_whole", True),
]


def kill(folder: Path, module: str, name: str, after: bool, url: str = "") -> None:
    script = KILL.format(module=module, name=name, after=after)
    ended = subprocess.run([sys.executable, "-c", script, str(folder), url], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize(("module", "name", "after"), INSTANTS)
def test_a_kill_leaves_a_whole_centre_or_nothing_in_the_way(
    folder: Path, clock: Clock, module: str, name: str, after: bool
) -> None:
    kill(folder, module, name, after)
    if (name, after) != ("make_whole", True):
        refused("centre_missing", lambda: reopened(folder, clock))
        opening.close(opening.create(folder, PASSPHRASE, stretching=LIGHT))
    assert reopened(folder, clock)
    assert not (folder / keys.HALF_KEY_FILE).exists()


def test_a_half_key_file_that_is_cut_off_is_in_nobodys_way(folder: Path, clock: Clock) -> None:
    folder.mkdir()
    (folder / keys.HALF_KEY_FILE).write_bytes(b'{"id')
    (folder / (keys.HALF_KEY_FILE + ".half")).write_bytes(b"")
    left = [folder / "centre.db-journal", folder / "repository" / "metadata" / "9.root.json", folder / "lists" / "a"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"of a start that was broken off")
    with made(folder, clock):
        pass
    assert reopened(folder, clock)
    assert [path for path in left if path.exists()] == []


def test_postgres_holds_the_centre_and_its_url_rests_in_the_vault(
    folder: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> None:
    with made(folder, clock, database_url=postgres_url) as centre:
        here = identity.audience(centre)
    assert reopened(folder, clock) == here
    assert not (folder / database.DATABASE_FILE).exists()
    assert postgres_url.rpartition("/")[2].encode() not in (folder / keys.KEY_FILE).read_bytes()
    other = tmp_path / "other"
    taken = lambda: opening.create(other, PASSPHRASE, database_url=postgres_url, stretching=LIGHT)  # noqa: E731
    refused("database_taken", taken)
    refused("database_taken", taken)  # what the first try left changes nothing
    assert reopened(folder, clock) == here


def test_a_kill_before_the_end_leaves_a_postgres_that_the_next_init_takes(
    folder: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> None:
    kill(folder, "keys", "make_whole", False, postgres_url)
    refused(
        "database_taken",
        lambda: opening.create(tmp_path / "other", PASSPHRASE, database_url=postgres_url, stretching=LIGHT),
    )
    with made(folder, clock, database_url=postgres_url) as centre:
        here = identity.audience(centre)
    assert reopened(folder, clock) == here


def test_a_postgres_that_is_not_there_is_told_without_its_words(folder: Path) -> None:
    url = "postgresql://nobody:secret-word@127.0.0.1:1/none"
    text = refused("database_failed", lambda: opening.create(folder, PASSPHRASE, database_url=url, stretching=LIGHT))
    assert "secret-word" not in text
