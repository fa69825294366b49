"""Booth and centre together by the real engine: agreement for the same versions, and invariant 11 for newer ones."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from checkpoint_app.booth.line.centre_answers import known_hits
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.documents import parse_mrz
from checkpoint_app.screening.checks import KIND_OF_CHECK, Examination, run_checks
from checkpoint_app.screening.entry import DocumentCategory, Entry, ListedDate, ListedNumber, Name
from checkpoint_app.verdict import Answer, Check, Outcome
from checkpoint_app.verdict.raising import raised
from checkpoint_app.wire.question import Question
from tests.central.chains import zone
from tests.central.helpers import ONE_DATABASE
from tests.central.listed import policy, publish, publish_policy

FAMILIES, GIVENS, YEARS = ("MUSTER", "MUSTERS", "EJEMPLO"), ("ERIKA", "ERICA", "PEDRO"), ("1974-08-12", "1974", "1980")
NUMBERS = tuple(f"X12345{n:02}" for n in range(20))
TRIALS = 6


def entry(dice: Random, entry_id: str) -> Entry:
    name, date = Name(dice.choice(FAMILIES), dice.choice(GIVENS)), dice.choice(YEARS)
    return Entry(entry_id, "Person", (name,), (ListedDate(date, date),), dice.choice("FM"), ("UTO",))


def later(dice: Random, entries: list[Entry]) -> list[Entry]:
    """The next version: some entries gone, some changed, some new."""
    kept = [
        dataclasses.replace(one, remarks="changed") if dice.random() < 0.2 else one
        for one in entries
        if dice.random() < 0.6
    ]
    return [*kept, *(entry(dice, f"N{n}") for n in range(dice.randrange(3)))]


def loaded(centre: Centre) -> Lists:
    ready = Lists(centre)
    ready.refresh()
    return ready


def local_answers(centre: Centre, lists: Lists, lines: tuple[str, ...]) -> tuple[Answer, ...]:
    """What a booth with these lists answers to the checks that lists do."""
    examined = Examination(parse_mrz(lines, centre.now().date()), False, centre.now())
    answers = run_checks(examined, policy(), lists.public(), lambda *_: None)
    return tuple(one for one in answers if one.check in KIND_OF_CHECK)


def joined(centre: Centre, local: tuple[Answer, ...], there: Lists, lines: tuple[str, ...]) -> tuple[Answer, ...]:
    question = Question("demo-3", "e-1", lines, False, True, known_hits(local))
    reply = there.answer(question, policy(), centre.now())
    return raised(local, reply.answers, reply.gone)


def hits(answers: tuple[Answer, ...], check: Check) -> set[str]:
    """What the hits of a check name: entries, or numbers."""
    found = [one for one in answers if one.check is check and one.outcome is Outcome.HIT]
    if check is Check.WANTED:
        return {candidate.entry_id for one in found for candidate in one.candidates}
    return {finding.params["number"] for one in found for finding in one.findings}


@ONE_DATABASE
@pytest.mark.parametrize("seed", range(TRIALS))
def test_what_the_booth_found_goes_only_with_its_entry(centre: Centre, seed: int) -> None:
    dice = Random(seed)
    publish_policy(centre)
    # With many entries of one name more than ten are hits: then not all are shown, nor named to the centre.
    persons = [entry(dice, f"L{n}") for n in range(dice.choice((3, 12, 60)))]
    numbers = [ListedNumber(number, "UTO", DocumentCategory.STOLEN) for number in dice.sample(NUMBERS, 10)]
    newer_persons, newer_numbers = later(dice, persons), [one for one in numbers if dice.random() < 0.6]
    publish(centre, "ECU", persons)
    publish(centre, "INTL", numbers)
    here = loaded(centre)
    publish(centre, "ECU", newer_persons, 2)
    publish(centre, "INTL", newer_numbers or [ListedNumber("Y0000000", "UTO", DocumentCategory.LOST)], 2)
    there = loaded(centre)
    left, listed = {one.id for one in newer_persons}, {one.number for one in newer_numbers}
    seen: set[Outcome] = set()
    for number in NUMBERS[:6]:
        lines = zone(dice.choice(FAMILIES), dice.choice(GIVENS), number)
        local, alone = local_answers(centre, here, lines), local_answers(centre, there, lines)
        assert joined(centre, local, here, lines) == local
        after = joined(centre, local, there, lines)
        assert [(one.check, one.source.name) for one in after] == [(one.check, one.source.name) for one in local]
        assert hits(local, Check.WANTED) & left <= hits(after, Check.WANTED)
        assert hits(local, Check.LOST_STOLEN) & listed <= hits(after, Check.LOST_STOLEN)
        assert hits(alone, Check.WANTED) <= hits(after, Check.WANTED)
        assert hits(alone, Check.LOST_STOLEN) <= hits(after, Check.LOST_STOLEN)
        for before, now in zip(local, after, strict=True):
            if before.outcome is Outcome.HIT and now.outcome is not Outcome.HIT:
                assert now.source.version == 2
                assert not hits((before,), before.check) & (left | listed)
        seen |= {one.outcome for one in (*local, *after)}
    assert seen >= {Outcome.CLEAR, Outcome.HIT} or seed  # the first has both
