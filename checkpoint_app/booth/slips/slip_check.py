"""A slip laid down with a document: what it is worth here, and what a refused one adds to the check of the document.

A good slip is information and nothing more: it makes no check clear. A missing one says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.verdict import Answer, Check, Finding, Outcome, Policy
from checkpoint_app.wire.booths import KnownBooth
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.slip import SlipResult, SlipVerdict, check_slip
from checkpoint_app.wire.slip_text import TEXT_LENGTH, claims_slip, read_slip_text

REFUSED = "document.slip_refused"
"""The finding: the policy says whether it is a note or a hit."""
QR = "QR Code"
MOST_CODES = 16
"""Barcodes of one Encounter, at most: of a picture there are eight, and slips may come after it."""


def codes_in(barcodes: Iterable[tuple[str, bytes]]) -> list[bytes]:
    """Return the bytes of each slip among ``barcodes`` (symbology and bytes); of a damaged one none: b""."""
    texts = (data.decode("ascii", "replace") for _name, data in barcodes if len(data) <= 2 * TEXT_LENGTH)
    return [read_slip_text(text) or b"" for text in texts if claims_slip(text)]


def judged(
    encounter: Encounter, booths: Callable[[], Sequence[KnownBooth]], policy: Policy, now: datetime
) -> SlipResult | None:
    """Return what the slip laid down with the document of ``encounter`` is worth at the trusted time ``now``.

    Of several the one that speaks against the traveller, then the latest good one: an older slip may still lie in the
    passport. None where there is no slip, or the policy uses none (``slip_hours`` 0).
    """
    codes = codes_in(encounter.barcodes)
    if not policy.slip_hours or not codes:
        return None
    most_age, known = timedelta(hours=policy.slip_hours), booths()
    found = [check_slip(data, encounter.mrz.lines, known, now, most_age) for data in codes]
    return max(reversed(found), key=_weight, default=None)  # of two alike the one laid down last


def _weight(result: SlipResult) -> tuple[bool, bool, float]:
    harmless = result.verdict in (SlipVerdict.GOOD, SlipVerdict.TOO_OLD)
    return not harmless, result.good, result.slip.at.timestamp() if result.slip is not None else 0.0


def with_slip(answers: tuple[Answer, ...], slip: SlipResult | None, policy: Policy) -> tuple[Answer, ...]:
    """Return ``answers`` with a refused slip among the findings of the document; a good one changes nothing."""
    if slip is None or slip.good:
        return answers
    finding = Finding(REFUSED, {"slip": slip.verdict.value})
    return tuple(_with_finding(one, finding, policy) if one.check is Check.DOCUMENT else one for one in answers)


def _with_finding(answer: Answer, finding: Finding, policy: Policy) -> Answer:
    if answer.outcome is Outcome.NOT_CHECKED:
        return answer
    findings = (*answer.findings, finding)
    return replace(answer, outcome=policy.outcome_of(findings), findings=findings)


def event_body(encounter: Encounter, result: SlipResult, officer: str) -> Mapping[str, Any]:
    """Return the body of ``slip_checked``; what the slip says only where its signature holds."""
    body: dict[str, Any] = {"encounter_id": encounter.id, "officer": officer, "result": result.verdict.value}
    slip = result.slip
    if slip is None:
        return body
    said = {
        "booth": result.booth,
        "at": to_plain(slip.at),
        "decision": slip.decision.name.lower(),
        "direction": "in" if slip.direction_in else "out",
        "policy": slip.policy_version,
        "pseudonym": slip.officer.hex(),
    }
    return body | said
