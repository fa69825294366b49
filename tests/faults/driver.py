"""A booth played by a script, as a process of its own: ``python -m tests.faults.driver FOLDER SEED [ACT…]``.

Before each act a line "intent" goes to standard output, and once the desk has shown the act as done, a line "done".
Whoever reads them knows what was promised when the process is killed. Lines are JSON, written at once.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from checkpoint_app.booth.view.screen import Action, DeskView, Stage
from checkpoint_app.confined.hardening import harden
from checkpoint_app.verdict import Advice
from tests.booth.helpers import OFFICER, PASSPHRASE, PIN, SUPERVISOR, SUPERVISOR_PIN, Booth, FakeClock, Publisher
from tests.faults.template import FAMILY, GIVEN, LATER, STRANGER, VERSIONS, passport

ACTS = (
    *(
        "passes",
        "passes",
        "referred",
        "protected",
        "withdrawn",
        "cleared",
        "aside",
        "no_document",
        "turn",
        "tick",
        "officer",
    ),
    *("ECU", "ECU", "INTL", "policy"),
)


def tell(what: str, **parts: object) -> None:
    """Write one line at once, in one piece."""
    os.write(1, json.dumps({"what": what, **parts}).encode() + b"\n")


class Script:
    """Plays acts on a booth. Each method is an act of the officer, or something brought to the booth."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.numbers = self._numbers(seed)
        self.booth = Booth(folder, FakeClock(), Publisher())
        self.acts: dict[str, Callable[[], object]] = {
            "passes": lambda: self.encounter(STRANGER, "KLARA", Action.LET_PASS),
            "referred": lambda: self.encounter(FAMILY, GIVEN, Action.REFER),
            "protected": lambda: self.encounter(STRANGER, "OLGA", Action.PROTECT),
            "withdrawn": lambda: self.encounter(STRANGER, "INES", Action.PREVIOUS),
            "cleared": self.cleared,
            "no_document": self.no_document,
            "aside": self.aside,
            "left_open": lambda: self.read(STRANGER, "LEFT"),
            "turn": self.turn,
            "tick": self.tick,
            "officer": self.officer,
            "abort": os.abort,
            "wait": sys.stdin.readline,
            "unguarded": lambda: None,
        }

    def play(self, acts: list[str]) -> int:
        """Open the booth, finish what was left open, and play; 3 when the booth can't open."""
        tell("intent", act="signed_in", officer=OFFICER)
        if not self.unlock():
            return 3
        self.booth.sign_in()
        self.booth.until(lambda _v: sum(one.bar is None for one in self.booth.desk._core.state.lists) >= 2)
        tell("done", act="signed_in", officer=OFFICER)
        for _ in self.booth._ask(lambda records: records.store.projections.open_encounters()):
            self.booth.until(lambda v: v.advice.advice is not None)
            self.decide(Action.REFER)
            self._bring_parked()
        for act in acts:
            if act in VERSIONS:
                self.bring(act)
            else:
                self.acts[act]()
        tell("end")
        self.booth.close()
        return 0

    def unlock(self) -> bool:
        """Type the passphrase. Where the booth can't open, tell the word on its screen."""
        self.booth.desk.opening.start()
        self.booth.until(lambda v: v.form and v.form.name == "unlock")
        self.booth.desk.edit("passphrase", PASSPHRASE)
        self.booth.desk.submit()
        view = self.booth.until(lambda v: v.form and (v.form.name == "sign_in" or v.form.fault))
        if view.form.fault:
            tell("stopped", act="unlock", word=view.form.fault)
            self.booth.close()
        return not view.form.fault

    def encounter(self, family: str, given: str, action: Action) -> None:
        """Read a document and decide."""
        self.read(family, given)
        self.decide(action)

    def read(self, family: str, given: str) -> DeskView:
        """Type a document: done once its advice is on the desk."""
        number = next(self.numbers)
        born = "740821" if family == FAMILY else "800101"
        tell("intent", act="encounter", number=number)
        view = self.booth.type(*passport(family, given, number, born))
        tell("done", act="encounter", number=number, id=self._id())
        return view

    def decide(self, action: Action) -> None:
        """Press a decision's key, with the first reason where one is asked; done once the screen says "saved"."""
        encounter = self._id()
        word = {
            Action.LET_PASS: "let_pass",
            Action.REFER: "refer",
            Action.PROTECT: "protect",
            Action.PREVIOUS: "withdrawn",
        }[action]
        tell("intent", act="disposition", id=encounter, disposition=word)
        self.booth.press(action)
        if self.booth.view.panel_form is not None:
            self.booth.desk.choose(1)
            self.booth.clock.pass_(seconds=1)
            if action is Action.PREVIOUS:
                self.booth.desk.submit()
            else:
                self.booth.press(action)
        self.booth.until(lambda v: v.stage is Stage.EMPTY and v.message.symbol == "tick")
        tell("done", act="disposition", id=encounter, disposition=word)

    def cleared(self) -> None:
        """A hit that a supervisor clears: not the same person."""
        view = self.read(FAMILY, GIVEN)
        if view.advice.advice is Advice.REFER:
            encounter = self._id()
            tell("intent", act="not_same", id=encounter)
            self.booth.press(Action.COMPARE)
            self.booth.press(Action.NOT_SAME_PERSON)
            self.booth.desk.choose(1)
            self.booth.desk.edit("supervisor", SUPERVISOR)
            self.booth.desk.edit("supervisor_pin", SUPERVISOR_PIN)
            self.booth.clock.pass_(seconds=1)
            self.booth.desk.submit()
            self.booth.until(lambda v: v.advice.advice is Advice.LOOK)
            tell("done", act="not_same", id=encounter)
        self.decide(Action.LET_PASS)

    def no_document(self) -> None:
        """Somebody without a document takes the protection path: begun and decided in one act."""
        tell("intent", act="no_document")
        self.booth.press(Action.PROTECT)
        self.booth.desk.choose(1)
        self.booth.press(Action.PROTECT)
        self.booth.until(lambda v: v.stage is Stage.EMPTY and v.panel_form is None and v.message.symbol == "tick")
        tell("done", act="no_document")

    def aside(self) -> None:
        """Two Encounters open at once: the first is set aside and decided last."""
        self.read(STRANGER, "FIRST")
        self.booth.press(Action.SECOND)
        self.encounter(STRANGER, "SECOND", Action.LET_PASS)
        self._bring_parked()
        self.decide(Action.LET_PASS)

    def turn(self) -> None:
        """Change the direction."""
        before = self.booth.view.bar.direction_in
        direction = "out" if before else "in"
        tell("intent", act="direction", direction=direction)
        self.booth.press(Action.DIRECTION)
        self.booth.until(lambda v: v.bar.direction_in != before)
        tell("done", act="direction", direction=direction)

    def tick(self) -> None:
        """A second passes: the status file is written."""
        self.booth.clock.pass_(seconds=1)
        self.booth.desk.tick()
        self.booth.versions()  # asked of the same thread: what came before it is done

    def officer(self) -> None:
        """The officer signs out and in again."""
        tell("intent", act="signed_out", officer=OFFICER)
        self.booth.press(Action.OFFICER)
        self.booth.until(lambda v: v.form and v.form.name == "sign_in")
        tell("done", act="signed_out", officer=OFFICER)
        tell("intent", act="signed_in", officer=OFFICER)
        self.booth.sign_in(OFFICER, PIN)
        tell("done", act="signed_in", officer=OFFICER)

    def bring(self, name: str) -> None:
        """Lay the next version of a package into the inbox; done once the desk works with it."""
        version = self.booth.versions()[name] + 1
        if version > VERSIONS[name]:
            return
        tell("intent", act="list", name=name, version=version)
        for source in sorted((self.folder / LATER).glob(f"{name}-{version}.*"), key=lambda path: path.suffix):
            shutil.copyfile(source, self.folder / "inbox" / source.name)
        self.booth.desk._keeping.look()
        self.booth.until(lambda _v: self._works_with(name, version) or self._refused(name, version))
        done = "list" if self._works_with(name, version) else "list_refused"
        tell("done", act=done, name=name, version=version)

    def _works_with(self, name: str, version: int) -> bool:
        state = self.booth.desk._core.state
        if name == "policy":
            return state.policy is not None and state.policy.version == version
        return any((one.source.name, one.source.version, one.bar) == (name, version, None) for one in state.lists)

    def _refused(self, name: str, version: int) -> bool:
        """Whether every package was looked at, and this one did not come into force."""
        return not self.booth.desk._keeping._busy and self.booth.versions()[name] < version

    def _left_open(self) -> bool:
        return self.booth.desk._core.state.parked is not None

    def _bring_parked(self) -> None:
        if self._left_open():
            self.booth.press(Action.SECOND)
            self.booth.until(lambda v: v.advice.advice is not None)
            self.booth.until(lambda v: v.advice.advice is not None)

    def _id(self) -> str:
        encounter = self.booth.desk._core.state.encounter
        return encounter.id if encounter else ""

    @staticmethod
    def _numbers(seed: int) -> Iterator[str]:
        """Document numbers that no other run of the campaign uses."""
        for number in range(100):
            yield f"N{seed % 1000:03d}{os.getpid() % 100:02d}{number:02d}0"


def main() -> int:
    """Play the acts named, or all of them in an order that the seed tells."""
    if "unguarded" not in sys.argv:
        harden()
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    script = Script(folder, seed)
    acts = sys.argv[3:]
    if not acts:
        acts = list(ACTS)
        script.chance.shuffle(acts)
    return script.play(acts)


if __name__ == "__main__":
    sys.exit(main())
