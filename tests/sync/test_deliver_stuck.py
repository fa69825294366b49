"""A batch that does not arrive is sent again, a bounded number of times: neither at once given up, nor for ever."""

from __future__ import annotations

import pytest

from checkpoint_app.sync.deliver import deliver
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import api
from tests.sync.fake_centre import FakeCentre
from tests.sync.helpers import BOOTH, OffClock, directly, stored
from tests.sync.test_deliver import URL, PlainReply


class Losing:
    """Carries requests, but loses the first ``lost`` batches of events on their way."""

    was_kept = False

    def __init__(self, centre: FakeCentre, lost: int) -> None:
        self._centre, self._lost, self.batches = centre, lost, 0

    def send(self, method, path, headers, body, _within_s):
        if path == api.EVENTS:
            self.batches += 1
            if self.batches <= self._lost:
                raise LineError(LineCode.TIMED_OUT)
        return PlainReply(self._centre.answer(method, path, headers, body or b""))

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(("lost", "arrives"), [(0, True), (2, True), (3, False)])
def test_the_third_loss_in_a_row_ends_a_delivery_and_no_earlier_one(lost: int, arrives: bool) -> None:
    with stored(5) as store:
        centre = FakeCentre()
        centre.know(BOOTH, store.identity.public_key)
        transport = Losing(centre, lost)
        line = Line(centre.enrolled(URL), store.identity, OffClock(), transport)  # type: ignore[arg-type]
        if arrives:
            assert deliver(line, directly(store)).waiting == 0
            assert transport.batches == lost + 1
        else:
            with pytest.raises(LineError) as caught:
                deliver(line, directly(store))
            assert caught.value.code is LineCode.TIMED_OUT
            assert transport.batches == 3
