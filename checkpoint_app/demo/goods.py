"""A lane of goods, played: a container manifest dropped, two consignments opened, seals typed, one inspected.

Each story is asserted as it is played, and told in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import DeskView, Stage
from checkpoint_app.demo.hands import AGAIN_S, PRESSES, Hands, PlayError, Post
from checkpoint_app.demo.messages import CLEAN, OTHER, RISKY, SEEN_INSTEAD, SOUND, container_manifest
from checkpoint_app.demo.remote import Told
from checkpoint_app.verdict import Advice, Outcome

SEALS_OF_CLEAN, SEALS_OF_RISKY = (SOUND.seal,), (SEEN_INSTEAD, OTHER.seal)
"""What the officer reads on the containers, in the order of the form: one seal is not the declared one."""
RULES_THAT_HIT = ("C-001", "C-003", "C-007")


@dataclass(slots=True)
class Goods:
    """Plays the lane of goods. ``drop`` lays a file on the window, as a mouse would; on the UI thread."""

    hands: Hands
    language: str
    post: Post
    drop: Callable[[bytes], None]
    rows: list[Told] = field(default_factory=list)

    def play(self) -> None:
        """Switch to goods, work the manifest off, tell what the inspection found, look at the rules, switch back."""
        self._switch("cargo")
        self.hands.picture("cargo-empty")
        self.post(lambda: self.drop(container_manifest(datetime.now(UTC))))
        self.hands.until(lambda view: view.stage is Stage.ARRIVALS, "the consignments of the manifest")
        self.hands.hold()
        self.hands.picture("cargo-manifest")
        self._release()
        self._inspect()
        self._result()
        self._rules()
        self._switch("people")

    def _switch(self, to: str) -> None:
        title = "title_cargo" if to == "cargo" else "title"
        wanted = Words(self.language).say(f"desk.{title}")
        self.hands.hold()
        self.hands.key("F8")
        self.hands.until(lambda view: view.desk and view.desk.title == wanted, f"the lane of {to}")

    # -- the two consignments ----------------------------------------------------------------------------------------

    def _release(self) -> None:
        """The first one: until somebody has read the seals it is incomplete, then there is nothing to be found."""
        view = self._open(CLEAN)
        if view.advice.advice is not Advice.INCOMPLETE:
            raise PlayError(f"{CLEAN}: {view.advice.advice} before anybody has looked at the seals")
        view = self._see(SEALS_OF_CLEAN)
        self.hands.picture("cargo-nothing-found")
        before, asks = _word(view), view.advice.advice is not Advice.PROCEED
        if asks and not _is_drawn(view, self.language):
            raise PlayError(f"{CLEAN}: {before}, and nothing was planted")
        self._decide("F5", "ctrl+2" if asks else "")
        self.rows.append(Told("a consignment", f"{CLEAN}: seals as declared, {before}, released"))

    def _inspect(self) -> None:
        """The second one: a wrong digit, a roundabout way to order, and another seal than the declared one."""
        self.hands.key("ctrl+m")
        self.hands.until(lambda view: view.stage is Stage.ARRIVALS, "the manifest again")
        self._open(RISKY)
        self.hands.picture("cargo-consignment")
        view = self._see(SEALS_OF_RISKY)
        self.hands.picture("cargo-refer")
        told = _all_text(view)
        missing = [rule for rule in RULES_THAT_HIT if rule not in told]
        if view.advice.advice is not Advice.REFER or missing:
            raise PlayError(f"{RISKY}: {_word(view)}, and {missing or 'no rule'} is not told")
        self._decide("F7", "ctrl+2", "cargo-how")
        rules = ", ".join(RULES_THAT_HIT)
        self.rows.append(Told("a consignment", f"{RISKY}: {_word(view)}; rules {rules}; sent to be scanned"))

    def _open(self, number: str) -> DeskView:
        """Choose a consignment of the manifest and open it."""
        self.hands.hold()
        self.hands.choose(number)
        self.hands.key("Return")
        wanted = "the consignment with its advice"
        return self.hands.until(lambda v: v.consignment and v.consignment.number == number and v.advice.advice, wanted)

    def _see(self, seals: tuple[str, ...]) -> DeskView:
        """Type the seals that are on the containers; return what the desk says then."""
        self.hands.hold()
        self.hands.key("ctrl+s")
        self.hands.until(lambda view: view.form and view.form.name == "cargo_seen", "the form for seals")
        for place, seal in enumerate(seals):
            if place:
                self.hands.key("Tab")
            self.hands.type(seal)
        last = seals[-1]
        self.hands.until(lambda v: v.form and any(one.value == last for one in v.form.fields), "the seals typed")
        if len(seals) > 1:
            self.hands.picture("cargo-seals")
        self.hands.key("Return")
        wanted = "the advice with the seals seen"
        view = self.hands.until(lambda v: v.form is None and v.consignment and v.advice.advice, wanted)
        self.hands.hold()
        return view

    def _decide(self, key: str, choice: str, picture: str = "") -> None:
        self.hands.hold()
        self.hands.key(key)
        if choice:
            self.hands.until(lambda view: view.panel_form is not None, "the reason")
            self.hands.key(choice)
            wanted = choice[-1]
            self.hands.until(lambda v: v.panel_form and v.panel_form.fields[0].value == wanted, "the choice taken")
            if picture:
                self.hands.picture(picture)
            self.hands.hold()
            self.hands.key(key)
        for _ in range(PRESSES):
            if self.hands.played.within(AGAIN_S, lambda view: view.stage is Stage.EMPTY):
                break
            self.hands.key(key)
        self.hands.until(lambda view: view.stage is Stage.EMPTY, "the desk clear again")

    # -- what came of it ---------------------------------------------------------------------------------------------

    def _result(self) -> None:
        """Tell what the inspection found."""
        self.hands.hold()
        self.hands.key("ctrl+e")
        self.hands.until(lambda view: view.stage is Stage.INSPECTIONS, "the inspections without a result")
        self.hands.hold()
        self.hands.choose(RISKY)
        self.hands.hold()
        self.hands.picture("inspections")
        self.hands.key("ctrl+3")
        self.hands.until(lambda view: view.panel_form is not None, "the result asked")
        self.hands.hold()
        self.hands.picture("inspection-result")
        self.hands.key("Return")
        self.hands.until(lambda view: view.panel_form is None and view.message.symbol == "tick", "the result written")
        self.hands.hold()
        self.hands.key("Escape")
        self.hands.until(lambda view: view.stage is Stage.EMPTY, "the empty desk")
        found = Words(self.language).say("reason.inspection.customs")
        self.rows.append(Told("its inspection", f"{RISKY}: {found}; counted for {', '.join(RULES_THAT_HIT)}"))

    def _rules(self) -> None:
        """Look at how the rules stand."""
        self.hands.hold()
        self.hands.key("ctrl+r")
        view = self.hands.until(lambda v: v.stage is Stage.RULES and v.rules and v.rules.plots, "the rules' page")
        self.hands.hold()
        self.hands.picture("rules")
        self.rows.append(Told("the rules' page", view.rules.said if view.rules else ""))
        self.hands.key("Escape")
        self.hands.until(lambda v: v.stage is Stage.EMPTY, "the empty desk")


def _is_drawn(view: DeskView, language: str) -> bool:
    name = Words(language).say("check.draw")
    rows = view.checks.rows if view.checks else ()
    return any(row.name.startswith(name) and row.outcome is Outcome.NOTE for row in rows)


def _word(view: DeskView) -> str:
    return view.advice.advice.value if view.advice.advice else "no advice"


def _all_text(view: DeskView) -> str:
    """Return everything that checks and panel say."""
    return repr((view.checks, view.panel))
