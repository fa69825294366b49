"""What the booth writes down and reads back, in its own terms. Lives on the database's thread."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkpoint_app.booth.desk.state import Counts
from checkpoint_app.booth.line.outage_year import midnight
from checkpoint_app.booth.opening.status_file import JournalState
from checkpoint_app.booth.record.code_copies import KeptCodes, codes_of
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.record.encounter import (
    Disposition,
    Encounter,
    History,
    Picture,
    ReadSource,
    Strip,
    no_document,
)
from checkpoint_app.booth.record.rule_copies import ENDED, KeptRules, purge_rules, rules_of
from checkpoint_app.booth.record.signed_objects import SMALL_KINDS, booths_of, digest_of, policy_of, signers_of
from checkpoint_app.booth.view.screen import Box
from checkpoint_app.documents import NOTHING_BESIDE, Signers, parse_mrz
from checkpoint_app.documents.beside import PrintedText
from checkpoint_app.screening.checks import Cleared, Prior
from checkpoint_app.store import EncounterRow, Officer, PinResult, SignedObject, Store
from checkpoint_app.store.trust import trust_of
from checkpoint_app.store.unlocking import UnlockResult
from checkpoint_app.sync.enrolled import enrolled_of, unlock_key_of
from checkpoint_app.verdict import Answer, Candidate, Policy, Verdict
from checkpoint_app.wire.booths import KnownBooth
from checkpoint_app.wire.clearance import CLEARANCES
from checkpoint_app.wire.event import EventKind, SignedEvent
from checkpoint_app.wire.plain import from_plain, to_plain

SUPERVISOR = "supervisor"
_MOST_PICTURE_BYTES = 700 << 10  # in base64 a body holds as much
ROLE_ENDED = "role_ended"


class PinRefusedError(Exception):
    """A PIN did not let the officer in; ``result`` tells why, ``challenge`` what a supervisor answers with a code."""

    def __init__(self, result: PinResult, challenge: str = "") -> None:
        super().__init__(f"PIN refused: {result.value}")
        self.result = result
        self.challenge = challenge


@dataclass(frozen=True, slots=True)
class Decision:
    """A disposition with its reason, as it is written down."""

    disposition: Disposition
    reason_code: str
    reason_text: str
    officer: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The lists whose lease has ended now, and those whose data was purged."""

    leases: tuple[str, ...]
    purged: tuple[str, ...]


class Records:
    """The booth's journal and its projections, in the booth's own terms. Every method raises StoreError."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def write(self, kind: EventKind, body: Mapping[str, Any]) -> None:
        """Append one event: it is on disk when this returns."""
        self.store.journal.append(kind, body)

    def trusted_now(self) -> datetime:
        """Return the trusted time: the clock's, or the latest signed moment seen where the clock lies before it."""
        return self.store.time.now()

    def policy(self) -> Policy | None:
        """Return the policy in force."""
        return policy_of(self.store)

    def signers(self) -> Signers:
        """Return the signers of seals that are believed; nobody before the centre sent a list of them."""
        return signers_of(self.store)

    def booths(self) -> tuple[KnownBooth, ...]:
        """Return the booths whose slips are known, revoked ones too; none before the centre sent a list of them."""
        return booths_of(self.store)

    def rules(self) -> tuple[KeptRules, ...]:
        """Return the rule sets in force, also those that must not be consulted now."""
        return rules_of(self.store)

    def codes(self) -> tuple[KeptCodes, ...]:
        """Return the lists of codes in force: UN numbers, commodity codes."""
        return codes_of(self.store)

    def clearances_version(self) -> int:
        """Return the version of the list of clearances in force; 0 before the first."""
        return self.store.signed.version(CLEARANCES, CLEARANCES) or 0

    def post_name(self) -> str:
        """Return the name of the post: as the centre knows it, else as the policy does, else the booth's own."""
        enrolled, policy = enrolled_of(self.store), self.policy()
        if enrolled is not None and enrolled.post:
            return enrolled.post
        return policy.name if policy is not None else self.store.identity.booth

    def versions(self) -> dict[str, int]:
        """Return the versions in force, of lists, policies and officer lists, by name."""
        versions = {copy.header.name: copy.header.version for copy in self.store.lists.in_force()}
        for kind in SMALL_KINDS:
            versions |= {kept.name: kept.version for kept in self.store.signed.all(kind)}
        return versions

    def digests(self) -> dict[str, str]:
        """Return the digest of what is in force, by name: a version is one content, never two."""
        digests = {copy.header.name: copy.header.payload_digest for copy in self.store.lists.in_force()}
        for kind in SMALL_KINDS:
            digests |= {kept.name: digest_of(kept.data) for kept in self.store.signed.all(kind)}
        return digests

    def ended_lists(self) -> frozenset[str]:
        """Return the lists whose agreement the centre ended while their present version was in force here."""
        in_force = self.versions()
        kept = self.store.signed.all(ENDED)
        return frozenset(one.name for one in kept if one.version >= in_force.get(one.name, 0))

    def end_list(self, name: str) -> frozenset[str]:
        """Keep that the present version of a list must not be consulted any more; returns all of which that holds."""
        version = self.versions().get(name, 0)
        if version and name not in self.ended_lists():
            self.store.signed.put(SignedObject(ENDED, name, version, b""))
        return self.ended_lists()

    def end_lists(self, faults: Iterable[tuple[str, str]]) -> list[str]:
        """Keep which lists the centre ended, by what a round or a bundle was refused; returns them.

        ``faults`` are parts (``list NAME``) and words.
        """
        ended = [part.removeprefix("list ") for part, code in faults if code == ROLE_ENDED and part.startswith("list ")]
        for name in ended:
            self.end_list(name)
        return ended

    def end_what_is_over(self) -> Ended:
        """Erase keys of leases that have ended, and purge lists whose agreement has, by trusted time or the centre."""
        store, now, ended = self.store, self.trusted_now(), self.ended_lists()
        over = [
            copy.header.name
            for copy in store.lists.in_force()
            if copy.header.name in ended or (copy.header.agreement is not None and now >= copy.header.agreement.ends_at)
        ]
        purged = tuple(name for name in over if store.lists.purge(name))
        rules = purge_rules(store, ended)
        return Ended(tuple(store.leases.expire()), (*purged, *rules))

    def trust(self) -> dict[str, Ed25519PublicKey]:
        """Return which key may sign which list."""
        return trust_of(self.store)

    def outbox(self) -> JournalState:
        """Return what the centre has not acknowledged yet."""
        outbox = self.store.delivery.outbox()
        acknowledged = self.store.delivery.acknowledged().seq
        seen = self.store.time.seen
        heard_at = None if seen is None else seen.replace(second=0, microsecond=0)
        return JournalState(outbox.count, outbox.oldest, outbox.head.hash, acknowledged, heard_at)

    def sign_in(self, officer_id: str, pin: str) -> Officer:
        """Check a PIN, write what came of it, and return the officer. Raises PinRefusedError."""
        result = self.store.officers.verify_pin(officer_id, pin)
        officer = self.store.officers.get(officer_id)
        if result is not PinResult.RIGHT or officer is None:
            self.write(EventKind.SIGN_IN_REFUSED, {"officer": officer_id, "why": result.value})
            can_unlock = unlock_key_of(self.store) is not None
            raise PinRefusedError(result, self.store.officers.challenge(officer_id) if can_unlock else "")
        self.write(EventKind.SIGNED_IN, {"officer": officer.id})
        return officer

    def may_work(self, officer_id: str) -> bool:
        """Tell whether the list of officers in force knows the officer, and their time has not ended."""
        officer = self.store.officers.get(officer_id)
        return officer is not None and self.trusted_now() < officer.ends_at

    def unlock(self, officer_id: str, typed: str) -> bool:
        """Unlock a locked officer by the code that a supervisor read out; written down with the unlock, or none is."""
        key = unlock_key_of(self.store)
        if key is None or not any(character.isalpha() for character in typed):  # a PIN is no try at the code
            return False
        with self.store.transaction():
            right = self.store.officers.unlock_with(officer_id, typed, key) is UnlockResult.RIGHT
            if right:
                self.write(EventKind.OFFICER_UNLOCKED, {"officer": officer_id, "by": "code"})
        return right

    def confirm_supervisor(self, officer_id: str, pin: str | None) -> None:
        """Check that a supervisor stands behind a decision. Raises PinRefusedError.

        ``pin`` is None for whoever is signed in and decides alone: then the list of officers in force must still name
        them a supervisor, whatever they were when they signed in.
        """
        if pin is None:
            result = PinResult.RIGHT if self.may_work(officer_id) else PinResult.ENDED
        else:
            result = self.store.officers.verify_pin(officer_id, pin)
        officer = self.store.officers.get(officer_id)
        if result is not PinResult.RIGHT or officer is None or officer.role != SUPERVISOR:
            self.write(EventKind.SIGN_IN_REFUSED, {"officer": officer_id, "why": f"supervisor {result.value}"})
            raise PinRefusedError(result)

    def read(self, encounter: Encounter, officer: str, lane: str, kind: EventKind = EventKind.ENCOUNTER_READ) -> None:
        """Write that a document was read, or corrected: from here on the Encounter survives a crash."""
        self.write(
            kind,
            {
                "encounter_id": encounter.id,
                "opened_at": to_plain(encounter.opened_at),
                "direction": direction_word(encounter.direction_in),
                "lane": lane,
                "officer": officer,
                "source": encounter.source.value,
                "barcodes": [[name, _text_of(data)] for name, data in encounter.barcodes],
                "mrz": list(encounter.mrz.lines),
                "document": to_plain(encounter.mrz.document),
                "doubtful": encounter.doubtful,
                "doubts": [list(cell) for cell in encounter.doubts],
                "by_hand": sorted(encounter.by_hand),
                "vehicle": encounter.vehicle,
                "confirmed": sorted(encounter.confirmed),
                "faults": [f"{fault.field}:{fault.code}" for fault in encounter.mrz.faults],
                **({"consignment": encounter.consignment.to_plain()} if encounter.consignment else {}),
            },
        )

    def answered(self, encounter: Encounter, policy: Policy, now: datetime, centre: str = "") -> None:
        """Write the answers and the advice that was shown, with the policy and the moment it was folded at.

        ``centre`` tells what the centre's answers changed, where they are in it.
        """
        self.write(
            EventKind.ENCOUNTER_ANSWERED,
            {
                "encounter_id": encounter.id,
                "answers": to_plain(encounter.answers),
                "verdict": to_plain(encounter.verdict),
                "policy": {"name": policy.name, "version": policy.version},
                "now": to_plain(now),
                "centre": centre,
            },
        )

    def forget(self, keep: timedelta) -> int:
        """Erase bodies that the centre has and that are older than ``keep``; returns how many."""
        return self.store.delivery.forget(self.store.time.wall(), keep)

    def is_open(self, encounter_id: str) -> bool:
        """Tell whether an Encounter was read and not decided yet."""
        return any(row.encounter_id == encounter_id for row in self.store.projections.open_encounters())

    def picture(self, encounter: Encounter) -> None:
        """Write the picture that the officer saw, with the lines of its zone."""
        if encounter.picture is not None:
            body = {
                "encounter_id": encounter.id,
                "jpeg": _text_of(encounter.picture.preview),
                "boxes": [_box_plain(box) for box in encounter.picture.boxes],
                "strips": [_strip_plain(strip) for strip in _strips_with_room(encounter.picture)],
            }
            self.write(EventKind.ENCOUNTER_PICTURE, body)

    def printed(self, encounter: Encounter) -> None:
        """Write what was read beside the zone, and the portrait."""
        body = {
            "encounter_id": encounter.id,
            "texts": [[one.text, round(10_000 * one.confidence)] for one in encounter.beside.printed or ()],
            "portrait": _text_of(encounter.portrait),
        }
        self.write(EventKind.ENCOUNTER_PRINT, body)

    def decided(self, encounter: Encounter, decision: Decision, direction_in: bool) -> None:
        """Write a disposition: only then may the screen show it."""
        self.write(
            EventKind.DISPOSITION,
            {
                "encounter_id": encounter.id,
                "disposition": decision.disposition.value,
                "reason_code": decision.reason_code,
                "reason_text": decision.reason_text,
                "officer": decision.officer,
                "advice": encounter.verdict.advice.value if encounter.verdict else "",
                "direction": direction_word(direction_in),
            },
        )

    def history(self, encounter: Encounter) -> History:
        """Return when this person or document entered and left here before this Encounter."""
        seen = self.store.projections.history(to_plain(encounter.mrz.document), before=encounter.id)
        return History(_decided_at(seen.last_entry), _decided_at(seen.last_exit))

    def cleared(self, encounter: Encounter, now: datetime) -> Cleared:
        """Return the question which decision of this booth or another cleared a candidate for this person, and holds.

        ``now`` is the trusted time.
        """
        person = to_plain(encounter.mrz.document)

        def prior(list_name: str, candidate: Candidate) -> Prior | None:
            entry = list_name, candidate.entry_id, candidate.entry_digest
            found = self.store.clearances.find(person, *entry, now)
            if found is None:
                return None
            return Prior(found.post or self.post_name(), found.by, found.decided_at, found.until)

        return prior

    def not_same(
        self, encounter: Encounter, list_name: str, candidate: Candidate, *, decided: Mapping[str, str], days: int
    ) -> None:
        """Write that the traveller is not this entry's person; holds until the entry changes, or ``days`` are over."""
        until = to_plain(self.trusted_now() + timedelta(days=days))
        self._identity(EventKind.NOT_SAME_PERSON, encounter, list_name, candidate, {"until": until, **decided})

    def same(self, encounter: Encounter, list_name: str, candidate: Candidate, officer: str) -> None:
        """Write that the officer takes the traveller for this entry's person."""
        until = to_plain(self.trusted_now())  # it silences nothing
        self._identity(EventKind.SAME_PERSON, encounter, list_name, candidate, {"until": until, "officer": officer})

    def _identity(
        self,
        kind: EventKind,
        encounter: Encounter,
        list_name: str,
        candidate: Candidate,
        decided: Mapping[str, str],
    ) -> None:
        self.write(
            kind,
            {
                "encounter_id": encounter.id,
                "person": to_plain(encounter.mrz.document),
                "list": list_name,
                "entry_id": candidate.entry_id,
                "entry_digest": candidate.entry_digest,
                **decided,
            },
        )

    def counts(self, now: datetime) -> Counts:
        """Return the counts of the local day of ``now``."""
        day = self.store.projections.day_counts(midnight(now.astimezone().date()))
        return Counts(day.persons, day.referred, day.incomplete, day.consignments, day.inspected)

    def open_encounters(self) -> list[Encounter]:
        """Return the Encounters that were read and never decided, the latest first."""
        return [self.encounter(row.encounter_id) for row in self.store.projections.open_encounters()]

    def last_decided(self, officer: str) -> tuple[Encounter, str, datetime] | None:
        """Return the last decided Encounter, its disposition and when; first it is written that ``officer`` looks."""
        last = self.store.projections.last_decided()
        if last is None or last.disposition is None:
            return None
        self.write(EventKind.ENCOUNTER_VIEWED, {"encounter_id": last.encounter_id, "officer": officer})
        return self.encounter(last.encounter_id), last.disposition, from_plain(datetime, last.decided_at)

    def encounter(self, encounter_id: str) -> Encounter:
        """Rebuild an Encounter from its events."""
        seqs = self.store.projections.events_of(encounter_id)
        kinds = {event.header.seq: event.header.kind for event in self._events(seqs)}
        return rebuild(encounter_id, [(kinds[seq], self.store.journal.body(seq)) for seq in seqs])

    def _events(self, seqs: Sequence[int]) -> Iterator[SignedEvent]:
        for seq in seqs:
            yield from self.store.journal.events(after=seq - 1, limit=1)


def _decided_at(row: EncounterRow | None) -> datetime | None:
    return from_plain(datetime, row.decided_at) if row is not None and row.decided_at else None


def rebuild(encounter_id: str, events: Sequence[tuple[EventKind, Mapping[str, Any]]]) -> Encounter:
    """Return the Encounter that ``events`` (kind and body, in order) tell of. Raises ValueError without a read."""
    encounter: Encounter | None = None
    for kind, body in events:
        step = _STEPS.get(kind)
        if step is not None:
            encounter = step(encounter_id, encounter, body)
    if encounter is None:
        raise ValueError("an Encounter begins with a read")
    return encounter


def _on_read(encounter_id: str, before: Encounter | None, body: Mapping[str, Any]) -> Encounter:
    opened_at = from_plain(datetime, body["opened_at"])
    return Encounter(
        id=encounter_id,
        opened_at=opened_at,
        source=ReadSource(body["source"]),
        direction_in=body["direction"] == "in",
        mrz=parse_mrz(body["mrz"], opened_at.date()) if body["mrz"] else no_document(),
        doubtful=body["doubtful"],
        doubts=tuple((line, at) for line, at in body.get("doubts", ())),  # not in what an older version wrote
        by_hand=frozenset(body["by_hand"]),
        vehicle=body.get("vehicle", ""),
        confirmed=frozenset(body.get("confirmed", ())),
        picture=before.picture if before else None,
        beside=before.beside if before else NOTHING_BESIDE,
        portrait=before.portrait if before else b"",
        barcodes=tuple((name, _bytes_of(data)) for name, data in body.get("barcodes", ())),
        consignment=ConsignmentRead.from_plain(body["consignment"]) if "consignment" in body else None,
    )


def _on_answered(_id: str, before: Encounter | None, body: Mapping[str, Any]) -> Encounter | None:
    if before is None:
        return None
    answers = tuple(from_plain(Answer, answer) for answer in body["answers"])
    return replace(before, answers=answers, verdict=from_plain(Verdict, body["verdict"]))


def _on_picture(_id: str, before: Encounter | None, body: Mapping[str, Any]) -> Encounter | None:
    if before is None:
        return None
    boxes = tuple(_plain_box(box) for box in body["boxes"])
    strips = tuple(_plain_strip(strip) for strip in body.get("strips", ()))
    picture = Picture(_bytes_of(body["jpeg"]), boxes, strips=strips)
    if before.source is ReadSource.TYPED or before.beside.printed is not None:
        return replace(before, picture=picture)
    return replace(before, picture=picture, beside=replace(before.beside, printed=()))


def _on_print(_id: str, before: Encounter | None, body: Mapping[str, Any]) -> Encounter | None:
    if before is None:
        return None
    texts = tuple(PrintedText(text, confidence / 10_000) for text, confidence in body["texts"])
    return replace(before, beside=replace(before.beside, printed=texts), portrait=_bytes_of(body["portrait"]))


def _on_seen(_id: str, before: Encounter | None, body: Mapping[str, Any]) -> Encounter | None:
    if before is None or before.consignment is None:
        return before
    return replace(before, consignment=before.consignment.with_seen(body))


_Step = Callable[[str, Encounter | None, Mapping[str, Any]], Encounter | None]
_STEPS: Mapping[EventKind, _Step] = {
    EventKind.ENCOUNTER_READ: _on_read,
    EventKind.ENCOUNTER_CORRECTED: _on_read,
    EventKind.ENCOUNTER_ANSWERED: _on_answered,
    EventKind.ENCOUNTER_PICTURE: _on_picture,
    EventKind.ENCOUNTER_PRINT: _on_print,
    EventKind.CONSIGNMENT_SEEN: _on_seen,
}


def direction_word(direction_in: bool) -> str:
    """Return the journal's word for the direction."""
    return "in" if direction_in else "out"


def _box_plain(box: Box) -> list[int]:
    """Boxes are kept in ten-thousandths: canonical bytes know no fractions."""
    return [*(round(10_000 * side) for side in (box.x, box.y, box.width, box.height)), int(box.doubtful)]


def _plain_box(plain: Sequence[int]) -> Box:
    x, y, width, height = (side / 10_000 for side in plain[:4])
    return Box(x, y, width, height, doubtful=bool(plain[4]))


def _strips_with_room(picture: Picture) -> Sequence[Strip]:
    """Return the lines' pictures, or none where they are larger than any the reader makes: the page comes first."""
    size = len(picture.preview) + sum(len(strip.jpeg) for strip in picture.strips)
    return picture.strips if size <= _MOST_PICTURE_BYTES else ()


def _strip_plain(strip: Strip) -> dict[str, Any]:
    return {"jpeg": _text_of(strip.jpeg), "centres": [round(10_000 * centre) for centre in strip.centres]}


def _plain_strip(plain: Mapping[str, Any]) -> Strip:
    return Strip(_bytes_of(plain["jpeg"]), tuple(centre / 10_000 for centre in plain["centres"]))


def _text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)
