"""The edges of what a booth takes from a repository: the largest numbers that still grow, and folders not made yet."""

from __future__ import annotations

import pytest

from checkpoint_app.store.trust import trust_version
from tests.sync.repository_server import TufRepository, booth_of, serving
from tests.sync.test_fetch_attacks import PACKAGE, refused


@pytest.mark.parametrize("too_far", [False, True])
def test_the_targets_number_stays_below_the_roots_part_of_the_trusts_version(too_far: bool) -> None:
    """Invariant 5: a number that ran over into the root's would let an older root's trust count as newer."""
    repository = TufRepository()
    repository.put("ECU", 1, PACKAGE)
    repository.targets.version = (1 << 32) - (1 if too_far else 2)
    repository.publish_targets()
    with serving(repository) as server, booth_of(server) as booth:
        fetched = booth.fetch()
        if too_far:
            assert fetched == refused("malformed")
        else:
            assert len(fetched.brought) == 1
            assert trust_version(booth.store) == (1 << 32) | ((1 << 32) - 1)


def test_an_inbox_is_made_with_the_folders_above_it() -> None:
    repository = TufRepository()
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        booth.inbox = booth.inbox / "of" / "lists"
        assert len(booth.fetch().brought) == 1
        assert booth.inbox.stat().st_mode & 0o777 == 0o700
