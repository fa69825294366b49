"""Asks the centre about the traveller at the desk."""

from __future__ import annotations

from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import Line
from checkpoint_app.wire.api import QUESTIONS
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.question import MAX_QUESTION_BYTES, MAX_REPLY_BYTES, Question, Reply


def ask(line: Line, question: Question, within_s: float) -> Reply:
    """Return the centre's reply to ``question``, within ``within_s`` seconds or not at all. Raises LineError."""
    if len(canonical_bytes(to_plain(question))) > MAX_QUESTION_BYTES:
        raise LineError(LineCode.TOO_LARGE, "the question itself")
    reply = line.post(Reply, QUESTIONS, question, most=MAX_REPLY_BYTES, within_s=within_s)
    if reply.encounter_id != question.encounter_id:
        raise LineError(LineCode.MALFORMED, "it answers another question")
    return reply
