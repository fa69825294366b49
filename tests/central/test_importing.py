"""Importing: whose signature counts, what waits for a second person, and that nothing is kept by halves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.central import acts, agreements, files, importing, keeping, lists, material, publishing
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.comparing import DoubledError, Fingerprints
from checkpoint_app.central.importing import Material, RefusedError
from checkpoint_app.central.keeping import Change, Declared
from checkpoint_app.central.lists import VersionState, package_path
from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.header import ListKind, PackageHeader
from checkpoint_app.wire.package import write_package
from tests.central.helpers import START, Clock
from tests.central.publishing_helpers import (
    CALIBRATION,
    END,
    NUMBERS,
    OWN,
    PARTNER,
    POLICY,
    SILENT,
    STRANGER,
    THEIRS,
    bring,
    bring_policy,
    conclude,
    make_repository,
    numbers,
    persons,
)

one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)  # what is tested lies in files
AGREEMENT = Agreement("EC-US", START - timedelta(days=1), END)


def versions(centre: Centre, name: str) -> dict[int, VersionState]:
    with centre.begin() as connection:
        return {one.version: one.state for one in keeping.versions(connection, name)}


def kept_files(centre: Centre) -> set[str]:
    folder = centre.folder / "lists"
    return {path.name for path in folder.iterdir()} - {"lock"} if folder.exists() else set()


def package(path: Path, signer: Ed25519PrivateKey = PARTNER, records: Any = None, **changes: Any) -> Path:
    """Write a partner's package to ``path``."""
    about: dict[str, Any] = {
        "name": "USA",
        "kind": ListKind.PERSONS,
        "version": 7,
        "originator": "USA",
        "issued_at": START - timedelta(hours=2),
        "agreement": AGREEMENT,
        "calibration": CALIBRATION.to_plain(),
    }
    with path.open("wb") as file:
        write_package(file, persons() if records is None else records, signer, **about | changes)
    return path


def take(centre: Centre, path: Path, one: Declared = THEIRS) -> importing.Imported:
    return importing.import_version(centre, one, material.of_package(one, path))


# -- the change rule --------------------------------------------------------------------------------------------------

contents = st.dictionaries(st.integers(0, 60).map(str), st.sampled_from("ABC"), max_size=40)


def prints(of: dict[str, str], key: bytes) -> Fingerprints:
    found = Fingerprints(ListKind.PERSONS, key)
    for _ in found.noting({"id": each, "remarks": text} for each, text in of.items()):
        pass
    return found


@given(contents, contents)
def test_the_counts_are_those_of_the_ids_and_of_all_that_entries_say(
    before: dict[str, str], after: dict[str, str]
) -> None:
    key = Fingerprints.new_key()
    counted = prints(after, key).against(prints(before, key))
    changed = sum(before[each] != after[each] for each in before.keys() & after.keys())
    assert counted == (len(after.keys() - before.keys()), len(before.keys() - after.keys()), changed)


@given(st.integers(0, 10_000), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_more_than_5_in_100_changed_or_1_removed_wants_a_second_person(
    before: int, added: int, changed: int, removed: int
) -> None:
    change = Change(added, removed, changed, 1, before)
    assert change.wants_approval == (added + changed > before * 0.05 or removed > before * 0.01)
    assert not Change(added, removed, changed, 0, 0).wants_approval


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (persons(210), VersionState.READY),
        (persons(211), VersionState.PENDING),
        (persons(198), VersionState.READY),
        (persons(197), VersionState.PENDING),
        (persons(10, "Ana") + persons(200)[10:], VersionState.READY),
        (persons(11, "Ana") + persons(200)[11:], VersionState.PENDING),
    ],
)
@one_database
def test_the_rule_at_its_edges(centre: Centre, after: list[dict[str, Any]], state: VersionState) -> None:
    assert bring(centre, OWN, persons(200)).state is VersionState.READY
    assert bring(centre, OWN, after).state is state


def test_a_doubled_id_is_refused() -> None:
    key = Fingerprints.new_key()
    doubled = Fingerprints(ListKind.PERSONS, key)
    list(doubled.noting([{"id": "L1"}, {"id": "L1", "remarks": "x"}]))
    with pytest.raises(DoubledError):
        doubled.against(prints({}, key))


def test_document_numbers_are_the_same_by_number_and_issuer(centre: Centre) -> None:
    bring(centre, NUMBERS, numbers(200))
    other = [{**record, "category": "lost"} for record in numbers(3)]
    change = bring(centre, NUMBERS, [*other, {**numbers(4)[3], "issuer": "ECU"}, *numbers(200)[4:]]).change
    assert (change.added, change.removed, change.changed) == (1, 1, 3)


# -- the second person ------------------------------------------------------------------------------------------------


def test_a_version_that_waits_is_approved_by_another_person_alone(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(acts.ADMINISTRATOR, "a.muster")
    bring(centre, OWN)
    found = bring(centre, OWN, persons(30))
    assert found.state is VersionState.PENDING
    assert (found.change.added, found.change.removed, found.change.changed) == (10, 0, 0)
    with pytest.raises(CentreError, match="another administrator") as refused:
        importing.approve(centre, "ECU", 2)
    assert refused.value.status == 403
    assert versions(centre, "ECU") == {1: VersionState.READY, 2: VersionState.PENDING}
    monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
    for name, version in (("ECU", 1), ("ECU", 3), ("none", 1)):
        with pytest.raises(CentreError, match="waits for approval"):
            importing.approve(centre, name, version)
    importing.approve(centre, "ECU", 2)
    with centre.begin() as connection:
        newest = keeping.versions(connection, "ECU")[0]
        assert (newest.state, newest.imported_by, newest.approved_by) == (VersionState.READY, "a.muster", "b.ejemplo")
        told = [(act.what, act.who, act.about.get("version")) for act in acts.all(connection)]
    assert told == [
        ("list declared", "a.muster", None),
        ("list imported", "a.muster", 1),
        ("list imported", "a.muster", 2),
        ("list approved", "b.ejemplo", 2),
    ]


def test_a_version_that_waits_is_overtaken_by_the_next_and_is_compared_with_what_was_approved(centre: Centre) -> None:
    bring(centre, OWN, persons(100))
    assert bring(centre, OWN, persons(200)).state is VersionState.PENDING
    found = bring(centre, OWN, persons(101))
    assert (found.change.before, found.change.added, found.state) == (1, 1, VersionState.READY)
    assert versions(centre, "ECU") == {1: VersionState.READY, 2: VersionState.REFUSED, 3: VersionState.READY}


def test_a_changed_policy_waits_and_the_same_does_not(centre: Centre) -> None:
    assert bring_policy(centre).state is VersionState.READY
    assert bring_policy(centre).state is VersionState.READY
    assert bring_policy(centre, offline_days=3).state is VersionState.PENDING


# -- a partner's signature --------------------------------------------------------------------------------------------


def test_a_partners_package_is_taken_with_its_number_and_calibration(centre: Centre, tmp_path: Path) -> None:
    conclude(centre)
    found = take(centre, package(tmp_path / "usa"))
    header = found.header
    assert (header.version, header.record_count, header.issued_at) == (7, 20, START - timedelta(hours=2))
    assert header.calibration == CALIBRATION.to_plain()
    assert (header.sealed, header.agreement) == (True, AGREEMENT)
    with centre.begin() as connection:
        own = keeping.publisher(centre, connection, "USA").public_key()
        newest = lists.approved(centre, connection, "USA")
    assert header.publisher == own.public_bytes_raw().hex() != PARTNER.public_key().public_bytes_raw().hex()
    assert newest is not None
    assert list(lists.open_records(centre, newest)[1]) == persons()
    assert b"MUSTER" not in newest.path.read_bytes()
    assert take(centre, package(tmp_path / "usa", version=8)).header.version == 8


@one_database
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signer": STRANGER}, "signed_by_another"),
        ({"name": "ECU"}, "unknown_publisher"),
        ({"kind": ListKind.DOCUMENTS, "records": numbers()}, "list_other"),
        ({"originator": "CHL"}, "list_other"),
        ({"agreement": None}, "list_other"),
        ({"agreement": Agreement("EC-CL", START, END)}, "list_other"),
        ({"content_key": bytes(32)}, "list_sealed"),
        ({"version": 7}, "list_older"),
        ({"version": 6}, "list_older"),
        ({"version": 9, "issued_at": START - timedelta(hours=3)}, "list_older"),
        ({"version": 9, "issued_at": START + timedelta(minutes=6)}, "list_future"),
        ({"version": 9, "records": [{"names": [{"family": "MUSTER"}]}]}, "list_malformed"),
        ({"version": 9, "records": persons(10) * 2}, "list_malformed"),
        ({"version": 9, "records": []}, "list_empty"),
    ],
)
def test_what_the_partner_did_not_sign_so_is_refused_whole(
    centre: Centre, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    conclude(centre)
    take(centre, package(tmp_path / "first"))
    with pytest.raises(CentreError) as refused:
        take(centre, package(tmp_path / "second", **{"version": 8} | changes))
    assert refused.value.code == code
    assert isinstance(refused.value, RefusedError) == (code != "list_empty")
    assert "MUSTER" not in str(refused.value)
    assert versions(centre, "USA") == {7: VersionState.READY}
    assert kept_files(centre) == {"USA-7.list"}


@one_database
def test_every_changed_byte_of_a_package_is_noticed(centre: Centre, tmp_path: Path) -> None:
    conclude(centre)
    data = package(tmp_path / "usa").read_bytes()
    for place in [*range(8), *range(8, len(data), 61), len(data) - 1]:
        (tmp_path / "usa").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(RefusedError):
            take(centre, tmp_path / "usa")
    for cut in (data[:-1], data[:40], data + b"x"):
        (tmp_path / "usa").write_bytes(cut)
        with pytest.raises(RefusedError):
            take(centre, tmp_path / "usa")
    assert versions(centre, "USA") == {}
    assert kept_files(centre) == set()


@one_database
def test_a_package_that_changes_while_it_is_read_is_refused(centre: Centre, tmp_path: Path) -> None:
    conclude(centre)
    path = package(tmp_path / "usa")
    made = material.of_package(THEIRS, path)
    package(path, version=8)
    with pytest.raises(RefusedError, match="changed while it was read"):
        importing.import_version(centre, THEIRS, made)
    assert kept_files(centre) == set()


@one_database
def test_nothing_is_imported_under_an_agreement_that_has_ended(centre: Centre, tmp_path: Path, clock: Clock) -> None:
    conclude(centre)
    path = package(tmp_path / "usa")
    clock.move(minutes=1)
    with centre.begin() as connection:
        agreements.end(centre, connection, "EC-US")
    with pytest.raises(RefusedError, match="its agreement EC-US ended at"):
        take(centre, path)


@one_database
def test_a_signed_file_counts_only_with_the_partners_signature_over_its_very_bytes(
    centre: Centre, tmp_path: Path
) -> None:
    source, signature = tmp_path / "usa.jsonl", tmp_path / "usa.sig"
    source.write_bytes(b"the very bytes\n")
    signature.write_bytes(PARTNER.sign(source.read_bytes()))
    material.signature_check(THEIRS, source, signature)()
    material.signature_check(OWN, source, None)()
    with pytest.raises(RefusedError, match="give --signature"):
        material.signature_check(THEIRS, source, None)()
    right = signature.read_bytes()
    for wrong in (right[:-1], right + b"x", b"", STRANGER.sign(source.read_bytes()), PARTNER.sign(b"other")):
        signature.write_bytes(wrong)
        with pytest.raises(RefusedError, match="not what its partner signed"):
            material.signature_check(THEIRS, source, signature)()
    signature.write_bytes(right)
    for other in (b"", b"the very bytes", b"The very bytes\n"):
        source.write_bytes(other)
        with pytest.raises(RefusedError, match="not what its partner signed"):
            material.signature_check(THEIRS, source, signature)()


@one_database
def test_a_signed_source_that_changes_while_it_is_read_is_refused(centre: Centre) -> None:
    conclude(centre)
    asked = []

    def check() -> None:
        asked.append(True)
        if len(asked) == 2:
            raise RefusedError("tampered", "it changed")

    with pytest.raises(RefusedError):
        bring(centre, THEIRS, check=check)
    assert kept_files(centre) == set()
    assert versions(centre, "USA") == {}


@one_database
def test_an_older_signed_source_does_not_come_back(centre: Centre) -> None:
    conclude(centre)
    bring(centre, THEIRS, digest="a")
    bring(centre, THEIRS, digest="a")  # nothing changed since: it is signed and true still
    bring(centre, THEIRS, digest="b")
    with pytest.raises(RefusedError, match="that of the older version 2"):
        bring(centre, THEIRS, digest="a")


# -- lists ------------------------------------------------------------------------------------------------------------


@one_database
@pytest.mark.parametrize(
    ("one", "code"),
    [
        (Declared("../x", ListKind.PERSONS, "x"), "list_name"),
        (Declared("..", ListKind.PERSONS, "x"), "list_name"),
        (Declared("*", ListKind.PERSONS, "x"), "list_name"),
        (Declared("ECU\n", ListKind.PERSONS, "x"), "list_name"),
        (Declared("snapshot", ListKind.PERSONS, "x"), "list_name"),
        (Declared("x" * 65, ListKind.PERSONS, "x"), "list_name"),
        (Declared("X", ListKind.PERSONS, "x\n"), "list_text"),
        (Declared("X", ListKind.PERSONS, "x", handling=("",)), "list_text"),
        (Declared("X", ListKind.PERSONS, "x", agreement="EC-US"), "list_partner"),
        (Declared("X", ListKind.PERSONS, "x", partner_key=bytes(32)), "list_partner"),
        (Declared("X", ListKind.PERSONS, "x", "EC-PE", bytes(32)), "agreement_unknown"),
        (Declared("X", ListKind.POLICY, "x", silent=True), "list_kind"),
        (Declared("X", ListKind.POLICY, "x", "EC-US", bytes(32)), "list_kind"),
        (Declared("X", ListKind.POLICY, "x"), "list_kind"),
        (Declared("ECU", ListKind.PERSONS, "other", handling=("LE-ONLY",)), "list_declared"),
        (Declared("ECU", ListKind.PERSONS, "ECU", handling=("LE-ONLY",), silent=True), "list_declared"),
    ],
)
def test_a_list_is_declared_once_and_for_good(centre: Centre, one: Declared, code: str) -> None:
    conclude(centre)
    bring(centre, OWN)
    bring_policy(centre)
    with pytest.raises(CentreError) as refused:
        bring(centre, one)
    assert refused.value.code == code
    assert kept_files(centre) == {"ECU-1.list", "policy-1.list"}


def test_what_was_declared_is_read_back(centre: Centre) -> None:
    conclude(centre)
    for one in (OWN, NUMBERS, SILENT, THEIRS):
        bring(centre, one)
        with centre.begin() as connection:
            assert keeping.declared(connection, one.name) == one
    bring_policy(centre)
    with centre.begin() as connection:
        assert keeping.declared(connection, "policy") == POLICY
        assert keeping.declared(connection, "none") is None


@one_database
def test_an_import_that_breaks_off_leaves_nothing_in_use_and_the_next_sweeps(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(centre, OWN)

    def half() -> Iterator[dict[str, Any]]:
        yield from persons(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.import_version(centre, OWN, Material(lambda _v: half(), START, CALIBRATION))
    assert kept_files(centre) == {"ECU-1.list"}

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_note", cut)
        with pytest.raises(KeyboardInterrupt):
            bring(centre, OWN)
    folder = centre.folder / "lists"
    (folder / ("ECU-3.list" + files.HALF)).write_bytes(b"half")
    assert kept_files(centre) == {"ECU-1.list", "ECU-2.list", "ECU-3.list.half"}
    assert versions(centre, "ECU") == {1: VersionState.READY}
    keeping.sweep(centre)
    assert kept_files(centre) == {"ECU-1.list"}
    assert bring(centre, OWN).header.version == 2


@one_database
def test_a_row_is_written_after_its_file_is_complete(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    note = keeping._note

    def noting(centre: Centre, connection: Any, one: Declared, header: PackageHeader, *rest: Any) -> None:
        seen.append(package_path(centre, one.name, header.version).read_bytes())
        note(centre, connection, one, header, *rest)

    monkeypatch.setattr(keeping, "_note", noting)
    bring(centre, OWN)
    assert seen == [package_path(centre, "ECU", 1).read_bytes()]


@one_database
@pytest.mark.parametrize("one", [OWN, NUMBERS])
@pytest.mark.parametrize("lost", ["package", "key"])
def test_a_version_that_was_damaged_stands_in_no_import_s_way_and_two_persons_look(
    centre: Centre, one: Declared, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(centre)
    bring(centre, one)
    publishing.publish(centre)
    if lost == "package":
        path = package_path(centre, one.name, 1)
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    else:
        with centre.begin() as connection:
            centre.forget_secret(connection, lists.content_secret(one.name, 1))
    found = bring(centre, one)
    change = found.change
    assert (found.state, change.before, change.records_before) == (VersionState.PENDING, 1, 20)
    assert (change.added, change.removed, change.changed) == (20, 20, 0)
    monkeypatch.setenv(acts.ADMINISTRATOR, "b.ejemplo")
    importing.approve(centre, one.name, 2)
    assert publishing.publish(centre) == [f"{one.name} 2"]


@one_database
def test_policies_are_read_strictly(centre: Centre, tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    good = {"required": [{"check": "wanted", "list_name": "ECU"}], "outcomes": {"wanted.match": "hit"}}
    path.write_text(json.dumps(good | {"name": "other", "version": 99}))
    (record,) = material.of_policy(POLICY, path, START).records(3)
    assert (record["name"], record["version"], record["offline_days"]) == ("policy", 3, 14)
    for text in ("", "[]", "{", json.dumps(good | {"required": []}), json.dumps(good | {"odd": 1}), "x" * 300_000):
        path.write_text(text)
        with pytest.raises(CentreError, match=r"policy\.json: no policy"):
            material.of_policy(POLICY, path, START)
