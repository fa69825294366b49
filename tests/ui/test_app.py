"""Start: the first picture comes fast, before anything slow is imported, and what goes wrong is said.

Each start is a process of its own: an application that has run its loop once leaves the next loop in no good state.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import pytest

from checkpoint_app.ui import app, fonts
from checkpoint_app.ui.palette import CONTRAST, DAY, NIGHT
from tests.ui import samples
from tests.ui.conftest import OpenWindow

PRELUDE = """
    import json, sys, time
    began = time.monotonic()
    from checkpoint_app.ui import app
"""


def start(body: str) -> subprocess.CompletedProcess[str]:
    """Run ``body`` after the import of the application, in a process of its own."""
    script = textwrap.dedent(PRELUDE) + textwrap.dedent(body)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)


def test_the_window_paints_within_a_second_and_before_slow_imports() -> None:
    body = """
        def factory(post):
            slow = [n for n in ("requests", "keyring", "sqlite_utils", "cv2", "onnxruntime") if n in sys.modules]
            print(json.dumps({"painted_s": time.monotonic() - began, "slow": slow}), flush=True)
            raise SystemExit(0)

        app.run(factory, palette="day", size=(1280, 800))
    """
    times = []
    for _ in range(3):
        told = json.loads(start(body).stdout)
        assert told["slow"] == []
        times.append(told["painted_s"])
    print(f"first paint after {min(times) * 1000:.0f} ms")
    assert min(times) < 1.0


RUN = """
    from PySide6.QtWidgets import QApplication
    from checkpoint_app.ui import fonts
    from tests.ui import samples
    from tests.ui.helpers import FakeDesk

    class ThreeTicks(FakeDesk):
        def tick(self):
            super().tick()
            if self.calls.count(("tick",)) == 3:
                QApplication.quit()

    app.TICK_MS = 5
    desk = ThreeTicks(None)

    def factory(post):
        desk.shown = samples.refer("es")
        return desk
"""


def test_run_binds_the_desk_ticks_it_and_returns_the_code() -> None:
    done = start(
        RUN
        + """
    code = app.run(factory, palette="night", size=(1280, 800))
    print(json.dumps([code, desk.calls.count(("on_sound",)), desk.calls.count(("tick",)), desk.listener is not None]))
    """
    )
    code, sounds, ticks, bound = json.loads(done.stdout)
    assert (code, sounds, bound) == (0, 1, True)
    assert ticks == 3


def test_a_missing_font_is_named_with_its_package() -> None:
    done = start(
        RUN
        + """
    fonts.PACKAGES = {"No Such Family": "fonts-none"}
    app.run(factory, size=(1280, 800))
    """
    )
    assert "Falta la letra No Such Family: instale el paquete de Debian fonts-none" in done.stderr


def test_what_the_factory_raises_ends_the_window_and_is_raised() -> None:
    done = start(
        """
    class BusyError(Exception):
        pass

    def factory(post):
        raise BusyError("open in another window")

    try:
        app.run(factory, size=(1280, 800))
    except BusyError as error:
        print("raised:", error)
    """
    )
    assert done.stdout.strip() == "raised: open in another window"
    assert done.returncode == 0


def test_families_that_are_not_installed_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGES", {"No Such Family": "fonts-none"})
    assert fonts.missing_packages() == (("No Such Family", "fonts-none"),)


def test_a_small_screen_is_told(monkeypatch: pytest.MonkeyPatch, open_window: OpenWindow) -> None:
    window = open_window(samples.empty("es"))
    monkeypatch.setattr(app.measures, "is_supported", lambda _w, _h: False)
    told = [notice for notice in app.notices("es", window) if "1280×800" in notice]
    assert len(told) == 1
    window.footer.set_notice(told[0])
    assert window.footer.message.spoken().name == told[0]
    window.grab()


def test_palettes_by_name_and_by_the_desktop() -> None:
    assert app.choose_palette("night") is NIGHT
    assert app.choose_palette("contrast") is CONTRAST
    assert app.choose_palette("auto") in (DAY, NIGHT, CONTRAST)
