"""Importing: a source, once its partner's signature is proven, becomes the next version of a list.

A version that changes much waits for a second person, so that neither a slip nor one dishonest administrator empties
or floods a list. What is refused is refused whole, and nothing of it is kept.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from checkpoint_app.central import acts, database, keeping, lists, series
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.comparing import DoubledError, Fingerprints
from checkpoint_app.central.files import locked
from checkpoint_app.central.keeping import Change, Declared, Record, Version
from checkpoint_app.central.lists import VersionState
from checkpoint_app.central.numbering import numbers_of
from checkpoint_app.central.series import Series
from checkpoint_app.central.transactions import retried
from checkpoint_app.screening import ENGINE, Calibration, calibrate, entry_from_plain
from checkpoint_app.screening.plain import RecordError
from checkpoint_app.wire.header import ListKind, PackageHeader

log = logging.getLogger(__name__)

_MOST_SOURCE_VERSION = 1 << 52  # half of all numbers: those after it are the centre's own
_AHEAD = timedelta(minutes=5)  # by which a partner's clock may be before the centre's


class RefusedError(CentreError):
    """A signed set is refused whole: the signature is missing or wrong, or it is not newer than what is here."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a version is made of.

    ``records`` yields the plain records of the version of that number; each call is one pass from the start.
    ``version`` is the source's own number, 0 where it has none; ``digest`` (SHA-256, hex) tells one source from
    another. ``check`` raises RefusedError unless the source is what its partner signed; it is asked before the first
    pass and after the last. ``about`` is what the header, and the act, say of a rule set or a list of codes.
    """

    records: Callable[[int], Iterable[Record]]
    issued_at: datetime
    calibration: Calibration | None = None
    false_hits: float = 10.0
    version: int = 0
    digest: str = ""
    check: Callable[[], None] = field(default=lambda: None)
    about: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made. ``twice`` counts document numbers that were given again, and stand in the list once."""

    header: PackageHeader
    state: VersionState
    change: Change
    twice: int = 0


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The version in force that the next is compared with, and the series that it may go on with.

    ``lost`` is the row of one whose package can't be read any more: all of the next one is new then.
    """

    version: lists.Published | None = None
    series: Series | None = None
    lost: Version | None = None

    @property
    def before(self) -> tuple[int, int]:
        """Its number and how many entries it has; 0 where there is none."""
        if self.lost is not None:
            return self.lost.version, self.lost.records
        return (self.version.version, lists.header_of(self.version).entries) if self.version is not None else (0, 0)


@dataclass(frozen=True, slots=True)
class _Making:
    """A version's records and calibration, what tells how many it adds, removes and changes, and its series."""

    records: Iterable[Record]
    calibration: Mapping[str, int | str]
    against: Callable[[], tuple[int, int, int]]
    goes_on: Series | None
    twice: int = 0
    kinds: Callable[[], Mapping[str, int]] = dict
    """Asked for after ``against``."""


def import_version(centre: Centre, one: Declared, material: Material) -> Imported:
    """Make the next version of the list, which is declared with its first.

    Raises RefusedError, CentreError (also for one that is declared otherwise), OSError; then nothing is kept.
    """
    with locked(centre.folder / "lists"):
        keeping.sweep(centre)
        with centre.begin() as connection:
            keeping.check(connection, one)
            check_term(centre, connection, one)
            every = keeping.versions(connection, one.name)
            version = max(material.version, keeping.next_version(connection, one.name, every))
        material.check()
        _check_newer(centre, one, material, every)
        try:
            return _make(centre, one, material, version, _earlier(centre, one.name))
        except (RecordError, DoubledError) as error:
            raise RefusedError("list_malformed", f"list {one.name}: {error}") from error


def approve(centre: Centre, name: str, version: int) -> Version:
    """Approve a version that waits, as another person than who imported it. Raises CentreError."""

    def work(connection: Connection) -> Version:
        waiting = next((one for one in keeping.versions(connection, name) if one.version == version), None)
        if waiting is None or waiting.state is not VersionState.PENDING:
            raise CentreError("not_pending", f"list {name}: no version {version} waits for approval", 404)
        if waiting.imported_by == acts.who():
            message = f"list {name} {version}: who imported it can't approve it; ask another administrator"
            raise CentreError("same_person", message, 403)
        table = database.versions
        mine = (table.c.list == name) & (table.c.version == version)
        values = {"state": VersionState.READY.value, "approved_by": acts.who()}
        connection.execute(update(table).where(mine).values(**values))
        acts.act(centre, connection, "list approved", {"name": name, "version": version})
        return waiting

    return retried(centre, work)


def check_term(centre: Centre, connection: Connection, one: Declared) -> None:
    """Raise RefusedError where the agreement that the list rests on has ended."""
    term = keeping.term_of(connection, one)
    if term is not None and centre.now() >= term.ends_at:
        message = f"list {one.name}: its agreement {term.name} ended at {term.ends_at:%Y-%m-%d %H:%M} UTC"
        raise RefusedError("agreement_ended", message)


def _check_newer(centre: Centre, one: Declared, material: Material, every: list[Version]) -> None:
    """Refuse what an old or future source would put in the place of a newer one."""
    if material.issued_at > centre.now() + _AHEAD:
        raise RefusedError("list_future", f"list {one.name}: it says it was issued in the future; check the clocks")
    if material.version > _MOST_SOURCE_VERSION:
        raise RefusedError("list_version", f"list {one.name}: nothing can follow {material.version}; number it lower")
    known = [each for each in every if each.state is not VersionState.REFUSED]
    if not known:
        return
    newest = known[0]
    if material.issued_at < newest.issued_at:
        message = f"list {one.name}: version {newest.version} was issued later, {newest.issued_at:%Y-%m-%d %H:%M} UTC"
        raise RefusedError("list_older", message)
    if 0 < material.version <= newest.change.source_version:
        message = f"list {one.name}: version {newest.change.source_version} is here already; this is {material.version}"
        raise RefusedError("list_older", message)
    if one.partner_key is not None and not material.version:
        again = [each.version for each in known if each.change.source_digest == material.digest]
        if again and again[0] != newest.version:
            raise RefusedError("list_older", f"list {one.name}: this source is that of the older version {again[0]}")


def _earlier(centre: Centre, name: str) -> _Earlier:
    """Return what the list's next version is compared with; a damaged one stands in no import's way."""
    with centre.begin() as connection:
        newest = keeping.newest_approved(connection, name)
        try:
            before = lists.approved(centre, connection, name)
            if before is None:
                return _Earlier()
            goes_on = series.going_on(centre, connection, name)
            lists.check_whole(before)
        except CentreError as error:
            log.warning("%s", error)
            return _Earlier(lost=newest)
    return _Earlier(before, goes_on)


def _make(centre: Centre, one: Declared, material: Material, version: int, earlier: _Earlier) -> Imported:
    with _making(centre, one, material, version, earlier) as making:

        def judge(header: PackageHeader) -> Change:
            if not header.entries:
                raise CentreError("list_empty", f"list {one.name}: nothing could be read from the source")
            material.check()
            before, records_before = earlier.before
            added, removed, changed = making.against() if earlier.lost is None else (header.entries, records_before, 0)
            return Change(
                added=added,
                removed=removed,
                changed=changed,
                before=before,
                records_before=records_before,
                source_version=material.version,
                source_digest=material.digest,
                kinds=making.kinds(),
            )

        header, change, state = keeping.keep(
            centre, one, making.records, version=version, issued_at=material.issued_at,
            calibration=making.calibration, judge=judge, goes_on=making.goes_on, about=material.about,
        )  # fmt: skip
    return Imported(header, state, change, making.twice)


@contextmanager
def _making(centre: Centre, one: Declared, material: Material, version: int, earlier: _Earlier) -> Iterator[_Making]:
    before = earlier.version
    if one.kind is ListKind.DOCUMENTS:
        folder, go_on = centre.folder / "lists", earlier.series is not None
        with numbers_of(folder, lambda: material.records(version), before, go_on=go_on) as numbers:
            goes_on = earlier.series if numbers.goes_on else None
            yield _Making(numbers.records, numbers.counts, numbers.against, goes_on, numbers.twice)
        return
    calibration = _calibration(one, material, version)
    key = Fingerprints.new_key()
    prints, old_prints = Fingerprints(one.kind, key), Fingerprints(one.kind, key)

    def against() -> tuple[int, int, int]:
        deque(old_prints.noting(lists.records_of(before) if before is not None else ()), maxlen=0)
        return prints.against(old_prints)

    def kinds() -> Mapping[str, int]:
        return prints.kinds_against(old_prints) if one.kind is ListKind.PERSONS else {}

    yield _Making(prints.noting(material.records(version)), calibration, against, earlier.series, kinds=kinds)


def _calibration(one: Declared, material: Material, version: int) -> Mapping[str, int | str]:
    if one.kind is not ListKind.PERSONS:
        return material.about
    if material.calibration is None:
        entries = map(entry_from_plain, material.records(version))
        return calibrate(entries, false_hits_per_10000=material.false_hits).to_plain()
    if material.calibration.engine != ENGINE:
        raise CentreError("calibration_other", f"list {one.name}: the calibration is of another engine; leave it out")
    return material.calibration.to_plain()
