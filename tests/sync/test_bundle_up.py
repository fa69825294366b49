"""A booth without a line gets its events to the centre by a stick: each once, in order, whatever the stick suffers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.central import booths, bundles
from checkpoint_app.wire.event import EventKind
from tests.sync.by_hand import Hands, hands


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Hands]:
    with hands(tmp_path) as found:
        yield found


def stored(post: Hands, booth: str = "booth-1") -> int:
    return next(one.events for one in booths.all_booths(post.centre) if one.name == booth)


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
    last = list(booth.store.journal.events())[-1]
    assert last.header.kind is EventKind.BUNDLE_EXPORTED
    assert booth.store.journal.body_bytes(last.header) is not None
