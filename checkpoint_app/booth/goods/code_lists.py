"""The lists of codes at the desk: loaded beside when the booth opens, and whenever one comes into force or goes.

Until a newer one is loaded the one before serves; before the first, every code is unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from checkpoint_app.booth.desk.core import Core
from checkpoint_app.booth.record.code_copies import KeptCodes
from checkpoint_app.cargo.code_lists import NO_CODES, Codes, codes_in, load_codes
from checkpoint_app.cargo.code_table import CodeTableError
from checkpoint_app.cargo.hs import HsList
from checkpoint_app.cargo.un_numbers import UnNumbers

log = logging.getLogger(__name__)

Mark = tuple[str, int, str]
"""What tells one list from another that is loaded already: name, version, digest of its payload."""
_Loaded = Mapping[Mark, UnNumbers | HsList]


class Coding:
    """Keeps the lists of codes in force loaded. ``codes`` may be read from any thread; all else on the UI thread."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._loaded: _Loaded = {}
        self._loading = False
        self._again = False
        self.codes: Codes = NO_CODES
        self.changed: Callable[[], None] = lambda: None

    def load(self) -> None:
        """Load what is in force and not loaded yet; called again when small lists changed."""
        if self._loading:
            self._again = True
            return
        self._loading = True
        before = self._loaded

        def read(kept: tuple[KeptCodes, ...]) -> None:
            self._core.jobs.ruling(lambda: _load(kept, before), self._show, failed)

        def failed(error: Exception) -> None:
            self._ended()
            self._core.failed(error)

        self._core.record(lambda records: records.codes(), read, failed)

    def _show(self, loaded: _Loaded) -> None:
        changed = loaded.keys() != self._loaded.keys()
        if changed:
            self._loaded = loaded
            self.codes = codes_in({mark[:2]: codes for mark, codes in loaded.items()})
            self._core.update(codes=tuple(self.codes.versions.items()))
        self._ended()
        if changed:
            self.changed()

    def _ended(self) -> None:
        self._loading = False
        if self._again:
            self._again = False
            self.load()


def _load(every: Sequence[KeptCodes], before: _Loaded) -> _Loaded:
    """Load each list, not on the UI thread; what is loaded already serves, and what can't be is left out."""
    loaded = {}
    for kept in every:
        mark = kept.name, kept.version, kept.digest
        try:
            loaded[mark] = before[mark] if mark in before else load_codes(kept.name, kept.data)
        except CodeTableError as error:
            log.warning("codes %s %d: they can't be loaded any more: %s", kept.name, kept.version, error)
    return loaded
