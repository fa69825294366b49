"""The goods at all posts: asked while there is a line, and joined to what the desk shows, which never waits.

Rules are answered anew with them; every other answer stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checkpoint_app.booth.crossings.national_crossings import in_place, show_told
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.encounter.examiner import Encountering
from checkpoint_app.booth.goods.goods_checks import Inspected, cargo_policy
from checkpoint_app.booth.goods.goods_examiner import CargoExamining
from checkpoint_app.booth.goods.goods_links import goods_history
from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.record.records import Records
from checkpoint_app.cargo.iso6346 import plain_number
from checkpoint_app.verdict import Answer, Check, Policy, fold
from checkpoint_app.wire.goods import MAX_NAME, MAX_NUMBER, MOST_CONTAINERS, GoodsAsked, GoodsKnown

AskGoods = Callable[[GoodsAsked, Callable[[GoodsKnown], None]], None]
_ROAD = "3"  # UN/ECE Recommendation 19


class NationalGoods:
    """Asks the centre about the consignment at the desk. Lives on the UI thread."""

    def __init__(self, core: Core, encountering: Encountering, examining: CargoExamining, ask: AskGoods) -> None:
        self._core = core
        self._encountering = encountering
        self._examining = examining
        self._ask = ask

    def about(self, encounter: Encounter) -> None:
        """Ask about ``encounter``, which has just been answered here, if its policy has rules of goods."""
        state = self._core.state
        if state.policy is None or state.line is None or state.line.state != "up":
            return
        wanted = {one.check for one in (*state.policy.cargo_required, *state.policy.cargo_optional)}
        question = question_of(encounter, state.post.booth)
        if question is not None and encounter.national_goods is None and Check.RISK in wanted:
            self._ask(question, lambda known: self._core.when_free(lambda: self._told(question, known)))

    def _told(self, question: GoodsAsked, known: GoodsKnown) -> None:
        core = self._core
        state = core.state
        local, policy, lane = state.encounter, state.policy, state.post.lane
        if local is None or local.verdict is None or state.decided or policy is None or state.officer is None:
            return
        if question_of(local, question.booth) != question or known.encounter_id != question.encounter_id:
            return  # its number was corrected meanwhile: this is of other goods

        def work(records: Records) -> Encounter | None:
            if not records.is_open(local.id):
                return None
            return self._answered(records, replace(local, national_goods=known), policy, lane)

        core.act(work, lambda answered: show_told(core, self._encountering, local, answered))

    def _answered(self, records: Records, encounter: Encounter, policy: Policy, lane: str) -> Encounter:
        """Return the Encounter with the rules answered anew, and written down."""
        read, now, of_goods = encounter.consignment, records.trusted_now(), cargo_policy(policy)
        if read is None:
            return encounter
        history = goods_history(records, encounter, now)
        inspected = Inspected(read, policy, self._core.state.lists, now, encounter.codes)
        rules = self._examining.consult(inspected, lane, history)
        anew: list[Answer] = []
        for requirement in (*of_goods.required, *of_goods.optional):
            if requirement.check is Check.RISK:
                anew += rules.ask(requirement)
        answers = in_place(encounter.answers, anew)
        own = in_place(encounter.own, anew)
        verdict = fold(answers, of_goods, now)
        answered = replace(encounter, answers=answers, own=own, verdict=verdict, linked=history)
        with records.store.transaction():
            records.answered(answered, policy, now, "crossings")
            rules.write(records, encounter.id)
        return answered


def question_of(encounter: Encounter, booth: str) -> GoodsAsked | None:
    """Return what the centre is asked; None where nothing of the consignment can be found again."""
    read = encounter.consignment
    if read is None:
        return None
    numbers = (plain_number(one.number) for one in read.equipment if one.number)
    fitting = (number for number in dict.fromkeys(numbers) if len(number) <= MAX_NUMBER)
    consignee, transport = read.consignment.party("consignee"), read.transport
    name = (consignee.name or "")[:MAX_NAME] if consignee is not None else ""
    plate = transport.id or "" if transport.mode == _ROAD else ""
    containers = tuple(fitting)[:MOST_CONTAINERS]
    plate = plate if len(plate) <= MAX_NUMBER else ""
    asked = GoodsAsked(booth, encounter.id, read.manifest, containers, name, plate)
    marks = asked.marks
    return asked if marks.containers or marks.consignee or marks.vehicle else None
