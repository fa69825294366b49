"""A passenger list asked over the line: in pieces, again while the centre is busy, and alike to the booth's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from checkpoint_app.sync import screen as client
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.screen import BUSY_FOR_S, PIECE, screen
from checkpoint_app.wire.screening import Purpose, Screened, Screening, ScreeningSubject, SubjectAnswers

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
LIST = uuid.UUID("11111111-2222-4333-8444-555555555555")
MANY = tuple(ScreeningSubject(str(n), family_name="Muster") for n in range(2 * PIECE + 1))
BUSY = LineError(LineCode.SERVER_FAULT, "busy", 503)


class FakeLine:
    """Answers pieces, or raises what it is told to, one thing a request."""

    def __init__(self, *faults: LineError | None, change: Callable[[Screened], Screened] = lambda one: one) -> None:
        self.asked: list[Screening] = []
        self._faults = list(faults)
        self._change = change

    def post(self, cls: type[Screened], path: str, value: Screening, *, most: int, within_s: float) -> Screened:
        assert (cls, path, most > 0, within_s > 0) == (Screened, "/v1/screenings", True, True)
        self.asked.append(value)
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault
        return self._change(Screened(value.id, tuple(SubjectAnswers(one.ref, ()) for one in value.subjects), NOW))


def asked(line: Any, subjects: tuple[ScreeningSubject, ...] = MANY, **how: Any) -> list[tuple[SubjectAnswers, ...]]:
    return list(screen(line, LIST, Purpose.PASSENGER_LIST, subjects, **how))


def test_a_list_goes_in_pieces_whose_ids_are_the_same_each_time() -> None:
    first, again = FakeLine(), FakeLine()
    pieces = asked(first)
    asked(again)
    assert [len(one) for one in pieces] == [PIECE, PIECE, 1]
    assert [one.ref for piece in pieces for one in piece] == [one.ref for one in MANY]
    ids = [one.id for one in first.asked]
    assert (len(set(ids)), ids) == (3, [one.id for one in again.asked])


def test_what_came_before_the_line_was_cut_holds() -> None:
    line = FakeLine(None, LineError(LineCode.CUT_OFF))
    pieces = screen(line, LIST, Purpose.CREW_LIST, MANY)  # type: ignore[arg-type]
    assert len(next(pieces)) == PIECE
    with pytest.raises(LineError):
        next(pieces)
    assert len(line.asked) == 2


def test_a_busy_centre_is_asked_again_with_growing_pauses_but_not_for_ever() -> None:
    pauses: list[float] = []
    line = FakeLine(BUSY, BUSY)
    assert len(asked(line, MANY[:3], sleep=pauses.append)) == 1
    assert len({one.id for one in line.asked}) == 1
    assert 0 < pauses[0] < pauses[1]
    pauses.clear()
    with pytest.raises(LineError):
        asked(FakeLine(*[BUSY] * 100), MANY[:3], sleep=pauses.append)
    assert BUSY_FOR_S / 4 < sum(pauses) <= BUSY_FOR_S


def test_other_refusals_are_not_asked_again() -> None:
    line = FakeLine(LineError(LineCode.REFUSED_REQUEST, "", 409))
    with pytest.raises(LineError):
        asked(line, sleep=lambda _s: pytest.fail("it waits"))
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, id=str(uuid.uuid4())),
        lambda one: replace(one, subjects=one.subjects[1:]),
        lambda one: replace(one, subjects=one.subjects[::-1]),
    ],
)
def test_an_answer_about_others_is_none(change: Callable[[Screened], Screened]) -> None:
    with pytest.raises(LineError) as caught:
        asked(FakeLine(change=change))
    assert caught.value.code is LineCode.MALFORMED


def test_a_list_too_large_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_SCREENING_BYTES", 100)
    line = FakeLine()
    with pytest.raises(LineError) as caught:
        asked(line)
    assert (caught.value.code, line.asked) == (LineCode.TOO_LARGE, [])
