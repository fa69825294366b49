"""What must hold of a booth folder after a kill: everything promised is there, exactly once, and nothing is half."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkpoint_app.booth.lists.lists_in_force import loaded_list
from checkpoint_app.booth.record.signed_objects import policy_of
from checkpoint_app.booth.view.screen import Action
from checkpoint_app.screening.entry import Subject
from checkpoint_app.store import Store
from tests.booth.helpers import Booth, FakeClock, Publisher
from tests.faults.template import FAMILY, GIVEN, STRANGER, VERSIONS, listed_number, open_store
from tests.store.helpers import dump, nothing_in_clear

Line = dict[str, Any]
Key = tuple[object, ...]
_FILES = {"booth.db", "booth.db-wal", "booth.db-shm", "head.sealed", "lock", "reserve", "segments", "status.json"}
_FILES |= {"store.key", "status.json.half"}
NO_DOCUMENT = "no_document"
_FOLLOWING = {"started", "encounter_answered", "encounter_reopened"}
"""Kinds that follow from an act and are no promise of their own."""


@dataclass(frozen=True, slots=True)
class Promises:
    """What a driver said: what was done, and the act that it had begun and not finished, if any."""

    done: Counter[Key] = field(default_factory=Counter)
    under_way: Counter[Key] = field(default_factory=Counter)
    last: str = ""
    ended: bool = False

    @classmethod
    def read(cls, output: bytes) -> Promises:
        """Read a driver's lines; a last line cut short was not said."""
        whole = output[: output.rfind(b"\n") + 1]
        lines: list[Line] = [json.loads(line) for line in whole.splitlines()]
        kept = [line for line in lines if line["what"] == "done" and line["act"] != "list_refused"]
        done = Counter(key for line in kept for key in _keys(line))
        begun = lines[-1] if lines and lines[-1]["what"] == "intent" else None
        last = lines[-1].get("act", "end") if lines else "opening"
        words = f"{lines[-1]['what']} {last}" if lines else last
        ended = bool(lines) and lines[-1]["what"] == "end"
        return cls(done, Counter(_keys(begun) if begun else []), words, ended)

    def __add__(self, later: Promises) -> Promises:
        """Return what two lives of one booth promised."""
        return Promises(self.done + later.done, self.under_way + later.under_way, later.last, later.ended)


def examine(folder: Path, promised: Promises, before: int) -> None:
    """Check the folder as the kill left it. ``before`` is the number of events its journal held at the start."""
    nothing_in_clear(folder / "data", FAMILY, *GIVEN.split(), STRANGER)
    with open_store(folder, FakeClock()) as store:
        store.journal.verify()  # every signature, link and body: no gap, no fork
        events = [
            (event.header.kind.value, store.journal.body(event.header.seq)) for event in store.journal.events(before)
        ]
        _check_promises(events, promised)
        _check_encounters(store, events)
        _check_lists(store)
        tables = dump(store)
        store.journal.rebuild_projections()
        assert dump(store) == tables, "the projections are not what the journal tells"
        strays = {path.name for path in (folder / "data").iterdir()} - _FILES
        assert not strays, f"left behind: {strays}"


def go_on(folder: Path, promised: Promises) -> None:
    """Start the booth again: what was open is on the desk; it is decided, and packages brought come into force."""
    with open_store(folder, FakeClock()) as store:
        left_open = [row.encounter_id for row in store.projections.open_encounters()]
    booth = Booth(folder, FakeClock(), Publisher())
    try:
        booth.unlock()
        booth.sign_in()
        for waiting in left_open:
            booth.until(lambda v: v.advice.advice is not None)
            assert booth.desk._core.state.encounter.id == waiting, "the open Encounter is not back on the desk"
            booth.press(Action.REFER)
            if booth.view.panel_form is not None:
                booth.desk.choose(1)
                booth.press(Action.REFER)
            booth.until(lambda v: v.advice.advice is None)
            if booth.desk._core.state.parked is not None:
                booth.press(Action.SECOND)
        for _, name, version in (key for key in promised.under_way if key[0] == "list"):
            if (folder / "inbox" / f"{name}-{version}.list").exists():
                booth.until(lambda _v, name=name, version=version: booth.versions()[name] >= version)
        booth.settle(0.1)
    finally:
        booth.close()
    with open_store(folder, FakeClock()) as store:
        store.journal.verify()
        assert store.projections.open_encounter() is None
        _check_lists(store)
        _once(_bodies(store, "disposition"))


def _keys(line: Line) -> list[Key]:
    act = line["act"]
    if act == NO_DOCUMENT:
        return [("encounter", None), ("disposition", NO_DOCUMENT, "protect")]
    parts = {
        "encounter": ("number",),
        "disposition": ("id", "disposition"),
        "not_same": ("id",),
        "direction": ("direction",),
        "list": ("name", "version"),
        "signed_in": ("officer",),
        "signed_out": ("officer",),
    }[act]
    return [(act, *(line[part] for part in parts))]


def _key_of_event(kind: str, body: Line, undocumented: set[str]) -> Key:
    if kind == "encounter_read":
        return ("encounter", body["document"]["document_number"])
    if kind == "disposition":
        known = NO_DOCUMENT if body["encounter_id"] in undocumented else body["encounter_id"]
        return ("disposition", known, body["disposition"])
    if kind == "not_same_person":
        return ("not_same", body["encounter_id"])
    if kind == "crossing_changed":
        return ("direction", body["direction"])
    if kind in ("list_applied", "policy_applied"):
        return ("list", body["name"], body["version"])
    if kind in ("signed_in", "signed_out"):
        return (kind, body["officer"])
    return (kind,)


def _check_promises(events: Sequence[tuple[str, Line]], promised: Promises) -> None:
    undocumented = _undocumented(events)
    written = Counter(_key_of_event(kind, body, undocumented) for kind, body in events if kind not in _FOLLOWING)
    missing = promised.done - written
    assert not missing, f"promised and lost: {sorted(missing)}"
    by_itself = Counter({("list_refused",): 99, ("case_opened",): 99})  # a newer list was held against Encounters
    unasked = written - promised.done - promised.under_way - by_itself
    assert not unasked, f"in the journal, and nobody did it: {sorted(unasked)}"


def _check_encounters(store: Store, events: Sequence[tuple[str, Line]]) -> None:
    read = [body["encounter_id"] for kind, body in events if kind == "encounter_read"]
    _once(body["encounter_id"] for kind, body in events if kind == "encounter_read")
    decided = _once(body["encounter_id"] for kind, body in events if kind == "disposition")
    assert decided <= set(read)
    open_now = {row.encounter_id for row in store.projections.open_encounters()}
    assert not open_now & _undocumented(events), "protection without a document was written by half"
    assert open_now == set(read) - decided, "an open Encounter was lost, or a closed one came back"


def _undocumented(events: Sequence[tuple[str, Line]]) -> set[str]:
    """Return the Encounters of people without a document: begun and decided in one act."""
    return {body["encounter_id"] for kind, body in events if kind == "encounter_read" and body["source"] == "none"}


def _check_lists(store: Store) -> None:
    """Each list in force is the last one that the journal names, and its segment holds what that version holds."""
    applied = {body["name"]: body["version"] for body in _whole(store, "list_applied")}
    policy = [body["version"] for body in _whole(store, "policy_applied")]
    assert policy_of(store).version == (policy[-1] if policy else 1), "a policy that the journal does not name"
    copies = {copy.header.name: copy for copy in store.lists.in_force()}
    assert {name: copy.header.version for name, copy in copies.items()} == applied
    persons, numbers = loaded_list(copies["ECU"]).persons, loaded_list(copies["INTL"]).numbers
    assert persons is not None
    assert numbers is not None
    found = persons.screen(Subject(FAMILY, GIVEN, birth="740821"))
    assert found[0].entry_id == f"E-{applied['ECU']}"
    for version in range(1, VERSIONS["INTL"] + 1):
        assert bool(numbers.look_up(listed_number(version), "UTO")) == (version == applied["INTL"])
    segments = {path.name for path in (store.folder / "segments").iterdir()}
    assert segments == {layer.path.name for copy in copies.values() for layer in copy.layers}, (
        "a segment was left behind, or is missing"
    )


def _whole(store: Store, kind: str) -> list[Line]:
    return [store.journal.body(event.header.seq) for event in store.journal.events() if event.header.kind.value == kind]


def _bodies(store: Store, kind: str) -> list[str]:
    return [body["encounter_id"] for body in _whole(store, kind)]


def _once(names: Iterable[str]) -> set[str]:
    counts = Counter(names)
    twice = [name for name, count in counts.items() if count > 1]
    assert not twice, f"written more than once: {twice}"
    return set(counts)
