import dataclasses
import hashlib
import io
from datetime import timedelta

import msgpack
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.verdict import Agreement
from checkpoint_app.wire import header as header_module
from checkpoint_app.wire.header import (
    FORMAT,
    MAGIC,
    MAX_PAYLOAD_BYTES,
    MAX_RECORD_BYTES,
    BadRecordError,
    CutShortError,
    ListKind,
    NewerFormatError,
    NotAPackageError,
    OtherPublisherError,
    PackageError,
    PackageHeader,
    TamperedError,
    TooLargeError,
    UnknownPublisherError,
    WrongKeyError,
    publisher_id,
    read_header,
    read_untrusted_header,
    write_header,
)
from checkpoint_app.wire.package import content_key_id, iter_records, verify_payload, write_package
from checkpoint_app.wire.sealing import new_key
from tests.wire.helpers import (
    CONTENT_KEY,
    ISSUED,
    PUBLISHER,
    RECORDS,
    STRANGER,
    TRUST,
    facts,
    package,
    read_all,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
RECORD_LISTS = st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), max_size=20)


def forged(plain, count=None, plain_bytes=None, payload=None, **changes):
    """A package that its true publisher signed over whatever is given: only the bounds of the reader are left."""
    payload = zstandard.ZstdCompressor().compress(plain) if payload is None else payload
    head = PackageHeader(
        name="ecu",
        kind=ListKind.PERSONS,
        version=1,
        originator="ECU",
        issued_at=ISSUED,
        publisher=publisher_id(PUBLISHER.public_key()),
        record_count=1 if count is None else count,
        plain_bytes=len(plain) if plain_bytes is None else plain_bytes,
        payload_bytes=len(payload),
        payload_digest=hashlib.sha256(payload).hexdigest(),
    )
    return write_header(dataclasses.replace(head, **changes), PUBLISHER) + payload


@given(RECORD_LISTS, st.booleans())
@settings(max_examples=60)
def test_round_trip(records, sealed):
    key = CONTENT_KEY if sealed else None
    head, read = read_all(package(records, content_key=key), key=key)
    assert read == records
    assert head.record_count == len(records)
    assert head.sealed is sealed


def test_a_key_that_is_not_needed_does_no_harm():
    assert read_all(package(content_key=None), key=CONTENT_KEY)[1] == RECORDS


def test_the_header_says_what_was_given():
    stream = io.BytesIO()
    written = write_package(stream, RECORDS, PUBLISHER, **facts())
    data = stream.getvalue()
    head, _ = read_all(data)
    assert head == written
    given_facts = facts()
    del given_facts["content_key"]
    for name, value in given_facts.items():
        assert getattr(head, name) == value
    assert head.key_id == content_key_id(CONTENT_KEY)
    assert data[-head.payload_bytes :] != b""
    assert hashlib.sha256(data[-head.payload_bytes :]).hexdigest() == head.payload_digest
    assert head.plain_bytes == sum(len(msgpack.packb(record)) for record in RECORDS)


def test_nothing_of_a_sealed_record_is_in_clear():
    assert b"MOR" not in package()
    assert content_key_id(CONTENT_KEY) not in CONTENT_KEY.hex()


@pytest.mark.parametrize("key", [CONTENT_KEY, None])
def test_every_single_changed_byte_is_refused(key):
    data = package(RECORDS[:2], content_key=key)
    assert read_all(data, key=key)
    for place in range(len(data)):
        for bit in (0x01, 0x80):
            changed = bytearray(data)
            changed[place] ^= bit
            with pytest.raises(PackageError):
                read_all(bytes(changed), key=key)


@pytest.mark.parametrize("key", [CONTENT_KEY, None])
def test_records_alone_refuse_a_changed_payload_by_their_end(key):
    data = package(content_key=key)
    start = len(data) - read_untrusted_header(io.BytesIO(data)).payload_bytes
    for place in range(start, len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        stream = io.BytesIO(changed)
        head = read_header(stream, TRUST)
        with pytest.raises(PackageError):
            list(iter_records(stream, head, key))


@pytest.mark.parametrize("key", [CONTENT_KEY, None])
def test_every_cut_is_refused_and_named(key):
    data = package(RECORDS[:2], content_key=key)
    for length in range(len(data)):
        with pytest.raises(NotAPackageError if length < len(MAGIC) else CutShortError):
            read_all(data[:length], key=key)


def test_bytes_after_the_end_are_refused():
    with pytest.raises(TamperedError):
        read_all(package() + b"\x00")
    stream = io.BytesIO(package(content_key=None) + b"\x00")
    head = read_header(stream, TRUST)
    with pytest.raises(TamperedError):
        list(iter_records(stream, head))


def test_publishers():
    with pytest.raises(OtherPublisherError) as other:
        read_all(package(signer=STRANGER))
    with pytest.raises(UnknownPublisherError) as unknown:
        read_all(package(name="chl"))
    with pytest.raises(OtherPublisherError):
        read_all(package(), trust={"ecu": STRANGER.public_key(), "chl": PUBLISHER.public_key()})
    assert (other.value.code, unknown.value.code) == ("signed_by_another", "unknown_publisher")


def test_a_stranger_who_claims_to_be_the_publisher_is_refused():
    true = read_untrusted_header(io.BytesIO(package()))
    claimed = write_header(true, STRANGER) + b"x"
    with pytest.raises(TamperedError):
        read_header(io.BytesIO(claimed), TRUST)
    with pytest.raises(TamperedError):
        read_untrusted_header(io.BytesIO(claimed))


def test_a_header_read_without_trust_is_whole_though_from_anyone():
    assert read_untrusted_header(io.BytesIO(package(signer=STRANGER))).publisher == publisher_id(STRANGER.public_key())


def test_signatures_for_another_use_are_refused():
    data = package()
    length = int.from_bytes(data[8:12], "big")
    resigned = data[: 12 + length] + PUBLISHER.sign(data[12 : 12 + length]) + data[12 + length + 64 :]
    with pytest.raises(TamperedError):
        read_header(io.BytesIO(resigned), TRUST)


def test_content_keys():
    for key in (None, new_key()):
        with pytest.raises(WrongKeyError):
            read_all(package(), key=key)


def test_a_payload_of_another_version_does_not_pass_even_when_signed():
    other = package(version=87)
    payload = other[-read_untrusted_header(io.BytesIO(other)).payload_bytes :]
    head = dataclasses.replace(
        read_untrusted_header(io.BytesIO(package())), payload_digest=hashlib.sha256(payload).hexdigest()
    )
    stream = io.BytesIO(write_header(head, PUBLISHER) + payload)
    with pytest.raises(TamperedError, match="does not open"):
        list(iter_records(stream, read_header(stream, TRUST), CONTENT_KEY))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b'{"id":"L0"}', MAGIC[:-1], b"\xff" * 100])
def test_other_files_are_named_as_such(data):
    with pytest.raises(NotAPackageError, match="not a list package"):
        read_header(io.BytesIO(data), TRUST)


def test_a_newer_format_is_named_as_such():
    with pytest.raises(NewerFormatError):
        read_header(io.BytesIO(MAGIC + b"2" + package()[8:]), TRUST)


def test_the_header_is_bounded_before_it_is_read():
    class Counting(io.BytesIO):
        most = 0

        def read(self, size=-1):
            self.most = max(self.most, size)
            return super().read(size)

    stream = Counting(MAGIC + FORMAT + b"\xff\xff\xff\xff" + b"x" * 100)
    with pytest.raises(TooLargeError):
        read_header(stream, TRUST)
    assert stream.most == 12
    with pytest.raises(TooLargeError):
        package(handling=tuple(f"CODE-{n}" for n in range(10_000)))


def test_claims_beyond_all_bounds_are_refused():
    for changes in ({"payload_bytes": MAX_PAYLOAD_BYTES + 1}, {"record_count": MAX_PAYLOAD_BYTES + 1}):
        with pytest.raises(TooLargeError):
            read_header(io.BytesIO(forged(b"", **changes)), TRUST)
    assert read_header(io.BytesIO(forged(b"", payload_bytes=MAX_PAYLOAD_BYTES)), TRUST)


@pytest.mark.parametrize(
    ("plain", "count", "error"),
    [
        (b"\xc1", 1, BadRecordError),
        (b"\x93\x01\x02\x03", 1, BadRecordError),
        (b"\x81\x01\x02", 1, BadRecordError),
        (b"\x80\x80", 1, BadRecordError),
        (b"\x80", 2, BadRecordError),
        (b"\x80\x82\xa1a", 1, BadRecordError),
        (b"\x81\xa1a\xc7\x01\x05x", 1, BadRecordError),
        (b"\x81\xa1a\xa2\xff\xfe", 1, BadRecordError),
        (b"\x91" * 100_000, 1, BadRecordError),
        (msgpack.packb({"a": "x" * (MAX_RECORD_BYTES + 80_000)}), 1, BadRecordError),
    ],
)
def test_records_that_a_true_publisher_should_not_have_signed(plain, count, error):
    with pytest.raises(error):
        read_all(forged(plain, count), key=None)


def test_decompression_is_bounded_by_the_bytes_signed():
    bomb = forged(bytes(64 << 20), plain_bytes=1000)
    stream = io.BytesIO(bomb)
    head = read_header(stream, TRUST)
    with pytest.raises(TooLargeError):
        list(iter_records(stream, head))


def test_decompression_windows_are_bounded():
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    plain = msgpack.packb({"a": 1}) * 100
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    payload = compressor.compress(plain) + compressor.flush()
    with pytest.raises(TamperedError, match="does not open"):
        read_all(forged(plain, 100, payload=payload), key=None)


@pytest.mark.parametrize("size", [1, 4, 200_000])
def test_what_comes_behind_the_compressed_records_is_refused(size):
    frame = zstandard.ZstdCompressor().compress(b"\x80")
    with pytest.raises(TamperedError):
        read_all(forged(b"\x80", 1, payload=frame + b"\x00" * size), key=None)


def test_a_second_compressed_frame_adds_nothing():
    frame = zstandard.ZstdCompressor().compress(b"\x80")
    with pytest.raises(PackageError):
        read_all(forged(b"\x80", 1, payload=frame + frame), key=None)


def test_no_records_and_the_largest():
    assert read_all(package([]))[1] == []
    largest = {"a": "x" * (MAX_RECORD_BYTES - 8)}
    assert read_all(package([largest]))[1] == [largest]
    with pytest.raises(BadRecordError, match="record 2 is larger"):
        package([{}, {"a": "x" * MAX_RECORD_BYTES}])
    with pytest.raises(BadRecordError, match="record 1 holds"):
        package([{"a": object()}])


def test_records_are_written_and_read_one_by_one():
    many = ({"id": f"L{n}", "text": hashlib.sha256(b"%d" % n).hexdigest()} for n in range(20_000))
    stream = io.BytesIO(package(many))
    head = read_header(stream, TRUST)
    start = stream.tell()
    records = iter_records(stream, head, CONTENT_KEY)
    assert next(records)["id"] == "L0"
    assert stream.tell() - start < head.payload_bytes / 2
    assert sum(1 for _ in records) == 19_999


def test_scratch_takes_the_payload():
    class Scratch(io.BytesIO):
        written = 0

        def write(self, data):
            self.written += len(data)
            return super().write(data)

    scratch = Scratch()
    data = package(scratch=scratch)
    assert scratch.written == read_all(data)[0].payload_bytes


def test_verify_payload_alone():
    data = package()
    stream = io.BytesIO(data)
    verify_payload(stream, read_header(stream, TRUST))
    stream = io.BytesIO(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(TamperedError, match="not what its publisher signed"):
        verify_payload(stream, read_header(stream, TRUST))


@pytest.mark.parametrize("name", ["X", "a" * 64, "Lista de México 2", "ECU.x-1_b"])
def test_names_that_a_list_can_have(name):
    assert read_all(package(name=name), trust={name: PUBLISHER.public_key()})[0].name == name


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": "a\\b"},
        {"name": "a\n"},
        {"name": " a"},
        {"name": "a" * 65},
        {"version": 0},
        {"originator": "EC\x1b[2J"},
        {"originator": "x" * 201},
        {"handling": ("LE-ONLY", "\u202e")},
        {"calibration": {"engine": "\n"}},
        {"agreement": Agreement("a\t", ISSUED, ISSUED + timedelta(1))},
    ],
)
def test_facts_that_are_none(changes):
    with pytest.raises(ValueError, match="list package"):
        package(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"publisher": "x" * 64},
        {"payload_digest": "f" * 63},
        {"key_id": "f" * 31},
        {"record_count": -1},
        {"plain_bytes": -1},
        {"payload_bytes": -1},
    ],
)
def test_header_values_that_are_none(changes):
    with pytest.raises(ValueError, match="list package"):
        dataclasses.replace(read_untrusted_header(io.BytesIO(package())), **changes)


def test_a_key_that_is_no_point_is_refused():
    stream = io.BytesIO(
        write_header(dataclasses.replace(read_untrusted_header(io.BytesIO(package())), publisher="f" * 64), PUBLISHER)
    )
    with pytest.raises(TamperedError):
        read_untrusted_header(stream)


def test_each_refusal_has_a_word_of_its_own():
    errors = [e for e in vars(header_module).values() if isinstance(e, type) and issubclass(e, PackageError)]
    assert sorted(error.code for error in errors) == [
        "bad_record",
        "cut_short",
        "newer_format",
        "not_a_package",
        "refused",
        "signed_by_another",
        "tampered",
        "too_large",
        "unknown_publisher",
        "wrong_key",
    ]
