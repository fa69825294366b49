"""The list of booths: who was ever confirmed, by which key, and who is shut out; at the booths at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from checkpoint_app.booth.lists.list_updates import Small, apply_small
from checkpoint_app.booth.record.signed_objects import booths_of, put_small
from checkpoint_app.central import acts, alarms, booths, certifying, keeping, publishing
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.keeping import Declared
from checkpoint_app.commands import central_booths
from checkpoint_app.store import OlderVersionError, Store
from checkpoint_app.store.trust import put_trust
from checkpoint_app.wire.booths import BOOTHS, KnownBooth, read_booths
from checkpoint_app.wire.enrolment import request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.header import ListKind, TamperedError, read_header
from checkpoint_app.wire.package import iter_records
from tests.booth.helpers import FakeClock
from tests.central.helpers import POST, START, Clock, FakeBooth
from tests.central.line import made
from tests.central.publishing_helpers import Booth as Fetching
from tests.central.publishing_helpers import bring
from tests.store.helpers import store_key


@pytest.fixture
def whole(tmp_path: Path, clock: Clock) -> Iterator[Centre]:
    with made(tmp_path / "whole", clock) as centre:
        yield centre


@pytest.fixture
def fetching(whole: Centre, tmp_path: Path) -> Fetching:
    with whole.begin() as connection:
        return Fetching(whole, publishing.root(whole, connection), tmp_path / "metadata")


def enrol(centre: Centre, booth: FakeBooth, post: str = POST) -> None:
    booths.enrol(centre, request_enrolment(booths.new_code(centre, booth.name, post), booth.keys))


def confirm(centre: Centre, booth: FakeBooth, post: str = POST) -> FakeBooth:
    enrol(centre, booth, post)
    booths.confirm(centre, booth.name, booth.keys.fingerprint)
    return booth


def known(centre: Centre) -> tuple[KnownBooth, ...]:
    with centre.begin() as connection:
        return certifying.known_booths(connection)


def signing(booth: FakeBooth) -> bytes:
    return booth.keys.signing


def test_before_anybody_is_confirmed_there_is_no_list(whole: Centre) -> None:
    enrol(whole, FakeBooth("a"))
    booths.revoke(whole, "a")
    enrol(whole, FakeBooth("b"))
    assert known(whole) == ()
    assert publishing.publish(whole) == []
    assert not certifying.is_due(whole)


def test_a_confirmed_booth_is_named_with_its_keys(whole: Centre, clock: Clock, fetching: Fetching) -> None:
    booth = confirm(whole, FakeBooth("a"), "Paso Ejemplo")
    assert known(whole) == (KnownBooth("a", "Paso Ejemplo", booth.keys.signing, booth.keys.exchange, START),)
    assert publishing.publish(whole) == ["booths 1"]
    header = read_header(io.BytesIO(package := fetching.package(BOOTHS)), trust(whole))
    assert (header.kind, header.name, header.originator, header.sealed) == (ListKind.BOOTHS, BOOTHS, "centre", False)
    assert said(package) == known(whole)
    clock.move(hours=1)
    assert publishing.publish(whole) == []


def test_a_revoked_booth_stays_named_with_the_moment(whole: Centre, clock: Clock) -> None:
    booth = confirm(whole, FakeBooth("a"))
    clock.move(hours=1)
    booths.revoke(whole, "a")
    clock.move(hours=1)
    booths.revoke(whole, "a")
    (one,) = known(whole)
    assert (one.signing_key, one.revoked_at) == (signing(booth), START + timedelta(hours=1))
    assert (one.exchange_key, one.confirmed_at, one.let_in) == (booth.keys.exchange, START, False)


def test_new_keys_take_the_place_of_those_before_once_they_are_confirmed(whole: Centre, clock: Clock) -> None:
    old = confirm(whole, FakeBooth("a"))
    clock.move(hours=1)
    between, new = FakeBooth("a"), FakeBooth("a")
    enrol(whole, between)
    (one,) = known(whole)  # nobody has looked at the new keys yet, and the old ones are let in no more
    assert (one.signing_key, one.exchange_key, one.revoked_at) == (signing(old), b"", clock.now())
    enrol(whole, new)
    clock.move(hours=1)
    booths.confirm(whole, "a", new.keys.fingerprint)
    (one,) = known(whole)
    assert (one.signing_key, one.exchange_key) == (signing(new), new.keys.exchange)
    assert (one.confirmed_at, one.revoked_at, one.earlier_keys) == (clock.now(), None, (signing(old),))
    booths.revoke(whole, "a")
    (one,) = known(whole)
    assert (one.signing_key, one.let_in, one.earlier_keys) == (signing(new), False, (signing(old),))


def test_the_same_keys_confirmed_again_are_let_in_again(whole: Centre, clock: Clock) -> None:
    booth = confirm(whole, FakeBooth("a"))
    booths.revoke(whole, "a")
    clock.move(hours=1)
    confirm(whole, booth)
    (one,) = known(whole)
    assert (one.signing_key, one.earlier_keys) == (signing(booth), ())
    assert (one.confirmed_at, one.let_in) == (clock.now(), True)


def test_the_command_brings_the_list_at_once_and_nothing_else(
    whole: Centre, clock: Clock, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(whole, Declared("ECU", ListKind.PERSONS, "ECU"))
    confirm(whole, FakeBooth("a"))
    central_booths._publish(whole)
    assert (fetching.version(BOOTHS), fetching.version("ECU")) == (1, 0)
    booths.revoke(whole, "a")
    monkeypatch.setattr(publishing, "_brought", _fails)
    with pytest.raises(Exception, match="the list of booths was not published"):
        central_booths._publish(whole)
    monkeypatch.undo()
    clock.move(minutes=1)
    assert publishing.publish(whole) == ["ECU 1", "booths 2"]
    assert not said(fetching.package(BOOTHS))[0].let_in


def _fails(*_what: object, **_how: object) -> list[str]:
    raise OSError(28, "No space left on device")


def test_a_booth_keeps_the_newest_list_and_writes_it_down(whole: Centre, fetching: Fetching, tmp_path: Path) -> None:
    """Invariant 5, for booths."""
    from checkpoint_app.booth.record.records import Records

    confirm(whole, FakeBooth("a"))
    publishing.publish_booths(whole)
    first = fetching.package(BOOTHS)
    confirm(whole, FakeBooth("b"))
    publishing.publish_booths(whole)
    second = fetching.package(BOOTHS)
    with Store.create(tmp_path / "booth", store_key(tmp_path), booth="c", clock=FakeClock()) as store:
        records = Records(store)
        put_trust(store, trust(whole), 1)
        assert booths_of(store) == ()
        for package in (first, second):
            apply_small(records, Small(read_header(io.BytesIO(package), trust(whole)), package, None))
        assert booths_of(store) == known(whole)
        assert [one.name for one in booths_of(store)] == ["a", "b"]
        assert records.versions() == {BOOTHS: 2}
        assert [event.header.kind for event in store.journal.events()].count(EventKind.BOOTHS_APPLIED) == 2
        with pytest.raises(OlderVersionError):
            put_small(store, first, trust(whole))
        changed = bytearray(second)
        changed[-1] ^= 1
        with pytest.raises(TamperedError):
            put_small(store, bytes(changed), trust(whole))
        assert booths_of(store) == known(whole)


def test_what_has_no_room_is_left_out_the_revoked_first(whole: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c", "d"):
        confirm(whole, FakeBooth(name))
    booths.revoke(whole, "a")
    monkeypatch.setattr(certifying, "MOST_BOOTHS", 3)
    assert said_now(whole) == ["b", "c", "d"]
    assert not alarmed(whole)
    monkeypatch.setattr(certifying, "MOST_BOOTHS", 2)
    assert said_now(whole) == ["b", "c"]
    assert alarmed(whole) == ["booths_full"]


def test_there_is_one_list_of_booths(whole: Centre) -> None:
    confirm(whole, FakeBooth("a"))
    publishing.publish_booths(whole)
    with pytest.raises(CentreError, match="one is the most"):
        bring(whole, Declared("other", ListKind.BOOTHS, "ECU"))


def test_each_version_is_an_act(whole: Centre) -> None:
    confirm(whole, FakeBooth("a"))
    publishing.publish_booths(whole)
    with whole.begin() as connection:
        made_ = [one.about for one in acts.all(connection) if one.what == "list published"]
    assert made_ == [{"name": BOOTHS, "version": 1}]


def said(package: bytes) -> tuple[KnownBooth, ...]:
    from checkpoint_app.wire.header import read_untrusted_header

    stream = io.BytesIO(package)
    (record,) = iter_records(stream, read_untrusted_header(stream), None)
    return read_booths(record)


def said_now(centre: Centre) -> list[str]:
    publishing.publish_booths(centre)
    with centre.begin() as connection:
        newest = keeping.versions(connection, BOOTHS)[0].version
    return [one.name for one in said((centre.folder / "lists" / f"{BOOTHS}-{newest}.list").read_bytes())]


def trust(centre: Centre) -> dict[str, object]:
    with centre.begin() as connection:
        return {BOOTHS: keeping.publisher(centre, connection, BOOTHS).public_key()}


def alarmed(centre: Centre) -> list[str]:
    with centre.begin() as connection:
        return [one.kind for one in alarms.all(connection)]
