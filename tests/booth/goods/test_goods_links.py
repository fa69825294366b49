"""What links a consignment to others at the desk: its container, consignee and truck before, its manifest's names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.crossings.national_goods import question_of
from checkpoint_app.booth.goods.goods_links import goods_history, manifest_marks, plain_phone
from checkpoint_app.booth.record.consignment import ConsignmentRead, by_number
from checkpoint_app.booth.record.encounter import Encounter, ReadSource, no_document
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.cargo.values import Party
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Check, Requirement
from checkpoint_app.wire.goods import GoodsAsked, GoodsCounted, GoodsKnown
from tests.booth.cargo_samples import CARGO_POLICY, RIGHT, CargoBooth, Messages, consignment, message, read_of
from tests.booth.helpers import make_booth, up
from tests.booth.rules.test_rules_in_force import RULES, Post
from tests.risk.rule_files import condition, rule

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
CONSIGNEE = Party("consignee", "Comercial Muestra Ltda.", phone="+56 32 555 0101")
HERE = Party("shipper", "Frutas Ejemplo S.A.", phone="+593 4 555 0100")
AGENT = Party("agent", "Agencia Muestra", phone="+593 4 555 0999")
LINKED = condition("equipment.crossings_90d > 0", "again", "The container was here before")


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[CargoBooth]:
    required = (*CARGO_POLICY["cargo_required"], Requirement(Check.RISK))
    publisher, clock = make_booth(tmp_path, policy={**CARGO_POLICY, "cargo_required": required})
    post = Post(tmp_path, publisher, clock)
    with post.store() as store:
        put_trust(store, publisher.trust() | {RULES: publisher.key.public_key()}, 2)
    made = rule(id="C-1", subject="consignment", title="Seen before", ends="2027-12-31", conditions=[LINKED])
    post.lay(made, top={"fields": "consignment/2"})
    opened = CargoBooth(tmp_path, clock, publisher, Messages())
    opened.open()
    opened.until(lambda _v: any(one.evaluator for one in opened.desk._ruling.sets))
    yield opened
    opened.close()


def encounter(booth: CargoBooth) -> Encounter:
    found = booth.desk._core.state.encounter
    assert found is not None
    return found


def told(booth: CargoBooth, about: Encounter | None = None) -> dict[str, Any]:
    """The fields, read where the database lives."""
    found: list[dict[str, Any]] = []
    asked = about or encounter(booth)
    booth.desk._core.record(lambda records: goods_history(records, asked, records.trusted_now()), found.append)
    booth.until(lambda _v: found)
    return found[0]


def inspected(booth: CargoBooth) -> None:
    """Send the consignment to be opened."""
    booth.press(Action.REFER)
    booth.desk.choose(3)
    booth.desk.edit("text", "new here")
    booth.press(Action.REFER)
    booth.until(lambda v: v.stage is Stage.EMPTY)


def of(read: ConsignmentRead) -> Encounter:
    return Encounter("e-1", NOW, ReadSource.MESSAGE, True, no_document(), consignment=read)


def test_a_container_that_comes_again_is_known_and_a_rule_says_so(booth: CargoBooth) -> None:
    booth.lay(message())
    booth.on_desk()
    first = told(booth)
    assert first == {
        "equipment.crossings_90d": 0,
        "equipment.other_consignees_90d": 0,
        "hist.crossings_90d": 0,
        "hist.inspections": 0,
        "hist.finds": 0,
        "hist.scope": "post",
        "vehicle.crossings_90d": 0,
        "link.shared_consignee": 0,
    }
    inspected(booth)
    other = consignment("DEMO26009999", parties=(Party("consignee", "Otra Muestra S.A."),))
    booth.lay(message(other))
    view = booth.on_desk()
    again = told(booth)
    assert (again["equipment.crossings_90d"], again["equipment.other_consignees_90d"]) == (1, 1)
    assert (again["hist.crossings_90d"], again["vehicle.crossings_90d"]) == (0, 1)
    assert any("The container was here before" in row.text for section in view.panel for row in section.rows)
    assert ("Container", "once here in 90 days") in [(row.label, row.value) for row in view.consignment.fields]
    evaluated = booth.last_body("risk_evaluated")["sets"][0]
    assert (evaluated["outcomes"], evaluated["fields"]["equipment.crossings_90d"]) == ("h", 1)
    # the centre knows more of it than this booth, and of the rest nothing
    known = GoodsKnown("", NOW, NOW, GoodsCounted(equipment=7, imported=True))
    national = told(booth, replace(encounter(booth), national_goods=known))
    assert national["equipment.crossings_90d"] == 7
    assert national["vehicle.crossings_90d"] == 1
    assert (national["hist.scope"], national["consignee.first_import"]) == ("national", False)


def test_lines_of_one_manifest_share_names_and_phones(booth: CargoBooth) -> None:
    lines = (
        consignment("DEMO1", parties=(HERE, CONSIGNEE, AGENT)),
        consignment("DEMO2", parties=(replace(CONSIGNEE, name="COMERCIAL MUESTRA, LTDA", phone=None), AGENT)),
        consignment("DEMO3", parties=(Party("consignee", "Otra", phone="0056-32-5550101"), AGENT)),
        consignment("DEMO4", parties=(Party("consignee", "To order"), AGENT)),
    )
    booth.lay(message(*lines))
    booth.until(lambda v: v.stage is Stage.ARRIVALS)
    found: list[list[ConsignmentRead]] = []

    def kept(records: Any) -> list[ConsignmentRead]:
        manifests = records.store.manifests
        manifest = manifests.latest("consignment", 1)[0].manifest
        reads = (ConsignmentRead.from_plain(item.data) for item in manifests.items(manifest))
        return [replace(one, manifest=manifest) for one in reads]

    booth.desk._core.record(kept, found.append)
    booth.until(lambda _v: found)
    links = [
        (fields.get("link.shared_consignee"), fields.get("link.shared_phone"))
        for fields in (told(booth, of(one)) for one in found[0])
    ]
    assert links == [(1, 1), (1, None), (0, 1), (None, None)]
    # a line that was kept before names and phones were: not known, not none
    elsewhere = told(booth, of(replace(found[0][0], manifest="older")))
    assert not {"link.shared_consignee", "link.shared_phone"} & elsewhere.keys()


def test_of_a_number_alone_nothing_is_told(booth: CargoBooth) -> None:
    assert told(booth, of(by_number(RIGHT, NOW))) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+593 4 555 0100", "00593-4-555-0100"),
        ("+49 (0)30 1234567", "030 123 45 67"),
        ("(555) 010-0199", "+1 555 010 0199"),
    ],
)
def test_one_phone_is_written_in_many_ways(one: str, other: str) -> None:
    assert plain_phone(one) == plain_phone(other) != ""


def test_what_is_no_phone_marks_nothing() -> None:
    assert plain_phone("ext. 12") == plain_phone(None) == plain_phone("00000000") == ""
    assert manifest_marks(consignment(parties=(AGENT, Party("notify", phone="n/a")))) == frozenset()


def test_the_centre_is_asked_while_there_is_a_line_and_rules_are_answered_anew(
    booth: CargoBooth, monkeypatch: pytest.MonkeyPatch
) -> None:
    national, asked = booth.desk._crossings.national_goods, []
    monkeypatch.setattr(national, "_ask", lambda question, _replied: asked.append(question))
    booth.desk._core.update(line=up())
    booth.lay(message())
    booth.on_desk()
    (question,) = asked
    named = (question.containers, question.consignee, question.vehicle)
    assert named == ((RIGHT,), "Comercial Muestra Ltda.", "PDM-0417")
    assert question.manifest == encounter(booth).consignment.manifest != ""
    before = encounter(booth)
    known = GoodsKnown(before.id, NOW, NOW, GoodsCounted(equipment=3))
    national._told(replace(question, encounter_id="another"), replace(known, encounter_id="another"))
    national._told(replace(question, consignee="Otra Ltda."), known)  # corrected meanwhile: of other goods
    booth.settle()
    assert encounter(booth).national_goods is None
    national._told(question, known)
    view = booth.until(lambda v: encounter(booth).national_goods is not None and v)
    assert any("The container was here before" in row.text for section in view.panel for row in section.rows)
    before_row = ("Container", "3 times at all posts in 90 days")
    assert before_row in [(row.label, row.value) for row in view.consignment.fields]
    assert booth.view.message.text == "The centre told of crossings at other posts: look again."
    assert booth.last_body("encounter_answered")["centre"] == "crossings"
    assert len(asked) == 1
    others = [one for one in encounter(booth).answers if one.check is not Check.RISK]
    assert others == [one for one in before.answers if one.check is not Check.RISK]


def test_of_what_cannot_be_found_again_nobody_is_asked() -> None:
    assert question_of(of(by_number(RIGHT, NOW)), "b") is None
    long = read_of(consignment(parties=(Party("consignee", "M" * 600),)))
    asked = question_of(of(long), "b")
    assert asked is not None
    assert len(asked.consignee) == 500


def test_the_line_carries_the_question_and_a_failure_is_nobody_s(booth: CargoBooth) -> None:
    lining, known = booth.desk._lining, GoodsKnown("e-1", NOW, NOW, GoodsCounted(equipment=2))
    heard: list[GoodsKnown] = []
    lining.ask_goods(GoodsAsked("test-1", "e-1", "", (RIGHT,), "", ""), heard.append)  # there is no line: nothing comes

    class Replies:
        """A line that knows of one Encounter."""

        def post(self, *_asked: object, **_how: object) -> GoodsKnown:
            return known

        def close(self) -> None:
            """It held nothing."""

    lining._line = Replies()
    for name in ("another", "e-1"):
        lining.ask_goods(GoodsAsked("test-1", name, "", (RIGHT,), "", ""), heard.append)
    booth.until(lambda _v: heard)
    booth.settle()
    assert heard == [known]
