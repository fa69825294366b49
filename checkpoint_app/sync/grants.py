"""The keys that the centre grants this booth, put beside the packages that they open."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path

from checkpoint_app.store.files import open_regular, write_whole
from checkpoint_app.sync.download import disk_faults
from checkpoint_app.sync.line import Line
from checkpoint_app.sync.list_faults import Fault, FetchError
from checkpoint_app.sync.offers import MAX_LISTS, Offer
from checkpoint_app.wire.api import GRANTS, Grants
from checkpoint_app.wire.grant import MAX_GRANT_BYTES, GrantError, KeyGrant, read_grant
from checkpoint_app.wire.repository import GRANT_ENDING

MOST_BYTES = 2 * MAX_LISTS * MAX_GRANT_BYTES


class RoundGrants:
    """The grants of one round, asked for once and only when one is needed.

    Whether the publisher signed a grant is judged where it opens something; here it only has to fit.
    """

    def __init__(self, line: Line, booth: str, now: datetime) -> None:
        self._line = line
        self._booth = booth
        self._now = now

    def put(self, inbox: Path, offer: Offer) -> None:
        """Put this booth's key to the package into ``inbox``, if it is sealed. Raises FetchError, LineError."""
        if not offer.listed.key_id:
            return
        fitting = [(grant, data) for grant, data in self._all if self._fits(grant, offer)]
        if not fitting:
            raise FetchError(Fault.NO_GRANT, f"list {offer.name}")
        _, data = max(fitting, key=lambda pair: pair[0].not_after)
        with disk_faults(f"list {offer.name}"):
            write_whole(_place(inbox, offer), data)

    def serve_in(self, inbox: Path, offer: Offer) -> bool:
        """Return whether the grant that lies in ``inbox`` opens the package now, or none is needed."""
        if not offer.listed.key_id:
            return True
        try:
            with open_regular(_place(inbox, offer)) as file:
                return self._fits(read_grant(file.read(MAX_GRANT_BYTES + 1)), offer)
        except (OSError, GrantError):  # as good as none: a new one takes its place
            return False

    def _fits(self, grant: KeyGrant, offer: Offer) -> bool:
        wanted = (offer.name, offer.listed.key_id, self._booth)
        return (grant.list_name, grant.key_id, grant.booth) == wanted and self._now < grant.not_after

    @functools.cached_property
    def _all(self) -> list[tuple[KeyGrant, bytes]]:
        reply = self._line.get(Grants, GRANTS, most=MOST_BYTES).value
        return [one for text in (reply.grants if reply else ()) if (one := _read(text)) is not None]


def _place(inbox: Path, offer: Offer) -> Path:
    return inbox / f"{offer.name}{GRANT_ENDING}"


def _read(text: str) -> tuple[KeyGrant, bytes] | None:
    """Return the grant that ``text`` is, None for anything else: its list then has no grant."""
    data = text.encode()
    try:
        return read_grant(data), data
    except GrantError:
        return None
