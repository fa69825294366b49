"""A publication that is killed once booths are led to its versions, and before it noted that."""

from __future__ import annotations

import pytest

from checkpoint_app.central import acts, publishing, series
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.grants import grants_for
from checkpoint_app.wire.grant import read_grant
from tests.central.helpers import START, FakeBooth
from tests.central.publishing_helpers import OWN, bring, make_repository, persons

BOOTH = FakeBooth("demo-3")


class KilledError(Exception):
    """In the place of a kill."""


def key_ids(centre: Centre) -> set[str]:
    return {
        read_grant(text.encode()).key_id for text in grants_for(centre, "demo-3", BOOTH.keys.exchange, START).grants
    }


def published(centre: Centre) -> list[int]:
    with centre.begin() as connection:
        return [one.about["version"] for one in acts.all(connection, 0) if one.what == "list published"]


@pytest.fixture
def cut(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A centre with a first version, whose second, of another series, is served and not noted."""
    make_repository(centre)
    bring(centre, OWN)
    publishing.publish(centre)
    with centre.begin() as connection:
        series.end(connection, OWN.name)
    bring(centre, OWN, persons(21))
    assert len(key_ids(centre)) == 1  # what is only imported is nobody's yet

    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_note", killed)
        with pytest.raises(KilledError):
            publishing.publish(centre)
    return centre


def test_booths_get_the_key_to_what_they_are_served_though_nobody_noted_it(cut: Centre) -> None:
    both = key_ids(cut)
    assert len(both) == 2
    publishing.publish(cut)
    assert key_ids(cut) < both
    assert len(key_ids(cut)) == 1


def test_the_record_tells_of_each_version_once_that_it_was_published(cut: Centre) -> None:
    assert published(cut) == [1]
    publishing.publish(cut)
    publishing.publish(cut)
    assert published(cut) == [1, 2]
