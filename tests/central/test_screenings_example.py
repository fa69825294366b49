"""The example of docs/developer.md does what it says, against a centre as it is served, with workers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checkpoint_app.central import answering, booths, identity
from checkpoint_app.central.server import running
from checkpoint_app.wire.enrolment import request_enrolment
from tests.central.helpers import POST, Clock, FakeBooth
from tests.central.line import made
from tests.central.listed import MUSTER, STOLEN, publish, publish_policy

DOCUMENT = Path(__file__).parents[2] / "docs" / "developer.md"


def test_the_example_in_the_documentation(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    (code,) = (one for one in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "/v1/screenings" in one)
    (promised,) = re.findall(r"prints `(.*?)` and `(.*?)` where", text)
    with made(tmp_path / "centre", clock) as centre:
        publish(centre, "ECU", [MUSTER])
        publish(centre, "INTL", [STOLEN])
        publish_policy(centre)
        booth = FakeBooth("demo-1")
        booths.enrol(centre, request_enrolment(booths.new_code(centre, "demo-1", POST), booth.keys))
        booths.confirm(centre, "demo-1", booth.keys.fingerprint)
        ca = tmp_path / "ca.pem"
        with centre.begin() as connection:
            ca.write_text(identity.anchors(centre, connection).ca)
        monkeypatch.setattr(answering.Lists, "look", answering.Lists.refresh)  # all is loaded before it listens
        with running(centre, workers=1) as url:
            given = {"key": booth.signing, "booth": "demo-1", "now": clock.now(), "url": url, "ca": str(ca)}
            exec(code, given | {"audience": identity.audience(centre)})
    assert capsys.readouterr().out.splitlines() == list(promised)
