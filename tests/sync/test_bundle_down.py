"""A booth without a line gets lists, grants, acknowledgement and cases by a stick, proven as they are on the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.central import publishing
from tests.central.publishing_helpers import NUMBERS, OWN, bring, bring_policy
from tests.sync.by_hand import Hands, hands


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Hands]:
    with hands(tmp_path) as found:
        bring(found.centre, OWN)
        bring(found.centre, NUMBERS)
        bring_policy(found.centre)
        publishing.publish(found.centre)
        yield found


def test_a_first_load_comes_by_hand(post: Hands) -> None:
    booth = post.booth()
    done = booth.take(post.bring())
    assert (done.damaged, done.faults) == ("", [])
    assert {one.name: one.version for one in done.brought}.items() >= {"ECU": 1, "INTL": 1, "policy": 1}.items()
    assert booth.apply().items() >= {"ECU": 1, "INTL": 1, "policy": 1}.items()
