"""The parties of a consignment against the lists of persons: the engine that travellers are searched by, name by name.

A message gives no birth date, so that a search is by name alone, and says so. Who has no name, or stands "to order", is
not searched, and is said so too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checkpoint_app.booth.cargo_read import ConsignmentRead
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
UNREADABLE = "parties.unreadable"


@dataclass(frozen=True, slots=True)
class Searched:
    """What came of searching one party in one list: ``not_done`` where it could not be."""

    party: Party
    candidates: tuple[Candidate, ...] = ()
    not_done: NotDone | None = None


def named_parties(read: ConsignmentRead) -> tuple[Party, ...]:
    """Return the parties to be searched, each name once."""
    named = {
        " ".join((one.name or "").upper().split()): one for one in reversed(read.consignment.parties) if searched(one)
    }
    return tuple(reversed(named.values()))


def searched(party: Party) -> bool:
    """Tell whether there is anybody to search for: a name, and not the bearer of a bill."""
    return bool((party.name or "").strip()) and not party.to_order


def ask_parties(
    requirement: Requirement, read: ConsignmentRead, policy: Policy, lists: Sequence[LoadedList], now: datetime
) -> tuple[Answer, ...]:
    """Answer the check of the parties: one answer a list of persons."""
    asked = [one for one in lists if one.kind == "persons" and requirement.list_name in ("", one.source.name)]
    if not asked:
        missing = Source(name=requirement.list_name, version=0, engine=ENGINE)
        return (Answer(Check.PARTIES, Outcome.NOT_CHECKED, missing, now, not_done=NotDone.NO_LIST),)
    parties = named_parties(read)
    others = tuple(one for one in read.findings if one.code.startswith("parties."))
    return tuple(_of_list(one, parties, others, policy, now) for one in asked)


def _of_list(
    one: LoadedList, parties: Sequence[Party], others: tuple[Finding, ...], policy: Policy, now: datetime
) -> Answer:
    bar = one.barred(policy, now) or (None if parties else NotDone.FIELD_MISSING)
    searches = [] if bar is not None else [_searched(party, one, policy, now) for party in parties]
    found = [each for each in searches if each.candidates]
    findings = [
        Finding(
            PARTY_MATCH,
            {"role": each.party.role, "name": each.party.name or "", "count": str(len(each.candidates))},
        )
        for each in found
    ]
    not_done = bar or next((each.not_done for each in searches if each.not_done is not None), None)
    if not findings and not_done is not None:
        return Answer(Check.PARTIES, Outcome.NOT_CHECKED, one.source, now, not_done=not_done)
    told = (*findings, *others, *(_unreadable(each) for each in searches if each.not_done is not None))
    candidates = tuple(_of_party(candidate, each.party) for each in found for candidate in each.candidates)
    return Answer(Check.PARTIES, policy.outcome_of(told), one.source, now, findings=told, candidates=candidates)


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
    family, comma, given = (party.name or "").partition(",")
    if not comma or not given.strip():
        family, given = (party.name or ""), ""
    subject = ScreeningSubject("party", family_name=family.strip(), given_names=given.strip())
    return zone_of(subject, now.date())


def _of_party(candidate: Candidate, party: Party) -> Candidate:
    return replace(candidate, facts={**candidate.facts, PARTY: party.name or "", PARTY_ROLE: party.role})


def _unreadable(each: Searched) -> Finding:
    return Finding(UNREADABLE, {"role": each.party.role, "name": each.party.name or ""})
