"""Booth and centre agree on every subject, for the same versions (invariant 10)."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from checkpoint_app.booth import segment_job
from checkpoint_app.booth.listkeeping import loaded_list
from checkpoint_app.central import lists
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre
from checkpoint_app.demo.lists import listed_numbers, watchlist
from checkpoint_app.demo.names import invent_person
from checkpoint_app.documents import MrzError, parse_mrz
from checkpoint_app.screening import Calibration
from checkpoint_app.screening.checks import KIND_OF_CHECK, Examination, LoadedList, run_checks
from checkpoint_app.screening.entry import Entry, ListedNumber
from checkpoint_app.store import ListCopy
from checkpoint_app.verdict import Outcome
from checkpoint_app.wire.question import Question
from checkpoint_app.wire.sealing import new_key
from tests.central.chains import zone
from tests.central.listed import CALIBRATION, policy, publish

SUBJECTS, PERSONS, NUMBERS = 2_000, 3_000, 3_000
POLICY = policy()


def subjects(entries: tuple[Entry, ...], numbers: tuple[ListedNumber, ...]) -> list[tuple[str, ...]]:
    """Return zones: every second one of an entry, typed with a slip; every fourth with a listed number."""
    rng = Random(7)
    zones: list[tuple[str, ...]] = []
    while len(zones) < SUBJECTS:
        listed = len(zones) % 2 == 0
        number = rng.choice(numbers) if len(zones) % 4 < 2 else None
        try:
            zones.append(_zone(rng, rng.choice(entries) if listed else None, number))
        except MrzError:  # a name that no zone can state
            continue
    return zones


def _zone(rng: Random, entry: Entry | None, number: ListedNumber | None) -> tuple[str, ...]:
    if entry is None:
        invented = invent_person(rng)
        family, given, nationality = invented.family, invented.given, invented.nationality
        birth = f"{rng.randrange(40, 99)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
        birth = "<<<<<<" if rng.random() < 0.05 else birth
    else:
        name = rng.choice(entry.names)
        family, given = _slip(rng, name.family), _slip(rng, name.given)
        nationality = entry.nationalities[0] if entry.nationalities else "UTO"
        stated = entry.birth_dates[0].first if entry.birth_dates else "1970-01-01"
        birth = (stated + "-07-15")[:10].replace("-", "")[2:] if rng.random() < 0.9 else "<<<<<<"
    digits = f"Z{rng.randrange(10**7):07d}" if number is None else _slip_of_print(rng, number.number)
    issuer = nationality if number is None else number.issuer or "UTO"
    return zone(family, given, digits, birth, issuer=issuer, nationality=nationality)


def _slip(rng: Random, text: str) -> str:
    """Return ``text`` as typed: as it is, a letter doubled or left out, or two exchanged."""
    if len(text) < 4 or rng.random() < 0.4:
        return text
    at = rng.randrange(1, len(text) - 2)
    return rng.choice(
        (
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        )
    )


def _slip_of_print(rng: Random, number: str) -> str:
    return number.replace("0", "O", 1) if rng.random() < 0.2 else number


def at_the_booth(centre: Centre, name: str, folder: Path) -> LoadedList:
    """Return the list as a booth loads it: its package built into a sealed segment, the segment read back."""
    with centre.begin() as connection:
        (one,) = [one for one in lists.newest(centre, connection) if one.name == name]
    header, _records = lists.open_records(centre, one)
    segment, key = folder / f"{name}.segment", new_key()
    segment_job.build(segment_job.request_of(one.path, header.payload_digest, one.content_key, segment, key))
    return loaded_list(ListCopy(header, segment, key))


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_booth_and_centre_answer_alike(centre: Centre, tmp_path: Path) -> None:
    entries, numbers = watchlist(PERSONS), listed_numbers(NUMBERS)
    calibration = Calibration(**{**CALIBRATION.to_plain(), "threshold": 8600})  # type: ignore[arg-type]
    publish(centre, "ECU", entries, 88, calibration=calibration)
    publish(centre, "INTL", numbers, 4711)
    ready = Lists(centre)
    ready.refresh()
    here = [at_the_booth(centre, name, tmp_path) for name in ("ECU", "INTL")]
    found = dict.fromkeys(Outcome, 0)
    now = centre.now()
    for place, lines in enumerate(subjects(entries, numbers)):
        doubtful = place % 7 == 0
        examined = Examination(parse_mrz(lines, now.date()), doubtful, now)
        booth = [one for one in run_checks(examined, POLICY, here, lambda *_: None) if one.check in KIND_OF_CHECK]
        question = Question("demo-3", f"e-{place}", lines, doubtful, direction_in=True)
        there = ready.answer(question, POLICY, now).answers
        assert tuple(booth) == there, f"subject {place}"
        for one in booth:
            found[one.outcome] += 1
    assert found[Outcome.HIT] > SUBJECTS / 3  # agreement on nothing would prove nothing
    assert found[Outcome.CLEAR] > SUBJECTS / 3
    assert min(found[Outcome.NOTE], found[Outcome.NOT_CHECKED]) > 10
