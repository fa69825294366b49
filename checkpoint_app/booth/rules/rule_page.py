"""Ctrl+R: how the rules in force stand. And, once a minute, which of them may inform only from now on."""

from __future__ import annotations

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.rules.handling_codes import is_reserved, may_see
from checkpoint_app.booth.rules.rule_performance import SetInForce, Standing, resume_answered, standings, suspend_new
from checkpoint_app.booth.rules.rules_in_force import LoadedRules, Ruling
from checkpoint_app.booth.view.screen import Stage


class RulePage:
    """Shows the rules' standing and keeps it. Lives on the UI thread; counting is the database thread's."""

    def __init__(self, core: Core, ruling: Ruling) -> None:
        self._core = core
        self._ruling = ruling
        self._counting = False

    def open(self) -> None:
        """Show the page; on it: go back."""
        core = self._core
        if core.state.stage is Stage.RULES:
            self.leave()
            return
        sets, policy = in_force(self._seen()), core.state.policy

        def work(records: Records) -> tuple[Standing, ...]:
            _keep_orders(records, sets)
            return standings(records.store, sets, policy, records.trusted_now()) if policy is not None else ()

        core.act(work, self._show)

    def leave(self) -> None:
        """Go back to the empty desk."""
        self._core.update(stage=Stage.EMPTY, standings=())
        self._core.say("message.none")

    def move(self, step: int) -> None:
        """Choose the next rule, or the one before."""
        count = len(self._core.state.standings)
        if count:
            self._core.update(standing=(self._core.state.standing + step) % count)

    def look(self) -> None:
        """Suspend what is to be suspended, and let go on what its approver answered; told where something changed."""
        sets, policy = in_force(self._ruling.sets), self._core.state.policy
        if policy is None or not sets or self._counting or self._core.records is None:
            return
        self._counting = True
        reserved = {one.source.name for one in self._ruling.sets if is_reserved(policy, one.source.handling)}

        def work(records: Records) -> tuple[tuple[Standing, ...], int]:
            _keep_orders(records, sets)
            resumed = resume_answered(records.store, sets)
            return suspend_new(records.store, sets, policy, records.trusted_now()), resumed

        def done(found: tuple[tuple[Standing, ...], int]) -> None:
            self._counting = False
            new, resumed = found
            if new or resumed:
                self._ruling.changed()
            told = [one for one in new if one.rule_set not in reserved]  # a message outlives who it was shown to
            if told:
                self._core.say("message.rule_suspended", "attention", rule=told[0].rule.id, count=str(len(told)))

        def failed(error: Exception) -> None:
            self._counting = False
            self._core.failed(error)

        self._core.record(work, done, failed)

    def _seen(self) -> tuple[LoadedRules, ...]:
        """Return the sets that whoever is signed in may see: not what a handling code keeps to supervisors."""
        return tuple(one for one in self._ruling.sets if may_see(self._core.state, one.source.handling))

    def _show(self, found: tuple[Standing, ...]) -> None:
        self._core.update(stage=Stage.RULES, standings=found, standing=0, show_lists=False)


def in_force(sets: tuple[LoadedRules, ...]) -> tuple[SetInForce, ...]:
    """Return the sets that are loaded."""
    return tuple(
        SetInForce(one.source.name, one.digest, one.evaluator.rule_set) for one in sets if one.evaluator is not None
    )


def _keep_orders(records: Records, sets: tuple[SetInForce, ...]) -> None:
    """Keep which rule has which place, so that their letters can be read when the set is another. Raises StoreError."""
    for one in sets:
        order = [(rule.id, rule.version) for rule in one.rules.rules]
        records.store.rule_counts.keep_order(one.digest, order)
