"""Consignments for tests, obviously invented, and a booth whose lane may be one of goods."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from checkpoint_app.booth.cargo_read import ConsignmentRead, consignments_of
from checkpoint_app.booth.view import Action, DeskView, Stage
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
from checkpoint_app.verdict import Check, Outcome, Requirement
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
        goods=(Goods("Banano fresco", ("080390",), 520, 19_200.0), Goods("Cajas de carton", ("481910",), 24, 1_400.5)),
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

    def lay(self, what: Message | MessageError, name: str = "one") -> DeskView:
        """Lay a message down and wait until something came of it."""
        self.desk.drop(self.messages.lay(name, what), f"{name}.edi")
        self.until(lambda _v: not self.desk._core.occupied)
        return self.settle(0.1)

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
    publisher, clock = make_booth(folder, policy={**CARGO_POLICY, **policy})
    return CargoBooth(folder, clock, publisher, Messages())
