"""What the demo's partners send: signed packages of synthetic lists, and the one entry more of the newer list."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.demo import partners
from checkpoint_app.demo.partners import PARTNER_LISTS, calibration_file, entry_like, read_json, write_partner_package
from checkpoint_app.demo.tray import tray
from checkpoint_app.screening import Calibration, entry_from_plain, entry_to_plain
from checkpoint_app.wire.header import ListKind, read_header
from checkpoint_app.wire.package import iter_records

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
CARD = next(item for item in tray(date(2026, 11, 27)) if item.name == "6-card")


def test_a_package_is_signed_by_its_partner_and_holds_the_entry_more(tmp_path):
    wanted = PARTNER_LISTS[0]
    more = entry_to_plain(entry_like(CARD.document, "ECU-LATE"))
    path = write_partner_package(
        wanted, tmp_path, KEY, version=90, issued_at=NOW, agreement=wanted.agreement(NOW), more=[more]
    )
    with path.open("rb") as file:
        header = read_header(file, {"ECU": KEY.public_key()})
        last = list(iter_records(file, header))[-1]
    assert (header.kind, header.version, header.originator, header.sealed) == (ListKind.PERSONS, 90, "ECU", False)
    entry = entry_from_plain(last)
    assert (entry.id, entry.names[0].family, entry.remarks) == ("ECU-LATE", "AURORA BOREAL", "SYNTHETIC")


def test_no_entry_of_the_list_is_the_one_that_comes_later():
    names = {entry.names[0].family for entry in partners.lists.watchlist(2_000)}
    assert CARD.document.family_name not in names


def test_an_entry_needs_a_whole_date_of_birth():
    from dataclasses import replace

    with pytest.raises(ValueError, match="whole dates"):
        entry_like(replace(CARD.document, birth_date=None), "X")


def test_the_calibration_is_found_once_and_again_when_it_was_damaged(tmp_path, monkeypatch):
    found = []

    def calibrate(entries, travellers):
        found.append(travellers)
        return Calibration(partners.ENGINE, 9_000, 1000, 900, 3000, 20, 1)

    monkeypatch.setattr(partners, "calibrate", calibrate)
    for _ in range(2):
        kept = Calibration.from_plain(read_json(calibration_file(tmp_path)))
        assert kept.engine == partners.ENGINE
    assert found == [partners.TRAVELLERS]
    (tmp_path / "calibration.json").write_text("{}")
    calibration_file(tmp_path)
    assert len(found) == 2
