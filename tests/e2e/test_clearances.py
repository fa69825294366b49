"""A real desk and a real centre: a decision "not the same person" goes there, comes back signed, and is withdrawn."""

from __future__ import annotations

import time

from checkpoint_app.booth.view.screen import Action
from checkpoint_app.central import clearances
from checkpoint_app.central.clearances import ClearanceState
from checkpoint_app.central.publishing import publish_clearances
from checkpoint_app.verdict import Advice
from tests.booth.helpers import SUPERVISOR, SUPERVISOR_PIN, Booth
from tests.e2e.centre import POST, RealCentre
from tests.e2e.test_line import HIT, delivered, desk, opened, real  # noqa: F401 - fixtures


def test_a_decision_reaches_the_centre_comes_back_signed_and_ends_where_it_is_withdrawn(
    desk: Booth,  # noqa: F811
    real: RealCentre,  # noqa: F811
) -> None:
    opened(desk)
    assert desk.type(*HIT).advice.advice is Advice.REFER
    desk.press(Action.COMPARE)
    desk.press(Action.NOT_SAME_PERSON)
    desk.desk.choose(1)
    desk.desk.edit("supervisor", SUPERVISOR)
    desk.desk.edit("supervisor_pin", SUPERVISOR_PIN)
    desk.clock.pass_(seconds=1)
    desk.desk.submit()
    desk.until(lambda v: v.advice.advice is Advice.LOOK)
    delivered(desk, real)
    with real.centre.begin() as connection:
        (line,) = clearances.lines(real.centre, connection)
    assert (line.state, line.supervisor, line.post) == (ClearanceState.HELD, SUPERVISOR, POST)
    publish_clearances(real.centre)  # as the service does by itself, within minutes
    desk.until(lambda _v: desk.versions().get("clearances") == 1, 30)
    assert desk.settle().advice.advice is Advice.LOOK
    clearances.withdraw(real.centre, line.event_id)
    publish_clearances(real.centre)
    desk.until(lambda v: v.advice.advice is Advice.REFER, 30)
    assert desk.versions()["clearances"] == 2
    later = time.monotonic() + 2.0  # some rounds of the line: it is never quiet
    desk.until(lambda _v: time.monotonic() >= later, 30)
    assert desk.kinds().count("clearances_applied") == 2  # a round does not bring again what is in force
    assert "list_refused" not in desk.kinds()
