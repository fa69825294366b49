"""The lists of the real centre, published and served by it, come to a booth that enrolled with it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from checkpoint_app.central import booths, publishing
from checkpoint_app.store import Store
from checkpoint_app.store.trust import trust_of
from checkpoint_app.sync.download import BLOCK_BYTES
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.sync.fetch import Fetched, always, fetch_lists
from checkpoint_app.sync.line import Line
from checkpoint_app.wire.enrolment import BoothKeys, BoothState, request_enrolment
from checkpoint_app.wire.grant import open_grant, read_grant
from checkpoint_app.wire.header import read_header
from checkpoint_app.wire.package import iter_records
from tests.central import line as central_line
from tests.central.helpers import POST, Clock
from tests.central.publishing_helpers import END, NUMBERS, OWN, THEIRS, bring, bring_policy, conclude
from tests.store.helpers import FakeClock, create


@dataclass
class Pair:
    """A centre and a booth of it, whose clocks go together."""

    centre: central_line.Line
    clock: Clock
    store: Store
    fetch: Callable[..., Fetched]
    inbox: Path
    partial: Path

    def published(self) -> list[str]:
        return publishing.publish(self.centre.centre)

    def records(self, name: str) -> int:
        """Return how many records the brought package has, opened with the brought grant."""
        trust = trust_of(self.store)
        stream = io.BytesIO((self.inbox / f"{name}.list").read_bytes())
        header, key = read_header(stream, trust), None
        if header.sealed:
            grant = read_grant((self.inbox / f"{name}.grant").read_bytes())
            key = open_grant(grant, self.store.identity.exchange_key, trust[name], self.clock.now())
        return len(list(iter_records(stream, header, key)))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    clock = Clock()
    own = FakeClock(clock.now(), step=timedelta(0))
    own.now = clock.now  # type: ignore[method-assign]
    with central_line.served(tmp_path, clock) as served, create(tmp_path / "booth", own) as store:
        code = booths.new_code(served.centre, "booth-1", POST)
        identity = store.identity
        keys = BoothKeys("booth-1", identity.public_bytes, identity.exchange_public_bytes)
        booths.enrol(served.centre, request_enrolment(code, keys))
        booths.confirm(served.centre, "booth-1", keys.fingerprint)
        enrolled = Enrolled(served.url, served.anchors(), served.audience, POST, clock.now(), BoothState.CONFIRMED)
        put_enrolled(store, enrolled)
        line = Line(enrolled, identity, own)
        inbox = tmp_path / "inbox"
        inbox.mkdir()

        def fetch(going_on: Callable[[], bool] = always) -> Fetched:
            return fetch_lists(line, lambda work: work(store), inbox, tmp_path / "metadata", going_on=going_on)

        yield Pair(served, clock, store, fetch, inbox, tmp_path / "metadata" / "partial")
        line.close()


def test_what_the_centre_publishes_comes_to_the_booth(pair: Pair) -> None:
    assert pair.fetch().faults == ()
    bring(pair.centre.centre, OWN)
    bring(pair.centre.centre, NUMBERS)
    bring_policy(pair.centre.centre)
    pair.published()
    fetched = pair.fetch()
    assert fetched.faults == ()
    assert {one.name for one in fetched.brought} >= {"ECU", "INTL", "policy"}
    assert pair.records("ECU") == 20
    assert pair.records("policy") == 1
    assert pair.fetch() == Fetched()
    pair.clock.move(hours=1)
    bring(pair.centre.centre, OWN)
    pair.published()
    assert [(one.name, one.version) for one in pair.fetch().brought] == [("ECU", 2)]
    assert pair.records("ECU") == 20


def test_a_package_of_the_centres_goes_on_after_a_pause(pair: Pair) -> None:
    source = random.Random(1)
    many = [
        {"id": source.randbytes(20).hex(), "schema": "Person", "names": [{"family": "MUSTER"}]} for _ in range(4000)
    ]
    bring(pair.centre.centre, OWN, many)
    pair.published()

    def kept() -> int:
        return sum(path.stat().st_size for path in pair.partial.glob("ECU.*.part"))

    assert pair.fetch(lambda: kept() <= BLOCK_BYTES).unfinished == ("ECU",)
    assert kept() > BLOCK_BYTES
    assert [one.name for one in pair.fetch().brought] == ["ECU"]
    assert pair.records("ECU") == 4000


def test_days_of_the_centres_come_as_deltas(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    source = random.Random(1)
    many = [
        {"id": source.randbytes(20).hex(), "schema": "Person", "names": [{"family": "MUSTER"}]} for _ in range(2000)
    ]
    bring(pair.centre.centre, OWN, many)
    pair.published()
    [first] = [one for one in pair.fetch().brought if one.name == "ECU"]
    header = SimpleNamespace(name="ECU", version=first.version, payload_digest=first.digest)
    whole = (pair.inbox / "ECU.list").stat().st_size
    monkeypatch.setattr(pair.store.lists, "in_force", lambda: [SimpleNamespace(header=header, layers=("base",))])
    for day in range(1, 4):
        pair.clock.move(hours=24)
        bring(pair.centre.centre, OWN, many[10 * day :])
        pair.published()
    fetched = pair.fetch()
    assert fetched.faults == ()
    assert [one.version for one in fetched.brought if one.name == "ECU"] == [4]
    trust = trust_of(pair.store)
    base = first.digest
    for version in (2, 3, 4):
        with (pair.inbox / f"ECU-{version - 1}-{version}.delta").open("rb") as stream:
            made = read_header(stream, trust, delta=True)
        assert made.step is not None
        assert (made.step.base_version, made.step.base_digest, made.version) == (version - 1, base, version)
        base = made.step.whole_digest
    assert whole > 5 * sum(path.stat().st_size for path in pair.inbox.glob("ECU-*.delta"))
    assert not (pair.inbox / "ECU.list").exists()  # nobody is offered that version any more


def test_an_ended_agreement_stops_its_list_alone(pair: Pair) -> None:
    conclude(pair.centre.centre)
    bring(pair.centre.centre, THEIRS)
    bring_policy(pair.centre.centre)
    pair.published()
    assert {one.name for one in pair.fetch().brought} >= {"USA", "policy"}
    assert pair.records("USA") == 20
    pair.clock.at = END
    publishing.renew(pair.centre.centre)
    bring_policy(pair.centre.centre)
    pair.published()
    fetched = pair.fetch()
    assert fetched.faults == (("USA", "role_ended"),)
    assert [one.name for one in fetched.brought] == ["policy"]


def test_a_centre_that_says_nothing_new_for_fourteen_days_is_not_believed(pair: Pair) -> None:
    bring(pair.centre.centre, OWN)
    pair.published()
    pair.clock.move(days=14)
    assert pair.fetch() == Fetched(faults=(("", "metadata_expired"),))
    publishing.renew(pair.centre.centre)
    assert "ECU" in {one.name for one in pair.fetch().brought}
