"""The gate: when a decision key may decide (invariant 14)."""

from __future__ import annotations

import pytest

from checkpoint_app.booth.desk.key_gate import KeyGate


class Gate:
    def __init__(self) -> None:
        self.at = 100.0
        self.gate = KeyGate(lambda: self.at)

    def allows(self, after: float, *, auto_repeat: bool = False) -> bool:
        self.at = 100.0 + after
        return self.gate.allows(auto_repeat=auto_repeat)


def test_shut_until_an_advice_comes() -> None:
    assert not Gate().allows(1000)


@pytest.mark.parametrize(("after", "allowed"), [(0, False), (0.399, False), (0.401, True), (60, True)])
def test_held_for_400_ms(after: float, allowed: bool) -> None:
    gate = Gate()
    gate.gate.advice_changed()
    assert gate.allows(after) is allowed


def test_400_ms_themselves_are_enough() -> None:
    moments = iter((0.0, 0.4))
    gate = KeyGate(lambda: next(moments))
    gate.advice_changed()
    assert gate.allows(auto_repeat=False)


def test_a_key_held_down_never_decides() -> None:
    gate = Gate()
    gate.gate.advice_changed()
    assert not gate.allows(60, auto_repeat=True)


def test_a_change_of_advice_holds_anew_and_a_decision_shuts() -> None:
    gate = Gate()
    gate.gate.advice_changed()
    assert gate.allows(10)
    gate.gate.advice_changed()
    assert not gate.allows(10.3)
    gate.gate.shut()
    assert not gate.allows(1000)
