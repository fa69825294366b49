"""Deltas at the booth: each a step from what is in force, in order, once; what they make is the list."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint_app.booth.lists import list_layers, lists_in_force
from checkpoint_app.booth.lists.list_layers import MOST_LAYERS, layers_to_join, loaded_list
from checkpoint_app.booth.lists.list_updates import apply_inbox, footing_of, join_layers, new_builder, refused_mark
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.screening import SegmentError, entry_to_plain, number_to_plain
from checkpoint_app.screening.entry import (
    DocumentCategory,
    Entry,
    ListedDate,
    ListedNumber,
    Name,
    Subject,
)
from checkpoint_app.screening.layers import LayeredPersons
from checkpoint_app.screening.numbers.blocks import from_records, to_records
from checkpoint_app.screening.numbers.build import blocks_of
from checkpoint_app.screening.numbers.delta import NumberDelta, make_delta, together
from checkpoint_app.screening.numbers.form import Chunk, Head, joined, key_id, ordered
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.sync.lease import take_grants
from checkpoint_app.verdict import Advice, NotDone, Outcome
from checkpoint_app.wire.api import Grants
from checkpoint_app.wire.grant import grant_key, write_grant
from checkpoint_app.wire.header import ListKind, PackageHeader, Step, read_untrusted_header
from checkpoint_app.wire.sealing import new_key
from tests.booth.desk.test_desk import ANNA
from tests.booth.helpers import ERIKSON, OTHERS, PASSPHRASE, START, Booth, Publisher, make_booth


def header_of(path: Path) -> PackageHeader:
    with path.open("rb") as stream:
        return read_untrusted_header(stream, delta=path.suffix == ".delta")


@dataclass
class Series:
    """The packages of one list under one content key, laid into a booth's inbox."""

    publisher: Publisher
    store: Store
    inbox: Path
    not_after: object = START + timedelta(days=30)
    key: bytes = field(default_factory=new_key)
    digests: dict[int, str] = field(default_factory=dict)

    def whole(self, version: int, entries: tuple[Entry, ...]) -> Path:
        path = self.publisher.persons(
            self.inbox, self.store, entries, version=version, content_key=self.key, not_after=self.not_after
        )
        self.digests[version] = header_of(path).payload_digest
        return path

    def delta(
        self, base: int, version: int, added: tuple[Entry, ...] = (), removed: tuple[str, ...] = (), **changes: object
    ) -> Path:
        self.digests.setdefault(version, f"{version:064x}")
        step = Step(base, self.digests[base], self.digests[version], 51)
        records = [{"removed": list(removed)}, *map(entry_to_plain, added)]
        changes = {"content_key": self.key, "not_after": self.not_after, "step": step, "version": version, **changes}
        return self.publisher._list(self.inbox, self.store, "ECU", ListKind.PERSONS, records, changes)


@pytest.fixture
def made(tmp_path: Path):
    publisher, clock = make_booth(tmp_path, persons=None)
    with Store.open(tmp_path / "data", open_passphrase_key(tmp_path / "data", PASSPHRASE), clock=clock) as store:
        series = Series(publisher, store, tmp_path / "inbox")
        series.whole(1, (*OTHERS, ERIKSON))
        yield series


def apply(series: Series) -> list[tuple[str, int, str]]:
    return [(one.name, one.version, one.refused) for one in apply_inbox(Records(series.store), series.inbox)]


def ecu(series: Series):
    return next(copy for copy in series.store.lists.in_force() if copy.header.name == "ECU")


def found(series: Series, subject: Subject) -> list[str]:
    return [one.entry_id for one in loaded_list(ecu(series)).persons.screen(subject, hits_only=True)]


ANA = Subject("ERIKSON", "ANA MARIA", birth="740821", sex="F", nationality="ECU")
NEWCOMER = Entry("N-1", "Person", (Name("NUEVO", "Pedro"),), (ListedDate("1981-02-03", "1981-02-03"),), "M", ("PER",))
PEDRO = Subject("NUEVO", "PEDRO", birth="810203", sex="M", nationality="PER")


def test_deltas_are_applied_in_order_though_they_came_together(made: Series) -> None:
    made.delta(1, 2, (NEWCOMER,))
    made.delta(2, 5, (), ("E-1",))
    assert apply(made) == [("ECU", 1, ""), ("ECU", 2, ""), ("ECU", 5, ""), ("INTL", 1, "")]
    copy = ecu(made)
    assert (copy.header.version, len(copy.layers), copy.header.step) == (5, 3, None)
    assert copy.header.payload_digest == made.digests[5]
    assert (found(made, PEDRO), found(made, ANA)) == (["N-1"], [])
    assert apply(made) == []


def test_an_entry_that_changed_answers_in_its_newer_form_only(made: Series) -> None:
    apply(made)
    assert found(made, ANA) == ["E-1"]
    moved = replace(ERIKSON, birth_dates=(ListedDate("1999-12-31", "1999-12-31"),), names=(Name("OTRA", "Persona"),))
    made.delta(1, 2, (moved,))
    apply(made)
    assert found(made, ANA) == []
    assert found(made, Subject("OTRA", "PERSONA", birth="991231", sex="F", nationality="ECU")) == ["E-1"]


def test_a_delta_of_another_version_waits_and_is_never_applied_out_of_order(made: Series) -> None:
    made.digests[2] = "2" * 64
    made.delta(2, 3, (NEWCOMER,))
    apply(made)
    assert ecu(made).header.version == 1
    made.delta(1, 2, (), ("E-1",))
    assert apply(made) == [("ECU", 2, ""), ("ECU", 3, "")]
    assert (found(made, PEDRO), found(made, ANA)) == (["N-1"], [])


def test_a_delta_of_other_content_than_is_in_force_is_refused_once_and_marked(made: Series) -> None:
    apply(made)
    made.digests[1] = "c" * 64
    path = made.delta(1, 2, (NEWCOMER,))
    assert apply(made) == [("ECU", 2, "out_of_order")]
    assert refused_mark(path).exists()
    assert apply(made) == []
    assert ecu(made).header.version == 1


def test_a_delta_that_only_wants_a_key_is_not_marked_and_waits_for_its_grant(made: Series) -> None:
    apply(made)
    made.store.leases.end_all()
    path = made.delta(1, 2, (NEWCOMER,), not_after=START - timedelta(days=1))
    assert apply(made) == [("ECU", 2, "lease_ended")]
    (path.parent / "ECU.grant").unlink()
    assert ("ECU", 2, "no_key") in apply(made)
    assert not refused_mark(path).exists()
    made.delta(1, 2, (NEWCOMER,))
    assert ("ECU", 2, "") in apply(made)


@pytest.mark.parametrize("place", [-1, -40, 30])
def test_a_damaged_delta_is_refused_and_the_list_stays(made: Series, place: int) -> None:
    apply(made)
    path = made.delta(1, 2, (NEWCOMER,))
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    [(_, _, why)] = apply(made)
    assert why == "tampered"
    assert (ecu(made).header.version, found(made, ANA)) == (1, ["E-1"])


def test_a_whole_package_named_as_a_delta_is_none_and_the_other_way_round(made: Series) -> None:
    apply(made)
    whole = made.whole(2, OTHERS)
    whole.rename(made.inbox / "ECU-1-2.delta")
    made.digests[3] = "3" * 64
    made.delta(1, 3, (NEWCOMER,)).rename(made.inbox / "ECU-3.list")
    assert {why for _, _, why in apply(made)} == {"not_a_package"}
    assert ecu(made).header.version == 1


def test_a_delta_without_its_key_takes_that_of_the_lease(made: Series) -> None:
    apply(made)
    made.delta(1, 2, (NEWCOMER,))
    (made.inbox / "ECU.grant").unlink()
    assert apply(made) == [("ECU", 2, "")]


def test_layers_become_one_and_answer_the_same(made: Series, tmp_path: Path) -> None:
    apply(made)
    version = 1
    for number in range(MOST_LAYERS + 1):
        extra = replace(NEWCOMER, id=f"N-{number}")
        made.delta(version, version + 1, (extra,), (f"O-{number}",))
        version += 1
    apply(made)
    copy = ecu(made)
    assert len(copy.layers) == MOST_LAYERS + 2
    keep, layers = layers_to_join(copy)
    assert (keep, len(layers.places), layers.deltas) == (1, MOST_LAYERS + 1, True)
    before = [found(made, PEDRO), found(made, ANA)]
    records, builder = Records(made.store), new_builder()
    try:
        footing = footing_of(records)
        count = join_layers(layers, footing, builder)
        now = made.store.lists.replace_layers(copy, keep, footing.segment, footing.segment_key, count)
    finally:
        builder.close()
    assert len(now.layers) == 2
    assert [found(made, PEDRO), found(made, ANA)] == before
    third = found(made, Subject("PRUEBA003", "NADIE", birth="600101", sex="M", nationality="CHL"))
    assert third
    assert "O-3" not in third
    assert {path.name for path in (tmp_path / "data" / "segments").iterdir()} == {
        layer.path.name for one in made.store.lists.in_force() for layer in one.layers
    }


def test_a_join_that_was_overtaken_leaves_nothing(made: Series) -> None:
    apply(made)
    before = ecu(made)
    made.delta(1, 2, (NEWCOMER,))
    apply(made)
    path, key = made.store.lists.new_segment()
    path.write_bytes(b"built meanwhile")
    assert made.store.lists.replace_layers(before, 0, path, key, 1) is None
    assert not path.exists()
    assert len(ecu(made).layers) == 2


# -- document numbers -------------------------------------------------------------------------------------------------

KEY = bytes(range(32))


def chunk(pairs: set[tuple[int, int]]) -> Chunk:
    one = sorted(pairs)
    return ordered(np.array([h for h, _ in one], np.uint64), np.array([t for _, t in one], np.uint16))


def head(pairs: set[tuple[int, int]]) -> Head:
    return Head(KEY, ("", "UTO"), len(pairs))


PAIRS = st.sets(st.tuples(st.integers(0, 6), st.integers(0, 3)), max_size=12)


@given(st.lists(PAIRS, min_size=2, max_size=6))
@settings(deadline=None)
def test_steps_of_numbers_taken_together_do_what_they_do_one_after_the_other(
    states: list[set[tuple[int, int]]],
) -> None:
    steps = [make_delta(head(a), [chunk(a)], head(b), [chunk(b)]) for a, b in itertools.pairwise(states)]
    one = together(steps)
    for number in range(7):
        tags = sorted(tag for each, tag in states[0] if each == number)
        stepped = tags
        for step in steps:
            stepped = step.applied(number, stepped)
        assert one.applied(number, tags) == stepped == sorted(tag for each, tag in states[-1] if each == number)


def test_steps_of_different_snapshots_are_not_joined() -> None:
    nothing = chunk(set())
    one, other = (NumberDelta(key_id(bytes([n]) * 32), ("",), (), nothing, nothing) for n in (1, 2))
    with pytest.raises(ValueError, match="different snapshots"):
        together([one, other])


# -- at the desk ------------------------------------------------------------------------------------------------------


def row(view, name: str):
    return next(row for row in view.checks.rows if row.name == name)


def open_booth(folder: Path, **options: object) -> tuple[Booth, Series]:
    publisher, clock = make_booth(folder, persons=None)
    with Store.open(folder / "data", open_passphrase_key(folder / "data", PASSPHRASE), clock=clock) as store:
        series = Series(publisher, store, folder / "inbox", **options)
        series.whole(1, (*OTHERS, ERIKSON))
    booth = Booth(folder, clock, publisher)
    booth.open()
    series.store = booth.store()
    return booth, series


def test_a_delta_reaches_the_open_encounter_and_the_base_is_not_loaded_again(tmp_path: Path) -> None:
    booth, series = open_booth(tmp_path)
    try:
        base = next(one for one in booth.desk._core.state.lists if one.source.name == "ECU").persons
        assert booth.type(*ANNA).advice.advice is Advice.REFER
        series.delta(1, 2, (), ("E-1",))
        booth.desk._keeping.look()
        booth.until(lambda v: v.advice and v.advice.advice is not Advice.REFER)
        now = next(one for one in booth.desk._core.state.lists if one.source.name == "ECU")
        assert isinstance(now.persons, LayeredPersons)
        assert now.persons.base is base
        assert now.source.version == 2
    finally:
        booth.close()


def test_an_ended_lease_closes_the_list_and_a_new_one_opens_the_same_copy(tmp_path: Path) -> None:
    """Capture goes on; nothing that was listed looks clear."""
    booth, series = open_booth(tmp_path, not_after=START + timedelta(days=2))
    try:
        assert booth.type(*ANNA).advice.advice is Advice.REFER
        booth.refer()
        booth.clock.pass_(days=2)
        view = booth.type(*ANNA)  # before anything has noticed it
        assert view.advice.advice is Advice.INCOMPLETE
        assert row(view, "Wanted persons").outcome is Outcome.NOT_CHECKED
        assert "lease" in row(view, "Wanted persons").detail
        booth.desk._keeping.end_what_is_over()
        booth.until(lambda _v: any(one.bar is NotDone.LEASE_ENDED for one in booth.desk._core.state.lists))
        assert booth.last_body("lease_ended") == {"lists": ["ECU"]}
        assert "ECU" not in [one.list_name for one in booth._ask(lambda records: records.store.leases.held()).values()]
        booth.settle()
        booth.clock.pass_(seconds=1)
        booth.press(Action.REFER)
        booth.desk.choose(1)
        booth.press(Action.REFER)
        booth.until(lambda v: v.stage is Stage.EMPTY)
        renew(booth, series)
        booth.desk._keeping.leases_changed()
        booth.until(lambda _v: all(one.bar is None for one in booth.desk._core.state.lists))
        assert booth.type(*ANNA).advice.advice is Advice.REFER
    finally:
        booth.close()


def renew(booth: Booth, series: Series) -> None:
    grant = grant_key(
        series.key, list_name="ECU", booth=series.store.identity.exchange_key.public_key(),
        not_after=START + timedelta(days=40), signer=series.publisher.key,
    )  # fmt: skip
    grants = Grants("test-1", (write_grant(grant).decode(), "no grant"))
    assert booth._ask(lambda records: take_grants(records.store, grants)) == 1


def test_a_list_that_is_withdrawn_while_it_is_loaded_does_not_come_back(tmp_path: Path) -> None:
    """A lease that was renewed opens a list again in the very moment in which it is withdrawn."""
    booth, series = open_booth(tmp_path)
    try:
        copy = booth._ask(lambda _records: ecu(series))
        gone = {"version": 2, "withdrawn": True, "content_key": series.key}
        series.publisher._list(series.inbox, series.store, "ECU", ListKind.PERSONS, [], gone)
        keeping = booth.desk._keeping
        after = keeping._gone
        keeping._gone = lambda one: (after(one), keeping._load(copy))
        keeping.look()
        booth.until(lambda _v: booth.versions()["ECU"] == 2)
        booth.settle()
        assert [one.source.name for one in booth.desk._core.state.lists] == ["INTL"]
        assert booth.type(*ANNA).advice.advice is Advice.INCOMPLETE
    finally:
        booth.close()


def test_a_damaged_copy_is_given_up_and_the_same_version_taken_again(tmp_path: Path) -> None:
    """Else it would stay unreadable until the next whole package, for deltas lead on from what is in force."""
    booth, series = open_booth(tmp_path)
    try:
        assert booth.type(*ANNA).advice.advice is Advice.REFER
        booth.refer()
        segment = booth._ask(lambda _r: ecu(series).layers[0].path)
    finally:
        booth.close()
    data = bytearray(segment.read_bytes())
    for place in range(len(data) // 2, len(data), 64):
        data[place] ^= 1
    segment.write_bytes(data)
    again = Booth(tmp_path, booth.clock, booth.publisher)
    try:
        again.open(lists=2)
        assert again.last_body("list_purged")["why"] == "damaged"
        assert again.type(*ANNA).advice.advice is Advice.REFER
        assert not segment.exists()
        assert again._ask(lambda records: records.store.lists.missing()) == frozenset()
    finally:
        again.close()


def listed(first: int, end: int, category: str = "lost") -> list[ListedNumber]:
    return [ListedNumber(f"X{n:06}", "UTO", DocumentCategory(category)) for n in range(first, end)]


def test_numbers_of_which_too_many_changed_for_one_delta_get_a_new_base(
    made: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the layers could not be joined any more, and would become more with each version for a year."""
    apply(made)
    key = new_key()
    options = {"content_key": key, "not_after": START + timedelta(days=30)}
    head, chunks = from_records(blocks_of(map(number_to_plain, listed(0, 2000))))
    states = [(head, list(chunks))]
    pairs = {pair for one in states[0][1] for pair in zip(one.hashes.tolist(), one.tags.tolist(), strict=True)}
    path = made.publisher._list(
        made.inbox, made.store, "INTL", ListKind.DOCUMENTS, to_records(*states[0]), {"version": 10, **options}
    )
    digests = {10: header_of(path).payload_digest}
    monkeypatch.setattr(list_layers, "MOST_LAYERS", 2)
    for version in (11, 12, 13):
        step = version - 10
        kept = chunk({pair for pair in pairs if pair[0] % 100 > step} | {(2**40 + n, 1) for n in range(step)})
        states.append((replace(head, count=len(kept)), [kept]))
        digests[version] = f"{version:064x}"
        records = make_delta(*states[-2], *states[-1]).to_records()
        about = Step(version - 1, digests[version - 1], digests[version], 1)
        made.publisher._list(
            made.inbox, made.store, "INTL", ListKind.DOCUMENTS, records, {"version": version, "step": about, **options}
        )
    assert [refused for _, _, refused in apply(made)] == [""] * 4
    copy = next(one for one in made.store.lists.in_force() if one.header.name == "INTL")
    assert layers_to_join(copy)[0] == 1
    monkeypatch.setattr(list_layers, "MOST_CHANGES", 100)
    keep, layers = layers_to_join(copy)
    assert (keep, layers.deltas) == (0, False)
    builder, footing = new_builder(), footing_of(Records(made.store))
    try:
        count = join_layers(layers, footing, builder)
    finally:
        builder.close()
    now = made.store.lists.replace_layers(copy, keep, footing.segment, footing.segment_key, count)
    after, (newest,) = loaded_list(now).numbers, states[-1][1]
    whole = joined(after.chunks())
    assert (len(now.layers), len(after)) == (1, len(newest))
    assert (whole.hashes.tolist(), whole.tags.tolist()) == (newest.hashes.tolist(), newest.tags.tolist())
    after.with_delta(make_delta(*states[-1], *states[-2]))  # and the next delta follows


def test_a_list_that_can_never_be_loaded_is_given_up_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its publisher made of it: it is not built, given up and built again for ever."""
    booth, series = open_booth(tmp_path)
    try:
        load = lists_in_force.loaded_list

        def unreadable(copy, before=None):
            if copy.header.version > 1:
                raise SegmentError("segment: it is damaged")
            return load(copy, before)

        monkeypatch.setattr(lists_in_force, "loaded_list", unreadable)
        series.whole(2, (*OTHERS, ERIKSON))
        booth.desk._keeping.look()
        booth.until(lambda _v: any(one.bar is NotDone.LIST_UNREADABLE for one in booth.desk._core.state.lists))
        booth.settle(2.0)
        assert booth.kinds().count("list_purged") == 1
        assert booth.type(*ANNA).advice.advice is Advice.INCOMPLETE
    finally:
        booth.close()


def test_a_damaged_list_that_the_centre_let_end_is_not_taken_again(made: Series) -> None:
    """Its package and a key for it may lie here still."""
    apply(made)
    Records(made.store).end_list("ECU")
    assert made.store.lists.give_up(ecu(made))
    assert apply(made) == []
    assert ecu(made).layers == ()


@pytest.mark.parametrize("what", ["pipe", "pipe for a key", "link", "folder"])
def test_what_is_no_file_is_not_waited_for(made: Series, tmp_path: Path, what: str) -> None:
    """A pipe in the inbox would hold up every list there, for ever and in silence."""
    apply(made)
    path = made.delta(1, 2, (NEWCOMER,))
    key = made.inbox / "ECU.grant"
    (key if what == "pipe for a key" else path).rename(tmp_path / "elsewhere")
    if what == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif what == "folder":
        path.mkdir()
    else:
        os.mkfifo(key if what == "pipe for a key" else path)
    expected = [("ECU", 2, "")] if what == "pipe for a key" else [("", 0, "unreadable")]
    assert apply(made) == expected  # the key is that of the lease
