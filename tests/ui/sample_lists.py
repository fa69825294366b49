"""Samples of the lists at the empty desk: one that comes over a slow line, what ends soon, what is closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from checkpoint_app.booth.lists.list_updates import Progress
from checkpoint_app.booth.present.desk_view import present
from checkpoint_app.booth.view.screen import DeskView
from checkpoint_app.screening.checks import LoadedList
from checkpoint_app.sync.bringing import Bringing
from checkpoint_app.verdict import Agreement, NotDone
from tests.booth.states import NOW, source, state
from tests.ui.sample_states import empty

_AGREED = Agreement("Demo", NOW - timedelta(days=300), NOW + timedelta(days=5))


def _listed(name: str, kind: str = "persons", **changes: object) -> LoadedList:
    return replace(LoadedList(kind, source(name), persons=object()), **changes)  # type: ignore[arg-type]


def lists_coming(lang: str) -> DeskView:
    """A long list on its way while another is built; an agreement and a lease near their ends."""
    lists = (_listed("ECU", agreement=_AGREED, lease_ends_at=NOW + timedelta(days=4)), _listed("INTL", "documents"))
    coming = Bringing("ECU", 90, 12_400_000, 78_000_000, 7_900.0, 8_300.0)
    building = Progress("INTL", 88, 1_240_000, 2_000_000)
    return _shown(lang, lists=lists, bringing=coming, building=building)


def lists_closed(lang: str) -> DeskView:
    """The lease has ended, and so has an agreement."""
    lists = (
        _listed("ECU", bar=NotDone.LEASE_ENDED),
        _listed("INTL", "documents", bar=NotDone.LEASE_ENDED),
        _listed("USA", bar=NotDone.AGREEMENT_ENDED),
    )
    return _shown(lang, lists=lists)


def _shown(lang: str, **changes: object) -> DeskView:
    shown = present(state(language=lang, **changes))
    return replace(empty(lang), panel=shown.panel, status=shown.status, message=shown.message)
