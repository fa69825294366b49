"""The checks of a consignment: each that the policy asks for gets an answer, or the reason why it was not done.

What a message states is held against itself, against what was seen, and its parties against the lists of persons.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checkpoint_app.booth.cargo_parties import ask_parties
from checkpoint_app.booth.cargo_read import ConsignmentRead
from checkpoint_app.cargo.iso6346 import check_digit_of, plain_number
from checkpoint_app.cargo.values import Equipment
from checkpoint_app.screening.checks import THIS_BOOTH, Asks, LoadedList
from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, Policy, Requirement

log = logging.getLogger(__name__)

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the checks look at: the consignment, the policy, the lists in force, the trusted time."""

    read: ConsignmentRead
    policy: Policy
    lists: Sequence[LoadedList]
    now: datetime


def cargo_policy(policy: Policy) -> Policy:
    """Return the policy as the fold takes it for a consignment.

    A post that has no checks of goods can't advise on them: the check of the message is then required, and not done.
    """
    required = policy.cargo_required or (Requirement(Check.MESSAGE),)
    return replace(policy, required=required, optional=policy.cargo_optional)


def run_cargo_checks(inspected: Inspected, others: Mapping[Check, Asks] | None = None) -> tuple[Answer, ...]:
    """Answer every check of goods that the policy asks for, in its order; ``others`` answer those of other rooms."""
    policy = inspected.policy
    if not policy.cargo_required:
        return (_not_done(Check.MESSAGE, inspected, NotDone.NOT_INSTALLED),)
    return tuple(
        answer
        for requirement in (*policy.cargo_required, *policy.cargo_optional)
        for answer in _answers(requirement, inspected, (others or {}).get(requirement.check))
    )


def _answers(requirement: Requirement, inspected: Inspected, ask: Asks | None) -> Sequence[Answer]:
    check = requirement.check
    try:
        if ask is not None:
            found: Sequence[Answer] = ask(requirement)
        elif check is Check.PARTIES:
            found = ask_parties(requirement, inspected.read, inspected.policy, inspected.lists, inspected.now)
        elif check in _OWN:
            found = (_own(check, inspected),)
        else:
            found = (_not_done(check, inspected, NotDone.NOT_INSTALLED),)
    except Exception as error:  # noqa: BLE001 - it costs its own answer, not the Encounter
        log.error("check %s broke: %s", check, type(error).__name__)  # noqa: TRY400 - texts may be personal
        found = ()
    return found or (_not_done(check, inspected, NotDone.CHECK_FAILED),)


def _own(check: Check, inspected: Inspected) -> Answer:
    findings, not_done = _OWN[check](inspected)
    of_message = [one for one in inspected.read.findings if one.code.startswith(f"{check.value}.")]
    known = {(one.code, one.params.get("number")) for one in findings}
    findings += [one for one in of_message if (one.code, one.params.get("number")) not in known]
    if not findings and not_done is not None:
        return _not_done(check, inspected, not_done)
    return Answer(
        check, inspected.policy.outcome_of(tuple(findings)), THIS_BOOTH, inspected.now, findings=tuple(findings)
    )


_Found = tuple[list[Finding], NotDone | None]


def _message(inspected: Inspected) -> _Found:
    """Counts, faults, and what was left out; without a message nothing is said to be in order."""
    read = inspected.read
    if not read.kind:
        return [], NotDone.NO_MANIFEST
    findings = []
    if read.count_matches is False:
        findings.append(Finding("message.counts", {} if read.declared is None else {"declared": str(read.declared)}))
    if read.faults:
        findings.append(Finding("message.faults", {"count": str(len(read.faults))}))
    if read.left_out:
        findings.append(Finding("message.left_out", {"count": str(read.left_out)}))
    return findings, None


def _equipment(inspected: Inspected) -> _Found:
    """Check digits, and weights that lie further apart than the policy allows."""
    read, tolerance = inspected.read, inspected.policy.weight_tolerance_percent
    findings = [_digit(one) for one in read.equipment if one.number and one.check_digit_ok is False]
    for one in read.equipment:
        findings += _weight("equipment.verified_weight", one.number or "", one.weight_kg, one.verified_kg, tolerance)
    findings += _weight("equipment.weight", read.number, declared_kg(read), read.weighed_kg, tolerance)
    known = any(one.number for one in read.equipment) or read.weighed_kg is not None
    return findings, None if known else NotDone.FIELD_MISSING


def declared_kg(read: ConsignmentRead) -> float | None:
    """Return the declared weight: the consignment's, else the sum of its containers where each has one."""
    if read.consignment.weight_kg is not None or not read.equipment:
        return read.consignment.weight_kg
    weights = [one.weight_kg for one in read.equipment]
    return None if None in weights else sum(weight for weight in weights if weight is not None)


def percent_off(declared: float | None, weighed: float | None) -> float | None:
    """Return by how many percent a weight differs from the declared one; None where one of them is not known."""
    if declared is None or weighed is None or declared <= 0:
        return None
    return (weighed - declared) / declared * PERCENT


def _digit(one: Equipment) -> Finding:
    number = plain_number(one.number or "")
    return Finding(
        "equipment.check_digit", {"number": number, "read": number[-1:], "computed": str(check_digit_of(number))}
    )


def _weight(code: str, number: str, declared: float | None, weighed: float | None, tolerance: int) -> Iterable[Finding]:
    off = percent_off(declared, weighed)
    if off is None or declared is None or weighed is None or abs(off) <= tolerance:
        return ()
    params = {
        "number": number,
        "declared": str(round(declared)),
        "weighed": str(round(weighed)),
        "percent": f"{off:+.0f}",
        "tolerance": str(tolerance),
    }
    return (Finding(code, params),)


def _seals(inspected: Inspected) -> _Found:
    """Seals declared against seals seen; nobody has looked: not checked."""
    read = inspected.read
    findings: list[Finding] = []
    unseen = not any(one.number for one in read.equipment)
    for one in read.equipment:
        seen = read.seen_on(one)
        if seen is None:
            unseen = True
        elif seals_differ(one, seen):
            findings.append(
                Finding(
                    _seal_code(one, seen),
                    {"number": one.number or "", "seen": ", ".join(seen), "declared": ", ".join(one.seals)},
                )
            )
    return findings, NotDone.NOT_SEEN if unseen else None


def _seal_code(one: Equipment, seen: Sequence[str]) -> str:
    if not one.seals:
        return "seals.not_declared"
    return "seals.differ" if seen else "seals.none"


def seals_differ(one: Equipment, seen: Sequence[str]) -> bool:
    """Tell whether other seals were seen on a container than were declared."""
    return set(map(plain_number, one.seals)) != set(map(plain_number, seen))


_OWN: Mapping[Check, Callable[[Inspected], _Found]] = {
    Check.MESSAGE: _message,
    Check.EQUIPMENT: _equipment,
    Check.SEALS: _seals,
}


def _not_done(check: Check, inspected: Inspected, why: NotDone) -> Answer:
    return Answer(check, Outcome.NOT_CHECKED, THIS_BOOTH, inspected.now, not_done=why)
