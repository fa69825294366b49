"""Sources of every form, damaged: each is read or refused in words, and every record in it is taken, refused or told.

Seeded, so that a find can be repeated; the short form tries a few thousand files, the long one a hundred thousand.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

from checkpoint_app.screening import entry_from_plain, entry_to_plain
from checkpoint_app.screening.importers import (
    Content,
    Report,
    Source,
    SourceError,
    read_entries,
    read_numbers,
    sources_of,
)
from checkpoint_app.screening.importers.ofac_csv import Part
from tests.screening.importers import samples, test_eu_xml, test_ofac_advanced, test_ofac_xml, test_un_xml

SHORT, LONG = 1_600, 100_000
SLOWEST_S = 3.0
PERSONAL = re.compile(r"M.?.?STER9")
ODD = (b"\x00", b"\x1a", b"\xff", b"\xc3", b'"', b"'", b"\r", b"\n", b"\t", b";", b",", b"{", b"}", b"[", b"]", b"<")
ODD_LONGER = (b"&x;", b"<!DOCTYPE x>", b"-0- ", b"\\ud800", b"9" * 5000, b"\xef\xbb\xbf", b"null", b"[" * 2000, b"\n\n")

SEEDS: dict[str, bytes] = {
    "sdn.csv": samples.SDN.encode("cp1252"),
    "alt.csv": samples.ALT.encode(),
    "add.csv": samples.ADD.encode(),
    "sdn_comments.csv": samples.COMMENTS.encode(),
    "ftm.jsonl": samples.lines(samples.FTM).encode(),
    "plain.jsonl": samples.lines(samples.PLAIN).encode(),
    "notices.jsonl": samples.lines(samples.NOTICES).encode(),
    "page.json": samples.document(samples.PAGE).encode(),
    "line.json": json.dumps(samples.PAGE).encode(),
    "array.json": samples.document(samples.PLAIN).encode(),
    "table.csv": samples.TABLE.encode(),
    "numbers.tsv": samples.NUMBERS.encode(),
    "ofac.xml": test_ofac_xml.LIST.encode(),
    "advanced.xml": test_ofac_advanced.LIST.encode(),
    "un.xml": test_un_xml.LIST.encode(),
    "eu.xml": test_eu_xml.LIST.encode(),
}
RECORDS = {
    "OFAC XML": {"sdnEntry"},
    "OFAC advanced XML": {"DistinctParty"},
    "United Nations XML": {"INDIVIDUAL", "ENTITY"},
    "European Union XML": {"sanctionEntity"},
}


# -- damage ------------------------------------------------------------------------------------------------------------


def _flip(data: bytes, random: Random, _other: bytes) -> bytes:
    turned = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        if turned:
            turned[random.randrange(len(turned))] ^= 1 << random.randrange(8)
    return bytes(turned)


def _put(data: bytes, random: Random, _other: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    odd = random.choice(ODD if random.random() < 0.8 else ODD_LONGER)
    return data[:at] + odd + data[at + random.choice((0, 1)) :]


def _cut(data: bytes, random: Random, _other: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.choice((1, 3, 40, 400)) :]


def _end(data: bytes, random: Random, _other: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _splice(data: bytes, random: Random, other: bytes) -> bytes:
    at, there = random.randrange(len(data) + 1), random.randrange(len(other))
    return data[:at] + other[there : there + random.choice((10, 100, 1000))] + data[at:]


def _lines(data: bytes, random: Random, _other: bytes) -> bytes:
    """Double, remove or exchange whole lines, which leaves most sources sound."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    one, two = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(3):
        case 0:
            lines.insert(two, lines[one])
        case 1:
            del lines[one]
        case _:
            lines[one], lines[two] = lines[two], lines[one]
    return b"".join(lines)


def _fields(data: bytes, random: Random, _other: bytes) -> bytes:
    """Exchange two fields of a line, or take one away."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at = random.randrange(len(lines))
    delimiter = random.choice((b",", b";", b"\t", b'"', b"<", b" "))
    parts = lines[at].split(delimiter)
    one, two = random.randrange(len(parts)), random.randrange(len(parts))
    if random.random() < 0.2:
        del parts[one]
    else:
        parts[one], parts[two] = parts[two], parts[one]
    lines[at] = delimiter.join(parts)
    return b"".join(lines)


DEEDS: tuple[Callable[[bytes, Random, bytes], bytes], ...] = (
    _flip,
    _put,
    _put,
    _cut,
    _end,
    _splice,
    _lines,
    _lines,
    _fields,
    _fields,
)


def damaged(name: str, random: Random) -> bytes:
    """Return a source's bytes with one to several things done to them."""
    data = SEEDS[name]
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        data = random.choice(DEEDS)(data, random, SEEDS[random.choice(list(SEEDS))])
    return data


# -- what is in a source, counted without the importers ----------------------------------------------------------------


def counted(source: Source, data: bytes) -> int | None:
    """Return how many records a simple count finds in ``data``, None where that cannot tell."""
    if source.form.startswith(("JSON lines", "OFAC CSV")):
        return _filled_lines(data)
    if source.form.startswith("table"):
        return None if b'"' in data else _filled_lines(data) - (1 if "persons" in source.form else _headings(data))
    if source.form in RECORDS:
        return _elements(data, RECORDS[source.form])
    return _members(data)


def _filled_lines(data: bytes) -> int:
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return sum(bool(line.strip().strip(b"\x1a")) for line in lines)


def _headings(data: bytes) -> int:
    """Return 1 unless a table begins with a document number, as no table of persons does."""
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n")[0]
    return int(b"number" in first or not re.match(rb"[\w -]*\d[\w -]*[\t\r;,|]|[\w -]*\d[\w -]*$", first))


def _elements(data: bytes, names: set[str]) -> int | None:
    """Count elements; a file that is not well formed cannot be counted, for the rest of it is refused as one."""
    try:
        root = ET.parse(io.BytesIO(data)).getroot()
    except (ET.ParseError, LookupError, ValueError):
        return None
    return sum(element.tag.rpartition("}")[2] in names for element in root.iter() if element is not root)


def _members(data: bytes) -> int | None:
    doubled: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        doubled.extend(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return dict(pairs)

    value = json.loads(data.decode("utf-8-sig").rstrip("\x1a \r\n\t"), object_pairs_hook=once)
    if doubled:
        return None
    if isinstance(value, list):
        return len(value)
    embedded = value.get("_embedded")
    notices = embedded.get("notices") if isinstance(embedded, dict) else None
    return len(notices) if isinstance(notices, list) else 1


# -- the run -----------------------------------------------------------------------------------------------------------


def tried(folder: Path, name: str, data: bytes) -> str:
    """Read one damaged source, with the other files of its list beside it; return its form, empty if it was refused."""
    path = folder / name
    path.write_bytes(data)
    main = folder / "sdn.csv" if name in samples.OFAC else path
    try:
        return _read(main, path, data)
    except SourceError as refusal:
        _check_words(str(refusal))
        return ""
    finally:
        if name in samples.OFAC:
            path.write_bytes(SEEDS[name])


def _read(main: Path, path: Path, data: bytes) -> str:
    (source,) = sources_of([main])
    report = Report(source.told)
    if source.content is Content.NUMBERS:
        taken = sum(1 for _ in report.counting(read_numbers(source, on_refused=report.refuse)))
    else:
        found = read_entries(source, on_refused=report.refuse, on_left_out=report.leave_out)
        entries = list(report.counting(found))
        taken = len(entries)
        assert all(entry_from_plain(entry_to_plain(entry)) == entry for entry in entries)
        assert len({entry.id for entry in entries}) == taken
    assert report.read == taken + report.refusals
    for line, reason in [*report.refused, *((1, reason) for reason in report.left_out)]:
        assert line >= 1
        _check_words(reason)
    if main == path and (expected := counted(source, data)) is not None:
        assert report.read == expected, (source.form, report)
    if source.parts:
        _check_parts(source, report)
    return source.form


def _check_parts(source: Source, report: Report) -> None:
    """Assert that each row of the names' file is a name of an entry that is in the main file, or is told."""
    names = source.parts[Part.NAMES]
    rows = _filled_lines(names.read_bytes())
    reasons = {reason: count for reason, count in report.left_out.items() if "perhaps its end" not in reason}
    told = sum(count for reason, count in reasons.items() if reason.startswith(f"{names.name}: "))
    there = {line.split(b",")[0].strip(b' "\xef\xbb\xbf') for line in source.path.read_bytes().split(b"\n")}
    joined = sum(
        line.split(b",")[0].strip(b' "\xef\xbb\xbf') in there
        for line in names.read_bytes().split(b"\n")
        if line.strip().strip(b"\x1a")
    )
    assert rows - joined <= told <= rows


def _check_words(words: str) -> None:
    assert words
    assert "\n" not in words
    assert len(words) < 400
    assert not PERSONAL.search(words)


def test_damaged_sources(long_campaign: bool, tmp_path: Path) -> None:
    random = Random(20261127)
    for name in samples.OFAC:
        (tmp_path / name).write_bytes(SEEDS[name])
    count, slowest = LONG if long_campaign else SHORT, 0.0
    forms: Counter[str] = Counter()
    for number in range(count):
        name = random.choice(list(SEEDS))
        data = damaged(name, random)
        began = time.process_time()
        try:
            forms[tried(tmp_path, name, data)] += 1
        except Exception:
            (tmp_path / f"found-{name}").write_bytes(data)
            print(f"number {number} of {name}; it lies in {tmp_path}")
            raise
        slowest = max(slowest, time.process_time() - began)
    print(f"{count} sources, slowest {slowest * 1000:.0f} ms of CPU: {dict(forms)}")
    assert slowest < SLOWEST_S
    assert forms[""] < count // 2  # else the damage is so rough that nothing but refusals was tried
    assert all(any(form.startswith(word) for form in forms) for word in ("OFAC CSV", "JSON document", *RECORDS))


def test_the_sound_sources_are_read_whole(tmp_path: Path) -> None:
    for name in samples.OFAC:
        (tmp_path / name).write_bytes(SEEDS[name])
    for name, data in SEEDS.items():
        assert tried(tmp_path, name, data), name
