"""Zones of real and drawn documents: the truths of the reference data."""

import csv
import os
from pathlib import Path

import pytest

from checkpoint_app.documents import parse_mrz, split_lines, to_mrz
from tests.documents.helpers import TODAY

pytestmark = pytest.mark.data

# Printed on specimens or by their state, but on no list: each must be shown as "not verified", and so is not valid.
NOT_ON_THE_LIST = {
    "100_id-mac": ("nationality", "missing"),  # Macao's card states no nationality
    "100_id-rou": ("nationality", "characters"),  # 132 is printed there
    "100_id-si": ("issuer", "unknown_code"),  # SI for SVN
    "100_pass-bdr": ("issuer", "unknown_code"),  # the printer's own code
}


def truths() -> list[tuple[str, str, tuple[str, ...]]]:
    folder = os.environ.get("CHECKPOINT_DATA")
    manifest = Path(folder or "missing") / "optics" / "MANIFEST.tsv"
    if not manifest.exists():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        (row["path"], row["format"], tuple(row["truth"].split("|")))
        for row in rows
        if row["truth"] != "-" and not row["format"].startswith("barcode")
    ]


def test_each_truth_is_valid_but_for_codes_on_no_list() -> None:
    zones = truths()
    assert len(zones) > 200
    for path, format_, lines in zones:
        mrz = parse_mrz(lines, TODAY)
        assert mrz.document.format == format_
        known = next((fault for name, fault in NOT_ON_THE_LIST.items() if name in path), None)
        if known is None:
            assert mrz.valid, (path, mrz.faults)
        else:
            assert (mrz.faults[0].field, mrz.faults[0].code) == known
            assert all(digit.ok for digit in mrz.check_digits)


def test_each_truth_survives_a_wedge_and_comes_back() -> None:
    for _path, _format, lines in truths():
        for separator in ("\r\n", "\t", ""):
            assert split_lines(separator.join(lines)) == lines
        mrz = parse_mrz(lines, TODAY)
        if mrz.valid:
            again = parse_mrz(to_mrz(mrz.document), TODAY)
            assert again.document.family_name == mrz.document.family_name
            assert again.document.document_number == mrz.document.document_number
            assert again.valid
