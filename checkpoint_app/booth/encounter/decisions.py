"""From the officer's key to a disposition on disk: the gate, the reason, the record, then the screen."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.state import Counts, Form, Message
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.present.ages import clock
from checkpoint_app.booth.present.matches import Match, first_open, match_at, open_persons
from checkpoint_app.booth.record.encounter import Disposition, Encounter, ReadSource, no_document
from checkpoint_app.booth.record.records import Decision, PinRefusedError, Records
from checkpoint_app.booth.view.screen import Sound, Stage
from checkpoint_app.verdict import Advice

OTHER = "other"
BY_ADVICE = "advice"
CHOICES: Mapping[str, tuple[str, ...]] = {
    "let_pass": ("compared", "document_seen", "centre_asked", "supervisor", OTHER),
    "refer": ("advice", "behaviour", "document", OTHER),
    "release": ("compared", "papers_seen", "centre_asked", "supervisor", OTHER),
    "inspect": ("document_check", "scan", "opened"),
    "protect": ("asylum", "trafficking", "child_alone", OTHER),
    "withdraw": ("mistake", "other_document", "left"),
    "not_same": ("compared", "documents", OTHER),
}
BY_ENTER = ("withdraw", "not_same")
SUBJECTS = {"withdraw": "withdrawn"}
OF_GOODS = {"let_pass": "release", "refer": "inspect"}
"""The reason that is asked by the same key where the Encounter is about a consignment."""
DISPOSITIONS = {
    "let_pass": Disposition.LET_PASS,
    "refer": Disposition.REFER,
    "protect": Disposition.PROTECT,
    "withdraw": Disposition.WITHDRAWN,
}


class Deciding:
    """Takes decisions. One that can't be written down is refused and told, except the protection path."""

    def __init__(self, core: Core, encountering: Encountering) -> None:
        self._core = core
        self._encountering = encountering
        self._unsaved: list[tuple[Encounter, Decision, bool]] = []
        self._saving = False
        self.decided: Callable[[Encounter, Disposition, bool], None] = lambda _encounter, _disposition, _in: None

    def let_pass(self, *, auto_repeat: bool) -> None:
        """One key where the advice is to proceed; else a reason is asked, and the same key again takes it."""
        if self._confirms("let_pass", auto_repeat):
            return
        encounter = self._allowed(auto_repeat)
        if encounter is None:
            return
        if encounter.verdict is None or encounter.verdict.advice is not Advice.PROCEED:
            self._ask("let_pass")
        elif self._encountering.is_current(encounter):
            self._decide(encounter, _passing(encounter), BY_ADVICE, "")
        else:
            self._answer_again(encounter)

    def refer(self, *, auto_repeat: bool) -> None:
        """One key where the advice is to refer; else a reason is asked, and the same key again takes it.

        Of a consignment it is always asked how it is inspected.
        """
        if self._confirms("refer", auto_repeat):
            return
        encounter = self._allowed(auto_repeat)
        if encounter is None:
            return
        if encounter.consignment is not None:
            self._ask("refer")
        elif encounter.verdict is not None and encounter.verdict.advice is Advice.REFER:
            self._decide(encounter, Disposition.REFER, BY_ADVICE, "")
        else:
            self._ask("refer")

    def protect(self, *, auto_repeat: bool) -> None:
        """Ask which need of protection; the path itself is never refused for want of a record."""
        if self._confirms("protect", auto_repeat):
            return
        if self._core.state.decided:  # shown again, but no longer at the desk: it is another who asks
            self._core.update(encounter=None, decided="", stage=Stage.EMPTY)
        if self._core.state.encounter is None or self._allowed(auto_repeat) is not None:
            self._ask("protect")

    def withdraw(self, *, auto_repeat: bool) -> None:
        """Ask why the open Encounter is closed without a decision."""
        if self._allowed(auto_repeat) is not None:
            self._ask("withdraw")

    def same_person(self, *, auto_repeat: bool) -> None:
        """Record that the officer takes the traveller for the person of all these entries. The advice stays."""
        encounter, match = self._compared(auto_repeat)
        if encounter is None or match is None or self._core.state.officer is None:
            return
        officer = self._core.state.officer.id

        def work(records: Records) -> None:
            with records.store.transaction():
                for entry in match.entries:
                    records.same(encounter, match.answer.source.name, entry, officer)

        self._core.act(work, lambda _none: self._core.say("message.same", "tick", time=clock(self._core.clock.now())))

    def not_same_person(self, *, auto_repeat: bool) -> None:
        """Ask the reason, and a supervisor where the officer is none."""
        _encounter, match = self._compared(auto_repeat)
        if match is not None:
            officer = self._core.state.officer
            needs_supervisor = officer is not None and not officer.supervisor
            values = {"supervisor": "", "supervisor_pin": ""} if needs_supervisor else {}
            self._ask("not_same", values, match)

    def choose(self, number: int) -> None:
        """Choose the reason of this number (from 1)."""
        form = self._core.state.reason
        if form is None or not 1 <= number <= len(form.choices):
            self._core.sound(Sound.REFUSED_KEY)
            return
        self._core.update(reason=replace(form, chosen=number, fault=""))

    def enter(self) -> None:
        """Enter takes a reason only where nobody is let pass by it: a scanner types Enter too."""
        form = self._core.state.reason
        if form is not None and form.name in BY_ENTER:
            self._confirms(form.name, auto_repeat=False)
        else:
            self._core.sound(Sound.REFUSED_KEY)

    def leave(self) -> None:
        """Leave the reason with nothing lost; decisions are held back a moment, as after any change."""
        self._core.gate.advice_changed()
        self._core.update(reason=None)

    def _confirms(self, name: str, auto_repeat: bool) -> bool:
        """Take the reason being asked, if it is the one of this key. Tells whether a reason was being asked."""
        form = self._core.state.reason
        if form is None:
            return False
        if form.name == name and self._may_take(auto_repeat):
            self._submit(form)
        elif form.name != name:
            self._core.sound(Sound.REFUSED_KEY)
        return True

    def _submit(self, form: Form) -> None:
        """Take the reason as filled in; what is missing is told in the form."""
        encounter = self._core.state.encounter
        if encounter is None and form.name == "protect":
            encounter = self._without_document()
        if encounter is None:
            return
        code = form.choices[form.chosen - 1] if form.chosen else ""
        text = form.values.get("text", "").strip()
        if form.subject == "inspect":
            self._inspect(form, encounter, code, text)
        elif (not code and not text) or (code == OTHER and not text):
            self._refuse_form(form, "reason_needed")
        elif form.name == "not_same":
            self._not_same(form, encounter, code or OTHER, text)
        elif form.name == "let_pass" and encounter.verdict is not None and not self._encountering.is_current(encounter):
            self._answer_again(encounter)  # the reason was given for what was known before
        else:
            disposition = _passing(encounter) if form.name == "let_pass" else DISPOSITIONS[form.name]
            self._decide(encounter, disposition, code or OTHER, text)

    def _inspect(self, form: Form, encounter: Encounter, kind: str, text: str) -> None:
        """Send a consignment to an inspection: of which kind, and why, where the advice does not say so itself."""
        advised = encounter.verdict is not None and encounter.verdict.advice is Advice.REFER
        if not kind:
            self._refuse_form(form, "inspection_needed")
        elif not text and not advised:
            self._refuse_form(form, "reason_needed")
        else:
            self._decide(encounter, Disposition(kind), OTHER if text else BY_ADVICE, text)

    def save_unsaved(self) -> None:
        """Try again to write what the protection path did while nothing could be written; one try at a time."""
        if not self._unsaved or self._saving:
            return
        self._saving = True
        encounter, decision, direction_in = self._unsaved[0]
        lane = self._core.state.post.lane

        def done(_none: None) -> None:
            self._saving = False
            self._unsaved.pop(0)
            self._core.say("message.protect", "tick", time=clock(self._core.clock.now()))

        def failed(_error: Exception) -> None:
            self._saving = False  # told when it was decided; the next second tries again

        self._core.record(lambda records: _write(records, encounter, decision, direction_in, lane), done, failed)

    @property
    def unsaved(self) -> int:
        """How many acts of the protection path wait to be written."""
        return len(self._unsaved)

    def _may_take(self, auto_repeat: bool) -> bool:
        if self._core.gate.allows(auto_repeat=auto_repeat):
            return True
        self._core.sound(Sound.REFUSED_KEY)
        return False

    def _allowed(self, auto_repeat: bool) -> Encounter | None:
        if self._core.state.encounter is not None and self._core.gate.allows(auto_repeat=auto_repeat):
            return self._core.state.encounter
        self._core.sound(Sound.REFUSED_KEY)
        return None

    def _compared(self, auto_repeat: bool) -> tuple[Encounter | None, Match | None]:
        """Return the Encounter that a decision may be taken about now, and the person laid beside the traveller."""
        encounter = self._allowed(auto_repeat)
        match = match_at(encounter.answers, self._core.state.candidate) if encounter is not None else None
        if encounter is not None and match is None:
            self._core.sound(Sound.REFUSED_KEY)
        return encounter, match

    def _ask(self, name: str, values: Mapping[str, str] | None = None, match: Match | None = None) -> None:
        encounter = self._core.state.encounter
        of_goods = encounter is not None and encounter.consignment is not None
        asked = OF_GOODS.get(name, name) if of_goods else name
        form = Form(name, values or {}, subject=SUBJECTS.get(asked, asked), choices=CHOICES[asked])
        if match is not None:
            form = replace(form, list_name=match.answer.source.name, entries=match.entries)
        self._core.gate.advice_changed()
        self._core.update(reason=form)

    def _answer_again(self, encounter: Encounter) -> None:
        self._encountering.answer_again(encounter, lambda: self._core.say("message.answered_again", "attention"))

    def _without_document(self) -> Encounter:
        """Return an Encounter for somebody who has no document: the protection path is theirs too."""
        core = self._core
        return Encounter(
            id=str(uuid.uuid4()),
            opened_at=core.clock.now(),
            source=ReadSource.NONE,
            direction_in=core.state.direction_in,
            mrz=no_document(),
        )

    def _refuse_form(self, form: Form, fault: str) -> None:
        self._core.sound(Sound.REFUSED_KEY)
        self._core.update(reason=replace(form, fault=self._core.words.say(f"fault.{fault}")))

    def _decide(self, encounter: Encounter, disposition: Disposition, code: str, text: str) -> None:
        core = self._core
        officer = core.state.officer
        if officer is None:
            core.sound(Sound.REFUSED_KEY)
            return
        decision = Decision(disposition, code, text, officer.id)
        direction_in, lane = core.state.direction_in, core.state.post.lane
        core.gate.shut()

        def work(records: Records) -> Counts:
            _write(records, encounter, decision, direction_in, lane)
            return records.counts(core.clock.now())

        def done(counts: Counts) -> None:
            said = Message(f"message.{disposition.value}", {"time": clock(core.clock.now())}, "tick", "Esc")
            self._clear_desk(counts, said)
            self.decided(encounter, disposition, direction_in)

        def failed(error: Exception) -> None:
            if disposition is Disposition.PROTECT:
                self._unsaved.append((encounter, decision, direction_in))
                self._clear_desk(core.state.counts, Message("store.protect_unsaved", symbol="attention"))
            else:
                core.gate.advice_changed()
                core.failed(error)

        core.act(work, done, failed)

    def _clear_desk(self, counts: Counts, said: Message) -> None:
        self._encountering.forget_unread()
        self._core.update(
            encounter=None,
            stage=Stage.EMPTY,
            reason=None,
            form=None,
            decided="",
            candidate=0,
            counts=counts,
            message=said,
        )

    def _not_same(self, form: Form, encounter: Encounter, code: str, text: str) -> None:
        core = self._core
        officer, policy = core.state.officer, core.state.policy
        if officer is None or policy is None:
            core.sound(Sound.REFUSED_KEY)
            return
        supervisor = form.values.get("supervisor", officer.id)
        pin = form.values.get("supervisor_pin")
        decided = {"officer": officer.id, "supervisor": supervisor, "reason_code": code, "reason_text": text}

        def work(records: Records) -> None:
            records.confirm_supervisor(supervisor, pin)
            days = policy.cleared_before_days
            with records.store.transaction():
                for entry in form.entries:
                    records.not_same(encounter, form.list_name, entry, decided=decided, days=days)

        def done(_none: None) -> None:
            core.update(reason=None)
            self._encountering.answer_again(encounter, self._told_not_same)

        def failed(error: Exception) -> None:
            if isinstance(error, PinRefusedError):
                self._refuse_form(form, "supervisor")
            else:
                core.failed(error)

        core.act(work, done, failed)

    def _told_not_same(self) -> None:
        """Say that it is written, and lay the next person beside the traveller, as long as one is open."""
        core = self._core
        encounter, time = core.state.encounter, clock(core.clock.now())
        place = first_open(encounter.answers) if encounter is not None else None
        if encounter is None or place is None:
            core.say("message.not_same", "tick", time=time)
            return
        left = sum(map(open_persons, encounter.answers))
        core.update(stage=Stage.COMPARE, candidate=place)
        core.say("message.not_same_left", "tick", time=time, left=str(left))


def _passing(encounter: Encounter) -> Disposition:
    """Return what letting pass is called: a consignment is released."""
    return Disposition.LET_PASS if encounter.consignment is None else Disposition.RELEASE


def _write(records: Records, encounter: Encounter, decision: Decision, direction_in: bool, lane: str) -> None:
    """Write a disposition; of somebody without a document also, as one act, that the Encounter began."""
    if encounter.source is not ReadSource.NONE:
        records.decided(encounter, decision, direction_in)
        return
    with records.store.transaction():
        records.read(encounter, decision.officer, lane)
        records.decided(encounter, decision, direction_in)
