"""A small package and the keys that the tests of this room share."""

import io
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.verdict import Agreement
from checkpoint_app.wire.package import ListKind, iter_records, read_header, verify_payload, write_package

BOOTH_SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
BOOTH = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
PUBLISHER = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x04" * 32)
CONTENT_KEY = bytes(range(32, 64))
ISSUED = datetime(2026, 11, 24, 2, tzinfo=UTC)
TRUST = {"ecu": PUBLISHER.public_key()}
RECORDS = [{"id": f"L{n}", "names": [{"family": "MORÁN", "n": n}]} for n in range(20)]


def facts(**changes):
    values = {
        "name": "ecu",
        "kind": ListKind.PERSONS,
        "version": 88,
        "originator": "ECU",
        "issued_at": ISSUED,
        "agreement": Agreement("EC-US", ISSUED - timedelta(days=1), ISSUED + timedelta(days=300)),
        "handling": ("LE-ONLY",),
        "calibration": {"threshold": 9400, "engine": "screening 1"},
        "content_key": CONTENT_KEY,
    }
    return values | changes


def package(records=RECORDS, signer=PUBLISHER, **changes):
    stream = io.BytesIO()
    write_package(stream, records, signer, **facts(**changes))
    return stream.getvalue()


def read_all(data, trust=TRUST, key=CONTENT_KEY):
    """Read a package as a booth does: header, whole payload verified, then the records."""
    stream = io.BytesIO(data)
    header = read_header(stream, trust)
    start = stream.tell()
    verify_payload(stream, header)
    stream.seek(start)
    return header, list(iter_records(stream, header, key))
