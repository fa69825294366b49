"""The checks of a consignment: each that the policy asks for gets an answer, or the reason why it was not done.

What a message states is held against itself, against what was seen, and its parties against the lists of persons.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checkpoint_app.booth.goods.parties import ask_parties
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.cargo.code_lists import LIST_OF, NO_CODES, Codes
from checkpoint_app.cargo.crosschecks import Known, findings_of
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.cargo.values import Equipment
from checkpoint_app.screening.checks import THIS_BOOTH, Asks, LoadedList
from checkpoint_app.verdict import Answer, Check, Finding, NotDone, Outcome, Policy, Requirement, Source

log = logging.getLogger(__name__)

PERCENT = 100
CODES_ENGINE = "codes/1"


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the checks look at: the consignment, the policy, the lists in force, the trusted time, known codes."""

    read: ConsignmentRead
    policy: Policy
    lists: Sequence[LoadedList]
    now: datetime
    codes: Codes = NO_CODES


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
            asked = ask_parties(requirement, inspected.read, inspected.policy, inspected.lists, inspected.now)
            found = (*asked, *_of_message(check, inspected))
        elif check in _OWN:
            found = _own(check, inspected)
        else:
            found = (_not_done(check, inspected, NotDone.NOT_INSTALLED),)
    except Exception as error:  # noqa: BLE001 - it costs its own answer, not the Encounter
        log.error("check %s broke: %s", check, type(error).__name__)  # noqa: TRY400 - texts may be personal
        found = ()
    return found or (_not_done(check, inspected, NotDone.CHECK_FAILED),)


def _own(check: Check, inspected: Inspected) -> tuple[Answer, ...]:
    """Return what was found, and beside it what could not be looked at: neither hides the other."""
    findings, not_done = _OWN[check](inspected)
    found = _of_message(check, inspected, findings)
    if not_done is not None:
        return (*found, _not_done(check, inspected, not_done))
    return found or (Answer(check, Outcome.CLEAR, THIS_BOOTH, inspected.now),)


def _of_message(check: Check, inspected: Inspected, more: Sequence[Finding] = ()) -> tuple[Answer, ...]:
    """Return ``more`` and what the message says against itself, an answer a source; none where it does not."""
    findings = (*(one for one in cross_checks(inspected) if one.code.startswith(f"{check.value}.")), *more)
    by_source: dict[Source, list[Finding]] = {}
    for one in findings:
        by_source.setdefault(_source(one, inspected.codes), []).append(one)
    return tuple(
        Answer(check, inspected.policy.outcome_of(tuple(found)), source, inspected.now, findings=tuple(found))
        for source, found in by_source.items()
    )


def _source(finding: Finding, codes: Codes) -> Source:
    """Return what a finding rests on: the list of codes in its version, else the booth alone. Codes have no age."""
    name = LIST_OF.get(finding.code, "")
    version = codes.versions.get(name, 0)
    return Source(name, version, CODES_ENGINE) if version else THIS_BOOTH


def cross_checks(inspected: Inspected) -> tuple[Finding, ...]:
    """Return what does not go together in the consignment, and in its message as a whole."""
    read = inspected.read
    if not read.kind:
        return ()
    codes = inspected.codes
    known = Known(inspected.policy.weight_tolerance_percent, codes.un_numbers, codes.hs)
    own = findings_of(read.message, read.consignment, known)
    return tuple({(one.code, *sorted(one.params.items())): one for one in (*own, *read.findings)}.values())


_Found = tuple[list[Finding], NotDone | None]


def _message(inspected: Inspected) -> _Found:
    """Faults, and what was left out; without a message nothing is said to be in order."""
    read = inspected.read
    if not read.kind:
        return [], NotDone.NO_MANIFEST
    counts = {"message.faults": len(read.faults), "message.left_out": read.left_out}
    return [Finding(code, {"count": str(count)}) for code, count in counts.items() if count], None


def _equipment(inspected: Inspected) -> _Found:
    """A weight that lies further from the declared one than the policy allows; digits are told by the message."""
    read = inspected.read
    known = any(one.number for one in read.equipment) or read.weighed_kg is not None
    return list(_weight(read, inspected.policy.weight_tolerance_percent)), None if known else NotDone.FIELD_MISSING


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


def _weight(read: ConsignmentRead, tolerance: int) -> Iterable[Finding]:
    declared, weighed = declared_kg(read), read.weighed_kg
    off = percent_off(declared, weighed)
    if off is None or declared is None or weighed is None or abs(off) <= tolerance:
        return ()
    params = {
        "declared": str(round(declared)),
        "weighed": str(round(weighed)),
        "percent": f"{off:+.0f}",
        "tolerance": str(tolerance),
    }
    return (Finding("equipment.weight", params),)


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
