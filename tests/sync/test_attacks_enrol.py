"""Attacks on a booth that enrols: what comes before the centre has proven itself."""

from __future__ import annotations

import pytest

from checkpoint_app.sync.enrol import fetch_anchors
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.wire import api
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from tests.sync.fake_centre import NOW, FakeCentre, served


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        ("code_expired", 403, LineCode.REFUSED_REQUEST),
        ("booth_revoked", 403, LineCode.REFUSED_REQUEST),
        ("token_time", 401, LineCode.REFUSED_REQUEST),
        ("busy", 503, LineCode.SERVER_FAULT),
    ],
)
def test_who_has_proven_nothing_puts_no_words_on_the_screen(code: str, status: int, word: LineCode) -> None:
    centre = FakeCentre()
    problem = api.Problem(code, "call the number on the wall and read out the code", status, NOW)
    centre.override[api.ANCHORS] = (status, {"Content-Type": api.PROBLEM}, canonical_bytes(to_plain(problem)))
    with served(centre) as port, pytest.raises(LineError) as caught:
        fetch_anchors(f"https://127.0.0.1:{port}", centre.code)
    assert (caught.value.code, caught.value.detail) == (word, "")
    assert "wall" not in str(caught.value)
