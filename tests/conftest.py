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
