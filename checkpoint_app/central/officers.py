"""The officers that the centre lets sign in at its booths, and a supervisor's unlock for a booth without a line.

The booths take them over as one signed list (`records`), in which only those stand who may sign in now: whoever is
disabled is left out rather than ended, so that no booth's clock decides whether the disabling counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from checkpoint_app.central import acts, database
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.pin import is_verifier
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.unlock import CHALLENGE_DIGITS, unlock_code

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_CHALLENGE = re.compile(rf"[0-9]{{{CHALLENGE_DIGITS}}}")
_MOST_NAME = 100
_MOST_SEALED = 4096


class Role(StrEnum):
    """What an officer may do at a booth."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Person:
    """What is sealed of an officer. ``verifier`` is a text of `wire.pin`."""

    name: str = field(repr=False)
    role: Role
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer. ``ends_at`` is the first moment too late; ``disabled_at`` is None for one who is not disabled."""

    id: str
    person: Person
    ends_at: datetime
    disabled_at: datetime | None

    def may_sign_in(self, now: datetime) -> bool:
        """Tell whether a booth may let the officer sign in at ``now``."""
        return self.disabled_at is None and now < self.ends_at


def add(centre: Centre, connection: Connection, officer_id: str, person: Person, ends_at: datetime) -> None:
    """Add an officer, as one act. Raises CentreError for an id in use, or what is no id, name, verifier or end."""
    if not _ID.fullmatch(officer_id):
        raise CentreError(
            "officer_id", "an officer's id has 1 to 32 letters, digits, dots, dashes and underscores, the first no sign"
        )
    if not (0 < len(person.name) <= _MOST_NAME and person.name.isprintable() and person.name.strip() == person.name):
        raise CentreError("officer_name", f"officer {officer_id}: a name has 1 to {_MOST_NAME} printable characters")
    _check_verifier(officer_id, person.verifier)
    _check_end(centre, officer_id, ends_at)
    if _row(connection, officer_id) is not None:
        raise CentreError("officer_exists", f"officer {officer_id}: there is one of this id; take another id")
    row = {"id": officer_id, "sealed": _sealed(centre, officer_id, person), "ends_at": to_plain(ends_at)}
    connection.execute(database.officers.insert().values(**row))
    acts.act(
        centre,
        connection,
        "officer added",
        {"officer": officer_id, "role": person.role.value, "ends_at": to_plain(ends_at)},
    )


def disable(centre: Centre, connection: Connection, officer_id: str) -> None:
    """Keep an officer from signing in, from the next list that reaches a booth on. Raises CentreError."""
    if get(centre, connection, officer_id).disabled_at is not None:
        raise CentreError("officer_disabled", f"officer {officer_id}: already disabled")
    _change(connection, officer_id, disabled_at=to_plain(centre.now()))
    acts.act(centre, connection, "officer disabled", {"officer": officer_id})


def enable(centre: Centre, connection: Connection, officer_id: str, ends_at: datetime | None = None) -> None:
    """Let an officer sign in again, with a new end if one is given. Raises CentreError."""
    kept = get(centre, connection, officer_id)
    ends_at = ends_at or kept.ends_at
    _check_end(centre, officer_id, ends_at)
    _change(connection, officer_id, disabled_at=None, ends_at=to_plain(ends_at))
    acts.act(centre, connection, "officer enabled", {"officer": officer_id, "ends_at": to_plain(ends_at)})


def set_verifier(centre: Centre, connection: Connection, officer_id: str, verifier: str) -> None:
    """Give an officer another PIN. Raises CentreError."""
    _check_verifier(officer_id, verifier)
    person = replace(get(centre, connection, officer_id).person, verifier=verifier)
    _change(connection, officer_id, sealed=_sealed(centre, officer_id, person))
    acts.act(centre, connection, "officer's PIN changed", {"officer": officer_id})


def get(centre: Centre, connection: Connection, officer_id: str) -> Officer:
    """Return an officer. Raises CentreError where there is none."""
    row = _row(connection, officer_id)
    if row is None:
        raise CentreError("officer_unknown", f"officer {officer_id}: there is none; see central officers", 404)
    return _read(centre, row)


def all(centre: Centre, connection: Connection) -> list[Officer]:  # noqa: A001 - read as officers.all
    """Return every officer, disabled or not, by id."""
    rows = connection.execute(select(database.officers).order_by(database.officers.c.id))
    return [_read(centre, row) for row in rows]


def records(centre: Centre, connection: Connection) -> list[dict[str, Any]]:
    """Return the one record of the officers' list, as a booth reads it: those who may sign in now, by id."""
    now = centre.now()
    listed = [one for one in all(centre, connection) if one.may_sign_in(now)]
    return [{"officers": [{"id": one.id, **to_plain(one.person), "ends_at": to_plain(one.ends_at)} for one in listed]}]


def unlock(
    centre: Centre, connection: Connection, officer_id: str, *, booth: str, challenge: str, supervisor_id: str
) -> str:
    """Return the code that unlocks an officer at ``booth``, whose screen shows ``challenge``. Raises CentreError.

    Who vouches is an enabled supervisor, and another person. The act records the unlock, never the code.
    """
    if not _CHALLENGE.fullmatch(challenge):
        raise CentreError("challenge", f"--challenge: the booth shows {CHALLENGE_DIGITS} digits; ask for them again")
    now = centre.now()
    supervisor = get(centre, connection, supervisor_id)
    if supervisor.person.role is not Role.SUPERVISOR or not supervisor.may_sign_in(now):
        raise CentreError("no_supervisor", f"officer {supervisor_id}: not a supervisor in office; another must vouch")
    if supervisor_id == officer_id:
        raise CentreError("no_supervisor", f"officer {officer_id}: nobody unlocks themselves; another must vouch")
    if not get(centre, connection, officer_id).may_sign_in(now):
        raise CentreError("officer_disabled", f"officer {officer_id}: disabled or ended; enable the officer first")
    code = unlock_code(_unlock_key(centre, connection, booth), booth, officer_id, challenge)
    about = {"officer": officer_id, "booth": booth, "supervisor": supervisor_id, "challenge": challenge}
    acts.act(centre, connection, "officer unlocked", about)
    return code


def _unlock_key(centre: Centre, connection: Connection, booth: str) -> bytes:
    state = connection.scalar(select(database.booths.c.state).where(database.booths.c.name == booth))
    if state is None:
        raise CentreError("booth_unknown", f"booth {booth}: no such booth is enrolled; see central booths", 404)
    if state != BoothState.CONFIRMED:
        raise CentreError("booth_not_confirmed", f"booth {booth}: {state}; only a confirmed booth is unlocked")
    key = centre.secret(connection, f"unlock {booth}")
    if key is None:
        raise CentreError("unlock_key_missing", f"booth {booth}: it has no unlock key; enrol it anew")
    return key


def _check_verifier(officer_id: str, verifier: str) -> None:
    if not is_verifier(verifier):
        raise CentreError("officer_verifier", f"officer {officer_id}: the verifier is no argon2id text within bounds")


def _check_end(centre: Centre, officer_id: str, ends_at: datetime) -> None:
    if ends_at <= centre.now():
        raise CentreError("officer_ends", f"officer {officer_id}: the end is over already; give a later --ends")


def _row(connection: Connection, officer_id: str) -> Row[Any] | None:
    return connection.execute(select(database.officers).where(database.officers.c.id == officer_id)).one_or_none()


def _change(connection: Connection, officer_id: str, **values: Any) -> None:
    connection.execute(update(database.officers).where(database.officers.c.id == officer_id).values(**values))


def _sealed(centre: Centre, officer_id: str, person: Person) -> bytes:
    return centre.vault.seal(canonical_bytes(to_plain(person)), f"officer {officer_id}")


def _read(centre: Centre, row: Row[Any]) -> Officer:
    data = centre.vault.open(row.sealed, f"officer {row.id}")
    disabled_at = None if row.disabled_at is None else from_plain(datetime, row.disabled_at)
    person = from_plain(Person, read_canonical(data, _MOST_SEALED))
    return Officer(row.id, person, from_plain(datetime, row.ends_at), disabled_at)
