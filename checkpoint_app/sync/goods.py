"""Asks the centre for what it knows of the goods at the desk, at all posts."""

from __future__ import annotations

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire.api import GOODS
from checkpoint_app.wire.goods import MAX_GOODS_BYTES, GoodsAsked, GoodsKnown


def ask_goods(line: Line, asked: GoodsAsked, within_s: float) -> GoodsKnown:
    """Return what the centre knows, within ``within_s`` seconds or not at all. Raises LineError."""
    known = line.post(GoodsKnown, GOODS, asked, most=MAX_GOODS_BYTES, within_s=within_s)
    if known.encounter_id != asked.encounter_id:
        raise LineError(LineCode.MALFORMED, "it answers another question")
    return known
