"""The child that builds: it tells how far it is, merges a base and its deltas, and leaves nothing in clear."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.booth.lists import segment_build
from checkpoint_app.booth.lists.list_updates import new_builder
from checkpoint_app.booth.lists.segment_build import MAX_DELTAS, Layers, build, layers_request_of, request_of
from checkpoint_app.confined import RefusalError
from checkpoint_app.screening import ENGINE, Calibration, PersonList, load
from checkpoint_app.screening.blocks import BLOCKS
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.layers import LayeredPersons, build_delta, load_delta
from checkpoint_app.store.segments import SegmentReader, SegmentWriter
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.header import ListKind, publisher_id, write_header
from checkpoint_app.wire.progress import read_progress
from checkpoint_app.wire.repository import MOST_DELTAS
from checkpoint_app.wire.sealing import new_key
from tests.wire.helpers import CONTENT_KEY, package, read_all

COUNT = 1_200
CALIBRATION = Calibration(ENGINE, 12_000, 1000, 1000, 10_000, COUNT, 1)
KEY = new_key()
MUSTER = Subject("MUSTER", "KLARA", birth="800102", sex="F")


def person(number: int, family: str = "EJEMPLO", given: str = "UNO", born: str = "") -> dict[str, object]:
    date = born or f"{1950 + number % 50}-{1 + number % 12:02d}-{1 + number % 28:02d}"
    names = [{"family": family, "given": given}]
    return {"id": f"L{number}", "schema": "Person", "names": names, "birth_dates": [{"first": date}], "sex": "F"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    messages: list[bytes] = []
    monkeypatch.setattr(segment_build, "emit", messages.append)
    return messages


@pytest.fixture
def base(tmp_path: Path, told: list[bytes]) -> Path:
    """A base of which number 7 is MUSTER, built from a package."""
    records = [person(n) for n in range(COUNT)]
    records[7] = person(7, "MUSTER", "KLARA", "1980-01-02")
    data = package(records, calibration=CALIBRATION.to_plain())
    header, _ = read_all(data)
    (tmp_path / "a.list").write_bytes(data)
    request = request_of(tmp_path / "a.list", header, CONTENT_KEY, tmp_path / "base", KEY)
    assert read_canonical(build(request), 100) == {"records": COUNT}
    return tmp_path / "base"


def merged_request(places, total, calibration, segment, key):  # type: ignore[no-untyped-def]
    layers = Layers(ListKind.PERSONS, places, deltas=False, total=total, calibration=calibration.to_plain())
    return layers_request_of(layers, segment, key)


def layer(folder: Path, name: str, records: list[dict[str, object]], removed: list[str]) -> Path:
    with SegmentWriter(folder / name, KEY) as writer:
        for section, data in build_delta(records, removed, CALIBRATION):
            writer.add(section, data)
        writer.finish()
    return folder / name


def sections_of(path: Path) -> dict[str, object]:
    with SegmentReader(path, KEY) as reader:
        return {name: reader.section(name, at_rest=name == BLOCKS) for name in reader.sections()}


def list_of(path: Path) -> PersonList:
    persons = load("persons", sections_of(path))  # type: ignore[arg-type]
    assert isinstance(persons, PersonList)
    return persons


def test_it_tells_how_far_it_is(base: Path, told: list[bytes]) -> None:
    steps = [read_progress(message) for message in told]
    assert steps == [(500, COUNT), (1000, COUNT), (COUNT, COUNT)]


@pytest.mark.parametrize(
    "message", [b"", b"x", b"[1]", b"[2,1]", b"[-1,1]", b'["1",2]', b"[1,2,3]", b"[1," + b"9" * 99]
)
def test_what_is_no_progress_is_none(message: bytes) -> None:
    assert read_progress(message) is None
    assert read_progress(canonical_bytes([0, 0])) == (0, 0)


def test_nothing_is_in_clear_and_the_list_answers_when_its_file_is_gone(base: Path) -> None:
    whole = base.read_bytes()
    assert not any(word in whole for word in (b"MUSTER", b"KLARA", b"1980-01-02"))
    persons = list_of(base)
    base.unlink()
    assert [one.entry_id for one in persons.screen(MUSTER, hits_only=True)] == ["L7"]


def test_a_merged_base_is_what_the_layers_were(base: Path, tmp_path: Path, told: list[bytes]) -> None:
    layers = [
        base,
        layer(tmp_path, "d1", [person(COUNT, "PRUEBA", "MARTA", "1961-03-04")], ["L7", "L8"]),
        layer(tmp_path, "d2", [person(9, "MUSTER", "KLARA", "1980-01-02")], ["NOBODY"]),
    ]
    first = list_of(base)
    layered = LayeredPersons(first, [load_delta(sections_of(path), first) for path in layers[1:]])  # type: ignore[arg-type]
    told.clear()
    request = merged_request([(path, KEY) for path in layers], len(layered), CALIBRATION, tmp_path / "new", KEY)
    assert read_canonical(build(request), 100) == {"records": len(layered)}
    assert read_progress(told[-1]) == (COUNT - 1, COUNT - 1)
    merged = list_of(tmp_path / "new")
    assert len(merged) == len(layered) == COUNT - 1
    for subject in (MUSTER, Subject("PRUEBA", "MARTA", birth="610304", sex="F")):
        found = [[one.entry_id for one in each.screen(subject, hits_only=True)] for each in (layered, merged)]
        assert found[0] == found[1]
        assert len(found[0]) == 1
    assert list(tmp_path.glob("*.half")) == []


def test_layers_that_are_damaged_are_refused(base: Path, tmp_path: Path) -> None:
    no_delta = base  # it has no section of what is removed
    request = merged_request([(base, KEY), (no_delta, KEY)], COUNT, CALIBRATION, tmp_path / "new", KEY)
    with pytest.raises(RefusalError, match="bad_record"):
        build(request)
    with pytest.raises(RefusalError, match="disk_failed"):
        build(merged_request([(tmp_path / "none", KEY)], COUNT, CALIBRATION, tmp_path / "new", KEY))
    assert not (tmp_path / "new").exists()
    for layers in ((), [(base, KEY)] * (MAX_DELTAS + 2)):
        with pytest.raises(ValueError, match="a base and at most"):
            merged_request(layers, COUNT, CALIBRATION, tmp_path / "new", KEY)


@pytest.mark.parametrize("change", [{"calibration": replace(CALIBRATION, threshold=90_000).to_plain()}, {"kind": None}])
def test_a_file_that_was_exchanged_after_its_signature_was_verified_is_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    """The same payload under a stranger's header would be another list: nobody reaches a threshold of its choice."""
    data = package([person(1)], calibration=CALIBRATION.to_plain())
    header, _ = read_all(data)
    payload = data[-header.payload_bytes :]
    stranger = Ed25519PrivateKey.generate()
    change = {name: value or ListKind.DOCUMENTS for name, value in change.items()}
    other = replace(header, publisher=publisher_id(stranger.public_key()), **change)  # type: ignore[arg-type]
    (tmp_path / "a.list").write_bytes(write_header(other, stranger) + payload)
    with pytest.raises(RefusalError) as caught:
        build(request_of(tmp_path / "a.list", header, CONTENT_KEY, tmp_path / "new", KEY))
    assert caught.value.code == "tampered"
    assert not (tmp_path / "new").exists()


def test_as_many_layers_become_one_as_a_booth_can_have_at_once(base: Path, tmp_path: Path) -> None:
    """A booth that was off for weeks takes all deltas of a role before any are joined: each is two open files."""
    extra = [layer(tmp_path, f"d{n}", [person(COUNT + n)], [f"L{n}"]) for n in range(MOST_DELTAS + 8)]
    builder = new_builder()
    try:
        for layers in ([base, *extra], extra):
            places = [(path, KEY) for path in layers]
            asked = Layers(ListKind.PERSONS, places, layers is extra, COUNT, CALIBRATION.to_plain())
            builder.call(layers_request_of(asked, tmp_path / "new", KEY), 60)
    finally:
        builder.close()


def test_ids_that_are_removed_are_not_held(tmp_path: Path) -> None:
    """An id has up to 4,000 characters, and a step may remove a million: more than a booth has memory."""

    def every() -> Iterator[dict[str, object]]:
        for number in range(60):
            yield {"removed": [f"{number}-{place}".ljust(4000, "x") for place in range(250)]}
        yield person(1)

    tracemalloc.start()
    sections = dict(segment_build._delta_sections(every(), CALIBRATION))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sections["removed"]) == 60 * 250 * 8
    assert most < 20_000_000


def test_no_key_is_told_with_the_layers() -> None:
    assert "KEY" not in repr(Layers(ListKind.PERSONS, [(Path("a"), b"KEY")], deltas=False, total=1))
