"""The measures of the screening benchmark are right: counted by hand on few cases."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from checkpoint_app.screening import Calibration
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.search import best_evidence
from tests.bench import screening, screening_ablation, screening_better, screening_features, screening_fit
from tests.bench.report import data_folder
from tests.bench.screening_fairness import fairness
from tests.bench.screening_judgement import by_judgement
from tests.bench.screening_measure import Screened, by_kind, chance, own_answer, recalls, screen_all
from tests.bench.screening_peers import Listed, Soundex, TokenSort, Trigrams, soundex
from tests.bench.screening_people import Case, invented, read_cases, read_list
from tests.bench.screening_real import real_cases, real_entries
from tests.screening.engine.helpers import entry, known_list, loaded, strangers

NOBODY = Subject("NOBODY", "NAMED")
CALIBRATION = Calibration(ENGINE, 9_000, 1_000, 0, 0, 1, 1)


def screened(clean: int = 10_000) -> Screened:
    """Clean travellers who score 1, 2, 3 …, and three listed ones."""
    cases = [Case(NOBODY, None, "clean", "spanish") for _ in range(clean)]
    cases += [Case(NOBODY, "A", "typo"), Case(NOBODY, "B", "typo"), Case(NOBODY, "C", "exact")]
    cases += [Case(NOBODY, None, "twin")]
    found = np.array([0.0] * clean + [clean - 5, clean, clean + 1, 0])
    top = np.array([*range(1, clean + 1), clean - 5, clean, clean + 1, clean - 20])
    return Screened(cases, found, top.astype(float))


def test_the_threshold_lets_no_more_than_the_rate_of_clean_travellers_reach_it() -> None:
    run = screened()
    for rate in (1e-3, 1e-4):
        assert np.sum(run.top[run.clean] >= run.threshold(rate)) == 10_000 * rate
    assert recalls(run) == {"recall_at_1e-3": 1.0, "recall_at_1e-4": pytest.approx(2 / 3), "number_hits_per_10000": 0}


def test_kinds_are_told_apart_and_the_hard_ones_are_counted_as_held() -> None:
    run = screened()
    assert by_kind(run) == {"exact_at_1e-4": 1.0, "typo_at_1e-4": 0.5, "hard_twin_at_1e-4": 0.0}
    assert by_kind(run, "1e-3")["hard_twin_at_1e-3"] == 0.0


def test_the_lists_own_answer_is_counted_at_its_threshold_over_all_lists() -> None:
    figures = own_answer([screened(), screened()], [CALIBRATION, replace(CALIBRATION, threshold=9_991)])
    assert figures["false_hits_per_10000"] == (1001 + 10) / 2
    assert figures["false_hits_promised"] == 10
    assert figures["false_hits_times_promised"] == pytest.approx(50.55)
    assert figures["recall"] == 1.0


@pytest.mark.parametrize(("expected", "least", "most"), [(1.0, 0, 3), (10.0, 4, 17), (100.0, 81, 120)])
def test_chance_is_that_of_poisson(expected: float, least: int, most: int) -> None:
    assert chance(expected) == (least, most)


def test_fairness_is_the_rate_of_a_culture_over_that_of_all(tmp_path: Path) -> None:
    subject = {"spanish": replace(NOBODY, nationality="CHL"), "haitian": replace(NOBODY, nationality="HTI")}
    cases = [Case(subject[culture], None, "clean", culture) for culture in ("spanish",) * 900 + ("haitian",) * 100]
    top = np.array([9_500.0] * 9 + [8_000.0] * 891 + [9_500.0] * 3 + [8_500.0] * 97)
    run = Screened(cases, np.zeros(1000), top)
    figures = fairness(run, replace(CALIBRATION, offsets=(("HTI", 2_000),)), tmp_path / "fairness.md")
    assert figures["fairness_calibrated_spanish"] == pytest.approx(9 / 900 / 0.012)
    assert figures["fairness_calibrated_haitian"] == figures["fairness_calibrated_worst"] == pytest.approx(2.5)
    assert figures["fairness_calibrated_without_offsets_haitian"] == pytest.approx(10)
    assert "| calibrated, 12 false hits | 0.83 (9) | 2.50 (3) |" in (tmp_path / "fairness.md").read_text()


@pytest.mark.parametrize(
    ("token", "code"),
    [("ROBERT", "R163"), ("RUPERT", "R163"), ("ASHCRAFT", "A261"), ("PFISTER", "P236"), ("LEE", "L000")],
)
def test_soundex_is_the_american_one(token: str, code: str) -> None:
    assert soundex(token) == code


@pytest.mark.parametrize("kind", [TokenSort, Trigrams, Soundex])
def test_peers_find_who_is_listed_and_a_number_above_all(kind: type) -> None:
    listed = Listed([entry("A", "MUSTERMANN", "ERIKA", "1974-08-12"), *strangers(50)])
    peer = kind(listed)
    points = listed.points(peer, Subject("MUSTERMAN", "ERIKA", birth="740812"))
    assert int(points.argmax()) == 0
    far = listed.points(peer, Subject("MUSTERMAN", "ERIKA", birth="310101"))
    assert points[0] - far[0] == 40


def test_a_row_weighed_by_the_weights_in_force_is_the_engines_score() -> None:
    persons = known_list()
    subjects = [
        Subject("ERIKSON", "ANA MARIA", birth="740812", sex="F", nationality="UTO"),
        Subject("ANA MARIA", "ERIKSUN", birth="7408<<", sex="M", nationality="CHL"),
        Subject("ERIKSON", "LUCIA", birth="310130"),
        Subject("PEREIRA DE PARADA", "BELEN WENDOLIN", birth="530824", sex="F"),
        Subject("WANGFEICHEN", "", birth="631031", sex="M", nationality="CHN"),
        Subject("VILLAVICENCIO ETCHEVERRIGARAY", "MAX", True, "690517", "M", "CHL"),
        Subject("CHUQUI", "", birth="780929", sex="M", nationality="CHL"),
        Subject("ASHKENAZOV", "BOGDAN", birth="520303", sex="M"),
    ]
    weights = screening_features.in_force()
    for subject in subjects:
        query = persons.query(subject)
        for one in best_evidence(query, persons.index, persons.weigher, 5, -50.0):
            assert screening_features.row(query, one) @ weights == pytest.approx(one.points, abs=1e-9)


def test_rows_hold_the_expected_entry_and_weights_are_learned_from_them() -> None:
    persons = known_list()
    cases = [
        Case(Subject("ERIKSON", "ANA MARIA", birth="740812", sex="F", nationality="UTO"), "ERIKSON", "exact"),
        Case(Subject("ASHKENAZOV", "BOGDAN", birth="520303", sex="M"), "CIRCA", "exact"),
        *[Case(Subject("ERIKSON", "ANA", birth="310130", sex="M"), None, "clean")] * 3,
    ]
    rows = screening_features.rows_of(persons, cases)
    assert rows.expected.sum() == 2
    prior = screening_features.in_force()
    held = screening_fit.fit(rows, prior, [])
    assert np.abs(held - prior).max() < 0.01
    learned = screening_fit.fit(rows, prior, ["birth_full"])
    places = screening_features.PLACES
    assert learned[places["birth_full"]] > prior[places["birth_full"]]
    assert learned[places["birth_other"]] == pytest.approx(prior[places["birth_other"]], abs=0.01)
    assert screening_fit.recalls(rows, prior)["1e-3"] == 1.0


def test_separation_is_the_area_under_the_curve() -> None:
    matches = np.array([True, True, False, False])
    assert screening_fit.separation(np.array([3.0, 1.0, 1.0, 0.0]), matches) == (1 + 1 + 0.5 + 1) / 4


def test_each_evidence_that_is_taken_out_changes_the_score_and_comes_back() -> None:
    subject = Subject("ERIKSON", "ANNA MARIA", birth="740812", sex="F", nationality="UTO", document_number="L898902C3")
    many = [entry(f"M{n}", "ERIKSON", f"GIVEN{n}", "1960-01-01", "F", "UTO") for n in range(30)]
    many += [entry(f"S{n}", "SAINT FLEUR", f"NAME{n}", "1961-01-01", "F", "HTI") for n in range(30)]
    listed = entry("E", "ERIKSON", "ANA MARIA", "1974-08-12", "F", "UTO")
    fleur = Subject("SAINT FLEUR", "NAMETHREE", birth="610101", sex="F", nationality="HTI")

    def scores() -> tuple[int, ...]:
        persons = loaded([listed, *many, *strangers(100)])
        return tuple(max((c.score for c in persons.screen(one)), default=0) for one in (subject, fleur))

    whole = scores()
    for name, (without, _) in screening_ablation.WITHOUT.items():
        with without():
            changed = scores()
        unchanged = name in ("all", "without_offsets", "without_document_numbers")
        assert (changed == whole) is unchanged, name
    assert scores() == whole


def test_a_document_number_taken_out_is_none() -> None:
    persons = known_list()
    number = Subject("NOBODY", "NAMED", document_number="L898902C3", nationality="UTO")
    without, _ = screening_ablation.WITHOUT["without_document_numbers"]
    assert persons.screen(number)[0].score > 200_000
    with without():
        assert not persons.screen(number)


def test_judgement_is_in_force_for_a_block_only() -> None:
    before = screening_features.in_force()
    with by_judgement():
        inside = screening_features.in_force()
        places = screening_features.PLACES
        assert inside[places["birth_near_year"]] == 2.9
        assert inside[places["level_sound"]] == pytest.approx(np.log(0.08))
    assert (screening_features.in_force() == before).all()
    assert screening_features.by_judgement()[screening_features.PLACES["crossed"]] == -1.0


def test_invented_travellers_are_found_without_reference_data() -> None:
    entries, cases = invented(300, 200)
    persons = loaded(entries)
    run = screen_all(persons, cases)
    assert run.clean.sum() == 200
    assert np.mean(run.found[run.listed] > 0) > 0.98


def test_cases_are_read_with_their_truth(tmp_path: Path) -> None:
    query = '{"id":"P1","mrz_name":"MUSTER<<ERIKA","dob":"740812","sex":"F","nationality":"D","format":"TD3"}\n'
    (tmp_path / "queries.jsonl").write_text(query)
    (tmp_path / "truth.jsonl").write_text('{"id":"P1","expected":"L1","kind":"exact","culture":"uk"}\n')
    [case] = read_cases(tmp_path)
    assert (case.expected, case.kind, case.culture) == ("L1", "exact", "slavic")
    assert (case.subject.family_name, case.subject.given_names, case.subject.birth) == ("MUSTER", "ERIKA", "740812")


def test_the_report_joins_what_the_parts_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "HOME", tmp_path)
    left = {"10k": ({"10k_ms_median": 1.0}, {}), "peers": ({}, {"token_sort_10k_ms_median": 2.0, "other": 1.0})}
    for name, (figures, peers) in left.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"figures": figures, "peers": peers}))
    report = screening.joined(["10k", "peers"], failed=1)
    assert report.figures == {"10k_ms_median": 1.0, "10k_ms_part_of_token_sort": 0.5, "parts_failed": 1.0}
    assert report.targets == {"parts_failed": 0.0}
    assert report.peers == left["peers"][1]


def test_a_part_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert screening.main(["nothing"]) == 2
    assert "no part nothing" in capsys.readouterr().err


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHECKPOINT_DATA"), reason="CHECKPOINT_DATA names no reference data")
def test_worse_lists_are_the_same_for_a_seed_and_hold_every_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = []
    for place in ("one", "other"):
        monkeypatch.setattr(screening_better, "HOME", tmp_path / place)
        folder = screening_better.bettered(120, 40, 9, listed=46)
        texts.append([(folder / name).read_text() for name in ("list.jsonl", "queries.jsonl", "truth.jsonl")])
    assert texts[0] == texts[1]
    entries = {entry.id: entry for entry in read_list(folder)}
    cases = list(read_cases(folder))
    kinds = {case.kind: case for case in cases}
    assert set(screening_better.ADDED) < set(kinds)
    assert len(entries) == 120
    assert sum(case.kind == "clean" for case in cases) == 40
    lacking = entries[str(kinds["list_lacks"].expected)]
    assert (lacking.sex, lacking.nationalities) == ("", ())
    assert len(entries[str(kinds["two_states"].expected)].nationalities) == 2
    near = kinds["near_number"]
    [document] = entries[str(near.expected)].documents
    assert sum(a != b for a, b in zip(document.number, near.subject.document_number, strict=True)) == 1


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHECKPOINT_DATA"), reason="CHECKPOINT_DATA names no reference data")
def test_real_names_are_parted_as_documents_part_them() -> None:
    entries = real_entries(data_folder("matching"))
    assert len(entries) > 100
    subset = [case.subject for case in real_cases(entries) if case.kind == "subset"]
    alone = {"ABD", "ABDUL", "AL", "EL", "BIN"}
    assert sum({s.family_name, s.given_names} & alone != set() for s in subset) < 0.05 * len(subset)


def test_a_number_that_coincides_is_counted_apart_and_raises_no_threshold_of_names() -> None:
    run = screened()
    top = run.top.copy()
    top[9_999] += 200_000
    with_number = Screened(run.cases, run.found, top)
    assert with_number.threshold(1e-4) == run.threshold(1e-4)
    assert recalls(with_number) == recalls(run) | {"number_hits_per_10000": 1.0}
