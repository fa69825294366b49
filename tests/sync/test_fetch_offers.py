"""What verified metadata says is read strictly: a role signs its own list with one key, or it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import DelegatedRole, Delegations, SuccinctRoles, TargetFile, Targets

from checkpoint_app.store.trust import MAX_TRUST_BYTES, trust_bytes, trust_of
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.offers import MAX_LISTS, MAX_TARGET_BYTES, Offer, delegated_in, offer_in
from checkpoint_app.wire.header import ListKind, check_name, publisher_id
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.repository import CUSTOM, ListTarget, path_pattern, target_path
from tests.sync.repository_server import NOW, Booth, TufRepository, booth_of, public, serving

PACKAGE = b"package"
KEY = Ed25519PrivateKey.generate()
KEY_ID = public(KEY).keyid
LISTED = ListTarget("ECU", ListKind.PERSONS, 3, NOW, "0" * 32, "a" * 64)


def delegating(*roles: DelegatedRole, keys: dict[str, Any] | None = None) -> Targets:
    keys = {KEY_ID: public(KEY)} if keys is None else keys
    return Targets(delegations=Delegations(keys, {role.name: role for role in roles}))


def role(name: str = "ECU", **changes: Any) -> DelegatedRole:
    values: dict[str, Any] = {"keyids": [KEY_ID], "threshold": 1, "terminating": True, "paths": [path_pattern(name)]}
    return DelegatedRole(name, **{**values, **changes})


def offering(custom: Any, **changes: Any) -> Targets:
    target = TargetFile(10, {"sha256": "b" * 64}, target_path("ECU"), {"custom": custom})
    for name, value in changes.items():
        setattr(target, name, value)
    return Targets(targets={target_path("ECU"): target})


def fault_of(targets: Targets) -> Fault:
    with pytest.raises(FetchError) as caught:
        offer_in(targets, "ECU")
    return caught.value.fault


# -- delegations ------------------------------------------------------------------------------------------------------


def test_a_role_with_one_key_is_trusted_for_its_list() -> None:
    delegated = delegated_in(delegating(role("ECU"), role("CHL")))
    assert {name: publisher_id(key) for name, key in delegated.trust.items()} == dict.fromkeys(
        ("ECU", "CHL"), publisher_id(KEY.public_key())
    )
    assert delegated.refused == ()


@pytest.mark.parametrize(
    "refused",
    [
        role(paths=["*/*"]),
        role(paths=["CHL/*"]),
        role(paths=["ECU/*", "CHL/*"]),
        role(paths=["ECU/ECU.list"]),
        role(paths=[]),
        role(paths=None, path_hash_prefixes=["0"]),
        role(threshold=2, keyids=[KEY_ID, "ab"]),
        role(keyids=[KEY_ID, "ab"]),
        role(keyids=[]),
        role(keyids=["ab"]),
        role(keyids={KEY_ID: 1}),
        role(keyids=KEY_ID[0]),
    ],
)
def test_any_other_role_is_refused_and_no_other_with_it(refused: DelegatedRole) -> None:
    delegated = delegated_in(delegating(refused, role("CHL")))
    assert set(delegated.trust) == {"CHL"}
    assert delegated.refused == ("ECU",)


@pytest.mark.parametrize("name", ["*", "EC?", "[E]CU", "..", ".ECU", "a/b", "a\\b", " ECU", "ñ", "x" * 65, "a\nb"])
def test_a_name_that_can_name_no_list_is_refused_and_not_repeated(name: str) -> None:
    delegated = delegated_in(delegating(role(name), role("CHL")))
    assert set(delegated.trust) == {"CHL"}
    assert delegated.refused == ("",)


@pytest.mark.parametrize(
    "changes",
    [{"keytype": "rsa"}, {"scheme": "rsassa-pss-sha256"}, {"keyval": {}}, {"keyval": {"public": "ab"}}]
    + [{"keyval": {"public": value}} for value in (1, None, "A" * 64, "g" * 64, "0" * 63 + "\n")],
)
def test_a_key_that_is_no_ed25519_key_is_refused(changes: dict[str, Any]) -> None:
    key = public(KEY)
    for name, value in changes.items():
        setattr(key, name, value)
    assert delegated_in(delegating(role(), keys={KEY_ID: key})).refused == ("ECU",)


def test_delegations_without_end_are_refused_as_a_whole() -> None:
    names = [f"list {number}" for number in range(MAX_LISTS + 1)]
    assert len(delegated_in(delegating(*map(role, names[:-1]))).trust) == MAX_LISTS
    with pytest.raises(FetchError) as caught:
        delegated_in(delegating(*map(role, names)))
    assert caught.value.fault is Fault.MALFORMED


def test_all_that_is_taken_can_be_kept() -> None:
    names = ["x" * 60 + f"{number:04}" for number in range(MAX_LISTS)]
    assert len(trust_bytes(delegated_in(delegating(*map(role, names))).trust)) <= MAX_TRUST_BYTES


def test_bins_are_no_lists() -> None:
    bins = SuccinctRoles([KEY_ID], 1, 2, "bin")
    with pytest.raises(FetchError) as caught:
        delegated_in(Targets(delegations=Delegations({KEY_ID: public(KEY)}, None, bins)))
    assert caught.value.fault is Fault.MALFORMED
    assert delegated_in(Targets(delegations=None)).trust == {}


# -- targets ----------------------------------------------------------------------------------------------------------


def test_what_is_offered_is_read() -> None:
    offer = offer_in(offering({CUSTOM: to_plain(LISTED), "other": 1}), "ECU")
    assert offer is not None
    assert offer.listed == LISTED
    assert offer.package.path(hashed=False) == "ECU/ECU.list"
    assert offer.package.path(hashed=True) == f"ECU/{'b' * 64}.ECU.list"


def test_before_its_first_version_a_list_offers_nothing() -> None:
    assert offer_in(Targets(), "ECU") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "CHL"},
        {"version": 0},
        {"version": -1},
        {"version": True},
        {"version": "3"},
        {"version": 3.0},
        {"version": None},
        {"kind": "people"},
        {"issued_at": "today"},
        {"key_id": "0"},
        {"key_id": "0" * 31 + "\n"},
        {"digest": ""},
        {"digest": "A" * 64},
        {"digest": "a" * 63 + "\n"},
        {"more": 1},
    ],
)
def test_custom_data_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    assert fault_of(offering({CUSTOM: {**to_plain(LISTED), **changes}})) is Fault.MALFORMED


@pytest.mark.parametrize("custom", [None, [], "x", {}, {CUSTOM: None}, {CUSTOM: []}, {"Checkpoint": to_plain(LISTED)}])
def test_custom_data_that_is_none_is_refused(custom: Any) -> None:
    assert fault_of(offering(custom)) is Fault.MALFORMED


@pytest.mark.parametrize("field", ["version", "digest", "key_id", "issued_at", "kind", "name"])
def test_custom_data_without_a_field_is_refused(field: str) -> None:
    plain = to_plain(LISTED)
    del plain[field]
    assert fault_of(offering({CUSTOM: plain})) is Fault.MALFORMED


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"length": 10.0}, Fault.MALFORMED),
        ({"length": True}, Fault.MALFORMED),
        ({"length": MAX_TARGET_BYTES + 1}, Fault.TOO_LARGE),
        ({"hashes": {"sha512": "b" * 128}}, Fault.MALFORMED),
        ({"hashes": {"sha256": "../" + "b" * 61}}, Fault.MALFORMED),
        ({"hashes": {"sha256": "b" * 63}}, Fault.MALFORMED),
    ],
)
def test_a_length_or_hash_that_cannot_be_checked_is_refused(changes: dict[str, Any], fault: Fault) -> None:
    assert fault_of(offering({CUSTOM: to_plain(LISTED)}, **changes)) is fault


def test_the_largest_package_is_taken() -> None:
    offer = offer_in(offering({CUSTOM: to_plain(LISTED)}, length=MAX_TARGET_BYTES), "ECU")
    assert offer is not None


# -- anything at all --------------------------------------------------------------------------------------------------

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _changed(draw: st.DrawFn, value: dict[str, Any]) -> dict[str, Any]:
    """Return ``value`` with some fields replaced by anything, or gone."""
    changed = dict(value)
    for name in draw(st.lists(st.sampled_from(sorted(value)), max_size=2)):
        if draw(st.booleans()):
            changed[name] = draw(ANYTHING)
        else:
            changed.pop(name, None)
    return changed


@settings(max_examples=150, deadline=None)
@given(custom=_changed(to_plain(LISTED)) | ANYTHING, outer=st.booleans())
def test_any_custom_data_is_an_offer_or_refused(custom: Any, outer: bool) -> None:
    try:
        offer = offer_in(offering({CUSTOM: custom} if outer else custom), "ECU")
    except FetchError:
        return
    assert isinstance(offer, Offer)
    assert offer.name == "ECU"
    assert offer.listed.version >= 1


ROLE = {"name": "ECU", "keyids": [KEY_ID], "threshold": 1, "terminating": True, "paths": ["ECU/*"]}
PLAIN_KEY = public(KEY).to_dict()


@settings(max_examples=150, deadline=None)
@given(one=_changed(ROLE), two=_changed({**ROLE, "name": "CHL", "paths": ["CHL/*"]}), key=_changed(PLAIN_KEY))
def test_any_delegations_are_trust_or_refused(one: dict[str, Any], two: dict[str, Any], key: dict[str, Any]) -> None:
    plain = json.loads(json.dumps({"keys": {KEY_ID: key}, "roles": [one, two]}))
    try:
        delegations = Delegations.from_dict(plain)
    except (RepositoryError, ValueError, TypeError, KeyError, AttributeError):
        return  # `tuf` refuses it: in metadata that is DeserializationError
    delegated = delegated_in(Targets(delegations=delegations))
    assert len(delegated.trust) + len(delegated.refused) <= len(delegations.roles or {})
    for name in delegated.trust:
        check_name(name)
        assert (delegations.roles or {})[name].paths == [path_pattern(name)]


# -- through a whole repository ---------------------------------------------------------------------------------------


@pytest.fixture
def booth() -> Iterator[Booth]:
    repository = TufRepository()
    repository.put("ECU", 1, PACKAGE)
    with serving(repository) as server, booth_of(server) as booth:
        yield booth


def test_a_role_that_may_sign_all_paths_signs_none(booth: Booth) -> None:
    repository = booth.server.repository
    repository.delegate("A", paths=["*/*"])
    repository.roles["A"] = Targets(expires=repository.targets.expires)
    other = repository.target("ECU", b"other", {CUSTOM: to_plain(LISTED)})
    repository.roles["A"].targets = {target_path("ECU"): other}
    roles = repository.targets.delegations.roles
    roles["ECU"] = roles.pop("ECU")  # after A, which a search would ask first
    repository.publish_role("A", lead=False)
    repository.publish_targets()
    fetched = booth.fetch()
    assert fetched.faults == (("A", "malformed"),)
    assert booth.brought() == {"ECU.list": PACKAGE}
    assert set(trust_of(booth.store)) == {"ECU"}


def test_the_centres_own_targets_sign_no_list(booth: Booth) -> None:
    repository = booth.server.repository
    other = repository.target("ECU", b"other", {CUSTOM: to_plain(LISTED)})
    repository.targets.targets = {target_path("ECU"): other}
    repository.publish_targets()
    booth.fetch()
    assert booth.brought() == {"ECU.list": PACKAGE}


def test_a_role_hands_its_list_to_nobody_else(booth: Booth) -> None:
    repository = booth.server.repository
    helper = Ed25519PrivateKey.generate()
    repository.publishers["helper"] = helper
    repository.roles["helper"] = Targets(expires=repository.targets.expires)
    other = repository.target("ECU", b"other", {CUSTOM: to_plain(LISTED)})
    repository.roles["helper"].targets = {target_path("ECU"): other}
    handed = DelegatedRole("helper", [public(helper).keyid], 1, terminating=True, paths=["ECU/*"])
    repository.roles["ECU"].targets = {}
    repository.roles["ECU"].delegations = Delegations({public(helper).keyid: public(helper)}, {"helper": handed})
    repository.publish_role("helper", lead=False)
    repository.publish_role("ECU")
    assert booth.fetch().brought == ()
    assert booth.brought() == {}


def test_custom_data_of_another_form_stops_its_list_alone(booth: Booth) -> None:
    booth.server.repository.put("CHL", 1, PACKAGE, kind="people")
    fetched = booth.fetch()
    assert fetched.faults == (("CHL", "malformed"),)
    assert [one.name for one in fetched.brought] == ["ECU"]
