"""The desk: takes what the officer does, hands it to the part that knows, and shows what came of it.

Lives on the UI thread and never blocks it. The window calls the methods of ``Desk`` and paints what ``view`` returns.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from checkpoint_app.booth.arrivals.arrivals_desk import ArrivalsDesk
from checkpoint_app.booth.cases.case_list import CaseKeeping
from checkpoint_app.booth.cases.case_view import CLOSE_FORM
from checkpoint_app.booth.cases.rescreening import Rescreening
from checkpoint_app.booth.crossings.crossing_desk import CrossingDesk
from checkpoint_app.booth.crossings.vehicles import VEHICLE_FORM
from checkpoint_app.booth.desk.clock import Clock, SystemClock
from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.desk.jobs import Jobs
from checkpoint_app.booth.desk.jobs import Post as PostToScreen
from checkpoint_app.booth.desk.places import Places
from checkpoint_app.booth.desk.reader_watch import Taken, Watching
from checkpoint_app.booth.desk.state import DeskState, Form, Post
from checkpoint_app.booth.drills.drill import Drilling
from checkpoint_app.booth.drills.history_page import LookingBack
from checkpoint_app.booth.encounter.correction import Correcting
from checkpoint_app.booth.encounter.decisions import Deciding
from checkpoint_app.booth.encounter.examiner import Encountering, ReadsImages
from checkpoint_app.booth.encounter.printed_page import Printing
from checkpoint_app.booth.encounter.scanner_key import Scanning, Scans
from checkpoint_app.booth.goods.goods_desk import CargoDesk
from checkpoint_app.booth.goods.message_reader import MessageReader
from checkpoint_app.booth.goods.messages import ReadsMessages, is_message
from checkpoint_app.booth.line.centre_answers import Asking
from checkpoint_app.booth.line.connection import Lining
from checkpoint_app.booth.line.outage_recorder import LineHistory
from checkpoint_app.booth.lists.lists_in_force import ListKeeping
from checkpoint_app.booth.opening.opening import Opening
from checkpoint_app.booth.opening.status_file import JournalState, status_plain, write_status
from checkpoint_app.booth.present.ages import clock as clock_text
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.present.keys import alive
from checkpoint_app.booth.present.matches import matches_of
from checkpoint_app.booth.record.encounter import Disposition, Encounter, ReadSource
from checkpoint_app.booth.record.records import Records, direction_word
from checkpoint_app.booth.rules.rule_page import RulePage
from checkpoint_app.booth.rules.rules_in_force import Ruling
from checkpoint_app.booth.slips.slips import Draws, Slips
from checkpoint_app.booth.sticks.sticks import Sticks
from checkpoint_app.booth.view.screen import Action, DeskView, Sound, Stage
from checkpoint_app.cargo.values import PassengerList
from checkpoint_app.readers.protocol import Health, RawInput, Reader
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.verdict import LaneKind
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.slip_text import claims_slip

log = logging.getLogger(__name__)

LOOK_FOR_LISTS_EVERY_S = 30
FORGET_EVERY_S = 60


class Desk:
    """One booth's desk. ``post`` runs a function on the UI thread, in order."""

    _ticks = 0
    _closed = False

    def __init__(
        self,
        places: Places,
        reader: ReadsImages,
        post: PostToScreen,
        *,
        language: str = "es",
        clock: Clock | None = None,
        messages: ReadsMessages | None = None,
    ) -> None:
        clock = clock or SystemClock()
        state = DeskState(language=language, now=clock.now(), post=Post("", "", ""), form=Form("opening"))
        self._core = Core(state, Jobs(post), clock)
        self._core.changed = self._show
        self._opening = Opening(self._core, places.data)
        self._ruling = Ruling(self._core)
        self._rule_page = RulePage(self._core, self._ruling)
        self._encountering = Encountering(self._core, reader, self._ruling)
        self._ruling.changed = lambda: self._core.when_free(self._encountering.refresh)
        self._correcting = Correcting(self._core, self._encountering)
        self._scanning = Scanning(self._core, self._encountering)
        self._deciding = Deciding(self._core, self._encountering)
        self._keeping = ListKeeping(self._core, places.inbox)
        self._keeping.changed = self._encountering.refresh
        self._keeping.small_changed = self._small_changed
        self._lining = Lining(self._core, places)
        self._sticks = Sticks(self._core, places, self._lining.turn)
        self._history = LineHistory(self._core)
        self._lining.stood = self._history.heard
        self._asking = Asking(self._core, self._encountering, self._lining.ask)
        self._drilling = Drilling(self._core, self._lining, self._lining.ask)
        self._looking_back = LookingBack(self._core, places.data, self._drilling)
        self._casekeeping = CaseKeeping(self._core)
        self._rescreening = Rescreening(self._core)
        self._rescreening.opened = self._casekeeping.arrived
        self._printing = Printing(self._core, self._encountering, reader)
        self._cargo = CargoDesk(self._core, self._encountering, self._ruling, messages or MessageReader())
        asks = self._lining.ask_crossings, self._lining.ask_goods
        self._crossings = CrossingDesk(self._core, self._encountering, self._ruling, self._cargo, asks)
        self._arrivals = ArrivalsDesk(self._core, self._encountering, self._cargo, lambda: self._lining.line_now)
        self._keeping.loaded = self._list_loaded
        self._slips = Slips(self._core, self._encountering, places.data)
        self._deciding.decided = self._decided
        self._encountering.answered = self._answered
        self._lining.came_up = self._line_came
        self._lining.lists_came = self._keeping.look
        self._lining.list_ended = self._list_ended
        self._lining.leases_changed = self._leases_changed
        self._lining.cases_came = self._casekeeping.arrived
        self._sticks.lists_came = self._keeping.look
        self._sticks.list_ended = self._list_ended
        self._sticks.cases_came = self._casekeeping.arrived
        self._sticks.leases_changed = self._leases_changed
        self._opening.opened = self._opened
        self._opening.signed_in = self._signed_in
        self._listeners: list[Callable[[DeskView], None]] = []
        self._watchings: list[Watching] = []
        self._data = places.data
        self._status: Mapping[str, object] = {}
        self._deeds = self._table()

    @property
    def opening(self) -> Opening:
        """Opens the booth; ``start`` is called once the window is up."""
        return self._opening

    def view(self) -> DeskView:
        """Return what the screen shows now."""
        return present(self._core.state)

    def on_view(self, callback: Callable[[DeskView], None]) -> None:
        """Call ``callback`` with every new view, on the UI thread."""
        self._listeners.append(callback)

    def on_sound(self, callback: Callable[[Sound], None]) -> None:
        """Call ``callback`` with every sound, on the UI thread."""
        self._core.sounded = callback

    def press(self, action: Action, *, auto_repeat: bool = False) -> None:
        """Do what the key asks for, if it is alive now; a key that is not does nothing but sound.

        None is while a read or an act is under way: it was pressed for what the screen showed before.
        """
        if auto_repeat or self._core.occupied or action not in alive(self._core.state):
            self._core.sound(Sound.REFUSED_KEY)
            return
        self._deeds[action]()

    def edit(self, field: str, text: str) -> None:
        """A form's field changed."""
        state = self._core.state
        if state.reason is not None and (field in state.reason.values or field == "text"):
            self._core.update(reason=replace(state.reason, values={**state.reason.values, field: text}))
        elif state.form is not None:
            self._core.update(form=replace(state.form, values={**state.form.values, field: text}, fault=""))

    def submit(self) -> None:
        """Enter inside a form, or in the listing of consignments."""
        state = self._core.state
        if self._cargo.enter():
            return
        if self._core.occupied or (state.reason is None and state.form is None):
            self._core.sound(Sound.REFUSED_KEY)
        elif state.reason is not None and state.reason.name != CLOSE_FORM:
            if not self._cargo.submit(state.reason):
                self._deciding.enter()
        elif state.reason is not None:
            self._core.sound(Sound.REFUSED_KEY)
        elif state.form is not None:
            self._submit(state.form)

    def _submit(self, form: Form) -> None:
        if form.name == "unlock":
            self._opening.unlock(form.values.get("passphrase", ""))
        elif form.name == "sign_in":
            self._opening.sign_in(form.values.get("officer", "").strip(), form.values.get("pin", ""))
        elif form.name == "by_hand":
            self._correcting.typed(form.values.get("mrz", ""))
        elif form.name == VEHICLE_FORM:
            self._crossings.vehicles.seen(form)
        else:
            self._cargo.submit(form)

    def choose(self, number: int) -> None:
        """A numbered choice: of a reason where one is asked; of a result, among the inspections."""
        reason = self._core.state.reason
        if self._cargo.inspecting.is_asked:
            self._cargo.inspecting.choose(number)
        elif reason is not None and reason.name == CLOSE_FORM:
            self._casekeeping.choose_outcome(number)
        elif reason is not None:
            self._deciding.choose(number)
        elif self._core.state.stage is Stage.CASES:
            self._casekeeping.choose_tab(number)
        elif self._core.state.stage is Stage.COMPARE and number in (1, 2):
            self.press(Action.SAME_PERSON if number == 1 else Action.NOT_SAME_PERSON)
        else:
            self._core.sound(Sound.REFUSED_KEY)

    def move(self, step: int) -> None:
        """Go to the next or previous person while comparing, or on a hit with several; not in a reason."""
        state = self._core.state
        listed = {Stage.CASES: self._casekeeping.move, Stage.RULES: self._rule_page.move, **self._cargo.moves()}
        if (move := listed.get(state.stage)) is not None:
            move(step)
            return
        count = len(matches_of(state.encounter.answers)) if state.encounter else 0
        if count and state.reason is None and not self._core.occupied:
            self._core.update(candidate=(state.candidate + step) % count)

    def drop(self, image: bytes, name: str) -> None:
        """A picture or a message was laid down: dropped on the window, or found in the watched folder."""
        if is_message(image):
            self.message(image, name)
        elif self._cargo.is_open or not self._slips.picture((image,)):
            self._encountering.image(image, name)

    def message(self, data: bytes, name: str = "") -> None:
        """A message of a carrier or of customs was laid down. ``name`` is its file's; it is kept nowhere."""
        log.debug("a message of %d bytes was laid down%s", len(data), " as a file" if name else "")
        self._cargo.arriving.message(data)

    def on_passenger_list(self, hear: Callable[[str, PassengerList], None]) -> None:
        """Call ``hear`` with the manifest's id and each passenger list that was received, on the UI thread."""
        self._cargo.arriving.on_passenger_list = hear

    def keyed(self, text: str) -> None:
        """A reader that types sent the lines of a zone, or the text of a slip."""
        if claims_slip(text):
            self._slips.keyed(text)
        else:
            self._encountering.keyed(text)

    def watch(self, reader: Reader) -> None:
        """Take documents from ``reader`` whenever the desk is free for one; it is closed with the desk."""
        post = self._core.jobs.post

        def lay(raw: RawInput, taken: Taken) -> None:
            free = self._encountering.is_free
            if free and raw.refused:
                self._encountering.refuse(raw.refused)
            elif free and is_message(raw.image):
                self._cargo.arriving.message(raw.image)
            elif free:
                self._encountering.frames(raw.images or (raw.image,), ReadSource(raw.source))
            taken(free)

        self._watchings.append(
            Watching(
                reader,
                free=lambda: self._encountering.is_free,
                laid=lambda raw, taken: post(lambda: lay(raw, taken)),
                stands=lambda: reader.health,
                stood=lambda: post(lambda: self._folder_stands(reader.health)),
            )
        )
        self._watchings[-1].start()
        self._folder_stands(reader.health)

    def scan_with(self, scanner: Scans) -> None:
        """Let F4 on the empty desk scan with ``scanner``; it is closed with the desk."""
        self._scanning.use(scanner)

    def draw_slips_with(self, draw: Draws) -> None:
        """Let slips be printed, which ``draw`` draws; without it there are none."""
        self._slips.draw = draw

    def _folder_stands(self, health: Health) -> None:
        state, before = self._core.state, self._core.state.health.folder
        self._core.update(health=replace(state.health, folder=health))
        if before not in (None, Health.STARTING, health) and state.officer is not None and state.stage is Stage.EMPTY:
            gone = health is not Health.READY
            self._core.say("desk.folder_gone" if gone else "desk.folder_back", "attention" if gone else "tick")

    def _reader_stands(self, health: Health) -> None:
        self._core.update(health=replace(self._core.state.health, reader=health))

    def _reader_broke(self, error: Exception) -> None:
        self._reader_stands(Health.FAILED)
        self._core.failed(error)

    def tick(self) -> None:
        """Once a second: the clock and the ages move on; now and then the inbox is looked into."""
        self._ticks += 1
        self._core.update()
        self._deciding.save_unsaved()
        self._keep_status()
        self._drilling.tick()
        self._history.look()
        self._looking_back.look()
        self._arrivals.tick()
        if self._ticks % LOOK_FOR_LISTS_EVERY_S == 0:
            self._keeping.look()
        if self._ticks % FORGET_EVERY_S == 0:
            self._forget()
            self._crossings.reveal()
            self._keeping.end_what_is_over()
            self._rescreening.look()
            self._rule_page.look()

    def close(self) -> None:
        """Close the store and end the children; a second call does nothing. What is open stays in the journal."""
        if self._closed:
            return
        self._closed = True
        for watching in self._watchings:
            watching.stop()
        self._scanning.close()
        self._arrivals.close()
        self._drilling.close()
        self._lining.close()
        self._sticks.close()
        records = self._core.records
        if records is not None:
            self._core.jobs.on_database(records.store.close, lambda _none: None, self._core.failed)
        # The children end before their jobs are waited for: a picture may take a minute, a list half an hour.
        self._encountering.close()
        self._cargo.arriving.close()
        self._keeping.close()
        self._core.jobs.close()

    def _show(self) -> None:
        try:
            view = present(self._core.state)
        except Exception:
            self._core.gate.shut()  # what can't be shown can't be decided about: the screen still shows what was before
            raise
        for listener in self._listeners:
            listener(view)
        self._scanning.seen()

    def _opened(self) -> None:
        self._encountering.warm_up(lambda: self._reader_stands(Health.READY), self._reader_broke)
        self._keeping.load_all()
        self._ruling.load()
        self._cargo.coding.load()
        self._keeping.look()
        self._casekeeping.load()
        self._cargo.inspecting.load()
        self._history.load()
        self._drilling.recover()
        self._looking_back.forget_requests()
        self._lining.start()
        self._sticks.start()
        self._arrivals.look()

    def _line_came(self) -> None:
        self._asking.line_came()
        self._crossings.line_came()

    def _answered(self, encounter: Encounter) -> None:
        self._asking.about(encounter)
        self._crossings.about(encounter)
        self._printing.about(encounter)

    def _decided(self, encounter: Encounter, disposition: Disposition, direction_in: bool) -> None:
        self._cargo.inspecting.load()
        self._slips.decided(encounter, disposition, direction_in)

    def _forget(self) -> None:
        """Let bodies go that the centre has and whose time is over, and manifests of the same age."""
        policy = self._core.state.policy
        if policy is not None:
            keep = timedelta(days=policy.keep_days)
            self._core.record(lambda records: records.forget(keep), lambda _count: None)
            self._cargo.forget(keep)

    def _keep_status(self) -> None:
        """Count what is to be sent, and write the status file when something in it changed."""
        core, folder = self._core, self._data
        if core.records is None:
            return

        def work(records: Records) -> JournalState:
            journal = records.outbox()
            status = status_plain(core.state, journal)
            if status != self._status:
                write_status(folder, status)
                self._status = status
            return journal

        def done(journal: JournalState) -> None:
            health = replace(
                core.state.health,
                to_send=journal.count,
                oldest=journal.oldest,
                heard_at=journal.heard_at,
                last=journal.last,
                head=journal.head,
            )
            if health != core.state.health:
                core.update(health=health)
            self._casekeeping.delivered(journal.acknowledged)
            if journal.count:
                self._lining.wake()

        core.record(work, done, lambda error: log.warning("no status written: %s", type(error).__name__))

    def _signed_in(self, left_open: tuple[Encounter, ...]) -> None:
        self._slips.begin_shift()
        state = self._core.state
        if state.encounter is not None:
            self._encountering.answer_again(state.encounter)
        elif left_open:
            self._core.update(parked=left_open[1] if len(left_open) > 1 else None)
            self._encountering.reopen(left_open[0])

    def _table(self) -> Mapping[Action, Callable[[], None]]:
        deciding, encountering = self._deciding, self._encountering
        return {
            Action.LET_PASS: lambda: deciding.let_pass(auto_repeat=False),
            Action.REFER: lambda: deciding.refer(auto_repeat=False),
            Action.PROTECT: lambda: deciding.protect(auto_repeat=False),
            Action.SAME_PERSON: lambda: deciding.same_person(auto_repeat=False),
            Action.NOT_SAME_PERSON: lambda: deciding.not_same_person(auto_repeat=False),
            Action.COMPARE: self._compare,
            Action.TAKE_CASE: self._take_case,
            Action.CHOOSE: self._choose_row,
            Action.CORRECT: self._correct,
            Action.CARGO: self._switch,
            **self._cargo.deeds(),
            Action.SEEN: self._crossings.seen,
            Action.AS_READ: self._correcting.as_read,
            Action.REREAD: self._reread,
            Action.SECOND: encountering.set_aside,
            Action.DIRECTION: self._turn,
            Action.PREVIOUS: self._previous,
            Action.OFFICER: self._sign_out,
            Action.LISTS: self._lists,
            Action.CONFIRM: self.submit,
            Action.DRILL: self._drilling.press,
            Action.HISTORY: self._looking_back.open,
            Action.RULES: self._rule_page.open,
            Action.SLIP: self._slips.print,
            Action.STICK_TAKE: self._sticks.take,
            Action.STICK_WRITE: self._sticks.write,
        }

    def _sign_out(self) -> None:
        """Leave the desk to the next officer: an open Encounter with it, but not the last one being shown again."""
        self._encountering.forget_unread()
        if self._core.state.decided:
            self._core.update(encounter=None, decided="", stage=Stage.EMPTY)
        self._opening.sign_out()

    def _list_ended(self, name: str) -> None:
        self._keeping.end(name)
        self._ruling.load()

    def _leases_changed(self) -> None:
        self._keeping.leases_changed()
        self._ruling.load()

    def _small_changed(self) -> None:
        self._ruling.load()
        self._cargo.coding.load()
        self._opening.check_officer()
        self._slips.look_again()
        self._arrivals.look()

    def _list_loaded(self, loaded: LoadedList) -> None:
        self._rescreening.list_changed(loaded)
        self._arrivals.look()

    def _take_case(self) -> None:
        if self._arrivals.page.is_up:
            self._arrivals.page.close()
        elif self._core.state.reason is not None:
            self._casekeeping.close()
        else:
            self._casekeeping.take()

    def _compare(self) -> None:
        """F6: compare a candidate; on the empty desk, the cases; again: back."""
        state = self._core.state
        if state.stage is Stage.EMPTY:
            self._casekeeping.open()
            return
        if state.stage is Stage.CASES:
            self._casekeeping.leave()
            return
        self._core.update(stage=Stage.ENCOUNTER if state.stage is Stage.COMPARE else Stage.COMPARE)

    def _reread(self) -> None:
        """F4: read the picture of the open Encounter again; on the empty desk, scan, or stop scanning."""
        if self._core.state.encounter is None:
            self._scanning.press()
        else:
            self._encountering.reread()

    def _lists(self) -> None:
        self._keeping.look()
        self._core.update(show_lists=not self._core.state.show_lists)

    def _choose_row(self) -> None:
        """Open or mark who is chosen of a passenger list; elsewhere go on to the next row."""
        if self._core.state.stage is Stage.ARRIVALS and self._core.state.arrivals is None:
            self._cargo.listing.choose()
        else:
            self.move(1)

    def _correct(self) -> None:
        """F3: by hand, or correct what is on the desk: a number in a lane of goods, else the zone."""
        state = self._core.state
        if self._cargo.is_open or (state.encounter is None and state.lane_kind is LaneKind.CARGO):
            self._cargo.arriving.number_form()
        else:
            self._correcting.by_hand()

    def _turn(self) -> None:
        """Change the direction."""
        self._cross(not self._core.state.direction_in, self._core.state.lane_kind)

    def _switch(self) -> None:
        """Change what the lane serves: people or goods."""
        people = self._core.state.lane_kind is LaneKind.PEOPLE
        self._cross(self._core.state.direction_in, LaneKind.CARGO if people else LaneKind.PEOPLE)

    def _cross(self, direction_in: bool, kind: LaneKind) -> None:
        """Change direction or kind of the lane; written down before the screen shows it."""
        core = self._core
        body = {
            "direction": direction_word(direction_in),
            "lane": core.state.post.lane,
            "kind": kind.value,
            "officer": core.state.officer.id if core.state.officer else "",
        }
        core.act(
            lambda records: records.write(EventKind.CROSSING_CHANGED, body),
            lambda _none: core.update(direction_in=direction_in, lane_kind=kind),
        )

    def _previous(self) -> None:
        """Esc: leave what is in front; on an open Encounter ask why; on an empty desk show the last one."""
        state = self._core.state
        if state.reason is not None:
            self._deciding.leave()
        elif state.form is not None:
            self._leave_form(state)
        elif (leave := self._leaves().get(state.stage)) is not None:
            leave()
        elif state.stage is Stage.COMPARE:
            self._core.update(stage=Stage.ENCOUNTER)
        elif state.decided:
            self._core.update(encounter=None, decided="", stage=Stage.EMPTY)
            self._core.say("message.none")
        elif state.encounter is not None:
            self._deciding.withdraw(auto_repeat=False)
        elif self._scanning.under_way:
            self._scanning.stop()
        else:
            self._show_last()

    def _leaves(self) -> Mapping[Stage, Callable[[], None]]:
        """Return what goes back to the empty desk, by what is up."""
        return {
            Stage.CASES: self._casekeeping.leave,
            Stage.HISTORY: self._looking_back.leave,
            Stage.RULES: self._rule_page.leave,
            **self._cargo.leaves(),
        }

    def _leave_form(self, state: DeskState) -> None:
        if state.encounter is not None:
            self._core.update(form=None, stage=Stage.ENCOUNTER)
            self._core.gate.advice_changed()
        elif state.officer is not None:
            self._encountering.forget_unread()
            self._core.update(form=None, stage=Stage.EMPTY)

    def _show_last(self) -> None:
        core = self._core

        def done(last: tuple[Encounter, str, datetime] | None) -> None:
            if last is None:
                core.say("message.no_previous")
                return
            encounter, disposition, decided_at = last
            core.update(encounter=encounter, decided=disposition, stage=Stage.ENCOUNTER, candidate=0, asked=None)
            what = core.words.say(f"history.{disposition}")
            core.say("message.previous", "clock", "Esc", what=what, time=clock_text(decided_at))

        officer = core.state.officer.id if core.state.officer else ""
        core.act(lambda records: records.last_decided(officer), done)
