"""The reference pictures of documents, with their truth."""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A reference picture; ``truth`` is the zone's lines, or none where there is no conforming zone."""

    path: Path
    group: str
    format: str
    truth: tuple[str, ...]
    code: bytes

    @property
    def name(self) -> str:
        """The picture's group and file."""
        return f"{self.group}/{self.path.name}"

    @property
    def kind(self) -> str:
        """Its group; of synthetic pictures also which half: odd numbers are the hard one."""
        if self.group != "synth":
            return self.group
        digits = "".join(c for c in self.path.stem if c.isdigit())
        return "synth hard" if digits and int(digits) % 2 else "synth easy"


def load(root: Path) -> Iterable[Case]:
    """Yield the reference pictures."""
    with (root / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        group = row["path"].split("/")[0]
        barcode = row["format"].startswith("barcode")
        truth = () if barcode or row["truth"] == "-" else tuple(row["truth"].split("|"))
        payload = base64.b64decode(row["truth"]) if barcode else b""
        yield Case(root / row["path"], group, row["format"], truth, payload)


def peer_sample(cases: Sequence[Case]) -> list[Case]:
    """Return the pictures that slow peers read too: all real and negative ones, a quarter of the synthetic ones."""
    synth = [case for case in cases if case.group == "synth"][::4]
    return [case for case in cases if case.group in ("real", "negative")] + synth
