"""Packages: they verify and open, are used again while they fit, and nobody's name is in the folder in clear."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.demo import lists
from checkpoint_app.demo import package as packing
from checkpoint_app.demo.package import make_packages
from checkpoint_app.demo.policy import OFFICERS, demo_policy
from checkpoint_app.screening import Calibration, entry_to_plain, number_to_plain
from checkpoint_app.store import Officer
from checkpoint_app.verdict import AgeStep, AgeSteps, Policy
from checkpoint_app.wire.grant import open_grant, read_grant
from checkpoint_app.wire.header import read_header
from checkpoint_app.wire.package import iter_records
from checkpoint_app.wire.plain import from_plain

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
BOOTH = X25519PrivateKey.from_private_bytes(b"a demonstration booth's own key.")
SIZES = {"persons": 90, "numbers": 200}
NAMES = {"ECU", "INTL", "policy", "officers"}


def make(folder, now=NOW, booth=BOOTH, **changed):
    return make_packages(folder, booth.public_key().public_bytes_raw(), now, **SIZES | changed)


def header_of(packages, name):
    with packages.packages[name].open("rb") as file:
        return read_header(file, packages.trust)


def records_of(packages, name):
    with packages.packages[name].open("rb") as file:
        header = read_header(file, packages.trust)
        key = None
        if name in packages.grants:
            grant = read_grant(packages.grants[name].read_bytes())
            key = open_grant(grant, BOOTH, packages.trust[name], NOW)
        return list(iter_records(file, header, key))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    return make(tmp_path_factory.mktemp("packages"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An own folder; threshold and verifiers are made cheaply, since other tests prove them."""
    monkeypatch.setattr(packing, "TRAVELLERS", 20)
    monkeypatch.setattr(packing, "make_verifier", lambda pin: f"$argon2id$of {len(pin)} digits")
    return tmp_path / "lists"


def test_all_are_made_and_named(packages):
    assert set(packages.packages) == set(packages.trust) == set(packages.made) == NAMES
    assert set(packages.grants) == {"ECU", "INTL"}


def test_both_lists_open_with_their_grants_and_hold_what_was_invented(packages):
    assert records_of(packages, "ECU") == [entry_to_plain(entry) for entry in lists.watchlist(90)]
    assert records_of(packages, "INTL") == [number_to_plain(number) for number in lists.listed_numbers(200)]


def test_headers_say_whose_and_how_old(packages):
    wanted, numbers = header_of(packages, "ECU"), header_of(packages, "INTL")
    assert (wanted.originator, wanted.version, wanted.handling) == ("ECU", 88, ("LE-ONLY",))
    assert NOW - wanted.issued_at == timedelta(hours=6)
    assert (numbers.version, NOW - numbers.issued_at) == (4711, timedelta(hours=2))
    assert wanted.sealed
    assert numbers.sealed
    assert wanted.agreement.in_force(NOW)
    assert numbers.agreement.in_force(NOW)


def test_the_threshold_travels_with_the_list(packages):
    calibration = Calibration.from_plain(header_of(packages, "ECU").calibration)
    assert calibration.persons == 90
    assert calibration.travellers == packing.TRAVELLERS
    assert calibration.expected <= calibration.promised


def test_policy_and_officers_are_one_record_each(packages):
    (policy,) = records_of(packages, "policy")
    header = header_of(packages, "policy")
    assert from_plain(Policy, policy) == demo_policy(header.issued_at, header.version)
    (officers,) = records_of(packages, "officers")
    read = [from_plain(Officer, officer) for officer in officers["officers"]]
    assert [(one.id, one.role) for one in read] == [(one.id, one.role) for one in OFFICERS]
    assert all(one.verifier.startswith("$argon2id$") and one.ends_at > NOW for one in read)


def test_nobody_listed_and_no_pin_is_in_clear_in_the_folder(packages):
    secret = [name.family for entry in lists.watchlist(90) for name in entry.names]
    secret += [name.given for entry in lists.watchlist(90) for name in entry.names]
    secret += [number.number for number in lists.listed_numbers(200)]
    secret = {part for text in secret for part in (text, *text.split()) if len(part) > 4}
    for path in packages.packages["ECU"].parent.iterdir():
        data = path.read_bytes()
        found = [text for text in secret if text.encode() in data]
        assert not found, path.name
        assert not [one.pin for one in OFFICERS if f'"{one.pin}"'.encode() in data]


def test_a_second_call_makes_nothing(folder):
    first = make(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    second = make(folder, NOW + timedelta(minutes=40))
    assert second.made == ()
    assert second.packages == first.packages
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("changed", "made"),
    [
        ({"now": NOW + timedelta(hours=5)}, {"ECU", "INTL"}),
        ({"now": NOW + timedelta(days=200)}, NAMES),
        ({"now": NOW - timedelta(hours=3)}, {"INTL"}),
        ({"ages": {"ECU": timedelta(days=3)}}, {"ECU"}),
        ({"persons": 91}, {"ECU"}),
        ({"numbers": 201}, {"INTL"}),
        ({"booth": X25519PrivateKey.from_private_bytes(b"another booth of this same post.")}, {"ECU", "INTL"}),
    ],
    ids=["later", "another_year", "issued_in_future", "other_age", "more_persons", "more_numbers", "other_booth"],
)
def test_what_no_longer_fits_is_issued_anew_with_the_next_version(folder, changed, made):
    first = make(folder)
    versions = {name: header_of(first, name).version for name in NAMES}
    second = make(folder, **changed)
    assert set(second.made) == made
    for name in NAMES:
        assert header_of(second, name).version == versions[name] + (name in made)


def test_ages_are_staged(folder):
    ages = {"ECU": timedelta(days=9), "INTL": timedelta(hours=25)}
    packages = make(folder, ages=ages)
    steps = {name: AgeSteps().step(header_of(packages, name).issued_at, NOW) for name in ages}
    assert steps == {"ECU": AgeStep.TOO_OLD, "INTL": AgeStep.AS_OF}


def test_a_list_that_would_grow_into_the_next_age_step_is_made_anew(folder):
    """Two hours are within the drift, but would turn the fresh list that is asked for into an "as of" one."""
    ages = {"ECU": timedelta(hours=23), "INTL": timedelta(hours=10)}
    make(folder, ages=ages)
    assert make(folder, NOW + timedelta(hours=2), ages=ages).made == ("ECU",)


@pytest.mark.parametrize("name", ["ECU.list", "ECU.grant", "recipes.json"])
@pytest.mark.parametrize("damage", [b"", b"\x00damaged"], ids=["empty", "other_bytes"])
def test_what_is_damaged_is_made_anew(folder, name, damage):
    make(folder)
    (folder / name).write_bytes(damage)
    packages = make(folder)
    assert "ECU" in packages.made
    assert records_of(packages, "ECU")


def test_a_list_that_was_lost_comes_back_with_a_newer_version(folder):
    path = make(folder).packages["ECU"]
    path.unlink()
    assert header_of(make(folder), "ECU").version == 89


def test_a_flipped_bit_in_the_payload_is_noticed(folder):
    path = make(folder).packages["INTL"]
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    assert make(folder).made == ("INTL",)


def test_a_damaged_calibration_is_found_again(folder):
    make(folder)
    kept = folder / "calibration.json"
    kept.write_text(kept.read_text().replace('"threshold": ', '"threshold": "x", "was": '))
    (folder / "ECU.list").unlink()
    assert Calibration.from_plain(header_of(make(folder), "ECU").calibration)


def test_the_key_is_for_its_owner_only(folder):
    make(folder)
    assert (folder / "demo-publisher.key").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0
