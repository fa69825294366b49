"""What holds for all tests."""

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


ON_THE_DISPLAY = {"demo", "e2e", "faults", "ui"}
"""Rooms of tests with windows on the one display, or with processes that are timed: one worker runs them, in order."""


@pytest.hookimpl(tryfirst=True)  # the workers name the groups in this very step
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep on one worker what must not run beside itself (`pytest -n 2 --dist loadgroup`)."""
    for item in items:
        if ON_THE_DISPLAY & set(item.path.parts):
            item.add_marker(pytest.mark.xdist_group("display"))
