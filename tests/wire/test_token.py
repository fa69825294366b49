"""Request tokens: signed for one request, one centre, one minute."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.token import (
    LIFETIME,
    MAX_TOKEN_CHARACTERS,
    Asked,
    Claims,
    ForgedTokenError,
    MalformedTokenError,
    OtherRequestError,
    TokenError,
    TokenTimeError,
    UsedTokenError,
    booth_of,
    make_token,
    verify_token,
)
from tests.wire.helpers import BOOTH_SIGNER, STRANGER

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
ID = "00000000-0000-4000-8000-00000000000a"
CLAIMS = Claims("demo-3", ID, NOW)
ASKED = Asked("POST", "/v1/inbox?after=3", b'{"a":1}', "centre-1")
HEADER = {"alg": "Ed25519", "typ": "ckp+jwt"}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


REQUEST = '["centre-1","POST","/v1/inbox?after=3","' + hashlib.sha256(b'{"a":1}').hexdigest() + '"]'
PAYLOAD = {
    "iss": "demo-3",
    "jti": "AAAAAAAAQACAAAAAAAAACg",
    "iat": 1795770000,
    "req": b64(hashlib.sha256(REQUEST.encode()).digest()),
}


def part(token: str, place: int) -> bytes:
    text = token.split(".")[place]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed(payload: object = None, header: object = None, key: Ed25519PrivateKey = BOOTH_SIGNER) -> str:
    """A token made by hand, of any header and payload."""
    parts = [json.dumps(header or HEADER).encode(), canonical_bytes(payload if payload is not None else PAYLOAD)]
    text = ".".join(map(b64, parts))
    return f"{text}.{b64(key.sign(text.encode()))}"


def verified(token: str, asked: Asked = ASKED, now: datetime = NOW) -> Claims:
    return verify_token(token, BOOTH_SIGNER.public_key(), asked, now)


def test_a_token_serves_the_request_that_it_was_made_for():
    token = make_token(BOOTH_SIGNER, CLAIMS, ASKED)
    assert verified(token) == CLAIMS
    assert booth_of(token) == "demo-3"


def test_the_form_is_a_compact_jws_of_these_claims():
    token = make_token(BOOTH_SIGNER, CLAIMS, ASKED)
    assert json.loads(part(token, 0)) == HEADER
    assert part(token, 1) == canonical_bytes(PAYLOAD)
    text = token.rpartition(".")[0]
    assert BOOTH_SIGNER.public_key().verify(part(token, 2), text.encode()) is None
    assert verified(signed()) == CLAIMS


def test_a_token_is_short():
    """A poll is mostly its token, which comes every few seconds over 64 kbit/s."""
    long = Asked("GET", "/v1/inbox?seen=" + "0" * 64 + "&after=1000", b"", "0" * 32)
    assert len(make_token(BOOTH_SIGNER, CLAIMS, long)) == len(make_token(BOOTH_SIGNER, CLAIMS, ASKED)) <= 288


def test_parts_of_a_request_do_not_run_into_each_other():
    token = make_token(BOOTH_SIGNER, CLAIMS, Asked("GET", '/a","b', b"", "c"))
    with pytest.raises(OtherRequestError):
        verified(token, Asked("GET", "/a", b"", 'c","b'))
    with pytest.raises(OtherRequestError):
        verified(token, Asked('GET","/a', "b", b"", "c"))


def test_the_time_is_told_in_whole_seconds():
    token = make_token(BOOTH_SIGNER, Claims("demo-3", ID, NOW + timedelta(seconds=1, microseconds=999_999)), ASKED)
    assert verified(token).issued_at == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("GET", ASKED.path, ASKED.body, ASKED.audience),
        Asked("post", ASKED.path, ASKED.body, ASKED.audience),
        Asked(ASKED.method, "/v1/inbox?after=4", ASKED.body, ASKED.audience),
        Asked(ASKED.method, "/v1/inbox", ASKED.body, ASKED.audience),
        Asked(ASKED.method, ASKED.path, b'{"a":2}', ASKED.audience),
        Asked(ASKED.method, ASKED.path, b"", ASKED.audience),
        Asked(ASKED.method, ASKED.path, ASKED.body, "centre-2"),
    ],
)
def test_a_token_serves_no_other_request(asked):
    token = make_token(BOOTH_SIGNER, CLAIMS, ASKED)
    with pytest.raises(OtherRequestError) as caught:
        verified(token, asked)
    assert caught.value.code == "token_other_request"
    assert verified(make_token(BOOTH_SIGNER, CLAIMS, asked), asked) == CLAIMS


def test_a_token_serves_for_a_minute_either_way():
    token = make_token(BOOTH_SIGNER, CLAIMS, ASKED)
    assert timedelta(seconds=60) == LIFETIME
    for off in (-60, -1, 0, 60):
        assert verified(token, now=NOW + timedelta(seconds=off)) == CLAIMS
    for off in (timedelta(seconds=60, microseconds=1), timedelta(seconds=-60, microseconds=-1), timedelta(days=365)):
        with pytest.raises(TokenTimeError) as caught:
            verified(token, now=NOW + off)
        assert caught.value.code == "token_time"


def test_another_keys_token_is_forged():
    for token in (make_token(STRANGER, CLAIMS, ASKED), signed(key=STRANGER)):
        with pytest.raises(ForgedTokenError) as caught:
            verified(token)
        assert caught.value.code == "token_forged"


def test_the_claims_cannot_be_exchanged_under_a_signature():
    one, other = signed(), signed(PAYLOAD | {"iss": "demo-4"})
    mixed = ".".join([one.split(".")[0], other.split(".")[1], one.split(".")[2]])
    with pytest.raises(ForgedTokenError):
        verified(mixed)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "typ": HEADER["typ"]},
        {"alg": "HS256", "typ": HEADER["typ"]},
        {"alg": "EdDSA", "typ": HEADER["typ"]},
        {"alg": ["Ed25519"], "typ": HEADER["typ"]},
        {"typ": HEADER["typ"]},
        {"alg": "Ed25519"},
        {"alg": "Ed25519", "typ": "JWT"},
        HEADER | {"kid": "demo-4"},
        HEADER | {"jwk": {"kty": "OKP"}},
        HEADER | {"crit": ["b64"], "b64": False},
        [],
    ],
)
def test_a_header_other_than_ours_is_refused_although_signed(header):
    with pytest.raises((MalformedTokenError, ForgedTokenError)):
        verified(signed(header=header or ["x"]))


def test_the_public_key_is_no_shared_secret():
    """The classic confusion: a MAC under the public key."""
    text = f"{b64(json.dumps(HEADER | {'alg': 'HS256'}).encode())}.{b64(canonical_bytes(PAYLOAD))}"
    mac = hmac.digest(BOOTH_SIGNER.public_key().public_bytes_raw(), text.encode(), "sha256")
    for token in (f"{text}.{b64(mac)}", f"{text}."):
        with pytest.raises(ForgedTokenError):
            verified(token)


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        PAYLOAD | {"more": 1},
        {name: value for name, value in PAYLOAD.items() if name != "req"},
        PAYLOAD | {"iat": "1795770000"},
        PAYLOAD | {"iat": -1},
        PAYLOAD | {"iat": 253_402_300_800},
        PAYLOAD | {"iss": 3},
        PAYLOAD | {"jti": "a"},
        PAYLOAD | {"jti": ID},
        PAYLOAD | {"jti": ""},
        PAYLOAD | {"jti": "AAAAAAAAQACAAAAAAAAACh"},
        PAYLOAD | {"jti": "AAAAAAAAQACAAAAAAAAACg=="},
        PAYLOAD | {"jti": "AAAAAAAAQACAAAAAAAAACg\n"},
        PAYLOAD | {"jti": "AAAAAAAAQACAAAAAAAAAC\u00f1"},
        PAYLOAD | {"req": None},
    ],
)
def test_claims_of_another_form_are_refused_before_any_key_is_looked_for(payload):
    token = signed(payload)
    for read in (booth_of, verified):
        with pytest.raises(MalformedTokenError) as caught:
            read(token)
        assert caught.value.code == "token_malformed"


@pytest.mark.parametrize("seconds", [0, 253_402_300_799])
def test_the_first_and_last_second_are_times(seconds):
    token = signed(PAYLOAD | {"iat": seconds})
    assert booth_of(token) == "demo-3"
    with pytest.raises(TokenTimeError):
        verified(token)


def test_claims_in_another_than_the_canonical_form_are_refused():
    text = f"{b64(json.dumps(HEADER).encode())}.{b64(json.dumps(PAYLOAD).encode())}"
    with pytest.raises(MalformedTokenError):
        booth_of(f"{text}.{b64(BOOTH_SIGNER.sign(text.encode()))}")


def test_a_token_has_three_parts_of_ascii_and_a_bounded_length():
    token = signed()
    for text in ("", ".", "..", token + ".", token.replace(".", "", 1), "é" + token, token.rpartition(".")[0]):
        with pytest.raises(MalformedTokenError):
            booth_of(text)
    rest = MAX_TOKEN_CHARACTERS - len(token)
    assert booth_of(token + "A" * rest) == "demo-3"
    with pytest.raises(MalformedTokenError):
        booth_of(token + "A" * (rest + 1))


@given(st.text() | st.lists(st.binary().map(b64), min_size=3, max_size=3).map(".".join))
def test_whatever_text_comes_only_a_token_error_comes_of_it(text):
    for read in (booth_of, verified):
        with pytest.raises(TokenError):
            read(text)


@given(st.data())
def test_no_changed_token_passes(data):
    token = signed()
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.characters(codec="ascii")) + token[place + 1 :]
    try:
        assert verified(changed) == CLAIMS
    except TokenError:
        return
    # Base64 leaves bits unused at the end of a part: only there may another character mean the same signature.
    assert changed == token or place == len(token) - 1


def test_nothing_personal_and_no_token_is_in_a_refusal():
    token = make_token(STRANGER, CLAIMS, ASKED)
    with pytest.raises(TokenError) as caught:
        verified(token)
    assert token not in str(caught.value)
    assert UsedTokenError.code == "token_used"
    assert TokenError.code == "token_refused"
