"""The crossings of all posts: asked while there is a line, and joined to what the desk shows, which never waits.

Stay and rules are answered anew with them; every other answer stays. Where nothing changes nobody hears of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checkpoint_app.booth.crossings.crossing_checks import crossing_asks, vouched
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.rules_in_force import Ruling
from checkpoint_app.verdict import Answer, Check, Policy, fold
from checkpoint_app.wire.crossings import MAX_TEXT, CrossingsAsked, CrossingsKnown
from checkpoint_app.wire.subjects import birth_text

AskCrossings = Callable[[CrossingsAsked, Callable[[CrossingsKnown], None]], None]
ANEW = (Check.STAY, Check.RISK)


class National:
    """Asks the centre for the crossings of whoever stands at the desk. Lives on the UI thread."""

    def __init__(self, core: Core, encountering: Encountering, ruling: Ruling, ask: AskCrossings) -> None:
        self._core = core
        self._encountering = encountering
        self._ruling = ruling
        self._ask = ask

    def about(self, encounter: Encounter) -> None:
        """Ask about ``encounter``, which has just been answered here, if its policy wants what crossings tell."""
        state = self._core.state
        if state.policy is None or state.line is None or state.line.state != "up" or encounter.national is not None:
            return
        wanted = {one.check for one in (*state.policy.required, *state.policy.optional)}
        question = question_of(encounter, state.post.booth)
        if question is not None and wanted & set(ANEW):
            self._ask(question, lambda known: self._core.when_free(lambda: self._told(question, known)))

    def _told(self, question: CrossingsAsked, known: CrossingsKnown) -> None:
        core = self._core
        state = core.state
        local, policy, lane = state.encounter, state.policy, state.post.lane
        if local is None or local.verdict is None or state.decided or policy is None or state.officer is None:
            return
        if question_of(local, question.booth) != question or known.encounter_id != question.encounter_id:
            return  # it was read again, or corrected, meanwhile: this is somebody else's

        def work(records: Records) -> Encounter | None:
            if not records.is_open(local.id):
                return None
            return self._answered(records, replace(local, national=known), policy, lane)

        core.act(work, lambda answered: show_told(core, self._encountering, local, answered))

    def _answered(self, records: Records, encounter: Encounter, policy: Policy, lane: str) -> Encounter:
        """Return the Encounter with stay and rules answered anew, and written down where that changed anything."""
        now = records.trusted_now()
        rules = self._ruling.traveller(encounter, lane, policy, records, now)
        asks = {**crossing_asks(records, encounter, policy, lane, now), Check.RISK: rules.ask}
        anew: list[Answer] = []
        for requirement in (*policy.required, *policy.optional):
            if requirement.check in ANEW:
                anew += asks[requirement.check](requirement)
        own = in_place(encounter.own, anew)
        answers = in_place(encounter.answers, anew)
        answered = replace(encounter, own=own, answers=answers, verdict=fold(answers, policy, now))
        with records.store.transaction():
            records.answered(answered, policy, now, "crossings")
            rules.write(records, encounter.id)
        return answered


def show_told(core: Core, encountering: Encountering, local: Encounter, answered: Encounter | None) -> None:
    """Show what the centre's crossings made of ``local``, None where nothing; said only where the advice changed."""
    if answered is None:
        return
    before, after = (one.verdict.advice if one.verdict else None for one in (local, answered))
    if before is after:
        core.update(encounter=answered)
        return
    core.update(encounter=answered, reason=None)
    core.say("message.crossings_told", "attention")
    encountering.advised(answered)


def in_place(answers: tuple[Answer, ...], anew: list[Answer]) -> tuple[Answer, ...]:
    """Return ``answers`` with those to stay and rules replaced, each check in its place."""
    found: list[Answer] = []
    done: set[Check] = set()
    for answer in answers:
        if answer.check not in ANEW:
            found.append(answer)
        elif answer.check not in done:
            done.add(answer.check)
            found += [one for one in anew if one.check is answer.check]
    return tuple(found)


def question_of(encounter: Encounter, booth: str) -> CrossingsAsked | None:
    """Return what the centre is asked, by what is in no doubt; None where that names nobody and has no number."""
    document = vouched(encounter)
    texts = {
        name: str(document.get(name) or "") for name in ("issuer", "document_number", "family_name", "given_names")
    }
    birth = birth_text(document.get("birth_date"))
    if not (texts["document_number"] or (birth and (texts["family_name"] or texts["given_names"]))):
        return None
    if any(len(text) > MAX_TEXT for text in (*texts.values(), birth)):
        return None
    return CrossingsAsked(booth, encounter.id, birth=birth, **texts)
