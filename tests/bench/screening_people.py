"""Lists and travellers for measuring the screening: made once by seed, kept in build/bench/screening/.

`generate.py` of the reference data makes them; none of these persons exists. Each list lies beside its package, which
is what a booth's child builds from.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.commands.screen import subject_of
from checkpoint_app.demo.lists import watchlist
from checkpoint_app.demo.names import invent_person
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.importers import read_entries
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.package import write_package
from tests.bench.report import OUT, data_folder

HOME = OUT / "screening"
PACKAGE = "list.package"
LISTED = 3_000
"""So many travellers of each generated set are listed."""
HARD = ("namesake", "namesake_year", "twin", "sibling")
CULTURES = {
    "es": "spanish", "ht": "haitian", "zh": "chinese", "ar": "arabic", "ru": "slavic", "uk": "slavic",
    "en": "english", "de": "german", "tr": "turkish",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A traveller with the truth: the entry expected, or none; ``kind`` says what makes it hard, or "clean"."""

    subject: Subject
    expected: str | None
    kind: str
    culture: str = ""


def read_cases(folder: Path) -> Iterator[Case]:
    """Read queries and their truth."""
    queries = (folder / "queries.jsonl").open(encoding="utf-8")
    truths = (folder / "truth.jsonl").open(encoding="utf-8")
    with queries, truths:
        for query, truth in zip(map(json.loads, queries), map(json.loads, truths), strict=True):
            culture = CULTURES.get(truth.get("culture", ""), "")
            yield Case(subject_of(query), truth["expected"], truth["kind"], culture)


def read_list(folder: Path) -> Iterator[Entry]:
    """Read the entries of a list; raises ValueError where one is refused."""
    return read_entries(folder / "list.jsonl", on_refused=_refused)


def dev10k() -> Path:
    """Return the folder of the reference list of 10,000; raises SkippedError."""
    return data_folder("matching") / "dev10k"


def generator() -> ModuleType:
    """Return the generator of the reference data as a module; raises SkippedError."""
    path = data_folder("matching") / "generate.py"
    spec = importlib.util.spec_from_file_location("reference_generator", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pools() -> dict[str, Any]:
    """Return the generator's pools of names."""
    read: dict[str, Any] = json.loads((data_folder("matching") / "name_pools.json").read_text(encoding="utf-8"))
    return read


def generated(persons: int, clean: int, seed: int) -> Path:
    """Return the folder of a list with its travellers, as the generator itself makes them; made where it is not there.

    Beside ``clean`` travellers there are LISTED listed ones, and a tenth of ``clean`` that are hard to tell.
    """
    folder = HOME / f"persons-{persons}-{seed}"
    if not folder.exists():
        half = folder.with_suffix(".half")
        data = data_folder("matching")
        sizes = [f"--persons={persons}", f"--pos={LISTED}", f"--clean={clean}", f"--seed={seed}"]
        command = [sys.executable, str(data / "generate.py"), *sizes, f"--pools={data / 'name_pools.json'}"]
        subprocess.run([*command, f"--out={half}"], check=True)
        half.rename(folder)
    return folder


def packaged(folder: Path, entries: Iterable[Entry] | None = None) -> Path:
    """Return the package of a folder's list (or of ``entries``), made where it is not there."""
    home = folder if folder.is_relative_to(HOME) else HOME / folder.name
    path = home / PACKAGE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        records = map(entry_to_plain, entries if entries is not None else read_list(folder))
        with half.open("wb") as stream, (home / "scratch").open("w+b") as scratch:
            write_package(
                stream, records, Ed25519PrivateKey.generate(), name="BENCH", kind=ListKind.PERSONS, version=1,
                originator="BENCH", issued_at=datetime(2026, 11, 1, tzinfo=UTC), scratch=scratch,
            )  # fmt: skip
        (home / "scratch").unlink()
        half.rename(path)
    return path


def invented(persons: int = 10_000, clean: int = 10_000) -> tuple[tuple[Entry, ...], list[Case]]:
    """Return a list and travellers out of the demonstration's names, for where there are no reference data."""
    rng = Random(7)
    entries = watchlist(persons)
    cases = [_listed(entry, rng) for entry in rng.sample(entries, min(1000, persons)) if entry.names[0].given]
    for _ in range(clean):
        person = invent_person(rng)
        birth = f"{rng.randrange(40, 100)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
        subject = Subject(person.family, person.given, birth=birth, sex=person.sex, nationality=person.nationality)
        cases.append(Case(subject, None, "clean"))
    return entries, cases


def _listed(entry: Entry, rng: Random) -> Case:
    name = entry.names[0]
    birth = entry.birth_dates[0].first if entry.birth_dates else ""
    state = entry.nationalities[0] if entry.nationalities else ""
    subject = Subject(name.family, name.given, birth=birth, sex=entry.sex, nationality=state)
    kind = rng.choice(("exact", "typo", "swapped", "subset"))
    if kind == "typo":
        at = rng.randrange(len(name.family))
        subject = replace(subject, family_name=name.family[:at] + name.family[at + 1 :])
    if kind == "swapped":
        subject = replace(subject, family_name=name.given, given_names=name.family)
    if kind == "subset":
        subject = replace(subject, given_names=name.given.split()[0])
    return Case(subject, entry.id, kind)


def _refused(line: int, reason: str) -> None:
    raise ValueError(f"reference list, line {line}: {reason}")
