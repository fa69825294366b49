"""Barcodes of the reference data: each payload that follows its standard is read without a fault.

Two kinds there do not. The visas' seals are random bytes between the magic byte and the signature. And the first
flight's conditional items of the boarding passes leave out the source of issuance, so that the items after it stand one
place too early.
"""

import base64
import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from checkpoint_app.documents.barcodes.aamva import Licence
from checkpoint_app.documents.barcodes.bcbp import BoardingPass
from checkpoint_app.documents.barcodes.content import content_of
from checkpoint_app.documents.barcodes.errors import BarcodeError
from checkpoint_app.documents.barcodes.vds_nc import SealNc
from tests.documents.helpers import TODAY

pytestmark = pytest.mark.data
SHIFTED = [("issue_date", "date"), ("issuer", "characters")]


def payloads() -> list[tuple[str, str, bytes]]:
    folder = os.environ.get("CHECKPOINT_DATA")
    manifest = Path(folder or "missing") / "optics" / "MANIFEST.tsv"
    if not manifest.exists():
        pytest.skip("reference data not here: set CHECKPOINT_DATA to its folder")
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["truth"] != "-"]
    codes = [row for row in rows if row["format"].startswith("barcode:")]
    return [(row["note"].split(";")[0], row["format"][8:], base64.b64decode(row["truth"])) for row in codes]


def test_every_payload() -> None:
    found: Counter[str] = Counter()
    for kind, symbology, data in payloads():
        if kind == "vds":
            with pytest.raises(BarcodeError):
                content_of(symbology, data, TODAY)
        else:
            value = content_of(symbology, data, TODAY)
            assert isinstance(value, {"bcbp": BoardingPass, "aamva": Licence, "vdsnc": SealNc}[kind])
            faults = [(fault.field, fault.code) for fault in value.faults]
            assert faults == (SHIFTED if b">617" in data else [])
        found[kind] += 1
    assert found == {"bcbp": 24, "aamva": 8, "vdsnc": 8, "vds": 8}
