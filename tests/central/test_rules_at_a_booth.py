"""A rule set on its whole way: from its owner to the centre, served by it, fetched and put in force at a booth."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.lists.list_updates import apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.record.rule_copies import rules_of
from checkpoint_app.central import acts, agreements, booths, importing, keeping, publishing, rule_material, withdrawing
from checkpoint_app.central.importing import Imported, Material
from checkpoint_app.central.keeping import Declared
from checkpoint_app.store import Store
from checkpoint_app.sync.enrolled import Enrolled, put_enrolled
from checkpoint_app.sync.fetch import Fetched, fetch_lists
from checkpoint_app.sync.lease import renew_leases
from checkpoint_app.sync.line import Line
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.enrolment import BoothKeys, BoothState, request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.rules import write_rules
from tests.central import line as central_line
from tests.central.helpers import POST, START, Clock
from tests.central.publishing_helpers import END, conclude
from tests.central.rule_sets import OWNER, refused, rule, rule_set
from tests.store.helpers import FakeClock, create

DEMO = Declared("demo", ListKind.RULES, "ECU", partner_key=OWNER.public_key().public_bytes_raw(), handling=("LE-ONLY",))
THEIRS = Declared("theirs", ListKind.RULES, "USA", "EC-US", OWNER.public_key().public_bytes_raw())
SILENT = Declared("quiet", ListKind.RULES, "ECU", silent=True)


@dataclass
class Pair:
    """A served centre and a booth of it, whose clocks go together."""

    served: central_line.Line
    clock: Clock
    store: Store
    fetch: Callable[[], Fetched]
    renew: Callable[[], int]
    inbox: Path
    folder: Path

    def bring(self, one: Declared, data: bytes) -> Imported:
        """Import a set as its owner signed it."""
        signature = self.folder / "set.sig"
        signature.write_bytes(OWNER.sign(data))
        made = rule_material.of_rules(one, data, signature if one.partner_key else None)
        return importing.import_version(self.served.centre, one, made)

    def publish(self) -> None:
        publishing.publish(self.served.centre)

    def applied(self) -> list[tuple[str, int, str]]:
        """Fetch what is new and put it in force; return what became of each."""
        fetched = self.fetch()
        assert fetched.faults == ()
        outcomes = apply_inbox(Records(self.store), self.inbox)
        return [(one.name, one.version, one.refused) for one in outcomes if one.name not in ("officers", "booths")]

    def in_force(self) -> list[tuple[str, int, bytes, NotDone | None]]:
        return [(one.header.name, one.header.version, one.data, one.bar) for one in rules_of(self.store)]

    def bodies(self, kind: EventKind) -> list[Mapping[str, Any]]:
        journal = self.store.journal
        return [journal.body(one.header.seq) for one in journal.events(0, 1000) if one.header.kind is kind]

    def restarted(self) -> Records:
        return Records(self.store)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    clock = Clock()
    own = FakeClock(clock.now(), step=timedelta(0))
    own.now = clock.now  # type: ignore[method-assign]
    with central_line.served(tmp_path, clock) as served, create(tmp_path / "booth", own) as store:
        identity = store.identity
        keys = BoothKeys("booth-1", identity.public_bytes, identity.exchange_public_bytes)
        booths.enrol(served.centre, request_enrolment(booths.new_code(served.centre, "booth-1", POST), keys))
        booths.confirm(served.centre, "booth-1", keys.fingerprint)
        enrolled = Enrolled(served.url, served.anchors(), served.audience, POST, clock.now(), BoothState.CONFIRMED)
        put_enrolled(store, enrolled)
        line = Line(enrolled, identity, own)
        inbox = tmp_path / "inbox"
        inbox.mkdir()

        def fetch() -> Fetched:
            return fetch_lists(line, lambda work: work(store), inbox, tmp_path / "metadata")

        def renew() -> int:
            return renew_leases(line, lambda work: work(store))

        yield Pair(served, clock, store, fetch, renew, inbox, tmp_path)
        line.close()


def approve(pair: Pair, name: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Approve as a second administrator."""
    monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
    importing.approve(pair.served.centre, name, version)
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")


def test_sets_come_into_force_at_a_booth_by_their_exact_bytes(pair: Pair) -> None:
    first, second = rule_set(), rule_set([rule("B-1")], set="BORDER-2", fields="traveller/1")
    pair.bring(DEMO, first)
    pair.bring(Declared("border-2", ListKind.RULES, "ECU"), second)
    pair.publish()
    assert pair.applied() == [("border-2", 1, ""), ("demo", 1, "")]
    assert pair.in_force() == [("border-2", 1, second, None), ("demo", 1, first, None)]
    (_other, header) = (one.header for one in rules_of(pair.store))
    assert (header.handling, header.originator, header.issued_at) == (("LE-ONLY",), "ECU", START)
    told = {"set": "DEMO", "set_version": "2026.11.1", "set_digest": hashlib.sha256(first).hexdigest(), "rules": 1}
    assert header.calibration == told
    (_border, body) = pair.bodies(EventKind.RULES_APPLIED)
    assert body == {"name": "demo", "version": 1, "digest": header.payload_digest}
    assert pair.fetch() == Fetched()
    assert pair.applied() == []
    assert b"T-001" not in (pair.inbox / "demo.list").read_bytes()  # whoever knows the rules evades them


def test_a_new_version_takes_the_place_of_the_one_before(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.bring(DEMO, rule_set())
    pair.publish()
    pair.applied()
    pair.clock.move(hours=1)
    newer = rule_set([rule(), rule("T-002")], version="2026.11.2", issued=to_plain(pair.clock.now()))
    pair.bring(DEMO, newer)
    pair.publish()
    assert pair.applied() == []  # it waits for a second administrator
    approve(pair, "demo", 2, monkeypatch)
    pair.publish()
    old = (pair.inbox / "demo.list").read_bytes()
    assert pair.applied() == [("demo", 2, "")]
    assert pair.in_force() == [("demo", 2, newer, None)]
    assert [lease.list_name for lease in pair.store.leases.held().values()].count("demo") == 1

    (pair.inbox / "demo.list").write_bytes(old)  # invariant 5
    assert apply_inbox(pair.restarted(), pair.inbox) == []
    assert pair.in_force() == [("demo", 2, newer, None)]


def hostile(data: bytes, one: Declared = DEMO, **changes: Any) -> Material:
    """Return what a publisher would sign who never looked at the set."""
    return Material(lambda _version: write_rules(data), START, digest="00", about={"set": one.name}, **changes)


def test_a_bad_set_that_was_signed_nonetheless_is_refused_and_the_one_in_force_stays(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = rule_set(), rule_set([rule(), refused()])
    pair.bring(DEMO, good)
    pair.publish()
    pair.applied()
    pair.clock.move(hours=1)
    importing.import_version(pair.served.centre, DEMO, hostile(bad))
    approve(pair, "demo", 2, monkeypatch)
    pair.publish()
    assert pair.applied() == [("demo", 2, "bad_rules")]
    assert pair.in_force() == [("demo", 1, good, None)]
    assert pair.bodies(EventKind.LIST_REFUSED) == [{"name": "demo", "version": 2, "why": "bad_rules"}]
    assert len(pair.bodies(EventKind.RULES_APPLIED)) == 1


def test_a_withdrawn_set_goes_and_its_version_stays_known(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.bring(DEMO, rule_set())
    pair.publish()
    pair.applied()
    withdrawing.withdraw_list(pair.served.centre, "demo")
    approve(pair, "demo", 2, monkeypatch)
    pair.publish()
    assert pair.applied() == [("demo", 2, "")]
    assert pair.in_force() == []
    assert pair.restarted().versions()["demo"] == 2
    assert pair.bodies(EventKind.LIST_PURGED) == [{"name": "demo", "version": 2, "why": "withdrawn"}]
    assert not [lease for lease in pair.store.leases.held().values() if lease.list_name == "demo"]
    again = rule_set(version="2026.11.3")
    pair.bring(DEMO, again)
    with pair.served.centre.begin() as connection:
        waiting = keeping.versions(connection, "demo")[0].state
    if waiting == "pending":
        approve(pair, "demo", 3, monkeypatch)
    pair.publish()
    assert pair.applied() == [("demo", 3, "")]
    assert pair.in_force() == [("demo", 3, again, None)]


def test_a_lease_that_ends_closes_a_set_and_the_next_opens_it(pair: Pair) -> None:
    data = rule_set()
    pair.bring(DEMO, data)
    pair.publish()
    pair.applied()
    pair.clock.move(days=15)
    assert pair.in_force() == [("demo", 1, b"", NotDone.LEASE_ENDED)]
    assert "demo" in pair.restarted().end_what_is_over().leases
    assert pair.in_force() == [("demo", 1, b"", NotDone.LEASE_ENDED)]
    assert pair.renew() > 0
    assert pair.in_force() == [("demo", 1, data, None)]


def test_a_set_whose_agreement_ends_is_purged(pair: Pair) -> None:
    conclude(pair.served.centre)
    data = rule_set(set="THEIRS")
    pair.bring(THEIRS, data)
    pair.publish()
    assert pair.applied() == [("theirs", 1, "")]
    (kept,) = rules_of(pair.store)
    assert kept.header.agreement is not None
    assert (kept.header.agreement.name, kept.header.agreement.ends_at) == ("EC-US", END)
    assert (kept.data, kept.bar) == (data, None)
    pair.clock.at = END
    assert pair.in_force() == [("theirs", 1, b"", NotDone.AGREEMENT_ENDED)]
    assert "theirs" in {*(ended := pair.restarted().end_what_is_over()).purged, *ended.leases}
    assert pair.restarted().end_what_is_over().purged == ()
    assert pair.in_force() == [("theirs", 1, b"", NotDone.AGREEMENT_ENDED)]


def test_a_set_whose_agreement_the_centre_ended_early_is_purged(pair: Pair) -> None:
    conclude(pair.served.centre)
    pair.bring(THEIRS, rule_set(set="THEIRS"))
    pair.publish()
    pair.applied()
    pair.clock.move(hours=1)
    with pair.served.centre.begin() as connection:
        agreements.end(pair.served.centre, connection, "EC-US")
    pair.publish()
    faults = pair.fetch().faults
    assert ("theirs", "role_ended") in faults
    records = pair.restarted()
    records.end_lists([(f"list {name}", code) for name, code in faults])
    assert records.end_what_is_over().purged == ("theirs",)
    assert pair.in_force() == [("theirs", 1, b"", NotDone.AGREEMENT_ENDED)]
    assert pair.bodies(EventKind.LIST_PURGED) == [{"name": "theirs", "version": 1, "why": "agreement_ended"}]


def test_a_silent_set_never_leaves_the_centre(pair: Pair) -> None:
    pair.bring(DEMO, rule_set())
    pair.bring(SILENT, rule_set([rule("S-SILENT")], set="QUIET"))
    pair.publish()
    assert pair.applied() == [("demo", 1, "")]
    repository = pair.served.centre.folder / "repository"
    files = [path for path in repository.rglob("*") if path.is_file()]
    assert any(b"demo" in path.read_bytes() for path in files)
    assert not any(b"quiet" in path.read_bytes() or "quiet" in str(path) for path in files)
    assert not any("quiet" in path.name for path in pair.inbox.iterdir())
