"""The centre's own certificate authority and the server's certificate (X.509, RFC 5280), for TLS 1.2 and later.

Booths pin the authority at enrolment, so that no other can vouch for the centre. A certificate begins a month in the
past, since the clock of a booth may be wrong by days.
"""

from __future__ import annotations

import ipaddress
import json
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import Connection

from checkpoint_app.central import files
from checkpoint_app.central.centre import Centre, CentreError, fact, keep_fact

AUTHORITY_LIFETIME = timedelta(days=3653)
SERVER_LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)
BACK = timedelta(days=30)
MOST_HOST_NAMES = 20
_ALWAYS = ("localhost", "127.0.0.1")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_CA, _CERTIFICATE, _HOSTS = "ca", "server certificate", "host names"  # in meta
_CA_KEY, _SERVER_KEY = "ca key", "server key"  # in secrets
_FOLDER, _CHAIN_FILE, _KEY_FILE = "tls", "server.pem", "server.key.pem"


def create(centre: Centre, connection: Connection, host_names: Sequence[str]) -> None:
    """Make the authority and the first server certificate, for these names and addresses. Raises CentreError."""
    names = _checked(host_names)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _authority(key, centre.now())
    centre.keep_secret(connection, _CA_KEY, _der(key))
    keep_fact(connection, _CA, certificate.public_bytes(serialization.Encoding.PEM).decode())
    keep_fact(connection, _HOSTS, json.dumps(names))
    _issue(centre, connection)


def authority(connection: Connection) -> x509.Certificate:
    """Return the authority's certificate. Raises CentreError."""
    return _certificate(connection, _CA)


def renew(centre: Centre, connection: Connection) -> bool:
    """Make a new server certificate if the one there has less than 30 days left, or has not begun. Tell whether it did.

    It has not begun where the centre's clock was set back.
    """
    there, now = _certificate(connection, _CERTIFICATE), centre.now()
    if there.not_valid_before_utc <= now and there.not_valid_after_utc - now > RENEW_BEFORE:
        return False
    _issue(centre, connection)
    return True


def server_context(centre: Centre) -> ssl.SSLContext:
    """Return the server's side of TLS. Raises CentreError, OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_certificate(centre, context)
    return context


def load_certificate(centre: Centre, context: ssl.SSLContext) -> None:
    """Let ``context`` show the newest certificate from its next connection on. Raises CentreError, OSError.

    The library reads it from files only; the key's is encrypted under a password that the vault derives.
    """
    folder = files.private_folder(centre.folder / _FOLDER)
    password = centre.vault.derived("server key file").hex().encode()
    with centre.begin() as connection:
        chain = _told(connection, _CERTIFICATE).encode()
        key = _key(centre, connection, _SERVER_KEY)
    encryption = serialization.BestAvailableEncryption(password)
    form = serialization.PrivateFormat.PKCS8
    _write(folder / _KEY_FILE, key.private_bytes(serialization.Encoding.PEM, form, encryption))
    _write(folder / _CHAIN_FILE, chain)
    context.load_cert_chain(folder / _CHAIN_FILE, folder / _KEY_FILE, password)


def _write(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        files.write_whole(path, data)


def _checked(host_names: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys([*_ALWAYS, *host_names]))
    if len(names) > MOST_HOST_NAMES:
        raise CentreError("host_names", f"more than {MOST_HOST_NAMES} host names; give fewer")
    for name in names:
        if not isinstance(_san(name), x509.IPAddress) and not _HOST.fullmatch(name):
            raise CentreError("host_names", f"{name!r}: neither a host name nor an IP address; write it in ASCII")
    return names


def _san(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name if name.isascii() else "")


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _named("checkpoint central authority")
    builder = _builder(name, name, key, now, AUTHORITY_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(_usage(signs_certificates=True), critical=True).sign(key, hashes.SHA256())


def _issue(centre: Centre, connection: Connection) -> None:
    """Make a new key and certificate of the server, in the place of those there."""
    issuer, issuer_key = authority(connection), _key(centre, connection, _CA_KEY)
    key = ec.generate_private_key(ec.SECP256R1())
    hosts = json.loads(_told(connection, _HOSTS))
    server = [ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = (
        _builder(_named("checkpoint central service"), issuer.subject, key, centre.now(), SERVER_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(server), critical=False)
        .add_extension(x509.SubjectAlternativeName([_san(host) for host in hosts]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    centre.forget_secret(connection, _SERVER_KEY)
    centre.keep_secret(connection, _SERVER_KEY, _der(key))
    keep_fact(connection, _CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM).decode())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    begins = now.astimezone(UTC) - BACK
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(begins).not_valid_after(begins + lifetime)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    encoding, form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption())


def _key(centre: Centre, connection: Connection, name: str) -> ec.EllipticCurvePrivateKey:
    kept = centre.secret(connection, name)
    key = None if kept is None else serialization.load_der_private_key(kept, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CentreError("centre_damaged", f"the centre's database has no {name}; restore it from a backup")
    return key


def _told(connection: Connection, name: str) -> str:
    text = fact(connection, name)
    if text is None:
        raise CentreError("centre_damaged", f"the centre's database has no {name}; restore it from a backup")
    return text


def _certificate(connection: Connection, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(_told(connection, name).encode())
