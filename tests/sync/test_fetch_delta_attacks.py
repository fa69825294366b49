"""Attacks on deltas: each has its word or leads nowhere, and the whole package comes; no older version ever does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuf.api.metadata import TargetFile, Targets

from checkpoint_app.sync.fetch import Fetched
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.offers import MAX_TARGET_BYTES, Offer, Package, offer_in
from checkpoint_app.sync.ways import shortest
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.repository import (
    CUSTOM,
    MOST_DELTAS,
    DeltaTarget,
    ListTarget,
    delta_path,
    read_delta_file,
    target_path,
)
from tests.sync.repository_server import (
    NOW,
    Booth,
    RepositoryServer,
    TufRepository,
    booth_of,
    delta_bytes,
    digest_of,
    serving,
)

PACKAGE = b"package" * 20_000
STEP = 9_000
SLACK = 4 << 20


@pytest.fixture
def repository() -> TufRepository:
    repository = TufRepository()
    repository.put_chain("ECU", 2, 6, PACKAGE, STEP)
    repository.put_chain("CHL", 2, 6, PACKAGE, STEP)
    return repository


@pytest.fixture
def server(repository: TufRepository) -> Iterator[RepositoryServer]:
    with serving(repository) as server:
        yield server


@pytest.fixture
def booth(server: RepositoryServer) -> Iterator[Booth]:
    with booth_of(server) as booth:
        booth.in_force(ECU=4, CHL=6)
        yield booth


def whole(booth: Booth) -> bool:
    """Return whether the whole package lies there."""
    return booth.brought().get("ECU.list") == PACKAGE


def step(repository: TufRepository, base: int, version: int, /, **changes: Any) -> None:
    repository.put_delta("ECU", base, version, delta_bytes("ECU", base, STEP), **changes)


# -- where a delta leads ----------------------------------------------------------------------------------------------


def test_a_wrong_base_digest_leads_nowhere(repository: TufRepository, booth: Booth) -> None:
    step(repository, 4, 5, base_digest="a" * 64)
    assert booth.fetch().faults == ()
    assert set(booth.brought()) == {"ECU.list"}


def test_a_delta_that_makes_another_content_leads_nowhere(repository: TufRepository, booth: Booth) -> None:
    step(repository, 5, 6, digest="a" * 64)
    assert booth.fetch().faults == ()
    assert set(booth.brought()) == {"ECU.list"}


def test_a_chain_with_a_gap_is_not_begun(repository: TufRepository, booth: Booth) -> None:
    del repository.roles["ECU"].targets[delta_path("ECU", 5, 6)]
    repository.publish_role("ECU")
    assert booth.fetch().faults == ()
    assert set(booth.brought()) == {"ECU.list"}


def test_another_key_within_a_chain_leads_nowhere(repository: TufRepository, booth: Booth) -> None:
    step(repository, 4, 5, key_id="0" * 32)
    assert booth.fetch().faults == ()
    assert set(booth.brought()) == {"ECU.list"}


def test_a_role_rolled_back_to_no_deltas_brings_no_older_version(
    repository: TufRepository, server: RepositoryServer, booth: Booth
) -> None:
    older = repository.files.copy()
    step(repository, 5, 6)
    booth.fetch()
    booth.in_force(ECU=6, CHL=6)
    server.files = older
    assert booth.fetch() == Fetched(faults=(("", "rolled_back"),))
    server.files = repository.files
    repository.put("ECU", 5, PACKAGE, digest=digest_of("ECU", 5))  # the publisher's own word, of an older version
    repository.roles["ECU"].targets = {target_path("ECU"): repository.roles["ECU"].targets[target_path("ECU")]}
    repository.publish_role("ECU")
    assert booth.fetch() == Fetched()
    assert booth.brought() == {}


def test_a_role_that_has_lost_its_deltas_brings_the_whole(repository: TufRepository, booth: Booth) -> None:
    repository.roles["ECU"].targets = {target_path("ECU"): repository.roles["ECU"].targets[target_path("ECU")]}
    repository.publish_role("ECU")
    booth.fetch()
    assert set(booth.brought()) == {"ECU.list"}


# -- what comes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda data: data + b"x", "too_large"),
        (lambda data: data[:-1], "cut_short"),
        (lambda _data: b"", "cut_short"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "tampered"),
        (lambda data: delta_bytes("CHL", 5, len(data)), "tampered"),
        (lambda data: delta_bytes("ECU", 4, len(data)), "tampered"),
        (lambda _data: None, "missing"),
    ],
)
def test_a_delta_that_is_not_what_was_signed_for_gives_way_to_the_whole(
    repository: TufRepository, server: RepositoryServer, booth: Booth, spoil: Any, code: str
) -> None:
    path = repository.delta_url("ECU", 5, 6)
    spoilt = spoil(repository.files[path])
    server.files = {**repository.files, path: spoilt}
    if spoilt is None:
        del server.files[path]
    fetched = booth.fetch()
    assert fetched.faults == (("ECU", code),)
    assert [one.version for one in fetched.brought] == [5]
    assert set(booth.brought()) == {"ECU-4-5.delta", "ECU-5-6.delta.refused"}
    assert [one.version for one in booth.fetch().brought] == [6]
    assert whole(booth)
    assert "ECU-5-6.delta" not in booth.brought()
    booth.in_force(ECU=6, CHL=6)
    booth.fetch()
    assert set(booth.brought()) == {"ECU-4-5.delta", "ECU.list"}  # the delta is still offered: others may want it
    assert list((booth.metadata / "partial").iterdir()) == []


def test_an_endless_delta(repository: TufRepository, server: RepositoryServer, booth: Booth) -> None:
    path = repository.delta_url("ECU", 4, 5)
    server.attacks.endless.add(path)
    assert booth.fetch().faults == (("ECU", "too_large"),)
    assert server.sent(path) < SLACK
    booth.fetch()
    assert whole(booth)


# -- signed is not sensible -------------------------------------------------------------------------------------------


STEPPED = DeltaTarget("ECU", 4, digest_of("ECU", 4), 5, digest_of("ECU", 5), "0" * 32)
LISTED = ListTarget("ECU", ListKind.PERSONS, 6, NOW, "0" * 32, digest_of("ECU", 6))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "CHL"},
        {"base_version": 5},
        {"base_version": 0},
        {"base_version": -4},
        {"base_version": "4"},
        {"version": 4},
        {"version": 7},
        {"version": True},
        {"version": None},
        {"base_digest": ""},
        {"base_digest": "A" * 64},
        {"base_digest": "a" * 63 + "\n"},
        {"digest": "g" * 64},
        {"key_id": "0"},
        {"key_id": "0" * 31 + "\n"},
        {"more": 1},
    ],
)
def test_a_delta_of_another_form_stops_its_list_alone(
    repository: TufRepository, booth: Booth, changes: dict[str, Any]
) -> None:
    booth.in_force(ECU=4, CHL=5)
    step(repository, 4, 5, **changes)
    fetched = booth.fetch()
    assert fetched.faults == (("ECU", "malformed"),)
    assert set(booth.brought()) == {"CHL-5-6.delta"}


def test_a_delta_of_another_list_is_refused(repository: TufRepository, booth: Booth) -> None:
    place = delta_path("CHL", 4, 5)
    repository.roles["ECU"].targets[place] = repository.roles["CHL"].targets[place]
    repository.publish_role("ECU")
    assert booth.fetch().faults == (("ECU", "malformed"),)
    assert booth.brought() == {}


def offering(deltas: list[tuple[str, Any, int]]) -> Targets:
    targets = {target_path("ECU"): TargetFile(10, {"sha256": "b" * 64}, "x", {"custom": {CUSTOM: to_plain(LISTED)}})}
    for place, custom, length in deltas:
        targets[place] = TargetFile(length, {"sha256": "c" * 64}, place, {"custom": custom})
    return Targets(targets=targets)


def fault_of(*deltas: tuple[str, Any, int]) -> Fault | None:
    try:
        offer = offer_in(offering(list(deltas)), "ECU")
    except FetchError as error:
        return error.fault
    assert offer is not None
    assert len(offer.deltas) == len(deltas)
    return None


STEP_CUSTOM = {CUSTOM: to_plain(STEPPED)}


@pytest.mark.parametrize(
    ("delta", "fault"),
    [
        ((delta_path("ECU", 4, 5), STEP_CUSTOM, 1), None),
        ((delta_path("ECU", 4, 5), STEP_CUSTOM, MAX_TARGET_BYTES), None),
        ((delta_path("ECU", 4, 5), STEP_CUSTOM, MAX_TARGET_BYTES + 1), Fault.TOO_LARGE),
        ((delta_path("ECU", 3, 5), STEP_CUSTOM, 1), Fault.MALFORMED),
        ((delta_path("ECU", 4, 7), {CUSTOM: to_plain(replace(STEPPED, version=7))}, 1), Fault.MALFORMED),
        ((delta_path("ECU", 4, 6), {CUSTOM: to_plain(replace(STEPPED, version=6))}, 1), None),
        (("ECU/ECU-04-5.delta", STEP_CUSTOM, 1), Fault.MALFORMED),
        (("ECU/../ECU-4-5.delta", STEP_CUSTOM, 1), Fault.MALFORMED),
        (("ECU-4-5.delta", STEP_CUSTOM, 1), Fault.MALFORMED),
        ((delta_path("ECU", 4, 5), {}, 1), Fault.MALFORMED),
        ((delta_path("ECU", 4, 5), None, 1), Fault.MALFORMED),
        ((delta_path("ECU", 4, 5), {CUSTOM: to_plain(LISTED)}, 1), Fault.MALFORMED),
    ],
)
def test_place_and_length_of_a_delta_are_read_strictly(delta: tuple[str, Any, int], fault: Fault | None) -> None:
    assert fault_of(delta) is fault


def test_forty_deltas_are_taken_and_forty_one_refused() -> None:
    listed = ListTarget("ECU", ListKind.PERSONS, 60, NOW, "0" * 32, digest_of("ECU", 60))

    def offered(count: int) -> Targets:
        role = offering([])
        role.targets[target_path("ECU")].unrecognized_fields["custom"] = {CUSTOM: to_plain(listed)}
        for base in range(1, count + 1):
            told = DeltaTarget("ECU", base, digest_of("ECU", base), base + 1, digest_of("ECU", base + 1), "0" * 32)
            place = delta_path("ECU", base, base + 1)
            role.targets[place] = TargetFile(1, {"sha256": "c" * 64}, place, {"custom": {CUSTOM: to_plain(told)}})
        return role

    offer = offer_in(offered(MOST_DELTAS), "ECU")
    assert offer is not None
    assert [delta.step.base_version for delta in offer.deltas] == list(range(1, MOST_DELTAS + 1))
    with pytest.raises(FetchError) as caught:
        offer_in(offered(MOST_DELTAS + 1), "ECU")
    assert caught.value.fault is Fault.MALFORMED


def test_deltas_without_a_whole_package_offer_nothing(repository: TufRepository, booth: Booth) -> None:
    del repository.roles["ECU"].targets[target_path("ECU")]
    repository.publish_role("ECU")
    assert booth.fetch() == Fetched()
    assert booth.brought() == {}


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("ECU-1-2.delta", ("ECU", 1, 2)),
        ("A-1-2-3.delta", ("A-1", 2, 3)),
        ("-1-2.delta", None),
        ("ECU-1.delta", None),
        ("ECU-0-1.delta", None),
        ("ECU-01-2.delta", None),
        ("ECU-1-2.delta.refused", None),
        ("ECU-1-\u0662.delta", None),
        ("ECU-1-" + "9" * 20 + ".delta", None),
        ("ECU.list", None),
    ],
)
def test_files_of_deltas_are_read_by_their_names(file: str, told: tuple[str, int, int] | None) -> None:
    assert read_delta_file(file) == told


# -- any deltas at all ------------------------------------------------------------------------------------------------


@st.composite
def offers(draw: st.DrawFn) -> tuple[Offer, dict[str, int], set[str]]:
    """Return an offer of version 6, how many bytes of each file are missing, and which files are barred."""
    edges = draw(st.dictionaries(st.tuples(st.integers(1, 5), st.integers(2, 6)).filter(lambda e: e[0] < e[1]),
                                 st.tuples(st.integers(0, 9), st.sampled_from("ab"), st.sampled_from("ab"),
                                           st.sampled_from(["0" * 32, "0" * 32, "1" * 32])), max_size=12))  # fmt: skip
    deltas: list[tuple[str, Any, int]] = []
    missing = {"ECU.list": draw(st.integers(0, 30))}
    for (base, version), (cost, base_digest, digest, key_id) in edges.items():
        place = delta_path("ECU", base, version)
        told = DeltaTarget("ECU", base, base_digest * 64, version, digest * 64, key_id)
        deltas.append((place, {CUSTOM: to_plain(told)}, 9))
        missing[place.partition("/")[2]] = cost
    role = offering(deltas)
    listed = ListTarget("ECU", ListKind.PERSONS, 6, NOW, "0" * 32, "a" * 64)
    role.targets[target_path("ECU")].unrecognized_fields["custom"] = {CUSTOM: to_plain(listed)}
    offer = offer_in(role, "ECU")
    assert offer is not None
    barred = draw(st.sets(st.sampled_from(sorted(missing))))
    return offer, missing, barred


def cheapest(offer: Offer, at: tuple[int, str], missing: dict[str, int], barred: set[str]) -> float:
    """Return the fewest bytes of any chain from ``at``, tried one and all."""
    if at == (offer.listed.version, offer.listed.digest):
        return 0
    return min(
        (
            missing[delta.package.file] + cheapest(offer, (delta.step.version, delta.step.digest), missing, barred)
            for delta in offer.deltas
            if (delta.step.base_version, delta.step.base_digest) == at
            and delta.step.key_id == offer.listed.key_id
            and delta.package.file not in barred
        ),
        default=float("inf"),
    )


@settings(max_examples=300, deadline=None)
@given(offers(), st.integers(0, 5), st.sampled_from("ab"))
def test_the_way_is_a_chain_and_the_cheapest(
    drawn: tuple[Offer, dict[str, int], set[str]], version: int, digest: str
) -> None:
    offer, missing, barred = drawn

    def cost(package: Package) -> int:
        return missing[package.file]

    way = shortest(offer, version, digest * 64, cost, lambda package: package.file in barred)
    at = (version, digest * 64)
    for delta in way.steps:
        assert (delta.step.base_version, delta.step.base_digest) == at
        assert delta.package.file not in barred
        assert delta.step.key_id == offer.listed.key_id
        at = delta.step.version, delta.step.digest
    if way.steps:
        assert at == (offer.listed.version, offer.listed.digest)
    assert way.packages
    least = min(missing["ECU.list"], cheapest(offer, (version, digest * 64), missing, barred))
    assert sum(map(cost, way.packages)) == least
