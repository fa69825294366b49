"""Key files that the user names: a publisher's private key, the public keys of partners and booths."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from checkpoint_app.commands.errors import CommandError

MAX_KEY_FILE = 16 * 1024


def publisher_key(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 private key of a PEM file (PKCS #8, without passphrase). Raises CommandError."""
    try:
        key = load_pem_private_key(_content(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it is locked by a passphrase
        raise CommandError(
            f"{path}: not an open PEM private key; `openssl genpkey -algorithm ed25519` makes one"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CommandError(f"{path}: the key is not Ed25519; `openssl genpkey -algorithm ed25519` makes one")
    return key


def partner_key(path: Path) -> Ed25519PublicKey:
    """Return the Ed25519 public key of a PEM file, by which a partner signs. Raises CommandError."""
    try:
        key = load_pem_public_key(_content(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CommandError(f"{path}: not a PEM public key; ask the partner for it") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CommandError(f"{path}: the key is not Ed25519; ask the partner for the one that signs the list")
    return key


def booth_key(path: Path) -> X25519PublicKey:
    """Return the X25519 public key of a booth: a PEM file, or its 64 hexadecimal digits. Raises CommandError."""
    content = _content(path)
    if re.fullmatch(rb"[0-9a-fA-F]{64}", content.strip()):
        return X25519PublicKey.from_public_bytes(bytes.fromhex(content.decode("ascii").strip()))
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CommandError(
            f"{path}: neither a PEM public key nor 64 hexadecimal digits; ask the booth for it"
        ) from error
    if not isinstance(key, X25519PublicKey):
        raise CommandError(f"{path}: the key is not X25519; ask the booth for the key that lists are wrapped to")
    return key


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_KEY_FILE + 1)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_KEY_FILE:
        raise CommandError(f"{path}: too large for a key file")
    return content
