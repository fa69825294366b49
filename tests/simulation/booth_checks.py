"""What must hold at a booth after each step, held against the model: DESIGN §6, as far as a booth alone shows it."""

from __future__ import annotations

from datetime import datetime, timedelta

from checkpoint_app.booth.record.encounter import Encounter
from checkpoint_app.store.errors import StoreError
from checkpoint_app.verdict import Advice, Answer, Check, Outcome
from checkpoint_app.wire.event import ChainError, EventKind, chain_hash, verify_event
from checkpoint_app.wire.plain import from_plain
from tests.simulation.booth import Sight, SimBooth
from tests.simulation.model import Broken, Ledger, Model, Row, must
from tests.simulation.people import EVERYBODY, PUBLIC

USABLE = timedelta(days=7)
OFFLINE = timedelta(days=14)


def check_booth(model: Model, booth: SimBooth, *, probing: bool = True) -> None:
    """Hold one booth against the model. Raises Broken."""
    ledger = model.ledgers[booth.label]
    check_journal(model, booth, ledger)
    check_acknowledged(model, booth, ledger)
    check_versions(model, booth, ledger)
    check_time(booth, ledger)
    check_leases(booth, ledger)
    if probing and booth.records.policy() is not None:
        try:
            sight = booth.sight()
        except StoreError as error:
            raise Broken(f"{booth.label}: nobody can be screened: {error}") from error
        for who in EVERYBODY:
            check_screened(model, booth, who, sight)


def check_journal(model: Model, booth: SimBooth, ledger: Ledger) -> None:
    """Invariants 1 and 3: what was promised is there, in one chain that this booth signed, without a gap."""
    where, journal = booth.label, booth.store.journal
    last = ledger.rows[-1] if ledger.rows else None
    if last is not None:
        must(journal.hash_at(last.seq) == last.hash, f"{where}: event {last.seq}, which was on disk, is gone")
    promised = booth.promised
    if promised.seq:
        must(journal.hash_at(promised.seq) == promised.hash, f"{where}: event {promised.seq} was promised and is gone")
        booth.promised = type(promised)(0, "")
    known = model.written.setdefault(booth.name, {})
    before = last.hash if last is not None else journal.hash_at(0)
    for event in journal.events(len(ledger.rows)):
        header = event.header
        must(header.seq == len(ledger.rows) + 1, f"{where}: a gap before event {header.seq}")
        must(header.previous == before, f"{where}: event {header.seq} continues another chain")
        try:
            verify_event(event, booth.store.identity.public_key)
        except ChainError as error:
            must(False, f"{where}: event {header.seq}: {error}")
        row = Row(header.seq, header.event_id, chain_hash(event))
        ledger.rows.append(row)
        known[row.hash] = row
        before = row.hash


def check_acknowledged(model: Model, booth: SimBooth, ledger: Ledger) -> None:
    """Invariant 2: what counts as delivered is this journal's, and the centre has had it."""
    head = booth.store.delivery.acknowledged()
    if not head.seq:
        return
    must(head.seq <= len(ledger.rows), f"{booth.label}: event {head.seq} counts as delivered, and was never written")
    own = ledger.rows[head.seq - 1].hash
    must(own == head.hash, f"{booth.label}: the acknowledgement of event {head.seq} is of another chain")
    stored = model.stored.get(booth.name, set())
    must(head.hash in stored, f"{booth.label}: event {head.seq} counts as delivered, and the centre never had it")


def check_bodies(booth: SimBooth, before: int) -> None:
    """Invariant 2: ``before`` is what was acknowledged when bodies were forgotten: none after that is gone."""
    for event in booth.store.journal.events(before):
        body = booth.store.journal.body_bytes(event.header)
        must(body is not None, f"{booth.label}: the body of event {event.header.seq} is forgotten, and not delivered")


def check_versions(model: Model, booth: SimBooth, ledger: Ledger) -> None:
    """Invariants 4 and 5: each list is wholly one version that the centre made, and never an older one."""
    names = [copy.header.name for copy in booth.store.lists.in_force()]
    must(len(names) == len(set(names)), f"{booth.label}: two versions of a list are in force")
    versions, digests = booth.records.versions(), booth.records.digests()
    for name, version in ledger.versions.items():
        now = versions.get(name, 0)
        must(now >= version, f"{booth.label}: {name} {now} has taken the place of {version}")
    for name, version in versions.items():
        if ledger.versions.get(name) == version:
            continue
        known = model.versions.get((name, version))
        must(known is not None, f"{booth.label}: {name} {version} was never made")
        assert known is not None
        must(digests[name] == known.digest, f"{booth.label}: {name} {version} has another content")
        ledger.versions[name] = version


def check_time(booth: SimBooth, ledger: Ledger) -> None:
    """Trusted time is never before a moment that the centre signed and this booth has read."""
    if ledger.learned is not None:
        must(booth.store.time.now() >= ledger.learned, f"{booth.label}: trusted time lies before a signed moment")


def check_screened(model: Model, booth: SimBooth, who: int, sight: Sight) -> None:
    """Invariants 6, 7, 9 and 13: what is said of a traveller follows from the versions in force alone."""
    encounter = booth.screened(who, by=sight)
    asked = {one.source.name: one for one in encounter.answers if one.check is Check.WANTED}
    for name in PUBLIC:
        must(name in asked, f"{booth.label}: list {name} has no answer")
        expected = _expected(model, booth, name, who, sight)
        found = asked[name].outcome
        told = f"{booth.label}: traveller {who} by {name} {asked[name].source.version}: {found}, not {expected}"
        must(found in expected, told)
        check_named(booth, asked[name])
    check_advice(booth, encounter, who)


def check_named(booth: SimBooth, answer: Answer) -> None:
    """Invariant 6: an answer names its source, version, age and engine."""
    if answer.outcome is Outcome.NOT_CHECKED:
        must(answer.not_done is not None, f"{booth.label}: no reason why {answer.source.name} was not asked")
        return
    source = answer.source
    named = source.version >= 1 and source.engine and source.issued_at is not None
    must(named, f"{booth.label}: an answer of {source.name} does not say what it rests on")


def check_advice(booth: SimBooth, encounter: Encounter, who: int) -> None:
    """Invariant 7: an absence never ends in "proceed", a hit always in "refer"."""
    outcomes = [one.outcome for one in encounter.answers]
    advice = encounter.verdict.advice if encounter.verdict else None
    if Outcome.HIT in outcomes:
        expected = Advice.REFER
    elif Outcome.NOT_CHECKED in outcomes:
        expected = Advice.INCOMPLETE
    else:
        expected = Advice.LOOK if Outcome.NOTE in outcomes else Advice.PROCEED
    must(advice is expected, f"{booth.label}: traveller {who}: {advice}, where it must be {expected}")


def _expected(model: Model, booth: SimBooth, name: str, who: int, sight: Sight) -> set[Outcome]:
    """Return what may be said: by the version in force, its age, term and lease at trusted time, and what was cleared.

    Which files and keys are there is read from the tables; that they may be there is held elsewhere.
    """
    number = model.ledgers[booth.label].versions.get(name)
    if number is None:
        return {Outcome.NOT_CHECKED}
    version = model.versions[name, number]
    over = _is_over(model, booth, name, number, sight.now)
    keys = _keys_of(booth, name, number)
    if not keys and not over and not version.withdrawn:
        must(was_purged(booth, name), f"{booth.label}: the data of {name} {number} is gone, and not for its end")
    closed = not keys or any(end is None or sight.now >= end for end in keys)
    if over or version.withdrawn or closed or sight.now - version.issued_at > USABLE:
        return {Outcome.NOT_CHECKED}
    assert version.contents is not None
    revision = version.contents.get(who)
    if revision is None:
        return {Outcome.CLEAR}
    return _cleared(model, booth, (name, who, revision), sight.now)


def _keys_of(booth: SimBooth, name: str, number: int) -> list[datetime | None]:
    """Return when the lease of each layer's key ends, None for one that is not here; nothing without a layer."""
    rows = booth.store._db.rows(
        "SELECT leases.not_after FROM list_layers LEFT JOIN leases ON leases.key_id = list_layers.key_id"
        " WHERE list_layers.name = ? AND list_layers.version = ?",
        (name, number),
    )
    return [row["not_after"] and from_plain(datetime, row["not_after"]) for row in rows]


def _is_over(model: Model, booth: SimBooth, name: str, number: int, now: datetime) -> bool:
    """Tell whether the version's term is over, or the booth was told that the agreement has ended."""
    ends_at = model.versions[name, number].ends_at
    told = model.ledgers[booth.label].ended.get(name, 0) >= number
    return told or (ends_at is not None and now >= ends_at)


def was_purged(booth: SimBooth, name: str) -> bool:
    """Tell whether the clock once stood after the end: only a newer version brings back what was purged then."""
    purged = (
        booth.store.journal.body(event.header.seq)
        for event in booth.store.journal.events()
        if event.header.kind is EventKind.LIST_PURGED
    )
    return any(body["name"] == name for body in purged)


def check_leases(booth: SimBooth, ledger: Ledger) -> None:
    """No key is kept for longer than the policy lets a booth be without the centre."""
    if ledger.contact is None:
        return
    latest = ledger.contact + OFFLINE
    for row in booth.store._db.rows("SELECT list, not_after FROM leases"):
        ends = from_plain(datetime, row["not_after"])
        must(ends <= latest, f"{booth.label}: the lease of {row['list']} ends at {ends}, and {latest} is the latest")


def _cleared(model: Model, booth: SimBooth, about: tuple[str, int, int], now: datetime) -> set[Outcome]:
    """Return HIT, or NOTE where this booth's decision holds; both where another's may be known here, or have ended."""
    made = [one for one in model.cleared if (one.list_name, one.who, one.revision) == about]
    if not made:
        return {Outcome.HIT}
    rows = model.ledgers[booth.label].rows
    own = [one for one in made if one.booth == booth.name and one.row in rows[one.row.seq - 1 : one.row.seq]]
    sure = [one for one in own if now < one.until and booth.name not in model.doubtful]
    return {Outcome.NOTE} if sure else {Outcome.HIT, Outcome.NOTE}
