"""Layers: what a delta adds, changes and removes counts from the instant it lies there, and a merge keeps it so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from checkpoint_app.screening import PersonList, SegmentError, build_segment, entry_to_plain, load
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.identity import hashes_of, id_hash
from checkpoint_app.screening.layers import (
    REMOVED,
    Delta,
    LayeredPersons,
    build_delta,
    load_delta,
    merge,
    merge_sections,
)
from tests.screening.engine.helpers import CALIBRATION, KNOWN, THRESHOLD, entry, is_hit, known_list, loaded, strangers

SYLLABLES = (
    "BA",
    "CHU",
    "DRE",
    "FI",
    "GOR",
    "HUI",
    "KEM",
    "LU",
    "MAT",
    "NIR",
    "PEZ",
    "QUI",
    "SOL",
    "TUP",
    "VAN",
    "YAR",
)
MOST_MOVED = 4_000
"""By how much, in thousandths, a merge may move a score on a list of 8,000 (2.6 points were seen): names that nobody of
the base bore are borne by one person now, in a nation of few. On shorter lists a name that nobody bore says more."""


def onto(layered: LayeredPersons, newest: Delta) -> LayeredPersons:
    """Return the list with one more layer."""
    return LayeredPersons(layered.base, (*layered.deltas, newest))


def delta(
    base: PersonList, entries: Iterable[Entry] = (), removed: Iterable[str] = (), threshold: int = THRESHOLD
) -> Delta:
    calibration = replace(CALIBRATION, threshold=threshold)
    return load_delta(dict(build_delta(map(entry_to_plain, entries), removed, calibration)), base)


def oneself(listed: Entry) -> Subject:
    """A traveller who is the listed person, with the first of the listed numbers as the document."""
    name, born = listed.names[0], listed.birth_dates[0].first
    return Subject(
        name.family,
        name.given,
        birth=born,
        sex=listed.sex,
        nationality=listed.nationalities[0] if listed.nationalities else "",
        document_number=listed.documents[0].number if listed.documents else "",
        issuer=listed.documents[0].issuer if listed.documents else "",
    )


def hits(persons: PersonList | LayeredPersons, subject: Subject) -> list[str]:
    return [one.entry_id for one in persons.screen(subject, 50, hits_only=True)]


ERIKSON, LONG = KNOWN[0], KNOWN[2]


def test_without_deltas_all_is_as_in_the_base() -> None:
    layered = LayeredPersons(known_list())
    for one in KNOWN[:8]:
        assert layered.screen(oneself(one)) == known_list().screen(oneself(one))
        assert layered.best_score(oneself(one)) == known_list().best_score(oneself(one))
    assert len(layered) == len(known_list())
    assert (layered.threshold, layered.calibration) == (THRESHOLD, CALIBRATION)
    assert layered.screen(oneself(ERIKSON), 0) == ()


def test_a_removed_entry_is_found_by_nothing() -> None:
    base = LayeredPersons(known_list())
    assert hits(base, oneself(ERIKSON)) == ["ERIKSON"]
    without = onto(base, delta(known_list(), removed=["ERIKSON", "NOBODY"]))
    assert "ERIKSON" not in [one.entry_id for one in without.screen(oneself(ERIKSON), 50)]
    assert without.screen(Subject("", "", document_number="L898902C3", issuer="UTO")) == ()
    assert without.best_score(oneself(ERIKSON)) < base.best_score(oneself(ERIKSON))
    assert len(without) == len(base) - 1
    assert hits(base, oneself(ERIKSON)) == ["ERIKSON"], "the list of before answers for the time before"


def test_a_changed_entry_answers_in_its_new_form_only() -> None:
    changed = entry("ERIKSON", "Zetterlund", "Ebba Linnea", "1951-02-03", "F")
    layered = LayeredPersons(known_list(), [delta(known_list(), [changed])])
    assert hits(layered, oneself(changed)) == ["ERIKSON"]
    assert layered.screen(oneself(changed))[0].caption.startswith("ZETTERLUND")
    assert hits(layered, oneself(ERIKSON)) == []
    assert len(layered) == len(known_list())


def test_the_latest_layer_decides_about_an_id() -> None:
    base = known_list()
    layered = LayeredPersons(base, [delta(base, removed=["ERIKSON"]), delta(base, [ERIKSON])])
    assert hits(layered, oneself(ERIKSON)) == ["ERIKSON"]
    assert hits(onto(layered, delta(base, removed=["ERIKSON"])), oneself(ERIKSON)) == []
    in_one = LayeredPersons(base, [delta(base, [ERIKSON], removed=["ERIKSON"])])
    assert hits(in_one, oneself(ERIKSON)) == ["ERIKSON"], "taken off and put on again in one delta: it is on"


def test_all_entries_under_one_id_go_together() -> None:
    twice = loaded([*KNOWN, replace(LONG, id="ERIKSON"), *strangers()])
    assert set(hits(twice, oneself(ERIKSON)) + hits(twice, oneself(LONG))) == {"ERIKSON", "LONG"}
    layered = LayeredPersons(twice, [delta(twice, removed=["ERIKSON"])])
    assert hits(layered, oneself(ERIKSON)) == []
    assert hits(layered, oneself(LONG)) == ["LONG"]


def test_a_delta_scores_as_the_base_would() -> None:
    fresh = entry("NEW", "Zubizarreta Oyarzabal", "Ximena", "1988-03-05", "F", "BOL")
    layered = LayeredPersons(known_list(), [delta(known_list(), [fresh])])
    found = {one.entry_id: one.score for one in layered.screen(oneself(fresh))}
    assert found["NEW"] > found["XIMENA"], "better by its date"
    whole = loaded([*KNOWN, fresh, *strangers()])
    assert abs(found["NEW"] - whole.screen(oneself(fresh))[0].score) < MOST_MOVED


def test_the_newest_calibration_counts_for_all_layers() -> None:
    base = known_list()
    score = base.screen(oneself(LONG))[0].score
    stricter = LayeredPersons(base, [delta(base, [ERIKSON], threshold=score + 1)])
    assert stricter.threshold == score + 1
    assert not any(is_hit(one) for one in stricter.screen(oneself(LONG)))
    assert {one.threshold for one in stricter.screen(oneself(LONG))} == {score + 1}
    assert hits(onto(stricter, delta(base, threshold=score)), oneself(LONG)) == ["LONG"]


def test_persons_left_out_are_numbered_through_the_layers() -> None:
    base = known_list()
    fresh = entry("NEW", "Oyarzabal Zubizarreta", "Nereida", "1988-03-05", "F", "BOL")
    layered = LayeredPersons(base, [delta(base, [fresh])])
    with_all = layered.best_score(oneself(fresh))
    assert layered.best_score(oneself(fresh), {base.index.persons}) < with_all
    everybody = range(base.index.persons)
    assert layered.best_score(oneself(fresh), everybody) == with_all
    assert layered.best_score(oneself(LONG), everybody) < base.best_score(oneself(LONG))


# -- merging ----------------------------------------------------------------------------------------------------------


def made_up(rng: Random) -> str:
    return "".join(rng.sample(SYLLABLES, 3))


def some_change(rng: Random, on: dict[str, Entry], step: int) -> tuple[list[Entry], list[str]]:
    """Choose entries to add, to change and to remove; ``on`` becomes the list as it then stands."""
    removed = rng.sample(sorted(on), 3)
    changed = [
        replace(on[one], birth_place="Tulcán", remarks=f"changed {step}")
        for one in rng.sample(sorted(set(on) - set(removed)), 3)
    ]
    added = [
        entry(f"A{step}.{i}", made_up(rng), f"{made_up(rng)} {made_up(rng)}", f"19{60 + step}-0{i + 1}-11", "M", "PER")
        for i in range(3)
    ]
    for one in removed:
        del on[one]
    on.update((one.id, one) for one in (*added, *changed))
    return [*added, *changed], removed


def test_at_every_moment_a_person_is_on_or_off_and_a_merge_changes_nothing() -> None:
    rng = Random(7)
    everybody: dict[str, list[Entry]] = {}
    on = {one.id: one for one in (*KNOWN, *strangers(60)) if one.birth_dates}
    layered = LayeredPersons(loaded(on.values()))
    for step in range(8):
        for one in on.values():
            everybody.setdefault(one.id, []).append(one)
        entries, removed = some_change(rng, on, step)
        layered = onto(layered, delta(layered.base, entries, removed))
        assert len(layered) == len(on)
        merged = LayeredPersons(loaded_again(layered))  # while it is built the layered one goes on answering
        assert len(merged) == len(on)
        for forms in everybody.values():
            subject = oneself(forms[-1])
            before, after = (persons.screen(subject, 50) for persons in (layered, merged))
            seen = {one.entry_id for one in before}
            assert seen <= set(on), "removed entries are gone"
            assert len(seen) == len(before), "no entry stands twice"
            assert (forms[-1].id in seen) == (forms[-1].id in on)
            assert (forms[-1].id in {one.entry_id for one in after}) == (forms[-1].id in on)
        if step % 3 == 2:
            layered = merged


def test_a_merge_moves_scores_by_what_frequencies_moved() -> None:
    rng = Random(3)
    on = {one.id: one for one in (*KNOWN, *strangers(8_000)) if one.birth_dates}
    layered = LayeredPersons(loaded(on.values()))
    for step in range(5):
        layered = onto(layered, delta(layered.base, *some_change(rng, on, step)))
    merged = loaded_again(layered)
    moved = []
    for listed in [*list(on.values())[:60], *list(on.values())[-30:]]:
        before, after = (persons.screen(oneself(listed), 50) for persons in (layered, merged))
        scores = {one.entry_id: one.score for one in after}
        moved += [abs(one.score - scores[one.entry_id]) for one in before if one.entry_id in scores]
        found = [{one.entry_id for one in both if one.score >= THRESHOLD + MOST_MOVED} for both in (before, after)]
        assert found[0] <= set(scores)
        assert found[1] <= {one.entry_id for one in before}
    assert 0 < max(moved) <= MOST_MOVED


def loaded_again(layered: LayeredPersons) -> PersonList:
    sections = dict(build_segment("persons", merge(layered.base, layered.deltas), layered.calibration))
    persons = load("persons", sections)
    assert isinstance(persons, PersonList)
    return persons


def test_a_merge_out_of_sections_gives_the_same_records() -> None:
    sections = dict(build_segment("persons", map(entry_to_plain, KNOWN), CALIBRATION))
    base = load("persons", sections)
    assert isinstance(base, PersonList)
    parts = [
        dict(build_delta([entry_to_plain(replace(ERIKSON, sex="X"))], ["LONG"], CALIBRATION)),
        dict(build_delta([], ["WANG"], CALIBRATION)),
    ]
    records = list(merge(base, [load_delta(part, base) for part in parts]))
    assert records == list(merge_sections(sections, parts))
    expected = [entry_to_plain(one) for one in KNOWN if one.id not in {"ERIKSON", "LONG", "WANG"}]
    assert records == [*expected, entry_to_plain(replace(ERIKSON, sex="X"))]


def test_a_delta_that_is_not_whole_is_refused() -> None:
    sections = dict(build_delta([entry_to_plain(ERIKSON)], ["LONG", "WANG"], CALIBRATION))
    for name in sections:
        with pytest.raises(SegmentError, match="build it again"):
            load_delta({key: data for key, data in sections.items() if key != name}, known_list())
    for hashes in (sections[REMOVED][::-1], sections[REMOVED] * 2, sections[REMOVED][:-1]):
        with pytest.raises(SegmentError, match="removed"):
            load_delta(sections | {REMOVED: hashes}, known_list())
    with pytest.raises(SegmentError, match="screening/0"):
        load_delta(sections | {"meta": b'{"engine":"screening/0"}'}, known_list())


def test_hashes_of_ids_are_sorted_and_each_once() -> None:
    hashes = hashes_of(["B", "A", "B"])
    assert hashes.tolist() == sorted({id_hash("A"), id_hash("B")})
    assert hashes.dtype == np.uint64
    assert len(hashes_of([])) == 0
