"""Makers of answers and policies."""

from datetime import UTC, datetime, timedelta

from checkpoint_app.verdict import (
    AgeSteps,
    Answer,
    Check,
    Finding,
    NotDone,
    Outcome,
    Policy,
    Requirement,
    Source,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def answer(
    check: Check = Check.WANTED, outcome: Outcome = Outcome.CLEAR, age: timedelta | None = HOUR, name: str = "ECU"
) -> Answer:
    """An answer of a list of this age; without age, of the post itself."""
    not_done = NotDone.NO_LIST if outcome is Outcome.NOT_CHECKED else None
    findings = (Finding("wanted.match"),) if outcome in (Outcome.NOTE, Outcome.HIT) else ()
    source = Source(name, 7, "engine/1", issued_at=None if age is None else NOW - age)
    return Answer(check, outcome, source, NOW, not_done=not_done, findings=findings)


def policy(*required: Requirement, **fields: object) -> Policy:
    own: dict[str, object] = {
        "name": "paso",
        "version": 12,
        "issued_at": NOW,
        "required": required or (Requirement(Check.WANTED),),
        "outcomes": {"wanted.match": Outcome.HIT, "document.expired": Outcome.NOTE},
        "ages": AgeSteps(),
    }
    return Policy(**(own | fields))  # type: ignore[arg-type]
