"""What the desk knows at a moment. The presenter turns it into a ``DeskView``; the desk replaces it as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.booth.view.screen import Action, Stage
from checkpoint_app.readers.protocol import Health as ReaderHealth
from checkpoint_app.readers.scanner import ScannerState
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.store.cases import CaseRow
from checkpoint_app.verdict import Candidate, LaneKind, Policy
from checkpoint_app.wire.slip import SlipDecision

if TYPE_CHECKING:
    from checkpoint_app.booth.arrivals.passenger_state import Passengers
    from checkpoint_app.booth.line.outage_year import Year
    from checkpoint_app.booth.lists.list_updates import Progress
    from checkpoint_app.booth.record.consignment import Listed
    from checkpoint_app.booth.rules.rule_performance import Standing
    from checkpoint_app.booth.rules.rules_in_force import LoadedRules
    from checkpoint_app.store.inspections import Awaited
    from checkpoint_app.store.line_history import DrillRow
    from checkpoint_app.store.manifests import Manifest
    from checkpoint_app.sync.bringing import Bringing
    from checkpoint_app.sync.pace import LineState


@dataclass(frozen=True, slots=True)
class Post:
    """Where the booth stands."""

    name: str
    lane: str
    booth: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The officer signed in."""

    id: str
    name: str
    supervisor: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form being filled: ``name`` tells which; ``choices`` are codes below the words ``reason.<subject>``.

    ``list_name`` and ``entries`` are what a decision "not the same person" is about: what stood on the screen when it
    was asked for, whatever comes meanwhile.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    choices: tuple[str, ...] = ()
    chosen: int = 0
    fault: str = ""
    list_name: str = ""
    entries: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """The message of the moment: a key into the words and what fills it."""

    key: str = "message.none"
    params: Mapping[str, str] = field(default_factory=dict)
    symbol: str = "envelope"
    cap: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """This booth's counts of the day."""

    persons: int = 0
    referred: int = 0
    incomplete: int = 0
    consignments: int = 0
    inspected: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """The state of what the booth works with; ``folder`` and ``scanner`` are None where the booth uses none.

    ``oldest`` is when the first event of those ``to_send`` was written, ``heard_at`` the latest moment that the centre
    has signed; ``last`` and ``head`` are number and hash of the journal's last event.
    """

    reader: ReaderHealth = ReaderHealth.STARTING
    folder: ReaderHealth | None = None
    scanner: ScannerState | None = None
    key_kind: str = ""
    to_send: int = 0
    oldest: datetime | None = None
    heard_at: datetime | None = None
    last: int = 0
    head: str = ""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The consignments to choose one from: of one message, or those that a typed number stands in.

    ``of`` counts them all, where there are more than are listed. ``selected`` counts from 0. ``found`` is what
    screening of their parties came to, by manifest and place; ``screened`` how many of how many are done.
    """

    manifest: Manifest | None
    consignments: tuple[Listed, ...]
    of: int
    selected: int = 0
    found: Mapping[tuple[str, int], str] = field(default_factory=dict)
    screened: tuple[int, int] = (0, 0)


class AskedState(StrEnum):
    """How the question to the centre about the Encounter on the desk stands."""

    NO_LINE = "no_line"
    ASKING = "asking"
    NO_ANSWER = "no_answer"
    SAME = "same"
    MORE = "more"
    RAISED = "raised"
    LOWERED = "lowered"


@dataclass(frozen=True, slots=True)
class Asked:
    """The question about one Encounter; ``serial`` tells it from those asked before."""

    serial: int
    state: AskedState


@dataclass(frozen=True, slots=True)
class SlipOffer:
    """What a slip can be printed of: the Encounter that was decided last, and when, by the trusted time."""

    encounter_id: str
    mrz: tuple[str, ...]
    decision: SlipDecision
    direction_in: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class DrillState:
    """A drill that goes on: minutes left, begun ones counted."""

    left: int


class StickWork(StrEnum):
    """What is being done with the stick, so that nobody pulls it meanwhile."""

    NONE = ""
    TAKING = "taking"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Stick:
    """The stick that is there: whether it has a bundle for this booth, from whom, of how many bytes.

    ``takes``: a bundle can be written to it, for the booth ``for_booth``, or the centre where that is empty.
    ``done`` is how far the work is, in hundredths.
    """

    brings: bool = False
    from_centre: bool = False
    size: int = 0
    takes: bool = False
    for_booth: str = ""
    work: StickWork = StickWork.NONE
    done: int = 0


@dataclass(frozen=True, slots=True)
class DeskState:
    """Everything the screen is made from. ``reading`` tells that a document is being read, or checks are being made.

    ``decided`` is the disposition of an Encounter that is only shown again; ``parked`` the one set aside.
    ``printing`` is the id of the Encounter whose printed page is being read.
    ``looked`` counts the stretches of the zone that were found to stand so in the document, of those in doubt.
    ``clearances`` is the version of the list of clearances in force; 0 before the first.
    ``rules`` are the rule sets in force, by name, also those that can't be consulted;
    ``codes`` the lists of codes that are loaded, by name and version.
    ``building`` tells how far the list is that is being built beside those in force, ``bringing`` the one that comes.
    ``case`` is the id of the case chosen; empty, or of none that is listed: the first.
    ``lane_kind`` is what the lane serves now. ``vehicle`` is the plate of whatever
    stands in the lane. ``standings`` are how the rules stand while they are shown, ``standing``
    the one chosen. ``arrivals`` are the consignments to choose from, ``passengers`` the lists of people;
    ``inspections`` those sent to an inspection that nobody has told the result of, ``inspection`` the Encounter chosen
    among them.
    ``slip`` is what a slip can be printed of, until the next document is read or the officer changes.
    ``stick`` is the one that is in, if any. ``drill`` is the one that goes on; ``year`` and ``last_drill`` are what the
    history of the line shows. ``now`` is what the clock shows; ``trusted`` is the time that ages are judged by.
    ``line`` is None where the booth is not enrolled with a centre; ``clock_off`` tells how far its clock is ahead.
    """

    language: str
    now: datetime
    post: Post
    stage: Stage = Stage.FORM
    direction_in: bool = True
    lane_kind: LaneKind = LaneKind.PEOPLE
    vehicle: str = ""
    standings: tuple[Standing, ...] = ()
    standing: int = 0
    officer: OnDuty | None = None
    policy: Policy | None = None
    clearances: int = 0
    lists: tuple[LoadedList, ...] = ()
    rules: tuple[LoadedRules, ...] = ()
    codes: tuple[tuple[str, int], ...] = ()
    building: Progress | None = None
    bringing: Bringing | None = None
    encounter: Encounter | None = None
    decided: str = ""
    parked: Encounter | None = None
    candidate: int = 0
    looked: int = 0
    form: Form | None = None
    reason: Form | None = None
    message: Message = field(default_factory=Message)
    counts: Counts = field(default_factory=Counts)
    health: Health = field(default_factory=Health)
    reading: bool = False
    printing: str = ""
    show_lists: bool = False
    line: LineState | None = None
    latency_s: float = 0.0
    clock_off: timedelta | None = None
    asked: Asked | None = None
    cases: tuple[CaseRow, ...] = ()
    case: str = ""
    case_tab: int = 0
    slip: SlipOffer | None = None
    stick: Stick | None = None
    drill: DrillState | None = None
    arrivals: Arrivals | None = None
    passengers: Passengers | None = None
    inspections: tuple[Awaited, ...] = ()
    inspection: str = ""
    trusted: datetime | None = None
    year: Year | None = None
    last_drill: DrillRow | None = None

    @property
    def judged_at(self) -> datetime:
        """The moment that ages and ends are judged at, on the screen as in the answers: a clock set back makes nothing
        younger.
        """
        return self.trusted or self.now
