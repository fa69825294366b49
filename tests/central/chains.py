"""A booth's journal in small: signed, chained events with their bodies, and Encounters as a booth writes them."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.documents import Format, PartialDate, Sex, TravelDocument, parse_mrz, to_mrz
from checkpoint_app.verdict import Answer
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.delivery import Batch, LateBody, Parcel
from checkpoint_app.wire.event import GENESIS, EventHeader, EventKind, body_digest, chain_hash, header_bytes, sign_event
from checkpoint_app.wire.plain import to_plain
from tests.central.helpers import START, FakeBooth

OFFICER = "m.muster"


@dataclass
class Chain:
    """What one booth's disk holds; ``copy`` is a backup of it."""

    booth: str
    key: Ed25519PrivateKey
    parcels: list[Parcel] = field(default_factory=list)
    hashes: list[str] = field(default_factory=lambda: [GENESIS])

    @classmethod
    def of(cls, booth: FakeBooth) -> Chain:
        return cls(booth.name, booth.signing)

    def copy(self) -> Chain:
        return replace(self, parcels=list(self.parcels), hashes=list(self.hashes))

    @property
    def seq(self) -> int:
        return len(self.parcels)

    @property
    def head(self) -> str:
        return self.hashes[-1]

    def add(self, kind: str = EventKind.STARTED, body: Any = None, **changes: Any) -> Parcel:
        data, salt = canonical_bytes({} if body is None else body), os.urandom(32)
        header = EventHeader(
            booth=self.booth,
            seq=self.seq + 1,
            event_id=str(uuid.uuid4()),
            kind=kind,  # type: ignore[arg-type]  # a newer booth's word, in one test
            wall_time=START + timedelta(seconds=self.seq),
            monotonic_ms=self.seq,
            trusted_time=None,
            body_digest=body_digest(salt, data),
            previous=self.head,
        )
        event = sign_event(replace(header, **changes), self.key)
        parcel = Parcel(header_bytes(event.header).decode(), event.signature, salt, data.decode())
        self.parcels.append(parcel)
        self.hashes.append(chain_hash(event))
        return parcel

    def batch(self, first: int = 1, last: int | None = None, bare: tuple[int, ...] = ()) -> Batch:
        """Return the events ``first`` to ``last``; those in ``bare`` without their bodies."""
        last = self.seq if last is None else last
        events = [self.parcels[seq - 1] for seq in range(first, last + 1)]
        numbered = zip(range(first, last + 1), events, strict=True)
        return Batch(self.booth, tuple(replace(one, salt=b"", body=None) if n in bare else one for n, one in numbered))

    def late(self, seq: int) -> LateBody:
        parcel = self.parcels[seq - 1]
        return LateBody(self.booth, seq, parcel.salt, parcel.body or "")

    def encounter(
        self, name: str, lines: tuple[str, ...], answers: tuple[Answer, ...] = (), decide: bool = True
    ) -> None:
        """Write an Encounter: read, answered, decided."""
        self.add(EventKind.ENCOUNTER_READ, read_body(name, lines))
        self.add(EventKind.ENCOUNTER_ANSWERED, answered_body(name, answers))
        if decide:
            self.add(EventKind.DISPOSITION, disposition_body(name))


def zone(
    family: str = "MUSTER", given: str = "ERIKA", number: str = "X1234567", birth: str = "740812", **more: Any
) -> tuple[str, ...]:
    """The lines of a sound passport."""
    values: dict[str, Any] = {"issuer": "UTO", "nationality": "UTO", "sex": Sex.FEMALE, "expiry": "300101"} | more
    return to_mrz(
        TravelDocument(
            format=Format.TD3,
            document_code="P",
            issuer=values["issuer"],
            document_number=number,
            nationality=values["nationality"],
            birth_date=PartialDate(birth),
            sex=values["sex"],
            expiry_date=PartialDate(values["expiry"]),
            family_name=family,
            given_names=given,
            optional_data="",
        )
    )


def person(lines: tuple[str, ...]) -> dict[str, Any]:
    document: dict[str, Any] = to_plain(parse_mrz(lines, START.date()).document)
    return document


def read_body(name: str, lines: tuple[str, ...]) -> dict[str, Any]:
    return {
        "encounter_id": name,
        "opened_at": to_plain(START),
        "direction": "in",
        "lane": "2",
        "officer": OFFICER,
        "source": "image",
        "mrz": list(lines),
        "document": person(lines) if lines else {},
        "doubtful": False,
        "by_hand": [],
        "faults": [],
    }


def answered_body(name: str, answers: tuple[Answer, ...] = ()) -> dict[str, Any]:
    return {"encounter_id": name, "answers": to_plain(answers), "verdict": {}, "policy": {}, "now": to_plain(START)}


def disposition_body(name: str) -> dict[str, Any]:
    return {
        "encounter_id": name,
        "disposition": "let_pass",
        "reason_code": "",
        "reason_text": "",
        "officer": OFFICER,
        "advice": "proceed",
        "direction": "in",
    }
