"""The parties of a consignment against the lists of persons: the engine that travellers are searched by, name by name.

A message gives no birth date, so that a search is by name alone, and says so. Who has no name, or stands "to order", is
not searched, and is said so too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.cargo.values import Party
from checkpoint_app.documents import Mrz
from checkpoint_app.screening.checks import Examination, LoadedList, run_list_checks
from checkpoint_app.screening.engine import ENGINE
from checkpoint_app.screening.fold import has_unread_letters
from checkpoint_app.screening.subjects import SubjectError, nobody_cleared, zone_of
from checkpoint_app.verdict import Answer, Candidate, Check, Finding, NotDone, Outcome, Policy, Requirement, Source
from checkpoint_app.verdict.raising import PARTY_MATCH
from checkpoint_app.wire.screening import ScreeningSubject

MOST_SHOWN = 10
PARTY, PARTY_ROLE = "party", "party_role"
"""Facts of a candidate that tell which party it was found for."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What came of searching one party in one list: ``not_done`` where it could not be."""

    party: Party
    candidates: tuple[Candidate, ...] = ()
    not_done: NotDone | None = None


def named_parties(read: ConsignmentRead) -> tuple[Party, ...]:
    """Return the parties to be searched, each name once, and under the name that is sought."""
    parties = (replace(one, name=one.sought) for one in reversed(read.consignment.parties) if searched(one))
    named = {(one.name or "").upper(): one for one in parties}
    return tuple(reversed(named.values()))


def searched(party: Party) -> bool:
    """Tell whether there is anybody to search for: a name, and not the bearer of a bill."""
    return party.sought is not None


def ask_parties(
    requirement: Requirement, read: ConsignmentRead, policy: Policy, lists: Sequence[LoadedList], now: datetime
) -> tuple[Answer, ...]:
    """Answer the check of the parties: one answer a list of persons."""
    asked = [one for one in lists if one.kind == "persons" and requirement.list_name in ("", one.source.name)]
    if not asked:
        missing = Source(name=requirement.list_name, version=0, engine=ENGINE)
        return (Answer(Check.PARTIES, Outcome.NOT_CHECKED, missing, now, not_done=NotDone.NO_LIST),)
    parties = named_parties(read)
    return tuple(answer for one in asked for answer in _of_list(one, parties, policy, now))


def _of_list(one: LoadedList, parties: Sequence[Party], policy: Policy, now: datetime) -> tuple[Answer, ...]:
    """Return what was found in a list, and beside it that somebody could not be searched in it."""
    bar = one.barred(policy, now) or (None if parties else NotDone.FIELD_MISSING)
    searches = [] if bar is not None else [_searched(party, one, policy, now) for party in parties]
    found = [each for each in searches if each.candidates]
    not_done = bar or next((each.not_done for each in searches if each.not_done is not None), None)
    findings = tuple(
        Finding(
            PARTY_MATCH,
            {"role": each.party.role, "name": each.party.name or "", "count": str(len(each.candidates))},
        )
        for each in found
    )
    candidates = tuple(_of_party(candidate, each.party) for each in found for candidate in each.candidates)
    answers = []
    if findings or not_done is None:
        outcome = policy.outcome_of(findings)
        made = Answer(Check.PARTIES, outcome, one.source, now, findings=findings, candidates=candidates)
        answers.append(made)
    if not_done is not None:
        answers.append(Answer(Check.PARTIES, Outcome.NOT_CHECKED, one.source, now, not_done=not_done))
    return tuple(answers)


def _searched(party: Party, one: LoadedList, policy: Policy, now: datetime) -> Searched:
    try:
        zone = zone_of_party(party, now)
    except SubjectError:
        return Searched(party, not_done=NotDone.DOCUMENT_UNREADABLE)
    only = replace(policy, required=(Requirement(Check.WANTED, one.source.name),), optional=())
    (answer,) = run_list_checks(Examination(zone, False, now), only, (one,), nobody_cleared)
    if answer.not_done is NotDone.DOCUMENT_UNREADABLE and not has_unread_letters(party.name or ""):
        return Searched(party)  # no birth date is stated: the name was searched, and nobody bears it
    return Searched(party, answer.candidates[:MOST_SHOWN], answer.not_done)


def zone_of_party(party: Party, now: datetime) -> Mrz:
    """Return a party as the checks take a traveller. Raises SubjectError for a name that can't be one."""
    family, given = names_of(party.name or "")
    return zone_of(ScreeningSubject("party", family_name=family, given_names=given), now.date())


def names_of(name: str) -> tuple[str, str]:
    """Return family and given names of a party's name: parted by a comma, else the whole stands as family name."""
    family, _, given = name.partition(",")
    return (family.strip(), given.strip()) if family.strip() and given.strip() else (name.strip(), "")


def facts_of_party(candidate: Candidate) -> dict[str, str]:
    """Return the facts of the party that a candidate was found for, under the names that a candidate's own have."""
    names = zip(("family_name", "given_names"), names_of(candidate.facts.get(PARTY, "")), strict=True)
    return {fact: name for fact, name in names if name}


def _of_party(candidate: Candidate, party: Party) -> Candidate:
    return replace(candidate, facts={**candidate.facts, PARTY: party.name or "", PARTY_ROLE: party.role})
