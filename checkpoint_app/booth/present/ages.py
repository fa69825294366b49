"""Ages and dates in words: hours up to 47, then days, since "1 d" would hide on which side of 24 hours a list is."""

from __future__ import annotations

from datetime import datetime, timedelta

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import AgeLook
from checkpoint_app.verdict import AgeStep, AgeSteps

_HOURS_UNTIL = timedelta(hours=48)
_LOOKS = {AgeStep.FRESH: AgeLook.PLAIN, AgeStep.AS_OF: AgeLook.AS_OF, AgeStep.TOO_OLD: AgeLook.TOO_OLD}


def age_text(words: Words, issued_at: datetime, now: datetime, *, long: bool = False) -> str:
    """Return the age as "6 h" (or "6 hours"), its number and unit held together by a no-break space."""
    age = max(now - issued_at, timedelta(0))
    if age < timedelta(hours=1):
        unit, n = "minutes", int(age.total_seconds() // 60)
    elif age < _HOURS_UNTIL:
        unit, n = "hours", int(age.total_seconds() // 3600)
    else:
        unit, n = "days", age.days
    key = f"age.long_{unit}" if long else f"age.{unit}"
    return words.say(key, n=n, count=n).replace(" ", "\u00a0")


def age_look(steps: AgeSteps, issued_at: datetime, now: datetime) -> AgeLook:
    """Return how the age of a list is drawn."""
    return _LOOKS[steps.step(issued_at, now)]


def day_month(words: Words, moment: datetime) -> str:
    """Return "21 nov" in the booth's own time zone."""
    local = moment.astimezone()
    return f"{local.day}\u00a0{words.say(f'month.{local.month}')}"


def day_month_year(words: Words, moment: datetime) -> str:
    """Return "21 nov 2026" in the booth's own time zone."""
    return f"{day_month(words, moment)}\u00a0{moment.astimezone().year}"


def day_and_time(words: Words, moment: datetime) -> str:
    """Return "21 nov, 06:00" in the booth's own time zone."""
    return f"{day_month(words, moment)}, {clock(moment)}"


def clock(moment: datetime) -> str:
    """Return the 24-hour time in the booth's own time zone."""
    return f"{moment.astimezone():%H:%M}"
