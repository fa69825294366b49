"""Tokens that come together: the second of them says little more, in the list and in a delta of it."""

from __future__ import annotations

import numpy as np
import pytest

from checkpoint_app.screening import SegmentError, build_segment, entry_to_plain, load
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.layers import build_delta, load_delta
from checkpoint_app.screening.persons import PersonList
from tests.screening.engine.helpers import CALIBRATION, entry, loaded, strangers

SAINTS = [entry(f"F{n}", "Saint-Fleur", ("Odette", "Rosine", "Aurel")[n % 3], "1970", "F", "HTI") for n in range(12)]
OTHERS = [entry(f"X{n}", "Quisling", f"Odd{chr(65 + n)}", "1970", "M", "HTI") for n in range(12)]
LIST = [*SAINTS, *OTHERS, entry("APART", "Saint Quisling", "Odette", "1970-03-04", "F", "HTI"), *strangers()]


def points(persons: PersonList, subject: Subject, wanted: str) -> list[float]:
    query = persons.query(subject)
    ranked = persons._ranked(query, 40, 0, ())
    [found] = [one for one in ranked if persons.entry(one.person).id == wanted]
    assert found.name is not None
    return [pair.points for pair in found.name.pairs]


def phrases(persons: PersonList) -> dict[tuple[str, str], float]:
    tokens = persons.index.vocabulary.tokens
    return {(tokens[pair >> 32], tokens[pair & 0xFFFFFFFF]): share for pair, share in persons.weigher.phrases.items()}


def test_neighbours_that_come_together_are_a_phrase_others_are_none() -> None:
    found = phrases(loaded(LIST))
    assert found["SAINT", "FLEUR"] == 1.0
    assert ("SAINT", "QUISLING") not in found
    assert ("FLEUR", "ODETTE") not in found  # not of one field


def test_the_second_token_of_a_phrase_says_little_more() -> None:
    persons = loaded(LIST)
    together = points(persons, Subject("SAINT FLEUR", "ODETTE", birth="700304"), "F0")
    apart = points(persons, Subject("SAINT QUISLING", "ODETTE", birth="700304"), "APART")
    assert min(together) == pytest.approx(0.15)
    assert min(apart) > 1.0
    assert max(together) > 1.0


def test_a_delta_knows_the_phrases_of_its_list() -> None:
    base = loaded(LIST)
    one = entry("NEW", "Saint-Fleur", "Odette", "1970-03-04", "F", "HTI")
    delta = load_delta(dict(build_delta([entry_to_plain(one)], [], CALIBRATION)), base).persons
    subject = Subject("SAINT FLEUR", "ODETTE", birth="700304")
    assert points(delta, subject, "NEW") == points(base, subject, "F0")


def test_damaged_shares_are_told() -> None:
    sections = dict(build_segment("persons", map(entry_to_plain, LIST), CALIBRATION))
    shares = np.frombuffer(sections["phrase.shares"], np.float32).copy()
    for wrong in (0.0, -1.0, 1.5, float("nan")):
        shares[0] = wrong
        with pytest.raises(SegmentError, match=r"phrase\.shares"):
            load("persons", sections | {"phrase.shares": shares.tobytes()})


def test_a_list_without_neighbours_has_none() -> None:
    nobody: list[Entry] = []
    assert phrases(loaded(nobody)) == {}
    assert phrases(loaded([entry("ONE", "Muster")])) == {}
