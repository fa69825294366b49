"""The option that makes campaigns long, for the rooms that have one."""

from __future__ import annotations

from contextlib import suppress

import pytest

SHORT, LONG = "short", "long"


def add_campaign(parser: pytest.Parser) -> None:
    """Add ``--campaign``, unless another room has added it already."""
    with suppress(ValueError):
        parser.addoption("--campaign", choices=(SHORT, LONG), default=SHORT, help="how many faults are set")


def is_long(config: pytest.Config) -> bool:
    """Whether the long campaign was asked for (`make faults`)."""
    return bool(config.getoption("campaign", SHORT) == LONG)
