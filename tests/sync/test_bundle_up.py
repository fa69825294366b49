"""A booth without a line gets its events to the centre by a stick: each once, in order, whatever the stick suffers."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from checkpoint_app.central import acts, alarms, booths, bundles, cases, identity
from checkpoint_app.central.bundles import Received
from checkpoint_app.central.centre import CentreError
from checkpoint_app.store import DiskFullError
from checkpoint_app.sync.bundle_up import NoBundleError
from checkpoint_app.sync.centre_key import learn_exchange_key, stating
from checkpoint_app.sync.enrolled import enrolled_of, put_enrolled
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.wire import packing
from checkpoint_app.wire.batch import write_batch
from checkpoint_app.wire.bundle import Address, BundleKind, begin_bundle
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError, PartKind
from checkpoint_app.wire.delivery import Batch
from checkpoint_app.wire.event import EventKind
from tests.store.helpers import received_body
from tests.sync.by_hand import HandBooth, Hands, hands

PICTURE = {"encounter_id": "e", "jpeg": "A" * 4000, "boxes": {}, "strips": []}


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Hands]:
    with hands(tmp_path) as found:
        yield found


def stored(post: Hands, booth: str = "booth-1") -> int:
    return next(one.events for one in booths.all_booths(post.centre) if one.name == booth)


def last_act(post: Hands) -> acts.Act:
    with post.centre.begin() as connection:
        return acts.all(connection)[-1]


def with_pictures(booth: HandBooth, count: int = 3) -> None:
    for _ in range(count):
        booth.store.journal.append(EventKind.ENCOUNTER_PICTURE, PICTURE)


def test_everything_comes_once_however_often_it_is_carried(post: Hands) -> None:
    booth = post.booth()
    booth.write(5)
    path, done = booth.export()
    assert (done.events, done.pictures) == (5, 0)
    first = bundles.receive_bundle(post.centre, path)
    assert (first.events, first.acknowledged, first.refused) == (5, 5, "")
    again = bundles.receive_bundle(post.centre, path)
    assert (again.events, again.acknowledged, again.refused) == (0, 5, "")
    assert stored(post) == 5
    last = booth.store.journal.head()
    assert booth.store.journal.body(last.seq) == {
        "bundle": done.bundle, "kind": "up", "receiver": done.receiver, "events": 5, "pictures": 0, "lists": 0
    }  # fmt: skip
    act = last_act(post)
    assert (act.what, act.about["booth"], act.about["events"]) == ("bundle imported", "booth-1", 0)


def test_an_older_bundle_after_a_newer_takes_nothing_back(post: Hands) -> None:
    booth = post.booth()
    booth.write(3)
    older, _done = booth.export("older.bundle")
    booth.write(3)
    newer, _done = booth.export("newer.bundle")
    assert bundles.receive_bundle(post.centre, newer).acknowledged == 7
    assert bundles.receive_bundle(post.centre, older).acknowledged == 7
    assert stored(post) == 7


def test_pictures_go_along_as_far_as_there_is_room(post: Hands) -> None:
    booth = post.booth()
    with_pictures(booth)
    path, done = booth.export(most_picture_bytes=1)
    assert (done.events, done.pictures, done.pictures_left) == (3, 1, 2)
    assert bundles.receive_bundle(post.centre, path).bodies == 1
    received = booth.send()
    assert (received.bodies, received.refused) == (2, "")
    assert booth.send().bodies == 0


def test_pictures_that_had_no_room_go_with_the_next_stick_all_of_them(
    post: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only the first, which is what an acknowledgement has names for."""
    for room in ("store", "central"):
        monkeypatch.setattr(f"checkpoint_app.{room}.delivery.MOST_WANTED", 2)
    booth = post.booth()
    with_pictures(booth, 6)
    booth.write(1)
    path, done = booth.export(most_picture_bytes=0)
    assert (done.pictures, done.pictures_left) == (0, 6)
    bundles.receive_bundle(post.centre, path)
    booth.take(post.bring())
    path, done = booth.export()
    assert (done.pictures, done.pictures_left) == (6, 0)
    assert bundles.receive_bundle(post.centre, path).bodies == 6
    post.clock.move(minutes=1)
    booth.take(post.bring())
    assert booth.export()[1].pictures == 0


def test_cut_anywhere_what_came_before_is_stored_and_the_next_brings_the_rest(post: Hands, tmp_path: Path) -> None:
    booth = post.booth()
    for seed in range(60):
        booth.store.journal.append(EventKind.SIGNED_IN, {"officer": random.Random(seed).randbytes(20_000).hex()})
    with_pictures(booth)
    path, _done = booth.export()
    data, cut = path.read_bytes(), tmp_path / "cut.bundle"
    assert len(data) > 1_200_000
    before = 0
    for part in range(1, 9):
        cut.write_bytes(data[: len(data) * part // 9])
        received = bundles.receive_bundle(post.centre, cut)
        assert received.refused == BundleCode.DAMAGED
        assert received.acknowledged >= before
        before = received.acknowledged
    assert 0 < before < 63
    assert bundles.receive_bundle(post.centre, path).refused == ""
    assert stored(post) == 63


def test_a_booth_that_was_revoked_is_refused_whole(post: Hands) -> None:
    booth = post.booth()
    booth.write()
    path, _done = booth.export()
    booths.revoke(post.centre, "booth-1")
    with pytest.raises(CentreError) as caught:
        bundles.receive_bundle(post.centre, path)
    assert caught.value.code == "booth_revoked"
    assert stored(post) == 0


def test_another_booth_of_that_name_is_refused(post: Hands, tmp_path: Path) -> None:
    booth = post.booth()
    booth.write()
    with hands(tmp_path / "elsewhere") as other:
        stranger = other.booth()
        stranger.write()
        own, theirs = enrolled_of(booth.store), enrolled_of(stranger.store)
        assert own is not None
        assert theirs is not None
        put_enrolled(stranger.store, replace(theirs, audience=own.audience, exchange_key=own.exchange_key))
        path, _done = stranger.export("theirs.bundle")
        with pytest.raises(CentreError) as caught:
            bundles.receive_bundle(post.centre, path)
        assert caught.value.code == "booth_other_key"
        with pytest.raises(BundleError) as refused:
            bundles.receive_bundle(other.centre, booth.export("own.bundle")[0])
        assert refused.value.code is BundleCode.OTHER_RECEIVER


def test_a_gap_is_told_and_harms_nothing(post: Hands) -> None:
    booth = post.booth()
    booth.write(3)
    first, _done = booth.export("first.bundle")
    head = booth.store.journal.head()
    booth.store.delivery.acknowledge(head.seq, head.hash)  # as if a line had delivered it, and the centre was put back
    booth.write(2)
    received = booth.send()
    assert (received.events, received.refused) == (0, "gap")
    assert last_act(post).about["refused"] == "gap"
    assert bundles.receive_bundle(post.centre, first).events == 3


def test_before_the_centres_key_is_known_there_is_one_clear_line(post: Hands) -> None:
    booth = post.booth()
    known = enrolled_of(booth.store)
    assert known is not None
    put_enrolled(booth.store, replace(known, exchange_key=b""))
    with pytest.raises(NoBundleError, match="not known here yet"):
        booth.export()
    assert list(booth.stick.iterdir()) == []


def test_a_full_stick_leaves_nothing_behind(post: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    booth = post.booth()
    booth.write()
    before = booth.store.journal.head().seq

    def full(_file: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("checkpoint_app.sync.bundle_up.sync_file", full)
    with pytest.raises(DiskFullError):
        booth.export()
    assert list(booth.stick.iterdir()) == []
    assert booth.store.journal.head().seq == before  # what is not there is not said to be


def test_a_fork_is_refused_and_alarmed_as_on_the_line(post: Hands) -> None:
    booth = post.booth()
    booth.write(2)
    data = booth.folder / "data"
    booth.close()
    shutil.copytree(data, booth.folder / "copy")  # the disk as it was, kept beside
    booth.open()
    booth.write(3)
    assert booth.send().refused == ""
    booth.close()
    shutil.rmtree(data)
    (booth.folder / "copy").rename(data)
    booth.open()
    booth.write(1)
    refused = booth.send()
    assert (refused.events, refused.refused) == (0, "fork")
    with post.centre.begin() as connection:
        assert [alarm.kind for alarm in alarms.all(connection)] == ["fork"]
    booths.allow_new_chain(post.centre, "booth-1")
    went_on = booth.send()
    assert (went_on.refused, went_on.acknowledged) == ("", booth.store.journal.head().seq - 1)


def sent_by_hand(post: Hands, parts: list[tuple[PartKind, bytes]]) -> Received:
    """Take a bundle that the booth signed, with whatever parts."""
    booth = post.booth()
    known = enrolled_of(booth.store)
    assert known is not None
    path = post.folder / "stick" / "hostile.bundle"
    with path.open("wb") as file:
        address = Address(known.audience, known.exchange_key)
        identity = booth.store.identity
        _header, writer = begin_bundle(
            file, BundleKind.UP, identity.booth, identity.signing_key, address, post.clock.now()
        )
        for kind, data in parts:
            writer.add(kind, data)
        writer.close()
    return bundles.receive_bundle(post.centre, path)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (PartKind.BATCH, b""),
        (PartKind.BATCH, b"CKPEVT1\n\x00\x00\x00\x01x"),
        (PartKind.BODY, b"not packed"),
        (PartKind.BODY, packing.pack(b"{}")),
        (PartKind.BODY, packing.pack(bytes(5 << 20))),  # it unpacks to more than is read
        (PartKind.PLACE, b'{"after":-1,"seen":""}'),
        (PartKind.PLACE, b'{"after":1,"seen":"../x"}'),
        (PartKind.PLACE, b'{"after":"x","seen":""}'),
    ],
)
def test_parts_that_make_no_sense_are_refused_in_a_word(post: Hands, kind: PartKind, data: bytes) -> None:
    received = sent_by_hand(post, [(kind, data)])
    assert (received.refused, received.events, received.bodies) == (BundleCode.MALFORMED, 0, 0)


def test_a_booth_speaks_for_itself_alone(post: Hands) -> None:
    other = post.booth("booth-2")
    other.write(1)
    parcels = tuple(other.store.delivery.parcels(0, 1 << 20))
    received = sent_by_hand(post, [(PartKind.BATCH, write_batch(Batch("booth-2", parcels)))])
    assert received.refused == "other_booth"
    assert stored(post, "booth-2") == 0


def test_a_centre_that_lost_an_inbox_sees_it_by_the_bundle(post: Hands) -> None:
    booth = post.booth()
    booth.store.journal.append(EventKind.CASE_RECEIVED, received_body(number=5))
    assert booth.send().refused == ""
    with post.centre.begin() as connection:
        assert "inbox_lost" in [alarm.kind for alarm in alarms.all(connection)]
        assert cases.last_number(connection, "booth-1") == 5  # what it finds from now on has a number that is new there


def test_an_older_bundle_takes_no_inbox_back_that_was_laid_anew(post: Hands) -> None:
    booth = post.booth()
    booth.store.journal.append(EventKind.CASE_RECEIVED, received_body(number=2))
    older, _done = booth.export("older.bundle")
    booth.store.journal.append(EventKind.CASE_RECEIVED, received_body(number=5))
    booth.send()  # the centre had lost it
    bundles.receive_bundle(post.centre, older)  # carried by another hand, and late
    with post.centre.begin() as connection:
        assert cases.last_number(connection, "booth-1") == 5
        assert [alarm.kind for alarm in alarms.all(connection)] == ["inbox_lost"]


@pytest.mark.parametrize("seed", range(3))
def test_bundles_in_any_order_bring_each_event_once(post: Hands, seed: int) -> None:
    drawn, booth = random.Random(seed), post.booth()
    ups: list[Path] = []
    downs: list[Path] = []

    def acknowledged() -> int:
        return booth.store.delivery.acknowledged().seq

    for step in range(25):
        what, before = drawn.choice(("write", "up", "send", "down", "take", "take")), acknowledged()
        if what == "write":
            booth.write(drawn.randint(1, 4))
        elif what == "up":
            ups.append(booth.export(f"up-{step}.bundle")[0])
        elif what == "send" and ups:
            bundles.receive_bundle(post.centre, drawn.choice(ups))
        elif what == "down":
            post.clock.move(minutes=1)
            downs.append(post.bring(file=f"down-{step}.bundle"))
        elif what == "take" and downs:
            booth.take(drawn.choice(downs))
        assert stored(post) >= acknowledged() >= before
    head = booth.store.journal.head().seq
    assert booth.send().acknowledged == head
    assert stored(post) == head
    post.clock.move(minutes=1)
    booth.take(post.bring())
    assert acknowledged() == head


def test_the_centres_key_is_learnt_with_the_grants_and_only_from_the_centre(post: Hands) -> None:
    booth = post.booth()
    known = enrolled_of(booth.store)
    assert known is not None
    with post.centre.begin() as connection:
        stated = identity.exchange_statement(post.centre, connection)
    without = replace(known, exchange_key=b"")
    put_enrolled(booth.store, without)
    line = SimpleNamespace(enrolled=without)
    learn_exchange_key(line, booth.on_store, stated)  # type: ignore[arg-type]
    assert enrolled_of(booth.store) == known
    assert line.enrolled == known
    assert stating(known, None) == known
    with pytest.raises(LineError) as caught:
        stating(known, replace(stated, signature=bytes(64)))
    assert caught.value.code is LineCode.NOT_SIGNED
    with pytest.raises(LineError) as caught:
        stating(replace(known, audience="another"), stated)
    assert caught.value.code is LineCode.MALFORMED
