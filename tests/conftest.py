"""What holds for all tests."""

import os
import subprocess

import pytest
from hypothesis import settings

# Property tests have no time limit of their own, for a busy machine is no defect.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True, scope="session")
def _this_process_may_leave_a_core():
    """Commands run here forbid cores for ever: not in the tests' own process, whose children must be able to.

    Whether the product's processes forbid them is tested on real ones (tests/faults/test_traces.py).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("checkpoint_app.cli.harden", lambda: None)
        yield


def pytest_configure(config: pytest.Config) -> None:
    """Give every worker but the first a virtual display of its own: windows on one would take each other's focus."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0" or not os.environ.get("DISPLAY"):
        return
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        os.environ["DISPLAY"] = f":{told.readline().strip()}"
    os.environ.pop("XAUTHORITY", None)

    def end() -> None:
        server.terminate()
        server.wait()

    config.add_cleanup(end)
