"""Deltas on their way to the booths: a real updater fetches them, and with the version before they are the next."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.central import agreements, importing, keeping, lists, publishing, series, targets
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.keeping import Declared
from checkpoint_app.screening import Calibration, build_segment
from checkpoint_app.screening.layers import build_delta, merge_sections
from checkpoint_app.screening.numbers.blocks import from_records, to_records
from checkpoint_app.screening.numbers.delta import NumberDelta, merged
from checkpoint_app.screening.numbers.form import Head
from checkpoint_app.wire.header import PackageHeader, read_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.repository import CUSTOM, DeltaTarget, ListTarget, delta_path, target_path
from tests.central.helpers import Clock
from tests.central.publishing_helpers import (
    END,
    NUMBERS,
    OWN,
    THEIRS,
    Booth,
    bring,
    bring_policy,
    conclude,
    make_repository,
    numbers,
    wordy,
)
from tests.central.test_publishing import CutError, Cutting, one_database, repository_files

Record = dict[str, Any]


@pytest.fixture
def booth(centre: Centre, tmp_path: Path) -> Booth:
    return Booth(centre, make_repository(centre), tmp_path / "booth")


def key_of(centre: Centre, name: str) -> bytes:
    with centre.begin() as connection:
        newest = lists.approved(centre, connection, name)
    assert newest is not None
    return newest.content_key


def opened(centre: Centre, name: str, data: bytes | None, *, delta: bool = False) -> tuple[PackageHeader, list[Record]]:
    """Return header and records of a package as a booth opens it."""
    assert data is not None
    with centre.begin() as connection:
        trusted = keeping.publisher(centre, connection, name).public_key()
    stream = io.BytesIO(data)
    header = read_header(stream, {name: trusted}, delta=delta)
    return header, list(iter_records(stream, header, key_of(centre, name)))


def steps(centre: Centre, booth: Booth, name: str) -> list[tuple[int, int]]:
    """Return the deltas that the list's role serves, newest last."""
    updater = booth.updater()
    updater.refresh()
    updater.get_targetinfo(target_path(name))
    role = updater._trusted_set[name]
    told = [
        from_plain(DeltaTarget, one.custom[CUSTOM]) for path, one in role.targets.items() if path.endswith(".delta")
    ]
    return sorted((one.base_version, one.version) for one in told)


def with_delta(old: list[Record], header: PackageHeader, delta: Iterable[Record]) -> list[Record]:
    """Return the persons that a booth has once it put the delta over ``old``."""
    calibration = Calibration.from_plain(header.calibration)
    every = list(delta)
    removed = [each for one in every if "removed" in one for each in one["removed"]]
    entries = [one for one in every if "id" in one]
    base = dict(build_segment("persons", old, calibration))
    return list(merge_sections(base, [dict(build_delta(entries, removed, calibration))]))


def by_id(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda one: str(one["id"]))


def publish(centre: Centre, one: Declared, records: list[Record]) -> None:
    bring(centre, one, records)
    assert publishing.publish(centre)


def test_a_booth_comes_from_version_to_version_by_deltas_of_persons(centre: Centre, booth: Booth) -> None:
    first, second = wordy(200), wordy(203, L5="other")[1:]
    third = [*reversed(wordy(204, L5="again"))]
    publish(centre, OWN, first)
    _header, held = opened(centre, "ECU", booth.package("ECU"))
    for version, records in ((2, second), (3, third)):
        publish(centre, OWN, records)
        whole, wanted = opened(centre, "ECU", booth.package("ECU"))
        data = booth.delta("ECU", version - 1, version)
        header, changes = opened(centre, "ECU", data, delta=True)
        assert header.step is not None
        assert header.whole == PackageHeader(**{
            **{name: getattr(whole, name) for name in whole.__dataclass_fields__}, "plain_bytes": 0, "payload_bytes": 0,
        })  # fmt: skip
        held = with_delta(held, header, changes)
        assert by_id(held) == by_id(wanted) == by_id(records)
        assert b"MUSTER" not in (data or b"")
        assert len(data or b"") * 3 < len(booth.package("ECU"))
    assert steps(centre, booth, "ECU") == [(1, 2), (2, 3)]
    assert {name for name in repository_files(centre) if name.endswith(".half")} == set()


def test_a_booth_comes_from_version_to_version_by_deltas_of_numbers(centre: Centre, booth: Booth) -> None:
    blank = {"first": "AB000100", "last": "AB000199", "issuer": "UTO", "category": "blank"}
    chilean = {"number": "A1234", "issuer": "CHL", "category": "lost"}
    publish(centre, NUMBERS, numbers(3000))
    made: list[NumberDelta] = []
    head, chunks = from_records(opened(centre, "INTL", booth.package("INTL"))[1])
    snapshot = list(chunks)
    for version, records in ((2, [chilean, *numbers(3001)[1:], blank]), (3, [*numbers(3002), blank])):
        publish(centre, NUMBERS, records)
        _whole, wanted = opened(centre, "INTL", booth.package("INTL"))
        header, changes = opened(centre, "INTL", booth.delta("INTL", version - 1, version), delta=True)
        assert header.calibration == {"numbers": len(records) - 1, "ranges": 1}
        made.append(NumberDelta.from_records(changes))
        made[-1].check_follows(head)
        head = Head(
            head.key, made[-1].issuers, head.count + len(made[-1].added) - len(made[-1].removed), made[-1].ranges
        )
        assert list(to_records(head, merged(snapshot, made))) == wanted
    assert head.count == 3002


@one_database
def test_a_delta_is_told_of_and_small_kinds_and_small_lists_have_none(centre: Centre, booth: Booth) -> None:
    publish(centre, OWN, wordy())
    bring(centre, NUMBERS)
    bring_policy(centre)
    publishing.publish(centre)
    publish(centre, OWN, wordy(L7="other"))
    bring(centre, NUMBERS, numbers(21))
    bring_policy(centre)
    assert publishing.publish(centre) == ["INTL 2", "policy 2"]
    info = booth.updater().get_targetinfo(delta_path("ECU", 1, 2))
    assert info is not None
    whole, told = (booth.info("ECU"), from_plain(DeltaTarget, info.custom[CUSTOM]))
    assert whole is not None
    listed = from_plain(ListTarget, whole.custom[CUSTOM])
    header, _records = opened(centre, "ECU", booth.delta("ECU", 1, 2), delta=True)
    assert header.step is not None
    assert told == DeltaTarget("ECU", 1, header.step.base_digest, 2, listed.digest, listed.key_id)
    assert (header.step.whole_digest, header.step.whole_records, header.key_id) == (listed.digest, 200, listed.key_id)
    assert steps(centre, booth, "INTL") == steps(centre, booth, "policy") == []


@one_database
def test_several_versions_at_once_are_one_delta_from_the_served_to_the_newest(centre: Centre, booth: Booth) -> None:
    publish(centre, OWN, wordy())
    for mark in "abc":
        bring(centre, OWN, wordy(L7=mark))
    publishing.publish(centre)
    assert steps(centre, booth, "ECU") == [(1, 4)]
    _header, changes = opened(centre, "ECU", booth.delta("ECU", 1, 4), delta=True)
    assert changes == [wordy(L7="c")[7]]


@one_database
def test_there_is_no_delta_across_the_border_of_a_series(centre: Centre, booth: Booth) -> None:
    publish(centre, OWN, wordy())
    publish(centre, OWN, wordy(L7="other"))
    with centre.begin() as connection:
        series.end(connection, "ECU")
    publish(centre, OWN, wordy(L7="third"))
    assert steps(centre, booth, "ECU") == []
    publish(centre, OWN, wordy(L7="fourth"))
    assert steps(centre, booth, "ECU") == [(3, 4)]
    publishing.publish(centre, restored=True)
    publish(centre, OWN, wordy(L7="fifth"))
    assert steps(centre, booth, "ECU") == []


@one_database
def test_where_the_delta_is_not_smaller_than_a_third_no_booth_comes_by_deltas(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, OWN, wordy())
    publish(centre, OWN, wordy(L7="other"))
    assert steps(centre, booth, "ECU") == [(1, 2)]
    bring(centre, OWN, [*wordy(seed=2)[:80], *wordy()[80:]])
    monkeypatch.setenv("CHECKPOINT_ADMIN", "b.ejemplo")
    importing.approve(centre, "ECU", 3)
    publishing.publish(centre)
    assert booth.version("ECU") == 3
    assert steps(centre, booth, "ECU") == []
    assert not [name for name in repository_files(centre) if name.endswith("-2-3.delta")]
    bring(centre, OWN, [*wordy(seed=3)[:9], *wordy(seed=2)[9:80], *wordy()[80:]])
    publishing.publish(centre)
    assert steps(centre, booth, "ECU") == [(3, 4)]


@one_database
def test_older_deltas_stay_while_they_are_few_and_together_smaller_than_the_whole(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(centre, OWN, wordy(60))
    for version in range(2, 9):
        publish(centre, OWN, wordy(60, L7=str(version)))
        served = steps(centre, booth, "ECU")
        assert served == [(step - 1, step) for step in range(version - len(served) + 1, version + 1)]
        sizes = [len(booth.delta("ECU", *step) or b"") for step in served]
        assert sum(sizes) < len(booth.package("ECU"))
    assert 2 < len(served) < 7
    assert sum(sizes) + max(sizes) > len(booth.package("ECU")) * 0.95
    monkeypatch.setattr(targets, "MOST_DELTAS", 3)
    publish(centre, OWN, wordy(60, L7="last"))
    assert steps(centre, booth, "ECU") == [(6, 7), (7, 8), (8, 9)]
    kept = [name for name in repository_files(centre) if name.endswith(".delta")]
    assert len(kept) == len(served) + 1  # the state before stays, for a booth that has begun with it
    publish(centre, OWN, wordy(60, L7="very last"))
    assert len([name for name in repository_files(centre) if name.endswith(".delta")]) == 4


@one_database
@pytest.mark.parametrize("after", [False, True])
def test_a_publication_cut_at_any_write_is_done_again_with_its_delta(
    centre: Centre, booth: Booth, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    publish(centre, OWN, wordy())
    at, cut = 0, True
    while cut:
        at += 1
        records = wordy(L7=str(at))
        bring(centre, OWN, records)
        with monkeypatch.context() as patch:
            cutting = Cutting(patch, at, after=after)
            try:
                publishing.publish(centre)
                cut = False
            except CutError:
                assert steps(centre, booth, "ECU") == [(n, n + 1) for n in range(1, booth.version("ECU"))]
        publishing.publish(centre)
        assert booth.version("ECU") == at + 1
        assert steps(centre, booth, "ECU") == [(n, n + 1) for n in range(1, at + 1)]
        _header, changes = opened(centre, "ECU", booth.delta("ECU", at, at + 1), delta=True)
        assert changes == [records[7]]
    assert {name.rsplit(".", 1)[1] for name in cutting.writes} == {"list", "delta", "json"}
    served = {f"-{base}-{version}.delta" for base, version in steps(centre, booth, "ECU")}
    assert {name[name.index("-") :] for name in repository_files(centre) if "delta" in name} == served


@one_database
def test_a_version_that_cannot_be_read_any_more_has_no_delta_and_the_whole_goes_out(
    centre: Centre, booth: Booth, caplog: pytest.LogCaptureFixture
) -> None:
    publish(centre, OWN, wordy())
    bring(centre, OWN, wordy(L7="other"))
    lists.package_path(centre, "ECU", 1).write_bytes(b"no package")
    with caplog.at_level(logging.WARNING):
        publishing.publish(centre)
    assert "list ECU 2: no delta from 1: list ECU 1: its file is damaged" in caplog.text
    assert booth.version("ECU") == 2
    assert steps(centre, booth, "ECU") == []


def test_a_new_term_is_a_delta_without_a_change(centre: Centre, booth: Booth) -> None:
    conclude(centre)
    publish(centre, THEIRS, wordy())
    with centre.begin() as connection:
        agreements.extend(centre, connection, "EC-US", END.replace(year=2028))
    publishing.publish(centre)
    header, changes = opened(centre, "USA", booth.delta("USA", 1, 2), delta=True)
    assert changes == []
    assert header.agreement is not None
    assert header.agreement.ends_at == END.replace(year=2028)


@one_database
def test_a_role_that_is_signed_again_serves_the_same_deltas(centre: Centre, booth: Booth, clock: Clock) -> None:
    publish(centre, OWN, wordy())
    publish(centre, OWN, wordy(L7="other"))
    clock.move(days=184)
    assert "ECU" in publishing.renew(centre)
    assert steps(centre, booth, "ECU") == [(1, 2)]
    assert booth.delta("ECU", 1, 2)


@one_database
def test_a_list_whose_name_looks_like_a_delta_is_a_list(centre: Centre, booth: Booth) -> None:
    for name in ("ECU", "ECU-1-2", "ECU-1-2.delta", "a.list"):
        one = Declared(name, OWN.kind, "ECU")
        publish(centre, one, wordy())
        publish(centre, one, wordy(L7="other"))
        assert steps(centre, booth, name) == [(1, 2)]
        assert booth.version(name) == 2
