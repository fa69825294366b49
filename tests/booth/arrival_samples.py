"""Passenger lists for tests, obviously invented, and a booth whose policy asks for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from checkpoint_app.booth.view.screen import Action, DeskView, Stage
from checkpoint_app.cargo.values import Leg, ListedDocument, Passenger, PassengerList
from checkpoint_app.documents import PartialDate
from checkpoint_app.store.arrivals import Arrival, Shown
from checkpoint_app.verdict import Check, Outcome, Requirement
from tests.booth import states
from tests.booth.cargo_samples import CargoBooth, Messages
from tests.booth.helpers import START, make_booth

FLIGHT = "XX100"
KLARA = states.zone(
    family_name="MUSTER", given_names="KLARA LUISA", document_number="C01X00T47", birth_date=PartialDate("800101")
)
ANA = states.zone(
    family_name="ERIKSON",
    given_names="ANA MARIA",
    document_number="E0000001",
    birth_date=PartialDate("740821"),
    nationality="ECU",
)
MANIFEST_POLICY = {
    "optional": (Requirement(Check.MANIFEST),),
    "outcomes": {
        "manifest.name_differs": Outcome.NOTE,
        "manifest.birth_differs": Outcome.NOTE,
        "manifest.document_differs": Outcome.NOTE,
        "manifest.nationality_differs": Outcome.NOTE,
        "manifest.document_shared": Outcome.NOTE,
        "manifest.not_listed": Outcome.NOTE,
    },
}


def local(hours: float = 0.0) -> str:
    """A local time as carriers send it, some hours after the test's beginning."""
    return f"{(START + timedelta(hours=hours)).astimezone():%Y-%m-%dT%H:%M}"


def document(number: str | None = "C01X00T47", issuer: str | None = "UTO", **changes: object) -> ListedDocument:
    return replace(ListedDocument("P", number, issuer), **changes)  # type: ignore[arg-type]


def klara(**changes: object) -> Passenger:
    made = Passenger("MUSTER", "KLARA LUISA", sex="F", birth="1980-01-01", nationality="UTO", documents=(document(),))
    return replace(made, **changes)  # type: ignore[arg-type]


def ana(**changes: object) -> Passenger:
    """Whom the list ECU names."""
    papers = (document("E0000001"),)
    made = Passenger("ERIKSON", "ANA MARIA", sex="F", birth="1974-08-21", nationality="ECU", documents=papers)
    return replace(made, **changes)  # type: ignore[arg-type]


def somebody(number: int) -> Passenger:
    """One of many, whom no list names: letters for digits, so that names differ."""
    letters = "".join("BCDFGHJKLM"[int(digit)] for digit in f"{number:04d}")
    return Passenger(
        f"{letters[0]}A{letters[1]}O{letters[2]}U{letters[3]}ENTO",
        "PERSONA",
        sex="M",
        birth=f"19{50 + number % 40}-0{1 + number % 9}-{10 + number % 18}",
        nationality="UTO",
        documents=(document(f"S{number:07d}"),),
    )


def listed(*people: Passenger, flight: str | None = FLIGHT, hours: float = 2.0, **changes: object) -> PassengerList:
    leg = Leg(flight, "LIM", "UIO", local(hours - 2), local(hours))
    return replace(PassengerList("PAXLST", "D:02B", (leg,), people), **changes)  # type: ignore[arg-type]


class ArrivalsBooth(CargoBooth):
    """A booth that lists are laid down at."""

    def forget(self) -> None:
        """Have no lists any more."""
        later = self.clock.now() + timedelta(days=400)
        self._ask(lambda records: records.store.manifests.forget(later))

    def arrivals(self) -> list[Arrival]:
        return self._ask(lambda records: records.store.arrivals.of_people(50))

    def people(self, number: int = 0) -> list[Shown]:
        def ask(records):
            arrivals = records.store.arrivals
            return arrivals.page(arrivals.of_people(50)[number].manifest, 2_000)

        return self._ask(ask)

    def screened(self, seconds: float = 30.0) -> None:
        """Wait until all that is open was screened."""
        self.desk._arrivals.look()

        def whole(_view: DeskView) -> bool:
            found = self.arrivals()
            return bool(found) and all(one.whole and one.done >= one.people - 1 for one in found)

        self.until(whole, seconds)
        self.settle(0.1)

    def page(self) -> DeskView:
        """Show the page of lists."""
        self.press(Action.ARRIVALS)
        return self.until(lambda v: v.stage is Stage.ARRIVALS)

    def opened(self) -> DeskView:
        """Show who is on the list chosen."""
        self.clock.pass_(seconds=1)
        self.desk.submit()
        return self.until(lambda v: v.listing and len(v.listing.heads) == 4)

    def open(self, lists: int = 2) -> DeskView:
        return super().open(lists)

    def again(self) -> ArrivalsBooth:
        self.close()
        return ArrivalsBooth(self.folder, self.clock, self.publisher, self.messages)

    def manifest(self):
        """The answers of the check of lists, on the desk."""
        answers = self.desk._core.state.encounter.answers
        return [answer for answer in answers if answer.check is Check.MANIFEST]


def arrivals_booth(folder: Path, **policy: object) -> ArrivalsBooth:
    publisher, clock = make_booth(folder, policy={**MANIFEST_POLICY, **policy})
    return ArrivalsBooth(folder, clock, publisher, Messages())
