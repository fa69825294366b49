"""The rows of a consignment's checks: each name tells how much was found, for the rows have no second line."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.desk.state import DeskState
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.present.matches import findings_of
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.rules.rule_findings import is_withheld
from checkpoint_app.booth.view.screen import CheckRow, ChecksView
from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Policy


def goods_rows(view: ChecksView, state: DeskState, words: Words) -> ChecksView:
    """Return the checks of the consignment on the desk with what was found in their names; others stay as they are.

    The findings' words stand in the right panel, and of each row in its tip.
    """
    encounter = state.encounter
    if encounter is None or encounter.consignment is None or len(view.rows) != len(encounter.answers):
        return view
    rows = tuple(
        row if row.waiting else _row(row, answer, encounter.consignment, state, words)
        for row, answer in zip(view.rows, encounter.answers, strict=True)
    )
    return replace(view, rows=rows, count=_count(rows, words) if not state.reading else view.count, terse=True)


def _count(rows: tuple[CheckRow, ...], words: Words) -> str:
    """Return how many checks found nothing, found something, and were not done: they add up to all."""
    kinds = {
        "clear": (Outcome.CLEAR,),
        "found": (Outcome.HIT, Outcome.NOTE),
        "not_done": (Outcome.NOT_CHECKED,),
        "waiting": (None,),
    }
    counted = {kind: sum(row.outcome in outcomes for row in rows) for kind, outcomes in kinds.items()}
    said = (words.say(f"count.{kind}", count=count) for kind, count in counted.items() if count or kind == "clear")
    return " · ".join(said)


def weighed(answer: Answer, policy: Policy | None) -> tuple[int, int]:
    """Return how many findings of an answer are hits by the policy, and how many are notes; what was found is one."""
    weights = policy.outcomes if policy is not None else {}
    found = [weights.get(finding.code, Outcome.HIT) for finding in findings_of(answer)]
    hits, notes = found.count(Outcome.HIT), found.count(Outcome.NOTE)
    if answer.outcome is Outcome.HIT:
        return max(1, hits), notes
    return 0, max(1, notes) if answer.outcome is Outcome.NOTE else 0


def _row(row: CheckRow, answer: Answer, read: ConsignmentRead, state: DeskState, words: Words) -> CheckRow:
    counted = _counted(answer, read, state, words)
    if not counted:
        return row
    name = f"{_short(answer, words)}: {counted}"
    return replace(row, name=name, accessible=row.accessible.replace(row.name, name, 1))


def _short(answer: Answer, words: Words) -> str:
    """Return a check's name as it stands before a count."""
    if answer.check is Check.RISK and answer.outcome is not Outcome.NOT_CHECKED and answer.of:
        return words.say("rules.counted", name=words.say("cargo.row.risk"), count=answer.of)
    key = f"cargo.row.{answer.check.value}"
    return words.say(key if words.knows(key) else f"check.{answer.check.value}")


def _counted(answer: Answer, read: ConsignmentRead, state: DeskState, words: Words) -> str:
    """Return how much was found; empty where there is nothing to count."""
    if answer.outcome is Outcome.NOT_CHECKED:
        return _undone(answer, read, words)
    hits, notes = weighed(answer, state.policy)
    if not hits and not notes:
        return ""
    if answer.check is Check.DRAW:
        return words.say("cargo.row.drawn")
    if answer.check is Check.RISK and is_withheld(answer, state):
        return ""
    if not hits:
        return words.say("cargo.row.notes", count=notes)
    if answer.check is Check.SEALS and all(finding.code == "seals.differ" for finding in answer.findings):
        return words.say("cargo.row.differ", count=hits)
    possible = answer.check is Check.PARTIES and answer.candidates
    return words.say("cargo.row.possible" if possible else "cargo.row.hits", count=hits)


def undone_text(answer: Answer, read: ConsignmentRead, words: Words) -> str:
    """Return in a few words what was not done and how much of it; empty where nothing is to be counted."""
    counted = _undone(answer, read, words)
    return f"{_short(answer, words)}: {counted}" if counted else ""


def _undone(answer: Answer, read: ConsignmentRead, words: Words) -> str:
    if answer.not_done is NotDone.NOT_EVALUATED:
        return words.say("cargo.row.unknown", count=max(1, answer.of))
    if answer.check is Check.SEALS and answer.not_done is NotDone.NOT_SEEN:
        unseen = sum(read.seen_on(one) is None for one in read.equipment)
        return words.say("cargo.row.unseen", count=max(1, unseen))
    return ""
