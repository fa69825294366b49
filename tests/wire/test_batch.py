"""Batches: what is written reads back to the very texts that were signed, in one form, within bounds."""

import hashlib
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checkpoint_app.wire import batch as module
from checkpoint_app.wire import packing
from checkpoint_app.wire.batch import MAX_TEXT_BYTES, BatchError, NewerFormError, read_batch, write_batch, write_fitting
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.delivery import BATCH_BYTES, MAX_BATCH_BYTES, MOST_EVENTS, Batch, Parcel
from checkpoint_app.wire.event import (
    GENESIS,
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    ChainVerifier,
    EventHeader,
    EventKind,
    body_digest,
    chain_hash,
    header_bytes,
    read_event,
    sign_event,
)
from tests.wire.helpers import BOOTH_SIGNER, ISSUED

BOOTH = "RUM-03"
SALT = bytes(range(32))
ANY_TIME = st.datetimes(timezones=st.just(UTC))
BODIES = st.none() | st.dictionaries(st.sampled_from("abc"), st.integers(-9, 9) | st.text(max_size=9), max_size=3)


@st.composite
def chains(draw) -> Batch:
    """Signed events of one booth: mostly each after the other, some left out, some without their bodies."""
    parcels, previous, seq = [], GENESIS, draw(st.integers(0, 2**52))
    for _ in range(draw(st.integers(1, 12))):
        body = draw(BODIES)
        data, salt = canonical_bytes(body), draw(st.binary(min_size=32, max_size=32))
        skipped = draw(st.sampled_from([0, 0, 0, 1, 900]))
        seq += 1 + skipped
        event = sign_event(
            EventHeader(
                booth=BOOTH,
                seq=seq,
                event_id=str(draw(st.uuids())),
                kind=draw(st.sampled_from(EventKind)),
                wall_time=draw(ANY_TIME),
                monotonic_ms=draw(st.integers(0, 2**53 - 1)),
                trusted_time=draw(st.none() | ANY_TIME),
                body_digest=body_digest(salt, data),
                previous=hashlib.sha256(bytes(seq % 7)).hexdigest() if skipped else previous,
            ),
            BOOTH_SIGNER,
        )
        previous = chain_hash(event)
        header = header_bytes(event.header).decode()
        parcels.append(Parcel(header, event.signature, *((salt, data.decode()) if body is not None else ())))
    return Batch(BOOTH, tuple(parcels))


def chain(count: int, step: timedelta = timedelta(seconds=7), body: str = '{"officer":"EC-1"}') -> Batch:
    """The first events of a booth, a step apart."""
    parcels, previous = [], GENESIS
    for seq in range(1, count + 1):
        header = EventHeader(
            booth=BOOTH,
            seq=seq,
            event_id=f"00000000-0000-4000-8000-{hashlib.sha256(bytes([seq % 256])).hexdigest()[:6]}{seq:06x}",
            kind=EventKind.SIGNED_IN,
            wall_time=ISSUED + seq * step,
            monotonic_ms=seq * 7000,
            trusted_time=ISSUED if seq > 2 else None,
            body_digest=body_digest(SALT, body.encode()),
            previous=previous,
        )
        event = sign_event(header, BOOTH_SIGNER)
        previous = chain_hash(event)
        parcels.append(Parcel(header_bytes(header).decode(), event.signature, SALT, body))
    return Batch(BOOTH, tuple(parcels))


FEW = chain(3)


@given(chains())
@settings(max_examples=150)
def test_what_is_written_reads_back_to_the_letter(batch):
    assert read_batch(write_batch(batch)) == batch


def test_the_chain_and_its_signatures_hold_on_the_other_side():
    verifier = ChainVerifier(BOOTH, BOOTH_SIGNER.public_key())
    for parcel in read_batch(write_batch(chain(40))).events:
        verifier.accept(read_event(parcel.header.encode(), parcel.signature))
    assert verifier.seq == 40


def test_an_event_costs_little_more_than_what_nothing_compresses():
    batch = chain(400)
    random = 400 * (64 + 16 + 32)
    assert len(write_batch(batch)) < random + 400 * 12
    bare = replace(batch, events=tuple(replace(one, salt=b"", body=None) for one in batch.events))
    assert read_batch(write_batch(bare)) == bare


def test_a_kind_that_only_a_newer_booth_knows_travels_as_it_is():
    header = FEW.events[0].header.replace('"signed_in"', '"teleported"')
    batch = Batch(BOOTH, (replace(FEW.events[0], header=header),))
    assert read_batch(write_batch(batch)) == batch


def test_as_many_as_fit_go_and_one_at_least():
    batch = chain(MOST_EVENTS, body='{"text":"' + "\\u0001é" * 40 + '"}')
    everything = len(write_batch(batch))
    for most in (everything, everything - 1, BATCH_BYTES, 20_000, 1000, 1):
        data, count = write_fitting(batch, most)
        assert read_batch(data).events == batch.events[:count]
        assert len(data) <= most or count == 1
        assert count >= 0.9 * MOST_EVENTS * min(1, most / everything) - 3
    more = replace(batch, events=batch.events * 2)
    assert write_fitting(more, everything)[1] == MOST_EVENTS


def test_the_largest_event_fits():
    body = '"' + "".join(chr(0x100 + n * 7919 % 0x500) for n in range((MAX_BODY_BYTES - 2) // 2)) + '"'
    assert len(body.encode()) == MAX_BODY_BYTES
    batch = chain(1, body=body)
    data, count = write_fitting(batch, BATCH_BYTES)
    assert count == 1
    assert len(data) <= MAX_BATCH_BYTES
    assert read_batch(data) == batch


WRONG = {
    "none": (),
    "too many": chain(1).events * (MOST_EVENTS + 1),
    "twice": (FEW.events[0], FEW.events[0]),
    "backwards": (FEW.events[1], FEW.events[0]),
    "another chain": (FEW.events[0], chain(2, body="{}").events[1]),
    "a short signature": (replace(FEW.events[0], signature=b"s" * 63),),
    "no salt": (replace(FEW.events[0], salt=b""),),
    "a salt without a body": (replace(FEW.events[0], body=None),),
    "another body": (replace(FEW.events[0], body="{}"),),
    "an empty body": (replace(FEW.events[0], body=""),),
    "lines in a body": (replace(FEW.events[0], body="{\n}"),),
    "no header": (replace(FEW.events[0], header="{}"),),
    "another booth": (replace(FEW.events[0], header=FEW.events[0].header.replace("RUM-03", "RUM-04")),),
    "one field more": (replace(FEW.events[0], header=FEW.events[0].header.replace('{"body', '{"aura":1,"body')),),
    "no number": (replace(FEW.events[0], header=FEW.events[0].header.replace('"seq":1', '"seq":"1"')),),
    "no id": (replace(FEW.events[0], header=FEW.events[0].header.replace('"event_id":"0', '"event_id":"x')),),
    "no kind": (replace(FEW.events[0], header=FEW.events[0].header.replace('"signed_in"', "7")),),
}


@pytest.mark.parametrize("name", WRONG)
def test_events_of_no_one_form_are_not_written(name):
    with pytest.raises(BatchError):
        write_batch(Batch(BOOTH, WRONG[name]))


def test_bytes_of_another_form_are_refused():
    data = write_batch(FEW)
    with pytest.raises(NewerFormError):
        read_batch(data.replace(b"CKPEVT1", b"CKPEVT2", 1))
    for wrong in (b"", data[:5], data[:11], data[:-1], data + b"\0", b"X" + data[1:], data[:8] + bytes(4) + data[12:]):
        with pytest.raises(BatchError):
            read_batch(wrong)
    with pytest.raises(BatchError):
        read_batch(data + bytes(MAX_BATCH_BYTES))


def packed(text: bytes, raw: bytes) -> bytes:
    small = packing.pack(text)
    return b"CKPEVT1\n" + len(small).to_bytes(4, "big") + small + raw


def other_heads() -> list[bytes]:
    head, *_bodies = module._to_parts(FEW).text.split(b"\n")
    plain = read_canonical(head, 1 << 16)
    changes = [
        {"seq": "1,1"}, {"seq": "1,1,1,1"}, {"seq": "1,+1,1"}, {"seq": "1, 1,1"}, {"seq": "01,1,1"}, {"seq": "1,1,-"},
        {"seq": "1,0,1"}, {"seq": "1,-1,1"}, {"seq": ""}, {"seq": "1,1," + "9" * 21}, {"seq": "1,1,٣"},
        {"wall": "9" * 20 + ",0,0"}, {"wall": "-" + "9" * 19 + ",0,0"}, {"trusted": "-,-,-,-"}, {"trusted": "-,-"},
        {"monotonic": "-,-,-"}, {"kind": ["a"]}, {"kind": [1, 2, 3]}, {"kind": ["a", "b", "c", "d"]}, {"more": 1},
        {"booth": 1},
    ]  # fmt: skip
    heads = [canonical_bytes(plain | change) for change in changes]
    return [*heads, head + b" ", b"{}", b"", b"[]", head.replace(b'"booth":"RUM-03",', b"")]


@pytest.mark.parametrize("head", other_heads())
def test_a_head_of_another_form_is_refused(head):
    parts = module._to_parts(FEW)
    assert read_batch(packed(parts.text, parts.raw)) == FEW
    with pytest.raises(BatchError):
        read_batch(packed(b"\n".join([head, *parts.text.split(b"\n")[1:]]), parts.raw))


def test_what_unpacks_to_more_than_is_read_is_refused_before_it_is():
    parts = module._to_parts(FEW)
    for text in (b" " * (MAX_TEXT_BYTES + 1), parts.text + b"\n" * MOST_EVENTS, b"\n" * MAX_TEXT_BYTES):
        with pytest.raises(BatchError):
            read_batch(packed(text, parts.raw))
    assert MAX_TEXT_BYTES > MAX_BODY_BYTES + MAX_HEADER_BYTES


@given(st.binary(max_size=300), st.binary(max_size=300))
@example(b"\xff", b"")
def test_whatever_bytes_come_only_a_batch_error_comes_of_it(text, raw):
    for data in (text, packed(text, raw), write_batch(FEW)[: len(text)] + raw):
        with pytest.raises(BatchError):
            read_batch(data)


@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
@settings(max_examples=150)
def test_a_changed_byte_gives_an_error_or_another_batch_of_one_form(at, byte, raw_only):
    """Where it still reads, it reads to what is written the same way: signatures then tell that it is forged."""
    parts = module._to_parts(FEW)
    text, raw = bytearray(parts.text), bytearray(parts.raw)
    changed = raw if raw_only else text
    changed[at % len(changed)] = byte
    try:
        batch = read_batch(packed(bytes(text), bytes(raw)))
    except BatchError:
        return
    again = module._to_parts(batch)
    assert (again.text, again.raw) == (bytes(text), bytes(raw))
    assert (batch == FEW) == ((bytes(text), bytes(raw)) == (parts.text, parts.raw))
