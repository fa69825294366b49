import dataclasses
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from checkpoint_app.wire.grant import (
    GrantEndedError,
    GrantError,
    NotAGrantError,
    OtherBoothError,
    TamperedGrantError,
    grant_key,
    open_grant,
    read_grant,
    write_grant,
)
from checkpoint_app.wire.package import content_key_id
from tests.wire.helpers import BOOTH, CONTENT_KEY, ISSUED, PUBLISHER, STRANGER

ENDS = ISSUED + timedelta(days=14)


def grant(signer=PUBLISHER, **changes):
    values = {"list_name": "ecu", "booth": BOOTH.public_key(), "not_after": ENDS, "signer": signer}
    return grant_key(CONTENT_KEY, **values | changes)


def opened(given, booth=BOOTH, now=ISSUED):
    return open_grant(given, booth, PUBLISHER.public_key(), now)


def test_the_booth_gets_the_key():
    assert opened(read_grant(write_grant(grant()))) == CONTENT_KEY
    assert grant().key_id == content_key_id(CONTENT_KEY)
    assert CONTENT_KEY not in grant().wrapped


def test_it_ends_at_its_time():
    assert opened(grant(), now=ENDS - timedelta(microseconds=1)) == CONTENT_KEY
    with pytest.raises(GrantEndedError) as caught:
        opened(grant(), now=ENDS)
    assert caught.value.code == "lease_ended"


def test_for_another_booth_or_by_another_publisher():
    with pytest.raises(OtherBoothError) as other:
        opened(grant(), booth=X25519PrivateKey.generate())
    with pytest.raises(TamperedGrantError) as tampered:
        opened(grant(signer=STRANGER))
    assert (other.value.code, tampered.value.code, NotAGrantError.code) == ("other_booth", "tampered", "not_a_grant")
    assert GrantError.code == "refused"


def test_every_changed_byte_is_refused():
    data = write_grant(grant())
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(GrantError):
            opened(read_grant(bytes(changed)))


@pytest.mark.parametrize(
    "changes",
    [{"list_name": "chl"}, {"not_after": ENDS + timedelta(days=1)}, {"key_id": "0" * 32}, {"wrapped": b"x" * 92}],
)
def test_nothing_in_it_can_be_altered(changes):
    with pytest.raises(TamperedGrantError):
        opened(dataclasses.replace(grant(), **changes))


def test_a_key_wrapped_for_another_list_does_not_open_even_when_signed():
    other = grant(list_name="chl")
    mixed = dataclasses.replace(grant(), wrapped=other.wrapped, signature=b"")
    plain_signed = grant_signed(mixed)
    with pytest.raises(TamperedGrantError, match="sealed"):
        opened(plain_signed)


def grant_signed(unsigned):
    """Sign a grant as its publisher would, whatever it holds."""
    data = write_grant(unsigned).replace(b'"signature":"",', b"")
    return dataclasses.replace(unsigned, signature=PUBLISHER.sign(b"checkpoint grant 1\x00" + data))


@pytest.mark.parametrize("data", [b"", b"{}", b"x" * 5000, b'{"list_name":1}'])
def test_what_is_no_grant(data):
    with pytest.raises(NotAGrantError):
        read_grant(data)


def test_a_key_under_another_key_s_name_is_refused(monkeypatch):
    """Signed and wrapped as it should be: it would take the place of another list's key, and close that list."""
    with monkeypatch.context() as patch:
        patch.setattr("checkpoint_app.wire.grant.content_key_id", lambda _key: content_key_id(bytes(32)))
        given = grant()
    with pytest.raises(TamperedGrantError, match="another than the one"):
        opened(given)


def test_a_list_name_is_checked():
    with pytest.raises(ValueError, match="list package"):
        grant(list_name="a/b")
