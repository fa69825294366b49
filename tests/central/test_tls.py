"""The centre's certificates: its own authority, names, bounds of time; and what a strict client makes of them."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from checkpoint_app.central import identity, server, tls
from checkpoint_app.central.centre import Centre, CentreError, fact
from tests.central.helpers import START, Clock
from tests.central.line import Line, made, served

NAMES = ("centre.example", "192.0.2.7", "2001:db8::7")


@pytest.fixture
def centre(tmp_path: Path, clock: Clock) -> Iterator[Centre]:
    with made(tmp_path / "centre", clock, host_names=NAMES) as centre:
        yield centre


@pytest.fixture
def line(tmp_path: Path, clock: Clock) -> Iterator[Line]:
    with served(tmp_path, clock) as line:
        yield line


def certificate(centre: Centre) -> x509.Certificate:
    with centre.begin() as connection:
        return x509.load_pem_x509_certificate((fact(connection, "server certificate") or "").encode())


def authority(centre: Centre) -> x509.Certificate:
    with centre.begin() as connection:
        return tls.authority(connection)


def test_the_authority_lasts_ten_years_and_signs_only_servers(centre: Centre) -> None:
    found = authority(centre)
    assert isinstance(found.public_key(), ec.EllipticCurvePublicKey)
    assert found.not_valid_before_utc == START - timedelta(days=30)
    assert timedelta(days=3650) < found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=3655)
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    found.verify_directly_issued_by(found)


def test_the_server_has_the_names_given_and_those_of_this_machine(centre: Centre) -> None:
    found = certificate(centre)
    found.verify_directly_issued_by(authority(centre))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "centre.example"}
    addresses = {ipaddress.ip_address(one) for one in ("127.0.0.1", "192.0.2.7", "2001:db8::7")}
    assert set(names.get_values_for_type(x509.IPAddress)) == addresses
    assert found.not_valid_before_utc == START - timedelta(days=30)
    assert found.not_valid_after_utc - found.not_valid_before_utc == timedelta(days=397)
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


@pytest.mark.parametrize("name", ["", "a b", "-a", "exämple", "a..b", "https://a", "a" * 254, "a:1"])
def test_what_is_no_host_name_is_refused(centre: Centre, name: str) -> None:
    with pytest.raises(CentreError, match="host name"), centre.begin() as connection:
        tls.create(centre, connection, (name,))


def test_too_many_host_names_are_refused(centre: Centre) -> None:
    with pytest.raises(CentreError, match="20"), centre.begin() as connection:
        tls.create(centre, connection, [f"a{number}" for number in range(19)])


def test_it_is_renewed_only_in_its_last_month_and_with_a_new_key(centre: Centre, clock: Clock) -> None:
    def renewed() -> bool:
        with centre.begin() as connection:
            return tls.renew(centre, connection)

    before = certificate(centre)
    clock.at = before.not_valid_after_utc - timedelta(days=30, seconds=1)
    assert not renewed()
    assert certificate(centre) == before
    clock.move(seconds=1)
    assert renewed()
    after = certificate(centre)
    assert after.not_valid_after_utc > before.not_valid_after_utc
    assert after.public_key() != before.public_key()
    assert not renewed()


def test_a_clock_set_back_leaves_no_certificate_that_has_not_begun(centre: Centre, clock: Clock) -> None:
    right = clock.now()
    clock.move(days=800)
    with centre.begin() as connection:
        assert tls.renew(centre, connection)
    clock.at = right
    assert certificate(centre).not_valid_before_utc > right
    with centre.begin() as connection:
        assert tls.renew(centre, connection)
        assert not tls.renew(centre, connection)
    assert certificate(centre).not_valid_before_utc < right


def test_the_key_on_disk_opens_by_the_vault_alone(centre: Centre) -> None:
    tls.server_context(centre)
    path = centre.folder / "tls" / "server.key.pem"
    data = path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(TypeError):
        serialization.load_pem_private_key(data, None)
    password = centre.vault.derived("server key file").hex().encode()
    key = serialization.load_pem_private_key(data, password)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.public_key() == certificate(centre).public_key()


def test_a_centre_without_its_certificate_says_so(centre: Centre) -> None:
    with centre.begin() as connection:
        centre.forget_secret(connection, "server key")
    with pytest.raises(CentreError, match="server key"):
        tls.server_context(centre)


def test_a_strict_client_trusts_the_authority_alone(line: Line, tmp_path: Path) -> None:
    host, port = line.url.removeprefix("https://").split(":")
    strict = ssl.create_default_context(cafile=line.ca)
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with line.connect() as connection:
        assert connection.version() == "TLSv1.3"
    for name in ("localhost", "127.0.0.1"):
        assert handshake(strict, host, int(port), name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(strict, host, int(port), "centre.example")
    with made(tmp_path / "another", line.clock) as another:
        other = ssl.create_default_context()
        with another.begin() as connection:
            other.load_verify_locations(cadata=identity.anchors(another, connection).ca)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(other, host, int(port), "localhost")


def test_no_tls_before_1_2_is_spoken(line: Line) -> None:
    host, port = line.url.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=line.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        handshake(context, host, int(port), "localhost")
    context.maximum_version = context.minimum_version = ssl.TLSVersion.TLSv1_2
    assert handshake(context, host, int(port), "localhost") == "TLSv1.2"


def test_a_renewed_certificate_is_shown_without_a_restart(centre: Centre, clock: Clock) -> None:
    context = tls.server_context(centre)
    before = (centre.folder / "tls" / "server.pem").read_bytes()
    clock.at = certificate(centre).not_valid_after_utc - timedelta(days=1)
    assert server.renew(centre)
    tls.load_certificate(centre, context)
    after = (centre.folder / "tls" / "server.pem").read_bytes()
    assert after != before
    assert x509.load_pem_x509_certificate(after) == certificate(centre)
    assert not server.renew(centre)


def handshake(context: ssl.SSLContext, host: str, port: int, name: str) -> str | None:
    with (
        socket.create_connection((host, port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as line,
    ):
        return line.version()
