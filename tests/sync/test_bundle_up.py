"""A booth without a line gets its events to the centre by a stick: each once, in order, whatever the stick suffers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkpoint_app.central import acts, booths, bundles
from checkpoint_app.central.centre import CentreError
from checkpoint_app.store import DiskFullError
from checkpoint_app.sync.bundle_up import NoBundleError
from checkpoint_app.sync.enrolled import enrolled_of, put_enrolled
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError
from checkpoint_app.wire.event import EventKind
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
