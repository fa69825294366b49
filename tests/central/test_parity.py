"""Booth and centre agree on every subject, for the same versions (invariant 10): at a desk, and on a passenger list.

The centre answers through its real endpoint and its worker processes, the booth by its own sealed segments. Bounded
here; with CHECKPOINT_LONG=1, or in the long campaign, five times as many subjects.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from checkpoint_app.booth.lists import segment_build
from checkpoint_app.booth.lists.lists_in_force import loaded_list
from checkpoint_app.central import lists
from checkpoint_app.central.app import make_app
from checkpoint_app.central.background import Background, background_of
from checkpoint_app.central.centre import Centre
from checkpoint_app.demo.lists import listed_numbers, watchlist
from checkpoint_app.demo.names import invent_person
from checkpoint_app.documents import MrzError, parse_mrz
from checkpoint_app.screening import Calibration
from checkpoint_app.screening.checks import KIND_OF_CHECK, Examination, LoadedList, run_checks
from checkpoint_app.screening.entry import Entry, ListedNumber
from checkpoint_app.screening.subjects import nobody_cleared, screen_subjects
from checkpoint_app.store import Layer, ListCopy
from checkpoint_app.verdict import Outcome
from checkpoint_app.wire.api import QUESTIONS, SCREENINGS
from checkpoint_app.wire.canonical import read_canonical
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.question import Question, Reply
from checkpoint_app.wire.screening import (
    MAX_SCREENED_BYTES,
    Purpose,
    Screened,
    Screening,
    ScreeningSubject,
)
from checkpoint_app.wire.sealing import new_key
from tests.central.chains import zone
from tests.central.helpers import AUDIENCE, FakeBooth, enrolled, serve
from tests.central.listed import CALIBRATION, policy, publish, publish_policy

SUBJECTS, AT_A_DESK = 2_000, 200
BATCH = 100
LONG_SUBJECTS = 10_000
PERSONS, NUMBERS = 3_000, 3_000
POLICY = policy()


def subjects(count: int, entries: tuple[Entry, ...], numbers: tuple[ListedNumber, ...]) -> Iterator[ScreeningSubject]:
    """Yield subjects: every second one of an entry, with a slip; every fourth with a listed number.

    By turns they are told by a zone, and by the fields of a passenger list.
    """
    rng, made = Random(7), 0
    while made < count:
        listed = rng.choice(entries) if made % 2 == 0 else None
        number = rng.choice(numbers) if made % 4 < 2 else None
        by_zone, ref = made % 3 > 0, f"{made}"
        try:
            yield _subject(rng, ref, listed, number, by_zone)
        except MrzError:  # a name that no zone can state
            continue
        made += 1


def _subject(
    rng: Random, ref: str, entry: Entry | None, number: ListedNumber | None, by_zone: bool
) -> ScreeningSubject:
    if entry is None:
        invented = invent_person(rng)
        family, given, nationality = invented.family, invented.given, invented.nationality
        birth = f"19{rng.randrange(40, 99)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    else:
        name = rng.choice(entry.names)
        family, given = _slip(rng, name.family), _slip(rng, name.given)
        nationality = entry.nationalities[0] if entry.nationalities else "UTO"
        birth = entry.birth_dates[0].first if entry.birth_dates else "1970-01-01"
    birth = "" if rng.random() < 0.07 else birth
    digits = f"Z{rng.randrange(10**7):07d}" if number is None else _slip_of_print(rng, number.number)
    issuer = nationality if number is None else number.issuer or "UTO"
    if by_zone:
        printed = (birth + "-07-15")[:10].replace("-", "")[2:] if birth else "<<<<<<"
        return ScreeningSubject(ref, mrz=zone(family, given, digits, printed, issuer=issuer, nationality=nationality))
    return ScreeningSubject(
        ref, family_name=family, given_names=given, birth_date=birth, nationality=nationality,
        document_number=digits, issuer=issuer, sex=rng.choice(("", "M", "F")),
    )  # fmt: skip


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
    segment_build.build(segment_build.request_of(one.path, header, one.content_key, segment, key))
    return loaded_list(ListCopy(header, (Layer(segment, key),)))


def screened(booth: FakeBooth, some: list[ScreeningSubject]) -> Screened:
    """Ask the centre about a passenger list."""
    response = booth.request("POST", SCREENINGS, Screening(str(uuid.uuid4()), Purpose.EXERCISE, tuple(some)))
    assert response.status_code == 200, response.text
    return from_plain(Screened, read_canonical(response.content, MAX_SCREENED_BYTES))


def asked(booth: FakeBooth, lines: tuple[str, ...], doubtful: bool) -> Reply:
    """Ask the centre about a traveller at a desk."""
    response = booth.request("POST", QUESTIONS, Question(booth.name, "e", lines, doubtful, direction_in=True))
    assert response.status_code == 200, response.text
    return from_plain(Reply, read_canonical(response.content, MAX_SCREENED_BYTES))


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_booth_and_centre_answer_alike(
    request: pytest.FixtureRequest, centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = request.config.getoption("campaign", "short") == "long" or "CHECKPOINT_LONG" in os.environ
    entries, numbers = watchlist(PERSONS), listed_numbers(NUMBERS)
    calibration = Calibration(**{**CALIBRATION.to_plain(), "threshold": 8600})  # type: ignore[arg-type]
    publish(centre, "ECU", entries, 88, calibration=calibration)
    publish(centre, "INTL", numbers, 4711)
    publish_policy(centre, POLICY)
    monkeypatch.setattr(Background, "start", lambda _self: None)
    app, now, found = make_app(centre, AUDIENCE, workers=2), centre.now(), Counter[Outcome]()
    background_of(app).lists.refresh()
    here = [at_the_booth(centre, name, tmp_path) for name in ("ECU", "INTL")]
    every = list(subjects(LONG_SUBJECTS if long else SUBJECTS, entries, numbers))
    with serve(app) as base:
        booth = enrolled(centre, "demo-3", base=base)
        for first in range(0, len(every), BATCH):
            some = every[first : first + BATCH]
            local = screen_subjects(some, POLICY, here, now)
            for place, (there, own) in enumerate(zip(screened(booth, some).subjects, local, strict=True), first):
                assert there == own, f"subject {place}"
            found.update(answer.outcome for one in local for answer in one.answers)
            assert not any(one.refused for one in local)
        for place, one in enumerate([one for one in every if one.mrz][:AT_A_DESK]):
            examined = Examination(parse_mrz(one.mrz, now.date()), place % 7 == 0, now)
            checks = run_checks(examined, POLICY, here, nobody_cleared)
            answers = tuple(answer for answer in checks if answer.check in KIND_OF_CHECK)
            assert asked(booth, one.mrz, examined.doubtful).answers == answers, f"subject {place}"
    assert found[Outcome.HIT] > len(every) / 3  # agreement on nothing would prove nothing
    assert found[Outcome.CLEAR] > len(every) / 3
    assert min(found[Outcome.NOTE], found[Outcome.NOT_CHECKED]) > 10
