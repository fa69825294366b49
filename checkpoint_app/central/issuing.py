"""Versions that the centre makes of its own: the officers when they changed, a list when its agreement's term did."""

from __future__ import annotations

import hashlib
from contextlib import closing

from sqlalchemy import Connection, select

from checkpoint_app.central import acts, database, keeping, lists, officers, series
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.keeping import OFFICERS, Change, Declared
from checkpoint_app.central.lists import Published, VersionState
from checkpoint_app.central.transactions import retried
from checkpoint_app.screening.plain import canonical
from checkpoint_app.wire.header import ListKind

_ORIGINATOR = "centre"


def issue_officers(centre: Centre) -> None:
    """Make a version of the officers' list if it is not as it was issued last. Hold the lock of the lists' folder.

    It waits for no second person: whoever is disabled must be out at once.
    """
    with centre.begin() as connection:
        records = officers.records(centre, connection)
        one = keeping.declared(connection, OFFICERS)
        if one is None:
            if not any(record["officers"] for record in records):
                return
            one = Declared(OFFICERS, ListKind.OFFICERS, _ORIGINATOR)
            keeping.check(connection, one)
        every = keeping.versions(connection, OFFICERS)
        version = keeping.next_version(connection, OFFICERS, every)
    last = next(iter(every), None)
    digest = hashlib.sha256(b"\x00".join(map(canonical, records))).hexdigest()
    if last is not None and last.change.source_digest == digest:
        return
    before, records_before = (last.version, last.records) if last is not None else (0, 0)
    change = Change(0, 0, 0, before, records_before, source_digest=digest)
    keeping.keep(
        centre, one, records, version=version, issued_at=centre.now().replace(microsecond=0), calibration={},
        judge=lambda _header: change,
    )  # fmt: skip


def issue_with_new_terms(centre: Centre) -> None:
    """Issue each list anew whose agreement has another term than its newest version says: same entries, same time.

    A list whose agreement has ended is not issued again. Hold the lock of the lists' folder.
    """
    with centre.begin() as connection:
        partners = connection.scalars(
            select(database.lists.c.name).where(database.lists.c.agreement.is_not(None)).order_by(database.lists.c.name)
        ).all()
    for name in partners:
        _issue_with_new_term(centre, name)


def issue_under_new_keys(centre: Centre, name: str) -> None:
    """End the list's series; of persons issue the newest version anew under another content key, entries and time as
    before. Document numbers are hashed anew with their next import: here there are no numbers to hash.

    Hold the lock of the lists' folder. Raises CentreError where there is no such list, or one of its versions waits.
    """
    with centre.begin() as connection:
        one, newest = keeping.declared(connection, name), lists.approved(centre, connection, name)
        if one is None or newest is None or newest.withdrawn or one.kind not in lists.SCREENED:
            raise CentreError("list_unknown", f"list {name}: there is no such list of persons or document numbers", 404)
        if one.kind is ListKind.PERSONS and keeping.versions(connection, name)[0].state is VersionState.PENDING:
            raise CentreError("list_waits", f"list {name}: a version waits for approval; approve it or import again")

    def work(connection: Connection) -> None:
        series.end(connection, name)
        acts.act(centre, connection, "list keys given up", {"name": name, "version": newest.version})

    retried(centre, work)
    if one.kind is ListKind.PERSONS:
        _issue_again(centre, one, newest)


def _issue_with_new_term(centre: Centre, name: str) -> None:
    with centre.begin() as connection:
        one, newest = keeping.declared(connection, name), lists.approved(centre, connection, name)
        waits = any(each.state is VersionState.PENDING for each in keeping.versions(connection, name)[:1])
    if one is None or newest is None or newest.withdrawn or newest.agreement is None or newest.ended(centre.now()):
        return
    if waits:  # it is issued anew once it is approved; now it would be overtaken
        return
    if lists.header_of(newest).agreement != newest.agreement:
        _issue_again(centre, one, newest)


def _issue_again(centre: Centre, one: Declared, newest: Published) -> None:
    """Issue the newest version anew, with the term as it stands now: same entries, same time."""
    with centre.begin() as connection:
        every = keeping.versions(connection, one.name)
        version = keeping.next_version(connection, one.name, every)
        goes_on = series.going_on(centre, connection, one.name)
    header = lists.header_of(newest)
    last = next(each for each in every if each.version == newest.version)
    change = Change(0, 0, 0, newest.version, last.records, last.change.source_version, last.change.source_digest)
    with closing(lists.records_of(newest)) as records:
        keeping.keep(
            centre, one, records, version=version, issued_at=header.issued_at,
            calibration=header.calibration, judge=lambda _header: change, goes_on=goes_on,
            hashed_anew=False,
        )  # fmt: skip
