"""Screenings outside an Encounter: spread over the workers in pieces, put together again, and put on record.

On record is who asked about how many, why, and against which versions: an act, with nothing of the people in it. What
a silent list knows of one of them becomes a case at the centre, and changes nothing in the reply.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from checkpoint_app.central import acts, cases, database
from checkpoint_app.central.auth import Caller
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.held import InForce, SilentHit
from checkpoint_app.central.jobs import Answered, Asked, Kind, parsed
from checkpoint_app.documents import MrzError, parse_mrz
from checkpoint_app.screening.checks import asks_for
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.case import DUE, LEFT_OPEN, Case, CaseKind, case_id
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.screening import MAX_SCREENING_BYTES, Screening, ScreeningSubject

SCREENED = "people screened"
PIECE = 10
"""So many subjects are one piece of work: a question that comes meanwhile waits for no more than these."""
KEPT_FOR = timedelta(days=1)
"""So long the same request is known again by its id; the act stays."""
_TABLE = database.screenings
_BEFORE = select(_TABLE).where(_TABLE.c.booth == bindparam("booth"), _TABLE.c.id == bindparam("id"))
_OLD = delete(_TABLE).where(_TABLE.c.at < bindparam("before"))
_NEW = _TABLE.insert()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the subjects asked about, beginning at ``first``."""

    first: int
    subjects: tuple[ScreeningSubject, ...]

    def asked(self, booth: str, now: datetime) -> Asked:
        """Return it as work for the lists."""
        return Asked(Kind.SUBJECTS, booth, now, len(self.subjects), canonical_bytes(to_plain(self.subjects)))


@dataclass(frozen=True, slots=True)
class Access:
    """One access, as it is put on record. ``digest`` tells the same request from another under its id."""

    booth: str
    id: str
    purpose: str
    subjects: int
    versions: str
    digest: str


def in_pieces(body: bytes) -> tuple[Screening, tuple[Piece, ...]]:
    """Return what is asked, and its pieces. Raises CentreError (``malformed``)."""
    screening = parsed(Screening, body, MAX_SCREENING_BYTES)
    subjects = screening.subjects
    return screening, tuple(Piece(n, subjects[n : n + PIECE]) for n in range(0, len(subjects), PIECE))


def reply(screening: Screening, answered: Sequence[Answered], now: datetime) -> bytes:
    """Return the canonical bytes of the ``Screened``, out of the canonical lists of its pieces."""
    subjects = b",".join(one.body[1:-1] for one in answered)
    moment, name = canonical_bytes(to_plain(now)), canonical_bytes(screening.id)
    return b'{"answered_at":%b,"id":%b,"subjects":[%b]}' % (moment, name, subjects)


def silent_hits(pieces: Sequence[Piece], answered: Sequence[Answered]) -> tuple[SilentHit, ...]:
    """Return what the silent lists know, by the places of the subjects in the whole request."""
    found = zip(pieces, answered, strict=True)
    return tuple(SilentHit(piece.first + hit.place, hit.answer) for piece, one in found for hit in one.silent)


def access_of(centre: Centre, caller: Caller, screening: Screening, body: bytes, in_force: InForce) -> Access:
    """Return the access that goes on record. The digest is keyed: there are few names to try."""
    policy = in_force.ruled()
    asked = sorted((one.source.name, one.source.version) for one in in_force.public if asks_for(policy, one))
    versions = ", ".join(f"{name} {version}" for name, version in (*asked, (policy.name, policy.version)))
    digest = hmac.digest(centre.vault.derived("screenings"), body, "sha256").hex()
    return Access(caller.booth, screening.id, screening.purpose.value, len(screening.subjects), versions, digest)


def keep(
    centre: Centre,
    access: Access,
    screening: Screening,
    hits: Sequence[SilentHit],
    now: datetime,
    connection: Connection,
) -> None:
    """Put an access on record, and open the cases; once for the same request against the same versions.

    Raises CentreError (``screening_other``) where the id stands for another request, before anything is changed.
    """
    table = _TABLE
    before = connection.execute(_BEFORE, {"booth": access.booth, "id": access.id}).one_or_none()
    if before is not None and before.digest != access.digest:
        raise CentreError("screening_other", "another screening was asked under this id; take a new one", 409)
    if before is not None and before.versions == access.versions:
        return
    if before is None:
        connection.execute(_OLD, {"before": to_plain(now - KEPT_FOR)})
        row = {"booth": access.booth, "id": access.id, "at": to_plain(now), "digest": access.digest}
        connection.execute(_NEW, {**row, "versions": access.versions})
    else:
        this = (table.c.booth == access.booth) & (table.c.id == access.id)
        connection.execute(update(table).where(this).values(versions=access.versions))
    about: dict[str, str | int | bool] = {"id": access.id, "purpose": access.purpose}
    about |= {"subjects": access.subjects, "versions": access.versions}
    acts.act(centre, connection, SCREENED, about, by=access.booth)
    for hit in hits:
        case = _case(access, screening.subjects[hit.place], hit, now)
        cases.raise_case(centre, connection, hit.answer.source.name, case, silent=True)


def _case(access: Access, subject: ScreeningSubject, hit: SilentHit, now: datetime) -> Case:
    """Return the case of somebody on a silent list who is on the way; nobody has decided anything yet."""
    family_name, given_names = _names(subject, now)
    encounter_id = f"{access.id} {subject.ref}"
    return Case(
        case_id=case_id(now.year, access.booth, encounter_id, hit.answer.source.name, silent=True),
        number=0,
        kind=CaseKind.ON_THE_WAY,
        booth=access.booth,
        encounter_id=encounter_id,
        family_name=family_name,
        given_names=given_names,
        disposition=LEFT_OPEN,
        decided_at=now,
        decided_by="",
        direction_in=True,
        found=(hit.answer,),
        seen=(),
        opened_at=now,
        due_at=now + DUE,
    )


def _names(subject: ScreeningSubject, now: datetime) -> tuple[str, str]:
    try:
        document = parse_mrz(subject.mrz, now.date()).document if subject.mrz else subject
    except MrzError:  # it was screened, so it is one
        return "", ""
    return document.family_name or "", document.given_names or ""
