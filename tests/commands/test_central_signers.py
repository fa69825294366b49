"""The signers of seals, from a PEM file at the centre to a booth's store."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkpoint_app.booth.record.signed_objects import put_small, signers_of
from checkpoint_app.central import opening
from checkpoint_app.cli import main
from checkpoint_app.store import Store, create_passphrase_key
from checkpoint_app.store.passphrase_key import Stretching as BoothStretching
from checkpoint_app.wire.header import ListKind, read_untrusted_header
from checkpoint_app.wire.passphrase import Stretching
from tests.booth.helpers import FakeClock
from tests.documents.barcode_samples import Issuer, make_authority, make_issuer

AUTHORITY = make_authority()
PASSPHRASE = "a passphrase for tests"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's folder, which the commands find by the environment."""
    home, passphrase = tmp_path / "centre", tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(home))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CHECKPOINT_ADMIN", "a.muster")
    opening.close(opening.create(home, PASSPHRASE, stretching=Stretching(1, 8 * 1024, 1)))
    return home


def run(*words: object) -> int:
    return main(["central", *map(str, words)])


def write(path: Path, *issuers: Issuer) -> Path:
    path.write_bytes(b"# signers of seals\n" + b"".join(issuer.pem for issuer in issuers))
    return path


def test_signers_reach_a_booth(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "signers.pem", make_issuer(), AUTHORITY)
    assert run("import", "--list", "signers", source) == 0
    assert "signers 1: 1 records, the first version" in capsys.readouterr().out
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: signers 1\n"
    package = (folder / "lists" / "signers-1.list").read_bytes()
    header = read_untrusted_header(io.BytesIO(package))
    assert (header.kind, header.sealed, header.record_count) == (ListKind.SIGNERS, False, 1)

    booth = tmp_path / "booth"
    booth.mkdir()
    key = create_passphrase_key(booth, PASSPHRASE, BoothStretching(1, 64, 1))
    with Store.create(booth, key, booth="test-1", clock=FakeClock()) as store:
        put_small(store, package, {"signers": Ed25519PublicKey.from_public_bytes(bytes.fromhex(header.publisher))})
        found = signers_of(store)
    assert [one.signer for one in found.signers] == ["UTTS"]
    assert [one.country for one in found.authorities] == ["UTO"]


def test_a_changed_list_waits_for_a_second_person(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = write(tmp_path / "signers.pem", make_issuer())
    assert run("import", "--list", "signers", source) == 0
    write(source, make_issuer(), make_issuer(serial=0x33))
    assert run("import", "--list", "signers", source) == 0
    assert "another administrator must approve it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("signers", b"", "signers.pem: no list of signers"),
        ("signers", AUTHORITY.pem[:-40], "signers.pem: no list of signers"),
        ("signers", AUTHORITY.pem + "# Österreich\n".encode(), "signers.pem: no list of signers"),
        ("signers", b"#" * 1_000_000, "more than 921600 bytes"),
        ("SEALS", AUTHORITY.pem, "the one list of signers is named signers"),
    ],
)
def test_what_is_no_list_of_signers(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    said: str,
) -> None:
    source = tmp_path / "signers.pem"
    source.write_bytes(content)
    assert run("import", "--list", name, "--kind", "signers", source) == 2
    assert said in capsys.readouterr().err


def test_signers_are_the_post_s_own(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "signers.pem", AUTHORITY)
    assert run("import", "--list", "signers", source, "--silent") == 2
    assert "is the post's own" in capsys.readouterr().err
