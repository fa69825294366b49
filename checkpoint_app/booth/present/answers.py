"""The rows of the checks and the advice banner: what was checked, against what, how old, and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.line.line_view import centre_words
from checkpoint_app.booth.present.ages import age_look, age_text, day_and_time, day_month_year
from checkpoint_app.booth.present.matches import findings_of, open_persons
from checkpoint_app.booth.rules.rule_findings import hits_of, is_withheld, row_detail, row_name
from checkpoint_app.booth.view.screen import AdviceView, AgeLook, CheckRow, ChecksView
from checkpoint_app.screening.checks import CLEARED
from checkpoint_app.verdict import Advice, Answer, Check, Finding, NotDone, Outcome, Policy, Requirement, Verdict
from checkpoint_app.verdict.fold import AGELESS

_SEPARATOR = " · "
_NUMBERS = ("counted", "declared", "weighed")
_OF_GOODS = (Check.MESSAGE, Check.PARTIES, Check.EQUIPMENT, Check.SEALS)


def checks_view(state: DeskState, words: Words) -> ChecksView:
    """Return the checks in the policy's order, with a count that adds up."""
    if state.reading or state.encounter is None:
        asked = (*state.policy.required, *state.policy.optional) if state.policy else ()
        count = words.say("count.waiting", count=len(asked))
        rows = tuple(_waiting_row(requirement, words) for requirement in asked)
    else:
        awaited = [answer for answer in state.encounter.answers if _is_awaited(answer, state)]
        done = [answer for answer in state.encounter.answers if answer not in awaited]
        count = _count(done, words, waiting=len(awaited))
        rows = tuple(
            _waiting_row(Requirement(answer.check), words) if answer in awaited else check_row(answer, state, words)
            for answer in state.encounter.answers
        )
    return ChecksView(
        title=words.say("check.title"),
        count=count,
        rows=rows,
        centre=centre_words(state, words),
    )


def _waiting_row(requirement: Requirement, words: Words) -> CheckRow:
    doing = words.say("document.reading" if requirement.check is Check.VISUAL else "check.waiting")
    return CheckRow(words.say(f"check.{requirement.check}"), None, doing, "")


def _is_awaited(answer: Answer, state: DeskState) -> bool:
    """Tell whether the page that an answer is about is being read just now."""
    reading = state.encounter is not None and state.printing == state.encounter.id
    return reading and answer.check is Check.VISUAL and answer.not_done is NotDone.PRINT_UNREAD


def _count(answers: Sequence[Answer], words: Words, waiting: int = 0) -> str:
    def number(outcome: Outcome) -> int:
        return sum(answer.outcome is outcome for answer in answers)

    possible = sum(answer.outcome is Outcome.HIT and answer.check is Check.WANTED for answer in answers)
    hits = number(Outcome.HIT)
    only_possible = possible == hits
    found = [
        ("possible" if only_possible else "hit", hits),
        ("note", number(Outcome.NOTE)),
        ("not_done", number(Outcome.NOT_CHECKED)),
    ]
    parts = [("clear", number(Outcome.CLEAR)), *((key, n) for key, n in found if n)]
    if len(parts) == 1:
        parts.append(("findings_none", 0))
    parts += [("waiting", waiting)] if waiting else []
    # Four parts and more have room in short words only.
    short = ("clear", "note") if len(parts) > 3 else ()
    said = [words.say(f"count.{key}_short" if key in short else f"count.{key}", count=n) for key, n in parts]
    return _SEPARATOR.join(said)


def check_row(answer: Answer, state: DeskState, words: Words) -> CheckRow:
    """Return the row of one answer. Its accessible text says everything that the eye sees."""
    name = row_name(answer, words) if answer.check is Check.RISK else words.say(f"check.{answer.check.value}")
    source, age, look = source_and_age(answer, state, words)
    if answer.rules and is_withheld(answer, state):
        source = words.say("rules.withheld_source")  # a set's name tells what it looks for
    detail = (row_detail(answer, state, words) if answer.rules else "") or _detail(answer, state.policy, words)
    key_cap = "F6" if answer.candidates and answer.outcome is not Outcome.NOT_CHECKED else ""
    what = detail or words.say("check.clear_word")
    accessible = words.say("check.accessible", name=name, what=what, source=source, age=age, key=key_cap).strip()
    return CheckRow(name, answer.outcome, source, age, look, detail, key_cap, accessible)


def source_and_age(answer: Answer, state: DeskState, words: Words) -> tuple[str, str, AgeLook]:
    """Return the words of an answer's source and age, and how the age is drawn."""
    source = answer.source
    if answer.outcome is Outcome.NOT_CHECKED and answer.not_done is not NotDone.LIST_TOO_OLD:
        named = f"{source.name} {source.version}" if source.version else source.name
        if answer.check is Check.STAY and source.name:
            kind, _, since = source.name.partition(" ")
            named = words.say(f"crossings.{kind}", date=since)
        return named, words.say("check.not_done"), AgeLook.PLAIN
    if answer.check in (Check.STAY, Check.DRAW) and source.name:
        kind, _, since = source.name.partition(" ")
        return words.say(f"crossings.{kind}", date=since), words.say("check.now"), AgeLook.PLAIN
    if answer.check is Check.MANIFEST and source.name:
        return words.say("passengers.source", list=source.name), words.say("check.now"), AgeLook.PLAIN
    if source.issued_at is None or state.policy is None:
        of_codes = source.issued_at is None and source.version > 0
        named = f"{source.name} {source.version}" if of_codes else words.say("check.this_booth")
        return named, words.say("check.now"), AgeLook.PLAIN
    age = age_text(words, source.issued_at, state.judged_at)
    look = AgeLook.PLAIN if answer.check in AGELESS else age_look(state.policy.ages, source.issued_at, state.judged_at)
    return f"{source.name} {source.version}", age, look


def _detail(answer: Answer, policy: Policy | None, words: Words) -> str:
    if answer.not_done is not None:
        return not_done_text(answer, policy, words)
    return _SEPARATOR.join(finding_texts(findings_of(answer), words))


def not_done_text(answer: Answer, policy: Policy | None, words: Words) -> str:
    """Return why a check was not done."""
    limit = f"{policy.ages.usable.days}\u00a0d" if policy else ""
    return words.say(f"not_done.{answer.not_done}", limit=limit)


def finding_texts(findings: tuple[Finding, ...], words: Words) -> list[str]:
    """Return findings in words; several wrong check digits are one text that names their fields."""
    digits = [finding for finding in findings if finding.code == "document.check_digit"]
    if len(digits) < 2:
        return [finding_text(finding, words) for finding in findings]
    fields = ", ".join(words.say(f"document.field.{finding.params['field']}") for finding in digits)
    others = [finding_text(finding, words) for finding in findings if finding not in digits]
    return [words.say("finding.document.check_digits", fields=fields), *others]


def finding_text(finding: Finding, words: Words) -> str:
    """Return a finding in words. A category or a reason in its params is itself a word."""
    params: dict[str, object] = dict(finding.params)
    try:
        if finding.code == CLEARED and "at" in params:  # what an older program wrote did not tell whose decision it was
            at = datetime.fromisoformat(str(params["at"]))
            return words.say("finding.wanted.cleared_by", **params | {"date": day_month_year(words, at)})
        if "field" in params:
            params["field"] = words.say(f"document.field.{params['field']}")
        if "category" in params:
            params["category"] = words.say(f"category.{params['category']}")
        if "reason" in params:
            params["reason"] = words.say(f"seal_reason.{params['reason']}")
        if "slip" in params:
            params["slip"] = words.say(f"slip_refused.{params['slip']}")
        if "role" in params:
            key = f"role.{params['role']}"
            params["role"] = words.say(key if words.knows(key) else "role.other")
        if finding.code.endswith(("weight", "pieces")):
            params |= {name: _whole(params[name], words) for name in _NUMBERS if name in params}
        if "count" in params:
            params["count"] = int(str(params["count"]))
        return words.say(f"finding.{finding.code}", **params)
    except (KeyError, ValueError):  # of a centre that is newer than this booth
        return words.say("finding.other", code=finding.code)


def _whole(value: object, words: Words) -> str:
    """Return a number of a finding with its thousands apart; what is none stays as it is."""
    whole, dot, rest = str(value).partition(".")
    if not whole.isdecimal():
        return str(value)
    return words.whole(int(whole)) + (("." if words.language == "en" else ",") + rest if dot else "")


def advice_view(state: DeskState, words: Words) -> AdviceView:
    """Return the banner: the word, one line that also names what was not done, and the date it is as of."""
    encounter = state.encounter
    verdict = encounter.verdict if encounter else None
    if encounter is None or verdict is None or state.reading:
        return AdviceView(None, words.say("advice.none"))
    as_of = ""
    if verdict.as_of is not None and verdict.advice in (Advice.PROCEED, Advice.LOOK):
        as_of = words.say(
            "line.as_of",
            date=day_and_time(words, verdict.as_of),
            age=age_text(words, verdict.as_of, state.judged_at, long=True),
        )
    return AdviceView(
        advice=verdict.advice,
        word=words.say(_word(verdict.advice, goods=encounter.consignment is not None)),
        line=_line(verdict, state, encounter.answers, words),
        as_of=as_of,
    )


def _word(advice: Advice, *, goods: bool) -> str:
    """Return the key of an advice's word: goods are released, people are let pass."""
    return "advice.release" if goods and advice is Advice.PROCEED else f"advice.{advice.value}"


def _line(verdict: Verdict, state: DeskState, answers: tuple[Answer, ...], words: Words) -> str:
    if verdict.advice is Advice.INCOMPLETE:
        return words.say("line.missing", count=len(verdict.missing))
    parts = [_substance(verdict, state, answers, words)]
    if verdict.not_done and verdict.advice is not Advice.LOOK:
        parts.append(words.say("line.not_done", count=verdict.not_done))
    return _SEPARATOR.join(parts)


def _substance(verdict: Verdict, state: DeskState, answers: tuple[Answer, ...], words: Words) -> str:
    if verdict.advice is Advice.REFER:
        hits = [answer for answer in answers if answer.outcome is Outcome.HIT]
        matches = sum(_open_matches(answer) for answer in hits if answer.check is Check.WANTED)
        others = sum(_hits(answer, state.policy) for answer in hits if answer.check is not Check.WANTED)
        said = [words.say("line.match_short" if others else "line.possible", count=matches)] if matches else []
        said += [words.say("line.hits", count=others)] if others else []
        return _SEPARATOR.join(said)
    if verdict.advice is Advice.LOOK:
        notes = [answer for answer in answers if answer.outcome is Outcome.NOTE]
        texts = [finding_said(finding, answer, state, words) for answer in notes for finding in findings_of(answer)]
        return words.say("line.notes", count=len(texts), what=texts[0])
    return words.say("line.clear_but" if verdict.not_done else "line.all_clear")


def _hits(answer: Answer, policy: Policy | None) -> int:
    """Return how many findings the banner counts of a hit: each rule of a set is one, and each of a consignment."""
    return hits_of(answer, policy) if answer.check in (Check.RISK, *_OF_GOODS) else 1


def finding_said(finding: Finding, answer: Answer, state: DeskState, words: Words) -> str:
    """Return a finding of an answer in words, as far as whoever is signed in may see it."""
    return words.say("rules.withheld") if answer.rules and is_withheld(answer, state) else finding_text(finding, words)


def _open_matches(answer: Answer) -> int:
    return max(1, open_persons(answer))
