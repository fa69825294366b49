"""What is asked of all posts: a reply about another Encounter is none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from checkpoint_app.sync.crossings import ask_crossings
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.goods import ask_goods
from checkpoint_app.wire.api import CROSSINGS, GOODS
from checkpoint_app.wire.crossings import CrossingsAsked, CrossingsKnown
from checkpoint_app.wire.goods import GoodsAsked, GoodsCounted, GoodsKnown

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
GOODS_OF = GoodsAsked("b", "e-1", "m-1", ("DMOU7183062",), "Comercial Muestra", "")
PERSON = CrossingsAsked("b", "e-1", "UTO", "L898902C3", "MUSTER", "ANA", "740812")


@dataclass
class Replies:
    """A line that has its reply ready, and keeps what it was asked."""

    reply: object
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def post(self, *asked: Any, **how: Any) -> object:
        self.asked.append((*asked, how["within_s"]))
        return self.reply


@pytest.mark.parametrize(
    ("ask", "question", "known", "path"),
    [
        (ask_goods, GOODS_OF, GoodsKnown("e-1", NOW, NOW, GoodsCounted(equipment=2)), GOODS),
        (ask_crossings, PERSON, CrossingsKnown("e-1", (), NOW, 0, NOW), CROSSINGS),
    ],
)
def test_a_reply_about_another_is_none(ask: Any, question: Any, known: Any, path: str) -> None:
    line = Replies(known)
    assert ask(line, question, 5.0) == known
    assert line.asked == [(type(known), path, question, 5.0)]
    with pytest.raises(LineError) as caught:
        ask(Replies(replace(known, encounter_id="e-2")), question, 5.0)
    assert caught.value.code is LineCode.MALFORMED
