"""Publishing: the newest versions of the lists go to the booths through the repository, and stay signed in time.

What is published follows from the database alone; the repository is brought to it. So a publication that was cut off
at any instant is simply done again, and until ``timestamp.json`` is replaced the old state is served.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select, update
from tuf.api.metadata import DelegatedRole, Delegations, Targets

from checkpoint_app.central import (
    acts,
    carrying,
    certifying,
    database,
    ending,
    issuing,
    keeping,
    lists,
    series,
    targets,
)
from checkpoint_app.central.centre import Centre, CentreError, fact, keep_fact
from checkpoint_app.central.files import locked
from checkpoint_app.central.keeping import Declared
from checkpoint_app.central.lists import Published, VersionState
from checkpoint_app.central.repository import ROLES, SNAPSHOT, TARGETS, TIMESTAMP, YEAR, Repository, Served, public_key
from checkpoint_app.central.transactions import retried
from checkpoint_app.verdict.agreement import Agreement
from checkpoint_app.wire.booths import BOOTHS
from checkpoint_app.wire.clearance import CLEARANCES
from checkpoint_app.wire.repository import BY_HAND, path_pattern

log = logging.getLogger(__name__)

_ROOT = "repository root"


@dataclass(frozen=True, slots=True)
class _Going:
    """A list that goes to the booths: its newest approved version, its publisher, its term."""

    declared: Declared
    version: int
    state: VersionState
    signer: Ed25519PrivateKey
    term: Agreement | None

    @property
    def name(self) -> str:
        return self.declared.name

    def ended(self, now: datetime) -> bool:
        return self.term is not None and now >= self.term.ends_at


def create_repository(centre: Centre, connection: Connection) -> bytes:
    """Make the repository with its keys, without a list yet; return the bytes of its first root, for the anchors.

    One that is there already is left as it is. Raises OSError.
    """
    kept = fact(connection, _ROOT)
    if kept is not None:
        return kept.encode()
    for role in ROLES:
        centre.keep_secret(connection, _secret(role), Ed25519PrivateKey.generate().private_bytes_raw())
    data = _repository(centre, connection).create()
    keep_fact(connection, _ROOT, data.decode())
    return data


def root(_centre: Centre, connection: Connection) -> bytes:
    """Return the bytes of the first root, which booths get at enrolment. Raises CentreError before there is one."""
    kept = fact(connection, _ROOT)
    if kept is None:
        raise CentreError("repository_missing", "repository: there is none; `checkpoint central init` makes it")
    return kept.encode()


def publish(centre: Centre, *, restored: bool = False, new_keys: Sequence[str] = ()) -> list[str]:
    """Bring the newest ready versions of all lists that are not silent to the booths, officers and clearances too.

    ``restored``: the centre was put back to a backup, and its booths have seen more than it knows. Then the keys that
    tell what is newest are new, so that they take it; lists go on with numbers that none of them has; what was allowed
    once is allowed no more. ``new_keys``: lists whose keys are to be used no more (`issuing.issue_under_new_keys`).

    Returns what was brought, such as ``ECU 89``. A list whose agreement has ended is not renewed: its role's metadata
    ends with it. Raises CentreError, OSError; then the state before is served.
    """
    with locked(centre.folder / "lists"):
        if restored:  # and nothing is issued: what was decided since, such as who is disabled, is not known here yet
            retried(centre, lambda connection: _note_restored(centre, connection))
        else:
            retried(centre, lambda connection: ending.purge(centre, connection))
            issuing.issue_officers(centre)
            certifying.issue(centre)
            issuing.issue_with_new_terms(centre)
            for name in new_keys:
                issuing.issue_under_new_keys(centre, name)
            carrying.issue(centre)
        return _brought(centre, lambda _name: True, anew=restored)


def publish_list(centre: Centre, name: str) -> list[str]:
    """Bring the newest ready version of one list to the booths, and nothing else.

    Returns what was brought. Raises CentreError, OSError; then the state before is served.
    """
    with locked(centre.folder / "lists"):
        return _brought(centre, lambda each: each == name)


def publish_booths(centre: Centre) -> list[str]:
    """Bring the list of booths to the booths if it does not say how they stand now, and nothing else.

    Returns what was brought. Raises CentreError, OSError; then the state before is served.
    """
    with locked(centre.folder / "lists"):
        certifying.issue(centre)
        return _brought(centre, lambda name: name == BOOTHS)


def publish_clearances(centre: Centre) -> list[str]:
    """Bring the list of clearances to the booths if it does not say what holds now, and nothing else.

    Returns what was brought. Raises CentreError, OSError; then the state before is served.
    """
    with locked(centre.folder / "lists"):
        carrying.issue(centre)
        return _brought(centre, lambda name: name == CLEARANCES)


def _brought(centre: Centre, wanted: Callable[[str], bool], *, anew: bool = False) -> list[str]:
    """Bring the newest ready versions of those lists whose name is ``wanted``; the lists' folder is locked."""
    with locked(centre.folder / "repository"):
        with centre.begin() as connection:
            repository = _repository(centre, connection)
            going = [one for one in _going(centre, connection) if wanted(one.name)]
            purged = ending.purged(centre, connection)
            over = _over(centre, connection, [name for name in purged if wanted(name)])
        served = repository.served()
        brought = _bring(centre, repository, served, going, over, anew=anew)
        retried(centre, lambda connection: _note(centre, connection, going, brought))
        repository.prune()
        targets.prune(repository, served, purged)
    keeping.sweep(centre)
    return [f"{one.name} {one.version}" for one in brought]


def not_noted(centre: Centre, connection: Connection) -> list[Published]:
    """Return the versions that booths are served and that no publication noted: it is under way, or was cut off there.

    Raises CentreError.
    """
    ready = lists.going_out(centre, connection)
    if not ready:
        return []
    roles = _repository(centre, connection).served().roles
    return [one for one in ready if one.name in roles and _version_of(roles[one.name], one.name) == one.version]


def renew(centre: Centre) -> list[str]:
    """Sign anew what has less than half of its time left, and return those roles. Raises CentreError, OSError.

    Timestamp and snapshot live 14 days, root, targets and the roles without an agreement a year.
    """
    with locked(centre.folder / "repository"):
        with centre.begin() as connection:
            repository = _repository(centre, connection)
            going = _going(centre, connection)
        now, served = centre.now(), repository.served()
        renewed = []
        if _fades(repository.root().expires, YEAR, now):
            repository.renew_root()
            renewed.append("root")
        roles = {one.name: one for one in going if one.term is None and one.name in served.roles}
        fading = [one for name, one in roles.items() if _fades(served.roles[name].expires, YEAR, now)]
        top = _fades(served.targets.expires, YEAR, now)
        if fading or top or _fades(min(served.timestamp.expires, served.snapshot.expires), BY_HAND, now):
            signed = {one.name: (_again(repository, served.roles[one.name], now + YEAR), one.signer) for one in fading}
            repository.commit(served, signed, served.targets.delegations if top else None)
            renewed += [*(one.name for one in fading), *([TARGETS] if top else []), SNAPSHOT, TIMESTAMP]
            repository.prune()
    return renewed


def _fades(expires: datetime, lifetime: timedelta, now: datetime) -> bool:
    return expires - now < lifetime / 2


def _going(centre: Centre, connection: Connection) -> list[_Going]:
    """Return the lists that booths may have, in order of name. Silent ones never are among them."""
    lists = database.lists
    going = []
    for name in connection.scalars(select(lists.c.name).where(lists.c.silent.is_(False)).order_by(lists.c.name)).all():
        declared, newest = keeping.declared(connection, name), keeping.newest_approved(connection, name)
        if declared is not None and newest is not None:
            signer, term = keeping.publisher(centre, connection, name), keeping.term_of(connection, declared)
            going.append(_Going(declared, newest.version, newest.state, signer, term))
    return going


def _over(
    centre: Centre, connection: Connection, purged: Iterable[str]
) -> dict[str, tuple[datetime, Ed25519PrivateKey]]:
    """Return of the lists ``purged`` when their term ended, and who signs for them: booths still have to hear of it."""
    found = {}
    for name in purged:
        declared = keeping.declared(connection, name)
        term = keeping.term_of(connection, declared) if declared is not None else None
        if term is not None:
            found[name] = term.ends_at, keeping.publisher(centre, connection, name)
    return found


def _bring(
    centre: Centre,
    repository: Repository,
    served: Served,
    going: list[_Going],
    over: Mapping[str, tuple[datetime, Ed25519PrivateKey]],
    *,
    anew: bool = False,
) -> list[_Going]:
    """Write what booths lack and lead them to it in one step; return the lists whose version is new to them.

    ``over`` are lists of which nothing is left, with their ends. ``anew``: also where that is nothing, for the keys
    have changed.
    """
    now = centre.now()
    brought, roles = [], {}
    for one in going:
        role = served.roles.get(one.name)
        if not one.ended(now) and (role is None or _version_of(role, one.name) < one.version):
            brought.append(one)
            roles[one.name] = _role(centre, repository, one, role, one.term.ends_at if one.term else now + YEAR)
        elif role is not None and one.term is not None and role.expires != _seconds(one.term.ends_at):
            roles[one.name] = (_again(repository, role, one.term.ends_at), one.signer)
    for name, (ends_at, signer) in over.items():
        role = served.roles.get(name)
        if role is not None and role.expires != _seconds(ends_at):
            roles[name] = (_again(repository, role, ends_at), signer)
    new = [one for one in brought if one.name not in served.roles]
    if roles or anew:
        repository.commit(served, roles, _delegations(served, new) if new else None)
    return brought


def _role(
    centre: Centre, repository: Repository, one: _Going, before: Targets | None, expires: datetime
) -> tuple[Targets, Ed25519PrivateKey]:
    """Return the metadata by which the list's role serves its newest version, and the key that signs it."""
    with centre.begin() as connection:
        whole = lists.of_version(centre, connection, one.name, one.version)
        base = _base(centre, connection, one.name, before)
    if whole is None:
        raise CentreError("list_gone", f"list {one.name} {one.version}: it is no more; publish again")
    package = targets.put_package(repository, whole, one.signer)
    steps = targets.put_deltas(repository, before, base, whole, one.signer)
    version = repository.after(before.version if before is not None else 0)
    served = {target.path: target for target in (package, *steps)}
    return Targets(version=version, expires=_seconds(expires), targets=served), one.signer


def _base(centre: Centre, connection: Connection, name: str, before: Targets | None) -> Published | None:
    """Return the version that the list's role serves, while it is kept; without it there is no delta."""
    try:
        return lists.of_version(centre, connection, name, _version_of(before, name)) if before is not None else None
    except CentreError as error:  # its key is gone
        log.warning("%s", error)
        return None


def _again(repository: Repository, role: Targets, expires: datetime) -> Targets:
    """Return the same role's next version, with another end."""
    return Targets(version=repository.after(role.version), expires=_seconds(expires), targets=role.targets)


def _seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)  # expiry in metadata has whole seconds


def _version_of(role: Targets, name: str) -> int:
    """Return the version of the list that ``role`` serves."""
    return targets.served_list(role, name).version


def _delegations(served: Served, new: Iterable[_Going]) -> Delegations:
    before = served.targets.delegations
    keys, roles = dict(before.keys if before else {}), dict((before.roles or {}) if before else {})
    for one in new:
        key = public_key(one.signer)
        keys[key.keyid] = key
        roles[one.name] = DelegatedRole(one.name, [key.keyid], 1, terminating=True, paths=[path_pattern(one.name)])
    return Delegations(keys, roles)


def _note(centre: Centre, connection: Connection, going: list[_Going], brought: list[_Going]) -> None:
    """Note what booths are served now, and give up what is older than the version before it."""
    versions, now = database.versions, centre.now()
    ready = [one for one in going if one.state is VersionState.READY and not one.ended(now)]
    for one in ready:
        mine = (versions.c.list == one.name) & (versions.c.version == one.version)
        connection.execute(update(versions).where(mine).values(state=VersionState.PUBLISHED.value))
    for one in (one for one in going if one in ready or one in brought):  # also what was cut off before it was noted
        acts.act(centre, connection, "list published", {"name": one.name, "version": one.version})
    for row in connection.execute(select(database.lists.c.name, database.lists.c.silent)).all():
        _give_up(centre, connection, row.name, VersionState.READY if row.silent else VersionState.PUBLISHED)


def _give_up(centre: Centre, connection: Connection, name: str, used: VersionState) -> None:
    """Give up the versions older than the one before the newest that is ``used``; of a withdrawn list all of them."""
    kept = [each for each in keeping.versions(connection, name) if each.state is used]
    if kept and kept[0].change.withdrawn:
        keeping.retire(centre, connection, name, kept[0].version)
    elif len(kept) > 1:
        keeping.retire(centre, connection, name, kept[1].version)


def _note_restored(centre: Centre, connection: Connection) -> None:
    """Note what must not go on as in the backup: keys of short signatures, versions of lists, allowances used since."""
    for role in (SNAPSHOT, TIMESTAMP):
        centre.forget_secret(connection, _secret(role))
        centre.keep_secret(connection, _secret(role), Ed25519PrivateKey.generate().private_bytes_raw())
    connection.execute(update(database.booths).values(new_chain_allowed=False))
    series.end_all(connection)
    acts.act(centre, connection, "centre restored", {"versions_left_out": keeping.leave_gap(connection)})


def _repository(centre: Centre, connection: Connection) -> Repository:
    keys = {}
    for role in ROLES:
        raw = centre.secret(connection, _secret(role))
        if raw is None:
            raise CentreError("repository_missing", "repository: there is none; `checkpoint central init` makes it")
        keys[role] = Ed25519PrivateKey.from_private_bytes(raw)
    return Repository(centre.folder / "repository", keys, centre.now())


def _secret(role: str) -> str:
    return f"repository {role}"
