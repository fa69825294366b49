"""The container of bundles: whatever is done to one, it tells so by a code, and what came before is as good as ever."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.wire import bundle_parts
from checkpoint_app.wire.bundle import Address, BundleHeader, BundleKind, begin_bundle, open_bundle, read_bundle_header
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError, PartKind, PartReader
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.sealing import CHUNK_BYTES, SealingWriter

SIGNER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
RECEIVER = X25519PrivateKey.from_private_bytes(b"\x05" * 32)
STRANGER = X25519PrivateKey.from_private_bytes(b"\x06" * 32)
ADDRESS = Address("booth-1", RECEIVER.public_key().public_bytes_raw())
MADE = datetime(2026, 11, 27, 9, tzinfo=UTC)
ONE = (PartKind.METADATA, b"one")
SMALL = [ONE, (PartKind.TARGET, b"\x07" * 32 + b"package"), (PartKind.LETTER, b"")]
LARGE = [ONE, (PartKind.TARGET, bytes(range(256)) * 1100), (PartKind.METADATA, b"last")]  # five chunks
Parts = Iterable[tuple[PartKind, bytes]]


def bundle(parts: Parts = SMALL, kind: BundleKind = BundleKind.LISTS) -> bytes:
    stream = io.BytesIO()
    _header, writer = begin_bundle(stream, kind, "booth-2", SIGNER, ADDRESS, MADE)
    for part, data in parts:
        writer.add(part, data)
    writer.close()
    return stream.getvalue()


def opened(data: bytes) -> tuple[BundleHeader, PartReader]:
    return open_bundle(io.BytesIO(data), RECEIVER)


def whole(data: bytes) -> list[tuple[PartKind, bytes]]:
    _header, reader = opened(data)
    return [(part.kind, reader.read(part)) for part in reader.parts()]


def before_the_fault(data: bytes) -> tuple[list[tuple[PartKind, bytes]], BundleError | None]:
    """Return the parts that could be read, and what ended them."""
    found: list[tuple[PartKind, bytes]] = []
    try:
        _header, reader = opened(data)
        for part in reader.parts():
            found.append((part.kind, reader.read(part)))  # noqa: PERF401  kept where it ends
    except BundleError as error:
        return found, error
    return found, None


def refused(data: bytes) -> BundleCode:
    with pytest.raises(BundleError) as caught:
        whole(data)
    return caught.value.code


def by_hand(body: bytes) -> bytes:
    """Return a bundle with this body, well sealed and signed, whatever it says."""
    stream = io.BytesIO()
    _header, writer = begin_bundle(stream, BundleKind.LISTS, "booth-2", SIGNER, ADDRESS, MADE)
    sealing: SealingWriter = writer._sealing
    sealing.write(body)
    sealing.close()
    return stream.getvalue()


def part(kind: int, data: bytes, size: int | None = None) -> bytes:
    return bytes([kind]) + (len(data) if size is None else size).to_bytes(8, "big") + data


def end(count: dict[str, int], total: int) -> bytes:
    return part(255, canonical_bytes({"parts": count, "bytes": total}))


def test_what_was_written_is_read() -> None:
    data = bundle()
    header, _reader = opened(data)
    assert (header.kind, header.sender, header.receiver, header.created_at) == ("lists", "booth-2", "booth-1", MADE)
    assert header.sender_key == SIGNER.public_key().public_bytes_raw()
    assert whole(data) == SMALL
    assert whole(bundle(LARGE)) == LARGE
    assert bundle() != bundle()


@given(st.lists(st.tuples(st.sampled_from([PartKind.METADATA, PartKind.LETTER]), st.binary(max_size=300)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_parts_come_back_in_order(parts: list[tuple[PartKind, bytes]]) -> None:
    assert whole(bundle(parts)) == parts


def test_a_part_is_read_where_it_lies() -> None:
    _header, reader = opened(bundle(LARGE))
    parts = list(reader.parts())
    package = LARGE[1][1]
    assert b"".join(reader.chunks(parts[1], 200_000)) == package[200_000:]
    assert reader.read(parts[2]) == b"last"
    assert reader.read(parts[1], 32) == package[:32]
    assert b"".join(reader.chunks(parts[1], len(package))) == b""


def test_only_its_receiver_opens_it() -> None:
    with pytest.raises(BundleError) as caught:
        open_bundle(io.BytesIO(bundle()), STRANGER)
    assert caught.value.code is BundleCode.OTHER_RECEIVER
    assert "booth-1" in str(caught.value)


def test_every_changed_byte_is_noticed() -> None:
    data = bundle()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << (place % 8)
        assert refused(bytes(changed)) in set(BundleCode) - {BundleCode.UNREADABLE}


def test_every_cut_is_noticed_and_what_came_before_is_whole() -> None:
    data = bundle()
    for length in range(len(data)):
        found, fault = before_the_fault(data[:length])
        assert fault is not None
        assert fault.code in (BundleCode.NOT_A_BUNDLE, BundleCode.DAMAGED)
        assert found == SMALL[: len(found)]


def test_parts_before_a_cut_are_used() -> None:
    data = bundle(LARGE)
    found, fault = before_the_fault(data[: len(data) - CHUNK_BYTES])
    assert found == [ONE]
    assert fault is not None and fault.code is BundleCode.DAMAGED  # noqa: PT018
    _header, reader = opened(data[: len(data) - CHUNK_BYTES])
    parts = reader.parts()
    next(parts)
    got = bytearray()
    with pytest.raises(BundleError):
        list(map(got.extend, reader.chunks(next(parts))))
    assert len(got) > 2 * CHUNK_BYTES  # the rest of it comes with the next stick
    assert LARGE[1][1].startswith(bytes(got))


def test_what_follows_the_end_is_noticed() -> None:
    assert refused(bundle() + b"x") is BundleCode.DAMAGED
    assert refused(by_hand(end({}, 0) + b"x")) is BundleCode.MALFORMED
    assert refused(by_hand(end({}, 0) + part(PartKind.METADATA, b"one"))) is BundleCode.MALFORMED


def test_an_end_that_counts_otherwise_is_refused() -> None:
    body = part(PartKind.METADATA, b"one")
    assert whole(by_hand(body + end({"20": 1}, 3))) == [ONE]
    assert refused(by_hand(body + end({"20": 2}, 3))) is BundleCode.MALFORMED
    assert refused(by_hand(body + end({"20": 1}, 4))) is BundleCode.MALFORMED
    assert refused(by_hand(body + part(255, b"{}"))) is BundleCode.MALFORMED
    assert refused(by_hand(body)) is BundleCode.DAMAGED


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (PartKind.METADATA, bundle_parts.MAX_METADATA_BYTES + 1),
        (PartKind.LETTER, bundle_parts.MAX_LETTER_BYTES + 1),
        (PartKind.TARGET, (1 << 64) - 1),
        (PartKind.TARGET, 31),
        (PartKind.END, 1 << 20),
        (PartKind.BATCH, 1),
        (0, 1),
        (99, 1),
    ],
)
def test_hostile_lengths_and_kinds_are_refused_before_a_byte_is_read(kind: int, size: int) -> None:
    body = part(PartKind.METADATA, b"one") + part(kind, b"", size) + bytes(100)
    found, fault = before_the_fault(by_hand(body))
    assert found == [ONE]
    assert fault is not None and fault.code is BundleCode.MALFORMED  # noqa: PT018


def test_a_length_within_bounds_that_is_not_there_is_a_cut() -> None:
    assert refused(by_hand(part(PartKind.TARGET, bytes(40), 1 << 30))) is BundleCode.DAMAGED


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    before_the_fault(by_hand(body))


@given(st.binary(max_size=600), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_refused(data: bytes, begun: bool) -> None:
    _found, fault = before_the_fault((b"CKPBUNDL\x01\x00\x00\x01\x00" if begun else b"") + data)
    assert fault is not None


def test_a_newer_form_says_so() -> None:
    data = bytearray(bundle())
    data[8] = 2
    assert refused(bytes(data)) is BundleCode.NEWER


def signed_header(**changes: object) -> bytes:
    """Return a bundle's head that its sender signed, with fields that it should not have."""
    header = read_bundle_header(io.BytesIO(bundle()))
    data = canonical_bytes(to_plain(header) | changes)
    return b"CKPBUNDL\x01" + len(data).to_bytes(4, "big") + data + SIGNER.sign(b"checkpoint bundle 1\x00" + data)


@pytest.mark.parametrize(
    "changes",
    [{"bundle": "../x"}, {"receiver": "a/b"}, {"sender": ""}, {"kind": "other"}, {"more": 1}, {"sender_key": "AAAA"}],
)
def test_a_header_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    assert read_bundle_header(io.BytesIO(signed_header())).sender == "booth-2"
    assert refused(signed_header(**changes)) is BundleCode.NOT_A_BUNDLE


def test_a_key_under_which_anybody_signs_is_none() -> None:
    assert refused(signed_header(sender_key="A" * 43)) is BundleCode.TAMPERED


def test_a_receivers_key_of_small_order_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="shared key"):
        begin_bundle(io.BytesIO(), BundleKind.UP, "booth-2", SIGNER, Address("booth-1", bytes(32)), MADE)


def test_nobody_writes_what_nobody_reads() -> None:
    _header, writer = begin_bundle(io.BytesIO(), BundleKind.UP, "booth-2", SIGNER, ADDRESS, MADE)
    with pytest.raises(ValueError, match="TARGET"):
        writer.add(PartKind.TARGET, bytes(40))
    with pytest.raises(ValueError, match="PLACE"):
        writer.add(PartKind.PLACE, bytes(2000))
    for pieces in ([b"1234"], [b"1", b"2"]):
        with pytest.raises(ValueError, match="not of the 3 bytes"):
            writer.add_stream(PartKind.BATCH, 3, pieces)


def test_a_stick_that_is_pulled_says_so() -> None:
    class Pulled(io.BytesIO):
        gone = False

        def read(self, size: int | None = -1, /) -> bytes:
            if self.gone:
                raise OSError(5, "Input/output error")
            return super().read(size)

    stream = Pulled(bundle(LARGE))
    _header, reader = open_bundle(stream, RECEIVER)
    parts = reader.parts()
    assert reader.read(next(parts)) == b"one"
    stream.gone = True
    with pytest.raises(BundleError) as caught:
        list(map(reader.read, parts))
    assert caught.value.code is BundleCode.UNREADABLE


def test_nothing_of_its_content_is_in_clear() -> None:
    data = bundle([(PartKind.LETTER, b"MUSTER ERIKA " * 20)])
    assert b"MUSTER" not in data
