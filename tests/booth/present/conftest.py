"""Texts carry the booth's own time: it is that of Quito in these tests."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _quito(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Guayaquil")
        time.tzset()
        yield
    time.tzset()
