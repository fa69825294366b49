"""Crossings at all posts: found by person and by document, in whatever order bodies come, and told to a booth alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from checkpoint_app.central import crossings, database, delivery
from checkpoint_app.central.centre import Centre
from checkpoint_app.documents import parse_mrz
from checkpoint_app.wire.crossings import CrossingsAsked, CrossingsKnown
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.plain import to_plain
from tests.central import chains
from tests.central.helpers import POST, START, Clock, enrolled

NAMES = [f"00000000-0000-4000-8000-{number:012d}" for number in range(9)]
HERE = chains.zone()
OTHER_PAPER = chains.zone(number="Y7654321")
OTHER_PERSON = chains.zone(given="EVA")


def crossed(
    chain: chains.Chain, name: str, lines: tuple[str, ...] = HERE, direction: str = "in", **changes: Any
) -> None:
    chain.add(EventKind.ENCOUNTER_READ, chains.read_body(name, lines))
    body = {**chains.disposition_body(name), "direction": direction, **changes}
    chain.add(EventKind.DISPOSITION, body)


def asked(lines: tuple[str, ...] = HERE, name: str = NAMES[8]) -> CrossingsAsked:
    document = parse_mrz(lines, START.date()).document
    plain = to_plain(document)
    return CrossingsAsked(
        "demo-3",
        name,
        issuer=plain["issuer"],
        document_number=plain["document_number"],
        family_name=plain["family_name"],
        given_names=plain["given_names"],
        birth=plain["birth_date"]["raw"],
    )


def known(centre: Centre, question: CrossingsAsked | None = None) -> CrossingsKnown:
    with centre.begin() as connection:
        return crossings.known(centre, connection, question or asked())


@pytest.fixture
def chain(centre: Centre) -> chains.Chain:
    return chains.Chain.of(enrolled(centre, "demo-3"))


def test_entries_and_exits_of_a_person_are_told_newest_first(centre: Centre, chain: chains.Chain) -> None:
    crossed(chain, NAMES[0])
    crossed(chain, NAMES[1], direction="out")
    crossed(chain, NAMES[2], OTHER_PAPER)
    crossed(chain, NAMES[3], OTHER_PERSON)
    delivery.receive(centre, "demo-3", chain.batch())
    found = known(centre)
    assert [(one.entry, one.same_person, one.same_document) for one in found.crossings] == [
        (True, False, True),
        (True, True, False),
        (False, True, True),
        (True, True, True),
    ]
    assert {one.post for one in found.crossings} == {POST}
    assert found.other_persons == 1
    assert found.since == found.crossings[-1].at


def test_the_encounter_asked_about_and_what_was_nobody_s_crossing_are_left_out(
    centre: Centre, chain: chains.Chain
) -> None:
    crossed(chain, NAMES[0])
    crossed(chain, NAMES[1], disposition="withdrawn")
    chain.add(EventKind.ENCOUNTER_READ, chains.read_body(NAMES[2], HERE))
    delivery.receive(centre, "demo-3", chain.batch())
    assert known(centre, asked(name=NAMES[0])).crossings == ()
    assert len(known(centre).crossings) == 1


def test_bodies_may_come_in_any_order(centre: Centre, chain: chains.Chain) -> None:
    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch(bare=(1,)))
    assert known(centre).crossings == ()
    delivery.take_body(centre, "demo-3", chain.late(1))
    assert len(known(centre).crossings) == 1


def test_a_reading_that_was_corrected_counts_as_corrected(centre: Centre, chain: chains.Chain) -> None:
    chain.add(EventKind.ENCOUNTER_READ, chains.read_body(NAMES[0], OTHER_PERSON))
    chain.add(EventKind.ENCOUNTER_CORRECTED, chains.read_body(NAMES[0], HERE))
    chain.add(EventKind.DISPOSITION, {**chains.disposition_body(NAMES[0]), "direction": "in"})
    delivery.receive(centre, "demo-3", chain.batch())
    assert [one.same_person for one in known(centre).crossings] == [True]


def test_nothing_personal_is_in_the_table(centre: Centre, chain: chains.Chain) -> None:
    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch())
    with centre.begin() as connection:
        (row,) = connection.execute(select(database.crossings)).all()
    assert len(row.person) == len(row.document) == 64
    assert "MUSTER" not in str(tuple(row))


def test_nobody_is_like_what_is_not_known(centre: Centre, chain: chains.Chain) -> None:
    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch())
    nothing = replace(asked(), document_number="", birth="")
    assert known(centre, nothing).crossings == ()
    paper_alone = replace(asked(), birth="")
    assert [(one.same_person, one.same_document) for one in known(centre, paper_alone).crossings] == [(False, True)]


def test_a_centre_without_a_crossing_says_since_when_it_knows(centre: Centre, clock: Clock) -> None:
    found = known(centre)
    assert (found.crossings, found.since, found.other_persons) == ((), clock.now(), 0)


def test_an_older_database_gets_its_crossings_from_the_bodies(centre: Centre, chain: chains.Chain) -> None:
    from checkpoint_app.central import encounters

    crossed(chain, NAMES[0])
    delivery.receive(centre, "demo-3", chain.batch())
    before = known(centre)
    with centre.begin() as connection:
        connection.execute(database.crossings.delete())
        assert crossings.known(centre, connection, asked()).crossings == ()
        encounters.project_crossings(centre, connection)
    assert known(centre) == before
