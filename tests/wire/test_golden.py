"""Files written once by this format's first version: whatever changes, they must be readable for ever."""

from pathlib import Path

from checkpoint_app.wire import canonical, event, grant, header, package, sealing
from checkpoint_app.wire.event import ChainVerifier, EventKind, read_event
from checkpoint_app.wire.grant import open_grant, read_grant
from tests.wire.helpers import BOOTH, BOOTH_SIGNER, ISSUED, PUBLISHER, read_all

GOLDEN = Path(__file__).parent / "golden"
RECORDS = [
    {"id": "SYN-1", "names": [{"family": "MORÁN", "given": "Luz"}], "remarks": "SYNTHETIC"},
    {"id": "SYN-2", "names": [{"family": "PAZ"}], "remarks": "SYNTHETIC"},
]


def test_a_sealed_package_with_its_grant():
    given = read_grant((GOLDEN / "sealed.grant").read_bytes())
    key = open_grant(given, BOOTH, PUBLISHER.public_key(), ISSUED)
    head, records = read_all((GOLDEN / "sealed.list").read_bytes(), key=key)
    assert records == RECORDS
    assert (head.name, head.version, head.handling, head.issued_at) == ("ecu", 88, ("LE-ONLY",), ISSUED)


def test_an_open_package():
    head, records = read_all((GOLDEN / "open.list").read_bytes(), key=None)
    assert records == RECORDS
    assert (head.version, head.agreement, head.sealed) == (89, None, False)


def test_a_chain_of_events():
    verifier = ChainVerifier("RUM-03", BOOTH_SIGNER.public_key())
    for line in (GOLDEN / "events.txt").read_text(encoding="utf-8").splitlines():
        signature, data = line.split(" ", 1)
        verifier.accept(read_event(data.encode(), bytes.fromhex(signature)))
    assert verifier.seq == 2


def test_kinds_that_journals_hold_already():
    written = (
        "started signed_in signed_out sign_in_refused crossing_changed encounter_read encounter_picture "
        "encounter_corrected encounter_answered encounter_reopened encounter_viewed disposition same_person "
        "not_same_person list_applied list_refused policy_applied officers_applied clearances_applied"
    )
    assert set(written.split()) <= set(EventKind)


def test_the_bounds_that_both_ends_rely_on():
    assert (canonical.MAX_INTEGER, canonical.MAX_DEPTH) == (9_007_199_254_740_991, 32)
    assert (event.MAX_HEADER_BYTES, event.MAX_BODY_BYTES, event.SALT_BYTES) == (2048, 1_048_576, 32)
    assert (header.MAX_HEADER_BYTES, header.MAX_RECORD_BYTES, header.MAX_PAYLOAD_BYTES) == (65_536, 1_048_576, 2**32)
    assert (header.NAME_LENGTH, header.MAX_TEXT, grant.MAX_GRANT_BYTES) == (64, 200, 4096)
    assert (sealing.CHUNK_BYTES, sealing.SEALED_CHUNK_BYTES, sealing.MAX_CHUNKS) == (65_536, 65_552, 2**32)
    assert package.MAX_WINDOW_BYTES == 8_388_608
