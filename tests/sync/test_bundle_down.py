"""A booth without a line gets lists, grants, acknowledgement and cases by a stick, proven as they are on the line."""

from __future__ import annotations

import io
import os
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TypeVar

import pytest

from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import cases, database, publishing
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.keeping import Declared
from checkpoint_app.store import Store
from checkpoint_app.sync import download
from checkpoint_app.sync.bundle_down import import_bundle
from checkpoint_app.sync.bundle_lists import export_lists
from checkpoint_app.sync.enrolled import enrolled_of, put_enrolled
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError
from checkpoint_app.wire.case import case_id
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind
from tests.central.publishing_helpers import NUMBERS, OWN, bring, bring_policy, persons
from tests.store.helpers import case
from tests.sync.by_hand import HandBooth, Hands, hands

T = TypeVar("T")
ALL = {"ECU": 1, "INTL": 1, "policy": 1}


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Hands]:
    with hands(tmp_path) as found:
        bring(found.centre, OWN)
        bring(found.centre, NUMBERS)
        bring_policy(found.centre)
        publishing.publish(found.centre)
        yield found


def newer(post: Hands) -> None:
    """Publish another version, an hour later."""
    post.clock.move(hours=1)
    bring(post.centre, OWN, persons(21))
    publishing.publish(post.centre)


def send_case(post: Hands, encounter: str, booth: str = "booth-1") -> None:
    with post.centre.begin() as connection:
        late = replace(case(encounter=encounter), booth=booth, case_id=case_id(26, booth, encounter, "ECU"), number=0)
        cases.raise_case(post.centre, connection, "ECU", late, silent=False)


def publish_big(post: Hands) -> None:
    """Publish a list whose package has several chunks."""
    drawn = random.Random(1)
    numbers = [
        {"number": f"X{n:09}", "issuer": "UTO", "category": "stolen"} for n in drawn.sample(range(10**9), 60_000)
    ]
    bring(post.centre, Declared("BIG", ListKind.DOCUMENTS, "INTL"), numbers)
    publishing.publish(post.centre)


def test_a_first_load_comes_by_hand(post: Hands) -> None:
    booth = post.booth()
    done = booth.take(post.bring())
    assert (done.damaged, done.faults) == ("", [])
    assert {one.name: one.version for one in done.brought}.items() >= ALL.items()
    assert booth.apply().items() >= ALL.items()
    head = booth.store.journal.head()
    kinds = [event.header.kind for event in booth.store.journal.events(0, head.seq)]
    assert EventKind.BUNDLE_IMPORTED in kinds


def test_the_same_twice_brings_nothing_more(post: Hands) -> None:
    booth = post.booth()
    booth.take(post.bring())
    booth.apply()
    again = booth.take(booth.stick / "down.bundle")
    assert (again.brought, again.faults, again.cases) == ([], [], 0)
    assert Records(booth.store).versions().items() >= ALL.items()


def test_an_older_after_a_newer_takes_nothing_back(post: Hands) -> None:
    booth = post.booth()
    booth.write(2)
    older = post.bring(file="older.bundle")
    booth.send()
    newer(post)
    send_case(post, "e-1")
    booth.take(post.bring())
    assert booth.apply()["ECU"] == 2
    seen, leases = booth.store.time.seen, booth.store.leases.renewed_at
    post.clock.move(minutes=5)
    late = booth.take(older)
    assert late.brought == []
    assert ("lists", "rolled_back") in late.faults
    assert Records(booth.store).versions()["ECU"] == 2
    assert {path.name for path in booth.inbox.glob("ECU*.list")} <= {"ECU.list"}
    assert booth.store.delivery.acknowledged().seq == 2
    assert booth.store.cases.last_number() == 1
    assert (booth.store.time.seen, booth.store.leases.renewed_at) == (seen, leases)


def test_receipts_cases_and_leases_come_back_by_the_same_stick(post: Hands) -> None:
    booth = post.booth()
    booth.write(4)
    booth.send()
    for number in range(3):
        send_case(post, f"e-{number}")
    done = booth.take(post.bring())
    assert (done.acknowledged, done.cases) == (4, 3)
    assert booth.store.delivery.acknowledged().seq == 4
    booth.apply()
    ends = booth.store.leases.ends()
    assert ends
    booth.send()
    post.clock.move(days=3)
    send_case(post, "e-9")
    done = booth.take(post.bring())
    assert done.cases == 1
    assert done.leases == len(ends)
    assert booth.store.cases.last_number() == 4
    later = booth.store.leases.ends()
    assert all(later[key] - end == timedelta(days=3) for key, end in ends.items())


def test_sticks_that_were_days_on_their_way_renew_leases_all_the_same(post: Hands) -> None:
    booth = post.booth()
    first = post.bring(file="monday.bundle")
    post.clock.move(days=1)
    second = post.bring(file="tuesday.bundle")  # made before the first had come
    post.clock.move(days=1)
    booth.take(first)
    booth.apply()
    ends = booth.store.leases.ends()
    post.clock.move(days=1)
    assert booth.take(second).leases == len(ends) > 0
    assert all(end - ends[key] == timedelta(days=1) for key, end in booth.store.leases.ends().items())
    assert booth.take(first).leases == 0


def test_a_clock_that_stood_in_the_future_keeps_no_lease_away(post: Hands) -> None:
    booth = post.booth()
    first = post.bring()
    booth.clock.now = lambda: post.clock.now() + timedelta(days=3)  # type: ignore[method-assign]
    booth.take(first)
    booth.store.leases.renewed(booth.clock.now())  # as by a line
    booth.clock.now = post.clock.now  # type: ignore[method-assign]
    booth.close()
    booth.open()
    booth.apply()
    post.clock.move(days=1)
    assert booth.take(post.bring()).leases > 0


def test_only_what_the_booth_has_not_goes_along(post: Hands) -> None:
    booth = post.booth()
    publishing.publish(post.centre)  # the list of booths changes with them
    first = post.bring().stat().st_size
    booth.take(booth.stick / "down.bundle")
    booth.apply()
    booth.send()  # so the centre knows what is in force there
    assert post.bring().stat().st_size < first
    assert booth.take(booth.stick / "down.bundle").brought == []
    newer(post)
    assert [one.name for one in booth.take(post.bring()).brought] == ["ECU"]
    assert booth.apply()["ECU"] == 2
    assert post.bring(whole=True).stat().st_size >= first


def test_steps_go_along_where_they_are_fewer_bytes_than_the_whole(post: Hands) -> None:
    bring(post.centre, Declared("DAILY", ListKind.PERSONS, "ECU"), persons(2000))
    booth = post.booth()
    publishing.publish(post.centre)
    booth.take(post.bring())
    booth.apply()
    booth.send()
    for day in range(1, 3):
        post.clock.move(days=1)
        bring(post.centre, Declared("DAILY", ListKind.PERSONS, "ECU"), persons(2000 + day))
        publishing.publish(post.centre)
    done = booth.take(post.bring())
    assert done.faults == []
    assert [one.version for one in done.brought if one.name == "DAILY"] == [3]
    assert max(path.name for path in booth.inbox.glob("DAILY-*.delta")).endswith("-3.delta")
    assert booth.apply()["DAILY"] == 3


def test_another_booths_bundle_and_another_centres_are_refused_whole(post: Hands, tmp_path: Path) -> None:
    booth, other = post.booth(), post.booth("booth-2")
    with pytest.raises(BundleError) as caught:
        other.take(post.bring())
    assert caught.value.code is BundleCode.OTHER_RECEIVER
    with pytest.raises(BundleError) as caught:
        booth.take(booth.export()[0])
    assert caught.value.code in (BundleCode.OTHER_RECEIVER, BundleCode.OTHER_KIND)
    with hands(tmp_path / "elsewhere") as elsewhere:
        with elsewhere.centre.begin() as connection, post.centre.begin() as own:
            row = own.execute(database.booths.select().where(database.booths.c.name == "booth-1")).one()
            connection.execute(database.booths.insert().values(**row._mapping))
            key = post.centre.secret(own, "unlock booth-1")
            assert key is not None
            elsewhere.centre.keep_secret(connection, "unlock booth-1", key)
        (elsewhere.folder / "stick").mkdir()
        with pytest.raises(BundleError) as caught:
            booth.take(elsewhere.bring())
        assert caught.value.code is BundleCode.OTHER_SENDER
    assert list(booth.inbox.iterdir()) == []


def test_a_booth_that_is_not_confirmed_gets_none(post: Hands) -> None:
    post.booth()
    with pytest.raises(CentreError) as caught:
        post.bring("nobody")
    assert caught.value.code == "booth_unknown"
    with post.centre.begin() as connection:
        connection.execute(database.booths.update().values(state=BoothState.REVOKED))
    with pytest.raises(CentreError) as caught:
        post.bring()
    assert caught.value.code == "booth_revoked"


def test_a_booth_that_waited_is_let_in_by_a_stick(post: Hands) -> None:
    booth = post.booth()
    known = enrolled_of(booth.store)
    assert known is not None
    put_enrolled(booth.store, replace(known, state=BoothState.PENDING, exchange_key=b"", unlock_key=b""))
    booth.take(post.bring())
    after = enrolled_of(booth.store)
    assert after is not None
    assert (after.state, after.exchange_key) == (BoothState.CONFIRMED, known.exchange_key)
    assert after.unlock_key


def test_cut_anywhere_nothing_is_half_and_the_next_stick_goes_on(post: Hands, tmp_path: Path) -> None:
    bring(post.centre, OWN, persons(21))
    publishing.publish(post.centre)
    booth = post.booth()
    data, cut = post.bring().read_bytes(), tmp_path / "cut.bundle"
    for part in (1, 3, 5, 7, 8, 9):
        cut.write_bytes(data[: len(data) * part // 10])
        try:
            done = booth.take(cut)
        except BundleError as error:  # not even its header is whole
            done = SimpleNamespace(damaged=str(error.code), brought=[])
        assert done.damaged in (BundleCode.DAMAGED, BundleCode.NOT_A_BUNDLE)
        booth.apply()
    done = booth.take(booth.stick / "down.bundle")
    assert (done.damaged, done.faults) == ("", [])
    assert booth.apply().items() >= {**ALL, "ECU": 2}.items()


def test_a_disk_without_room_is_told_and_the_next_try_succeeds(post: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = post.booth()
    path = post.bring()
    with monkeypatch.context() as patch:
        patch.setattr(download.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1 << 20))
        done = booth.take(path)
    assert {code for _part, code in done.faults} == {"disk"}
    assert done.brought == []
    assert [path.name for path in booth.inbox.iterdir()] == []
    assert booth.take(path).faults == []
    assert booth.apply().items() >= ALL.items()


def killed(booth: HandBooth, path: Path, at: int) -> bool:
    """Import in a process of its own that is killed at its ``at``-th step on the store; tell whether it was."""
    booth.close()
    child = os.fork()
    if child == 0:  # nothing of the test goes on here
        try:
            booth.open()
            steps = 0

            def on_store(work: Callable[[Store], T]) -> T:
                nonlocal steps
                steps += 1
                if steps == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return work(booth.store)

            def told(done: int, _of: int) -> None:
                on_store(lambda _store: done)

            with path.open("rb") as file:
                import_bundle(file, on_store, booth.inbox, booth.metadata, clock=booth.clock, told=told)
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    booth.open()
    return os.WIFSIGNALED(status)


def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(post: Hands) -> None:
    booth = post.booth()
    booth.write(3)
    booth.send()
    send_case(post, "e-1")
    path = post.bring()
    at, killings = 1, 0
    while killed(booth, path, at):
        killings += 1
        at += 2
        assert at < 100
    assert killings >= 5
    done = booth.take(path)
    assert (done.faults, done.damaged) == ([], "")
    assert booth.apply().items() >= ALL.items()
    assert booth.store.cases.last_number() == 1
    received = [event for event in booth.store.journal.events() if event.header.kind is EventKind.CASE_RECEIVED]
    assert len(received) == 1
    assert booth.store.delivery.acknowledged().seq == 3


def test_a_stick_that_is_pulled_while_a_package_comes_goes_on_where_it_was(post: Hands) -> None:
    publish_big(post)
    booth = post.booth()
    path = post.bring()
    read = 0

    class Pulled:
        """A file whose stick is gone after so many bytes."""

        def __init__(self, most: int) -> None:
            self._file = io.BytesIO(path.read_bytes())
            self.left = most

        def read(self, size: int = -1) -> bytes:
            self.left -= size
            if self.left < 0:
                raise OSError(5, "Input/output error")
            return self._file.read(size)

        def seek(self, offset: int, whence: int = 0) -> int:
            return self._file.seek(offset, whence)

        def tell(self) -> int:
            return self._file.tell()

    def told(done: int, _of: int) -> None:
        nonlocal read
        read = done

    size = path.stat().st_size
    assert size > 350_000
    done = import_bundle(
        Pulled(size * 3 // 4), booth.on_store, booth.inbox, booth.metadata, clock=booth.clock, told=told  # type: ignore[arg-type]
    )  # fmt: skip
    assert done.damaged == BundleCode.UNREADABLE
    before = read
    with path.open("rb") as file:
        done = import_bundle(file, booth.on_store, booth.inbox, booth.metadata, clock=booth.clock, told=told)
    assert (done.damaged, done.faults) == ("", [])
    assert before + read < size * 1.2  # most of it was not read a second time
    assert booth.apply()["BIG"] == 1


def test_a_file_that_is_cut_while_it_is_read_is_a_cut(post: Hands) -> None:
    publish_big(post)
    booth = post.booth()
    path = post.bring()
    whole = path.read_bytes()

    def told(done: int, _of: int) -> None:
        if done > 100_000:
            os.truncate(path, 150_000)

    with path.open("rb") as file:
        done = import_bundle(file, booth.on_store, booth.inbox, booth.metadata, clock=booth.clock, told=told)
    assert done.damaged == BundleCode.DAMAGED
    assert booth.apply().items() >= ALL.items()  # the small ones come first
    path.write_bytes(whole)
    booth.take(path)
    assert booth.apply()["BIG"] == 1


def test_a_bundle_that_was_too_long_on_its_way_is_judged_by_trusted_time(post: Hands) -> None:
    booth = post.booth()
    booth.write(2)
    booth.send()
    path = post.bring()
    post.clock.move(days=15)
    done = booth.take(path)
    assert done.faults == [("lists", "metadata_expired")]
    assert done.brought == []
    assert done.acknowledged == 2  # what is signed without an end is as good as ever


def test_time_is_learnt_from_the_centre_alone(post: Hands) -> None:
    one, two = post.booth(), post.booth("booth-2")
    one.take(post.bring())
    said = post.clock.now()
    post.clock.move(days=2)
    path = post.folder / "stick" / "across.bundle"
    export_lists(one.on_store, "booth-2", path, one.inbox, one.metadata)
    two.take(path)
    assert two.store.time.seen == said  # of the centre's letter, not of the booth that signed the bundle
