"""Ctrl+H: the year of the line, and the last drill; and what commands ask the window of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.drills.drill import BY_COMMAND, Drilling, RefusedDrillError
from checkpoint_app.booth.drills.drill_report import report
from checkpoint_app.booth.drills.window_request import Request, Wants, answer, forget, take
from checkpoint_app.booth.line.outage_year import Year, told_year, year_of
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.store.line_history import DrillRow

log = logging.getLogger(__name__)
FAILED = "failed"
Found = tuple[Year, DrillRow | None]


class LookingBack:
    """Shows the history of the line, and answers commands. Lives on the UI thread."""

    def __init__(self, core: Core, folder: Path, drilling: Drilling) -> None:
        self._core = core
        self._folder = folder
        self._drilling = drilling
        drilling.ended = self.refresh

    def open(self) -> None:
        """Show the year; on it: go back."""
        if self._core.state.stage is Stage.HISTORY:
            self.leave()
        else:
            self._core.act(_found, self._show)

    def leave(self) -> None:
        """Go back to the empty desk."""
        self._core.update(stage=Stage.EMPTY)
        self._core.say("message.none")

    def refresh(self) -> None:
        """Bring what is shown up to date."""
        self._core.record(_found, self._take)

    def _take(self, found: Found) -> None:
        year, drill = found
        self._core.update(year=year, last_drill=drill)

    def _show(self, found: Found) -> None:
        self._take(found)
        self._core.update(stage=Stage.HISTORY, show_lists=False)

    # -- commands --------------------------------------------------------------------------------------------------

    def forget_requests(self) -> None:
        """Let a request go that was left before this run: nobody waits for it any more."""
        forget(self._folder)

    def look(self) -> None:
        """Once a second: answer the command that asks, if one does."""
        if self._core.records is None:
            return
        self._core.record(lambda _records: take(self._folder), self._asked, lambda _error: None)

    def _asked(self, request: Request | None) -> None:
        if request is None:
            return
        if request.wants is Wants.DRILL:
            self._drill(request)
        elif request.wants is Wants.LAST_DRILL:
            self._tell(request, lambda records: report(records.store.line_history.last_drill()))
        else:
            self._tell(request, lambda records: told_year(records.store))

    def _drill(self, request: Request) -> None:
        def begun() -> None:
            self._tell(request, lambda _records: {"minutes": request.minutes})

        try:
            self._drilling.begin(request.minutes, BY_COMMAND, begun, lambda _error: self._refuse(request, FAILED))
        except RefusedDrillError as refused:
            self._refuse(request, refused.why)

    def _refuse(self, request: Request, why: str) -> None:
        self._record(lambda _records: answer(self._folder, request, None, why))

    def _tell(self, request: Request, facts: Callable[[Records], dict[str, Any]]) -> None:
        self._record(lambda records: answer(self._folder, request, facts(records)))

    def _record(self, work: Callable[[Records], None]) -> None:
        self._core.record(
            work, lambda _none: None, lambda error: log.warning("a command got no answer: %s", type(error).__name__)
        )


def _found(records: Records) -> Found:
    history = records.store.line_history
    return year_of(history.changes(), records.trusted_now()), history.last_drill()
