"""Two booths and a centre, in any order of what may happen: each silences exactly the pairs that the rules allow.

The model knows nothing of tables, keys or events' bodies: it keeps who decided what, and what each booth was told.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from checkpoint_app.central import booths, clearances, encounters, officers
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.officers import Role
from checkpoint_app.store import OlderVersionError
from tests.central.chains import person, zone
from tests.central.clearing import OFFICER, SUPERVISOR, Issued, OneClock, issue, new_booth
from tests.central.helpers import in_office
from tests.central.line import made
from tests.store.helpers import ram_folder

PEOPLE = (zone(), zone(number="X7654321"), zone(given="EVA"))
ENTRIES = (("ECU", "E-1"), ("ECU", "E-2"), ("USA", "E-1"))
NAMES = ("A", "B")
MOST_DAYS = 365
NEVER = datetime.max.replace(tzinfo=UTC)
Pair = tuple[int, tuple[str, str], str]


@dataclass
class Made:
    """A decision of the model. ``received`` is None until the centre has it, and then ``until`` is the centre's."""

    event_id: str
    booth: str
    pair: Pair
    said_until: datetime
    valid: bool
    received: bool = False
    until: datetime = NEVER
    ended: bool = False


@dataclass(frozen=True)
class Told:
    """What a version of the list says, by the model."""

    issued: Issued
    held: dict[str, datetime]
    ended: frozenset[str]


class Clearing(RuleBasedStateMachine):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = ram_folder()
        self.clock = OneClock()
        self.stack = contextlib.ExitStack()
        self.centre = self.stack.enter_context(made(self.folder / "centre", self.clock))
        in_office(self.centre, OFFICER)
        in_office(self.centre, SUPERVISOR, Role.SUPERVISOR)
        self.booths = {name: new_booth(self.centre, name, self.folder / name, self.clock) for name in NAMES}
        self.digests = dict.fromkeys(ENTRIES, 0)
        self.made: list[Made] = []
        self.versions: list[Told] = []
        self.has: dict[str, Told | None] = dict.fromkeys(NAMES)
        self.over: dict[str, set[str]] = {name: set() for name in NAMES}  # what each booth was ever told has ended
        self.revoked: set[str] = set()
        self.in_office = True

    def teardown(self) -> None:
        for booth in self.booths.values():
            booth.store.close()
        self.stack.close()
        shutil.rmtree(self.folder)

    # -- what may happen ---------------------------------------------------------------------------------------------

    @rule(
        name=st.sampled_from(NAMES),
        who=st.integers(0, len(PEOPLE) - 1),
        entry=st.sampled_from(ENTRIES),
        days=st.sampled_from((0, 30, 365, 1000)),
        supervisor=st.sampled_from((SUPERVISOR, SUPERVISOR, OFFICER)),
    )
    def decide(self, name: str, who: int, entry: tuple[str, str], days: int, supervisor: str) -> None:
        digest = self._digest(entry)
        event_id = self.booths[name].decide(PEOPLE[who], (*entry, digest), supervisor=supervisor, days=days)
        valid = supervisor == SUPERVISOR and self.in_office and self.clock.at < self.clock_of_term()
        until = self.clock.at + timedelta(days=days)
        self.made.append(Made(event_id, name, (who, entry, digest), until, valid))
        self.clock.move(minutes=1)

    @rule(name=st.sampled_from(NAMES))
    def deliver(self, name: str) -> None:
        if name in self.revoked:
            return
        self.booths[name].deliver(self.centre)
        for one in self.made:
            if one.booth == name and not one.received:
                one.received = True
                one.ended = not one.valid
                one.until = min(one.said_until, self.clock.at + timedelta(days=MOST_DAYS))

    @rule()
    def make_list(self) -> None:
        issued = issue(self.centre)
        known = [one for one in self.made if one.received]
        held = {one.event_id: one.until for one in known if not one.ended and one.until > self.clock.at}
        ended = frozenset(one.event_id for one in known if one.event_id not in held and one.said_until > self.clock.at)
        if issued is None:
            assert not held
            assert not ended
        elif not self.versions or issued.version > self.versions[-1].issued.version:
            self.versions.append(Told(issued, held, ended))
        else:
            assert (held, ended) == (self.versions[-1].held, self.versions[-1].ended)

    @precondition(lambda self: self.versions)
    @rule(name=st.sampled_from(NAMES), back=st.integers(0, 2))
    def fetch(self, name: str, back: int) -> None:
        told = self.versions[max(0, len(self.versions) - 1 - back)]
        before = self.has[name]
        if before is not None and told.issued.version <= before.issued.version:
            with contextlib.suppress(OlderVersionError):
                self.booths[name].take(told.issued)
                raise AssertionError("an older list replaced a newer one")
            return
        self.booths[name].take(told.issued)
        self.has[name] = told
        self.over[name] |= told.ended

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.made))
        possible = one.received and not one.ended and one.said_until > self.clock.at
        try:
            clearances.withdraw(self.centre, one.event_id)
            assert possible
            one.ended = True
        except CentreError:
            assert not possible

    @rule(entry=st.sampled_from(ENTRIES))
    def change_entry(self, entry: tuple[str, str]) -> None:
        self.digests[entry] += 1

    @rule(entry=st.sampled_from(ENTRIES))
    def change_entry_back(self, entry: tuple[str, str]) -> None:
        self.digests[entry] = 0

    @rule(days=st.sampled_from((1, 29, 200, 366)))
    def pass_time(self, days: int) -> None:
        self.clock.move(days=days)

    @precondition(lambda self: self.in_office)
    @rule()
    def dismiss_the_supervisor(self) -> None:
        with self.centre.begin() as connection:
            officers.disable(self.centre, connection, SUPERVISOR)
        self.in_office = False
        self.clock.move(minutes=1)

    @precondition(lambda self: "A" not in self.revoked and len(self.made) > 3)
    @rule()
    def revoke(self) -> None:
        booths.revoke(self.centre, "A")
        self.revoked.add("A")
        for one in self.made:
            one.ended = one.ended or (one.booth == "A" and one.received)

    @rule(name=st.sampled_from(NAMES))
    def rebuild(self, name: str) -> None:
        self.booths[name].store.journal.rebuild_projections()

    # -- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def each_booth_silences_what_the_rules_allow(self) -> None:
        for name, pair in itertools.product(NAMES, self._pairs()):
            who, entry, digest = pair
            found = self.booths[name].prior(PEOPLE[who], (*entry, digest))
            expected = [one for one in self.made if one.pair == pair and self._holds_at(name, one)]
            assert (found is not None) == bool(expected), (name, pair)
            if found is not None:
                assert found.until > self.clock.at
                assert found.post in {f"Paso {one.booth}" for one in expected} | {name}

    @invariant()
    def the_centre_takes_for_known_what_it_carries(self) -> None:
        for who, lines in enumerate(PEOPLE):
            key = encounters.subject_key(self.centre, person(lines))
            with self.centre.begin() as connection:
                known = clearances.holding(connection, key, self.clock.at)
            assert known == {
                (*one.pair[1], one.pair[2])
                for one in self.made
                if one.pair[0] == who and one.received and not one.ended and one.until > self.clock.at
            }

    def clock_of_term(self) -> datetime:
        """The end of the term for which the officers are in office."""
        return OneClock().at + timedelta(days=365)

    def _holds_at(self, name: str, one: Made) -> bool:
        told = self.has[name]
        if one.event_id in self.over[name]:
            return False
        said = told.held.get(one.event_id) if told is not None else None
        if one.booth == name:
            return self.clock.at < min(one.said_until, said or NEVER)
        return said is not None and self.clock.at < said

    def _digest(self, entry: tuple[str, str]) -> str:
        return f"{self.digests[entry]:064x}"

    def _pairs(self) -> set[Pair]:
        now = {(who, entry, self._digest(entry)) for who in range(len(PEOPLE)) for entry in ENTRIES}
        return now | {one.pair for one in self.made}


Clearing.TestCase.settings = settings(
    max_examples=4,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestClearing = Clearing.TestCase
