"""What tests of the booth share."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest


@pytest.fixture
def quito(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The booth's own time, which texts carry, is that of Quito."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Guayaquil")
        time.tzset()
        yield
    time.tzset()
