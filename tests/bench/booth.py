"""The booth as an officer meets it, without and with a line; then the line itself, and the centre under load (`line`).

Lists are the demo's: 10,000 persons and 100,000 document numbers, synthetic. Needs a display (`make bench` gives one).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from checkpoint_app.booth.record.encounter import ReadSource
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.demo.booth import PASSPHRASE, DemoBooth, prepare
from checkpoint_app.demo.policy import OFFICERS, OFFICERS_NAME
from checkpoint_app.demo.tray import tray
from checkpoint_app.readers.image import ImageReader
from checkpoint_app.wire.event import EventKind
from tests.bench import line
from tests.bench.report import Report
from tests.booth.helpers import Booth, FakeClock

TYPED = 30
FIRST_PAINTS = 5
APPENDS = 200
# The window's process ends itself when the factory is called, which the window does after first paint.
_FIRST_PAINT = """
import sys
from checkpoint_app.commands import window
from checkpoint_app.ui import app
class Painted(Exception): pass
def factory(post): raise Painted
try:
    app.run(factory, palette="day", size=(1280, 800))
except Painted:
    sys.exit(0)
"""


class _Forgiving(FakeClock):
    """The machine's clock, with waiting that costs nothing: a decision is held back for 0.4 s."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic() + self.seconds


def run() -> Report:
    """Measure; every figure of the desk is a median of several."""
    with tempfile.TemporaryDirectory() as folder:
        made = prepare(Path(folder))
        try:
            figures = _at_the_desk(made)
            made.centre.start()
            of_line, peers = line.measure(made)
        finally:
            made.centre.stop()
    targets = {"first_paint_ms": 1000.0, "image_to_advice_ms": 700.0, "typed_to_advice_ms": 100.0, **line.TARGETS}
    return Report({**figures, **of_line}, targets, peers)


def _at_the_desk(made: DemoBooth) -> dict[str, float]:
    """Return the desk's figures; the centre does not serve any more when this returns."""
    booth = Booth(made.places.data, _Forgiving(), None, ImageReader(), places=made.places)
    try:
        _sign_in(booth)
        booth.until(lambda _v: _line_is(booth, "up"), 60)
        with_line = _advices(booth)
        made.centre.stop()
        booth.until(lambda _v: _line_is(booth, "down"), 60)
        return {
            "first_paint_ms": _median(_first_paint, FIRST_PAINTS),
            **_advices(booth),
            "append_ms": _append(booth),
            **{f"with_line_{name}": value for name, value in with_line.items()},
        }
    finally:
        booth.close()


def _line_is(booth: Booth, state: str) -> bool:
    line = booth.desk._core.state.line
    return line is not None and line.state == state


def _median(measure, times: int) -> float:
    return round(statistics.median(measure() for _ in range(times)), 1)


def _first_paint() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", _FIRST_PAINT], check=True, timeout=60)
    return 1000 * (time.perf_counter() - began)


def _sign_in(booth: Booth) -> None:
    booth.desk.opening.start()
    booth.until(lambda v: v.form and v.form.name == "unlock")
    booth.desk.edit("passphrase", PASSPHRASE)
    booth.desk.submit()
    booth.until(lambda v: v.form and v.form.name == "sign_in")
    _until_in_force(booth, OFFICERS_NAME)
    booth.sign_in(OFFICERS[0].id, OFFICERS[0].pin)
    booth.until(lambda _v: sum(one.bar is None for one in booth.desk._core.state.lists) >= 2, 60)
    booth.until(lambda v: v.desk and v.desk.devices[0].ready, 60)


def _until_in_force(booth: Booth, name: str) -> None:
    """A new booth knows nobody before the officers that the centre sent are in force."""
    deadline = time.monotonic() + 60
    while name not in booth.versions():
        assert time.monotonic() < deadline, f"{name} does not come into force"
        booth.settle(0.1)


def _advices(booth: Booth) -> dict[str, float]:
    items = tray(date.today())  # noqa: DTZ011 - the stories are told for the local day
    pictures = [item.image() for item in items]
    at_once = [_timed(booth, lambda image=image: booth.desk.drop(image, "")) for image in pictures]
    by_image = []
    for image in pictures * 2:  # the print of the one before is read by then, as it is when a traveller takes a breath
        booth.until(lambda _v: not booth.desk._core.state.printing, 30)
        by_image.append(_timed(booth, lambda image=image: booth.desk.drop(image, "")))
    typed = []
    for index in range(TYPED):
        lines = "\n".join(items[index % len(items)].lines)
        typed.append(_timed(booth, lambda lines=lines: booth.desk._correcting.typed(lines)))
    return {
        "image_to_advice_ms": round(statistics.median(by_image), 1),
        "image_to_advice_worst_ms": round(max(by_image), 1),
        "image_at_once_to_advice_ms": round(statistics.median(at_once), 1),
        "typed_to_advice_ms": round(statistics.median(typed), 1),
        "typed_to_advice_worst_ms": round(max(typed), 1),
    }


def _timed(booth: Booth, act) -> float:
    """Return the milliseconds from ``act`` to the advice, then close the Encounter."""
    began = time.perf_counter()
    act()
    booth.until(lambda v: v.advice.advice is not None)
    took = 1000 * (time.perf_counter() - began)
    booth.settle(0.05)
    booth.press(Action.REFER)
    if booth.view.panel_form is not None:
        booth.desk.choose(2)
        booth.press(Action.REFER)
    booth.until(lambda v: v.advice.advice is None)
    return took


def _append(booth: Booth) -> float:
    def measure(records) -> float:
        times = []
        for _ in range(APPENDS):
            began = time.perf_counter()
            records.write(
                EventKind.CROSSING_CHANGED, {"direction": "in", "lane": "3", "officer": ReadSource.TYPED.value}
            )
            times.append(1000 * (time.perf_counter() - began))
        return statistics.median(times)

    return round(booth._ask(measure), 2)
