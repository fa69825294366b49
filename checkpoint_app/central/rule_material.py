"""What a version of a rule set is made of: its exact bytes, signed by its owner, and without a single fault."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from checkpoint_app.central import keeping
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.importing import Material, RefusedError
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.lists import HERE
from checkpoint_app.risk.faults import RuleFault, RuleSetError
from checkpoint_app.risk.loading import load_rules
from checkpoint_app.wire.header import SIGNATURE_BYTES, ListKind
from checkpoint_app.wire.rules import MOST_BYTES, list_name_of, write_rules

SET, SET_VERSION, SET_DIGEST, RULES = "set", "set_version", "set_digest", "rules"
"""What the header of the list says of the set: its name, its own version, SHA-256 of its bytes, how many rules."""


class RulesRefusedError(RefusedError):
    """A rule set is refused whole; ``faults`` are all that it has."""

    def __init__(self, name: str, faults: Sequence[RuleFault]) -> None:
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        super().__init__("bad_rules", f"list {name}: the rule set is refused whole, it has {count}; see them above")
        self.faults = tuple(faults)


def read_file(path: Path) -> bytes:
    """Return the bytes of a rule set. Raises CentreError where there are more than any has, OSError."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise CentreError("rules_too_large", f"{path.name}: a rule set has at most {MOST_BYTES >> 20} MiB; divide it")
    return data


def name_in(data: bytes, path: Path) -> str:
    """Return the name of the list for the set in ``data``, of which nothing is proven yet. Raises CentreError."""
    try:
        return list_name_of(json.loads(data)[SET])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{path.name}: it names no rule set by letters, digits and dashes; say the list's name with --list"
        raise CentreError("rules_nameless", message) from error


def of_rules(one: Declared, data: bytes, signature: Path | None) -> Material:
    """Return the material of a rule set: as old as it says, under the centre's running number.

    ``signature`` is its owner's raw Ed25519 signature (RFC 8032) over these very bytes, needed where the list has a
    partner's key. Raises RefusedError, of which RulesRefusedError tells every fault; OSError.
    """
    if one.partner_key is not None:
        _check_signature(one.name, one.partner_key, data, signature)
    elif signature is not None:
        raise CentreError("partner_key", f"list {one.name}: nobody's key was declared for it; no --signature")
    try:
        rules = load_rules(data)
    except RuleSetError as error:
        raise RulesRefusedError(one.name, error.faults) from error
    if one.kind is not ListKind.RULES or rules.set.lower() != one.name:
        raise RefusedError("list_other", f"list {one.name}: the set is another, {rules.set}; a list holds one set")
    return Material(
        records=lambda _version: write_rules(data),
        issued_at=rules.issued.astimezone(UTC),
        digest=rules.digest,
        about={SET: rules.set, SET_VERSION: rules.version, SET_DIGEST: rules.digest, RULES: len(rules.rules)},
    )


def is_here(connection: Connection, name: str, digest: str) -> int:
    """Return the newest version of the list where it is made of the file of just this digest (hex), else 0."""
    newest = next((one for one in keeping.versions(connection, name) if one.state in HERE), None)
    return newest.version if newest is not None and newest.change.source_digest == digest else 0


def _check_signature(name: str, key: bytes, data: bytes, signature: Path | None) -> None:
    if signature is None:
        raise RefusedError("unsigned", f"list {name}: its owner's signature is missing; give --signature FILE")
    with signature.open("rb") as file:
        signed = file.read(SIGNATURE_BYTES + 1)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed, data)
    except InvalidSignature as error:
        message = f"list {name}: the set is not what its owner signed; ask for set and signature again"
        raise RefusedError("tampered", message) from error
