import dataclasses
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from checkpoint_app.wire.event import (
    GENESIS,
    MAX_HEADER_BYTES,
    BodyError,
    ChainError,
    ChainVerifier,
    EventHeader,
    EventKind,
    ForkError,
    GapError,
    SignatureError,
    SignedEvent,
    body_digest,
    chain_hash,
    check_next,
    header_bytes,
    read_event,
    sign_event,
    verify_body,
    verify_event,
)
from tests.wire.helpers import BOOTH_SIGNER

OTHER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SALT = b"s" * 32
BODY = b'{"officer":"EC-104"}'


def header(seq=1, previous=GENESIS, **changes):
    values = {
        "booth": "RUM-03",
        "seq": seq,
        "event_id": f"00000000-0000-4000-8000-{seq:012x}",
        "kind": EventKind.SIGNED_IN,
        "wall_time": NOW,
        "monotonic_ms": 1000 * seq,
        "trusted_time": None,
        "body_digest": body_digest(SALT, BODY),
        "previous": previous,
    }
    return EventHeader(**values | changes)


def chain(length, key=BOOTH_SIGNER, previous=GENESIS, first=1):
    events = []
    for seq in range(first, first + length):
        events.append(sign_event(header(seq, previous), key))
        previous = chain_hash(events[-1])
    return events


def test_a_chain_is_followed():
    verifier = ChainVerifier("RUM-03", BOOTH_SIGNER.public_key())
    events = chain(5)
    for event in events:
        verifier.accept(event)
    assert (verifier.seq, verifier.head) == (5, chain_hash(events[-1]))


def test_the_form_that_is_signed_stays_for_ever():
    event = sign_event(header(), BOOTH_SIGNER)
    assert header_bytes(event.header) == (
        b'{"body_digest":"' + hashlib.sha256(SALT + BODY).hexdigest().encode() + b'","booth":"RUM-03",'
        b'"event_id":"00000000-0000-4000-8000-000000000001","kind":"signed_in","monotonic_ms":1000,"previous":"'
        + b"0" * 64
        + b'","seq":1,"trusted_time":null,"wall_time":"2026-11-24T08:00:00.000000Z"}'
    )
    assert (
        BOOTH_SIGNER.public_key().verify(event.signature, b"checkpoint event 1\x00" + header_bytes(event.header))
        is None
    )
    digest = hashlib.sha256(b"checkpoint chain 1\x00" + event.signature + header_bytes(event.header)).hexdigest()
    assert chain_hash(event) == digest


def test_the_kinds_are_those_of_the_architecture_page():
    page = Path(__file__).parents[2] / "docs" / "architecture.md"
    if not page.exists():
        pytest.skip("this copy is without docs/")
    table = page.read_text(encoding="utf-8").partition("| kind | body |")[2].partition("\n\n")[0]
    kinds = [kind for row in table.splitlines() if row for kind in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert kinds
    assert sorted(kinds) == sorted(EventKind)


def test_stored_events_read_back():
    event = sign_event(header(trusted_time=NOW), BOOTH_SIGNER)
    assert read_event(header_bytes(event.header), event.signature) == event


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b" " + header_bytes(header()), b'"' + b"a" * MAX_HEADER_BYTES + b'"']
)
def test_what_is_no_header_is_refused(data):
    with pytest.raises(ChainError):
        read_event(data, b"")


def test_every_changed_byte_is_noticed():
    event = sign_event(header(), BOOTH_SIGNER)
    data = header_bytes(event.header)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(ChainError):
            verify_event(read_event(bytes(changed), event.signature), BOOTH_SIGNER.public_key())
    for place in range(64):
        signature = bytearray(event.signature)
        signature[place] ^= 0x10
        with pytest.raises(SignatureError):
            verify_event(SignedEvent(event.header, bytes(signature)), BOOTH_SIGNER.public_key())


def test_a_signature_of_another_key_or_for_another_use_is_refused():
    with pytest.raises(SignatureError):
        verify_event(sign_event(header(), OTHER), BOOTH_SIGNER.public_key())
    with pytest.raises(SignatureError):
        verify_event(SignedEvent(header(), BOOTH_SIGNER.sign(header_bytes(header()))), BOOTH_SIGNER.public_key())


def test_gap():
    first, _second, third = chain(3)
    verifier = ChainVerifier("RUM-03", BOOTH_SIGNER.public_key())
    verifier.accept(first)
    with pytest.raises(GapError, match="2 to 2 are missing"):
        verifier.accept(third)
    assert (verifier.seq, verifier.head) == (1, chain_hash(first))


def test_fork_by_another_history_and_by_a_number_twice():
    mine = chain(3)
    restored = sign_event(header(3, chain_hash(mine[1]), monotonic_ms=7), BOOTH_SIGNER)
    after = chain(1, previous=chain_hash(restored), first=4)[0]
    verifier = ChainVerifier("RUM-03", BOOTH_SIGNER.public_key())
    for event in mine:
        verifier.accept(event)
    for event in (restored, after, mine[0], mine[2]):
        with pytest.raises(ForkError):
            verifier.accept(event)
    assert (verifier.seq, verifier.head) == (3, chain_hash(mine[2]))


def test_the_least_values_of_a_header():
    assert header(seq=1, monotonic_ms=0, booth="a").monotonic_ms == 0
    assert header(booth="a" * 64)


def test_the_chain_holds_the_signature_too():
    event = sign_event(header(), BOOTH_SIGNER)
    assert chain_hash(event) != chain_hash(SignedEvent(event.header, b"\x00" * 64))


def test_an_event_of_another_booth_is_refused():
    event = sign_event(header(booth="RUM-04"), BOOTH_SIGNER)
    with pytest.raises(SignatureError, match="RUM-04"):
        ChainVerifier("RUM-03", BOOTH_SIGNER.public_key()).accept(event)


def test_first_event_names_none_before():
    with pytest.raises(ForkError):
        check_next(sign_event(header(previous="1" * 64), BOOTH_SIGNER), 0, GENESIS)


def test_body_and_salt():
    verify_body(header(), SALT, BODY)
    for salt, body in ((SALT, BODY + b" "), (b"t" * 32, BODY), (SALT + BODY[:1], BODY[1:]), (b"", SALT + BODY)):
        with pytest.raises(BodyError):
            verify_body(header(), salt, body)
    with pytest.raises(ValueError, match="32 bytes"):
        body_digest(b"short", BODY)


@pytest.mark.parametrize(
    "changes",
    [
        {"booth": ""},
        {"booth": "a" * 65},
        {"booth": "../x"},
        {"seq": 0},
        {"monotonic_ms": -1},
        {"event_id": "x"},
        {"event_id": "00000000-0000-4000-8000-00000000000A"},
        {"body_digest": "f" * 63},
        {"previous": "F" * 64},
    ],
)
def test_headers_that_say_nothing_right(changes):
    with pytest.raises(ValueError, match="event: "):
        dataclasses.replace(header(), **changes)


class ChainMachine(RuleBasedStateMachine):
    """A verifier holds exactly the longest true chain, whatever is put before it."""

    def __init__(self):
        super().__init__()
        self.verifier = ChainVerifier("RUM-03", BOOTH_SIGNER.public_key())
        self.events = []

    def _next(self, key=BOOTH_SIGNER, **changes):
        head = chain_hash(self.events[-1]) if self.events else GENESIS
        return sign_event(header(**{"seq": len(self.events) + 1, "previous": head} | changes), key)

    @rule(kind=st.sampled_from(EventKind))
    def true_event(self, kind):
        event = self._next(kind=kind)
        self.verifier.accept(event)
        self.events.append(event)

    @rule(skipped=st.integers(1, 5))
    def gap(self, skipped):
        with pytest.raises(GapError):
            self.verifier.accept(self._next(seq=len(self.events) + 1 + skipped))

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def repeated(self, data):
        with pytest.raises(ForkError):
            self.verifier.accept(data.draw(st.sampled_from(self.events)))

    @rule(previous=st.sampled_from(["1" * 64, "a" * 64]))
    def fork(self, previous):
        with pytest.raises(ForkError):
            self.verifier.accept(self._next(previous=previous))

    @rule()
    def forged(self):
        with pytest.raises(SignatureError):
            self.verifier.accept(self._next(key=OTHER))

    @invariant()
    def holds_the_true_chain(self):
        head = chain_hash(self.events[-1]) if self.events else GENESIS
        assert (self.verifier.seq, self.verifier.head) == (len(self.events), head)


TestChainMachine = ChainMachine.TestCase
