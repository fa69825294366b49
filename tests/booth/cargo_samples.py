"""Consignments for tests, obviously invented, and a booth whose lane may be one of goods."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from checkpoint_app.booth.record.consignment import ConsignmentRead, consignments_of
from checkpoint_app.booth.view.screen import Action, DeskView, Stage
from checkpoint_app.cargo.values import (
    CargoMessage,
    Consignment,
    Equipment,
    Goods,
    Message,
    MessageError,
    Party,
    Transport,
)
from checkpoint_app.verdict import Check, LaneKind, Outcome, Requirement
from tests.booth.helpers import Booth, FakeClock, NoReader, Publisher, make_booth

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
RIGHT, WRONG = "DMOU7183062", "DMOU3045120"
"""A container number with the right digit, and one whose digit should be another."""
CARGO_POLICY = {
    "cargo_required": (
        Requirement(Check.MESSAGE),
        Requirement(Check.PARTIES, "ECU"),
        Requirement(Check.EQUIPMENT),
        Requirement(Check.SEALS),
    ),
    "outcomes": {"equipment.weight": Outcome.NOTE, "message.faults": Outcome.NOTE},
}
PARTIES = (
    Party("shipper", "Frutas Ejemplo S.A.", "ECU"),
    Party("consignee", "Comercial Muestra Ltda."),
    Party("notify", "TO ORDER"),
)


def consignment(number: str = "DEMO26004417", **changes: object) -> Consignment:
    made = Consignment(
        number=number,
        load="ECGYE",
        discharge="CLVAP",
        packages=640,
        weight_kg=24_080.0,
        goods=(Goods("Banano fresco", ("080390",), 520, 19_200.0), Goods("Cajas de carton", ("481910",), 120, 4_880.0)),
        parties=PARTIES,
        equipment=(RIGHT,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def container(number: str = RIGHT, *seals: str, **changes: object) -> Equipment:
    made = Equipment(number, type="22R1", full=True, weight_kg=24_080.0, seals=seals, seals_sent=True)
    return replace(made, **changes)  # type: ignore[arg-type]


def message(*consignments: Consignment, equipment: tuple[Equipment, ...] = (), **changes: object) -> CargoMessage:
    made = CargoMessage(
        "CUSCAR",
        "D:95B",
        Transport(id="PDM-0417", mode="3"),
        consignments or (consignment(),),
        equipment or (container(RIGHT, "SL-0051177"),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def read_of(*consignments: Consignment, **changes: object) -> ConsignmentRead:
    return next(consignments_of(message(*consignments, **changes), NOW))  # type: ignore[arg-type]


class Messages:
    """A reader of messages that knows what each file holds."""

    def __init__(self) -> None:
        self.known: dict[bytes, Message | MessageError] = {}
        self.closed = False

    def lay(self, name: str, what: Message | MessageError) -> bytes:
        data = f"UNB+UNOA:1+{name}'".encode()
        self.known[data] = what
        return data

    def read(self, data: bytes) -> Message:
        found = self.known[data]
        if isinstance(found, MessageError):
            raise found
        return found

    def close(self) -> None:
        self.closed = True


class CargoBooth(Booth):
    """A booth with a reader of messages of its own."""

    def __init__(self, folder: Path, clock: FakeClock, publisher: Publisher, messages: object) -> None:
        self.messages = messages
        super().__init__(folder, clock, publisher, NoReader(), messages=messages)

    def open(self, lists: int = 1) -> DeskView:
        return super().open(lists)

    def lay(self, what: Message | MessageError, name: str = "") -> DeskView:
        """Lay a message down, another than any before, and wait until something came of it."""
        name = name or f"message {len(self.messages.known)}"
        self.desk.drop(self.messages.lay(name, what), f"{name}.edi")
        return self.until(lambda _v: not self.desk._core.occupied)

    def clear_desk(self) -> None:
        """Bring the desk back to where a lane of people begins."""
        core = self.desk._core
        if core.state.parked is not None:
            core.update(parked=None)
        for _ in range(4):
            if self.view.stage is Stage.EMPTY:
                break
            self.press(Action.PREVIOUS)
            if self.view.panel_form is not None:
                self.desk.choose(1)
                self.clock.pass_(seconds=1)
                self.desk.submit()
            self.until(lambda _v: not core.occupied)
        if core.state.lane_kind is LaneKind.CARGO:
            self.press(Action.CARGO)
        self.until(lambda v: v.stage is Stage.EMPTY and core.state.lane_kind is LaneKind.PEOPLE)

    def since(self) -> list[str]:
        """The kinds of the events since this was asked last."""
        kinds, self._told = self.kinds(), getattr(self, "_told", 0)
        fresh, self._told = kinds[self._told :], len(kinds)
        return fresh

    def again(self) -> CargoBooth:
        """The same booth after it was cut off."""
        self.close()
        return CargoBooth(self.folder, self.clock, self.publisher, self.messages)

    def see(self, **fields: str) -> DeskView:
        """Type what was seen."""
        self.press(Action.SEEN)
        for name, text in fields.items():
            self.desk.edit(name, text)
        self.desk.submit()
        return self.until(lambda v: (v.stage is Stage.CARGO and v.advice.advice) or (v.form and v.form.fault))

    def on_desk(self) -> DeskView:
        return self.until(lambda v: v.stage is Stage.CARGO and v.advice.advice is not None)


def cargo_booth(folder: Path, **policy: object) -> CargoBooth:
    publisher, clock = make_booth(folder, policy={**CARGO_POLICY, **policy}, numbers=None)
    return CargoBooth(folder, clock, publisher, Messages())
