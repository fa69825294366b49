"""An agreement that was ended early and purged before anybody published: booths still hear that it has ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from tuf.api.exceptions import ExpiredMetadataError

from checkpoint_app.central import agreements, publishing
from checkpoint_app.central.centre import Centre
from tests.central.helpers import ONE_DATABASE, Clock
from tests.central.publishing_helpers import OWN, THEIRS, Booth, bring, conclude, make_repository


@ONE_DATABASE
def test_a_role_ends_though_its_list_was_purged_first(centre: Centre, clock: Clock, tmp_path: Path) -> None:
    booth = Booth(centre, make_repository(centre), tmp_path / "booth")
    conclude(centre)
    bring(centre, THEIRS)
    bring(centre, OWN)
    publishing.publish(centre)
    assert booth.version("USA") == 1
    with centre.begin() as connection:
        agreements.end(centre, connection, "EC-US")
    clock.move(hours=30)
    publishing.publish(centre)
    with pytest.raises(ExpiredMetadataError):
        booth.version("USA")
    assert booth.version("ECU") == 1
