"""Deltas: packages of their own kind, never taken for whole ones, and bound to the two versions they lie between."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.wire.header import (
    DELTA_MAGIC,
    ListKind,
    PackageError,
    Step,
    read_header,
    read_untrusted_header,
    write_header,
)
from checkpoint_app.wire.package import iter_records, write_package
from checkpoint_app.wire.sealing import new_key

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUST = {"POST": SIGNER.public_key()}
STEP = Step(base_version=3, base_digest="a" * 64, whole_digest="b" * 64, whole_records=1_000)
RECORDS = [{"removed": ["E-1"]}, {"id": "E-2"}]


def package(key=None, step=STEP, version=4):
    stream = io.BytesIO()
    header = write_package(
        stream, RECORDS, SIGNER, name="POST", kind=ListKind.PERSONS, version=version, originator="POST",
        issued_at=datetime(2026, 11, 27, tzinfo=UTC), content_key=key, step=step,
    )  # fmt: skip
    return stream.getvalue(), header


def test_a_delta_comes_back_as_it_was_written():
    key = new_key()
    data, header = package(key)
    stream = io.BytesIO(data)
    assert read_header(stream, TRUST, delta=True) == header
    assert list(iter_records(stream, header, key)) == RECORDS
    assert data.startswith(DELTA_MAGIC)


def test_a_delta_is_no_list_and_a_list_no_delta():
    with pytest.raises(PackageError) as refused:
        read_header(io.BytesIO(package()[0]), TRUST)
    assert refused.value.code == "not_a_package"
    with pytest.raises(PackageError) as refused:
        read_header(io.BytesIO(package(step=None)[0]), TRUST, delta=True)
    assert refused.value.code == "not_a_package"


@pytest.mark.parametrize(("step", "delta"), [(STEP, False), (None, True)])
def test_a_header_under_the_other_magic_is_refused_though_it_is_signed(step, delta):
    header = replace(package()[1], step=step)
    other = replace(header, step=None if step else STEP)
    data = write_header(header, SIGNER)
    forged = write_header(other, SIGNER)[:7] + data[7:]
    with pytest.raises(PackageError) as refused:
        read_untrusted_header(io.BytesIO(forged), delta=delta)
    assert refused.value.code == "tampered"


def test_the_payload_of_a_delta_opens_for_its_own_step_only():
    key = new_key()
    data, header = package(key)
    payload = data[-header.payload_bytes :]
    for other in (
        replace(header, step=None),
        replace(header, step=replace(STEP, base_version=2)),
        replace(header, version=5),
    ):
        with pytest.raises(PackageError) as refused:
            list(iter_records(io.BytesIO(payload), other, key))
        assert refused.value.code == "tampered"


def test_what_a_delta_makes_has_the_whole_lists_digest_and_count():
    header = package()[1]
    made = header.whole
    assert (made.step, made.version, made.payload_digest, made.record_count) == (None, 4, "b" * 64, 1_000)
    assert made.whole == made


def test_a_delta_leads_forward():
    with pytest.raises(ValueError, match="later version"):
        package(version=3)
    with pytest.raises(ValueError, match="digest"):
        Step(1, "A" * 64, "b" * 64, 1)
    with pytest.raises(ValueError, match="versions"):
        Step(0, "a" * 64, "b" * 64, 1)


def test_a_delta_withdraws_no_list():
    """A booth would take it for the list's end without asking what it is a step from."""
    _, header = package()
    with pytest.raises(ValueError, match="withdrawn"):
        replace(header, withdrawn=True)
