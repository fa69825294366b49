"""Figures of a campaign on the line, said past pytest's capture."""

from __future__ import annotations

import os
import sys

import pytest


def say(config: pytest.Config, words: str) -> None:
    """Print ``words``, with the machine's load, wherever pytest's own output goes."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stdout.write(f"\n{words} (load {os.getloadavg()[0]:.1f})\n")
