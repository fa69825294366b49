"""Invariant 8 at the centre: after a day's work nothing personal and no key lies in clear, in files, tables or log."""

from __future__ import annotations

import base64
import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from checkpoint_app.central import booths, cases, database, importing, officers, publishing
from checkpoint_app.central.acts import ADMINISTRATOR
from checkpoint_app.central.app import make_app
from checkpoint_app.central.background import background_of
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.importing import Material
from checkpoint_app.central.late_hits import screen_decided
from checkpoint_app.central.officers import Person, Role
from checkpoint_app.central.vault import Vault
from checkpoint_app.screening import entry_to_plain
from checkpoint_app.screening.entry import Entry, ListedDate, Name
from checkpoint_app.wire import api
from checkpoint_app.wire.case import CaseOutcome
from checkpoint_app.wire.delivery import LateBody
from checkpoint_app.wire.enrolment import EnrolmentCode, request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.pin import make_verifier
from checkpoint_app.wire.question import Question
from tests.central.chains import Chain, person, read_body, zone
from tests.central.helpers import AUDIENCE, POST, Clock, FakeBooth, serve
from tests.central.line import PASSPHRASE, made
from tests.central.publishing_helpers import CALIBRATION, END, OWN, bring_policy

FAMILY, GIVEN, NUMBER, BIRTH = "QUETZALMUSTER", "ZYXWENA", "QZ7391846", "1961-02-28"
REMARK = "Narbe am Ohr (erfunden)"
OFFICER = "Wywiwo-Ejemplo"
PIN = "86420975"
LINES = zone(FAMILY, GIVEN, NUMBER, "610228")
PERSONAL = [FAMILY, GIVEN, NUMBER, BIRTH, LINES[1][13:21], OFFICER, REMARK, PIN, PASSPHRASE]
NAMES = (Name(FAMILY.capitalize(), GIVEN.capitalize()),)
ODD = Entry("L1", "Person", NAMES, (ListedDate(BIRTH, BIRTH),), "F", ("UTO",), remarks=REMARK)
HARMLESS = Entry("L0", "Person", (Name("Harmlos", "Anna"),), (), "F", ("UTO",))


@pytest.fixture(params=["sqlcipher", "postgresql"])
def make(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Centre]]:
    """Makes an empty centre in ``tmp_path / "centre"``; temporary files of this process go beside it."""
    how = {} if request.param == "sqlcipher" else {"database_url": request.getfixturevalue("postgres_url")}
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(made(tmp_path / "centre", clock, **how))


def work_a_day(centre: Centre) -> None:
    """Everything that a centre does, with one odd person in all of it, and what goes wrong with that person too."""
    verifier = make_verifier(PIN)
    with centre.begin() as connection:
        officers.add(centre, connection, "EC-9", Person(OFFICER, Role.SUPERVISOR, verifier), END)
    bring_policy(centre)
    take_in(centre, HARMLESS)
    publishing.publish(centre)
    app = make_app(centre, AUDIENCE)
    with serve(app) as base:
        booth = FakeBooth("demo-3", base, now=centre.now())
        code = booths.new_code(centre, "demo-3", POST)
        booth.request("POST", api.ENROLMENTS, request_enrolment(EnrolmentCode.from_text(code.to_text()), booth.keys))
        booths.confirm(centre, "demo-3", booth.keys.fingerprint)
        take_in(centre, ODD)
        publishing.publish(centre)
        lists = background_of(app).lists
        lists.refresh()
        reply = booth.request("POST", api.QUESTIONS, Question("demo-3", "e-2", LINES, False, True))
        assert FAMILY in reply.text.upper()
        deliver(booth)
        go_wrong(booth)
        screen_decided(centre, lists)
        assert booth.request("GET", api.GRANTS).ok
        inbox = booth.request("GET", f"{api.INBOX}?after=0")
        assert FAMILY in inbox.text
    with centre.begin() as connection:
        (line,) = cases.all_cases(connection)
    cases.take(centre, line.case_id, "a.muster")
    cases.close(centre, line.case_id, CaseOutcome.SAME_REPORTED, "a.muster")


def take_in(centre: Centre, entry: Entry) -> None:
    """Import a version of one entry; another administrator approves it where the change is large."""
    material = Material(lambda _version: [entry_to_plain(entry)], centre.now(), calibration=CALIBRATION)
    version = importing.import_version(centre, OWN, material).header.version
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(CentreError):
        patch.setenv(ADMINISTRATOR, "b.muster")
        importing.approve(centre, OWN.name, version)


def deliver(booth: FakeBooth) -> None:
    journal = Chain.of(booth)
    journal.add(EventKind.SIGNED_IN, {"officer": OFFICER})
    journal.encounter("e-1", LINES)
    decided = {
        "encounter_id": "e-1",
        "officer": OFFICER,
        "supervisor": OFFICER,
        "list": "ECU",
        "entry_id": "L9",
        "entry_digest": "0" * 64,
    }
    journal.add(EventKind.NOT_SAME_PERSON, decided | {"person": person(LINES), "until": "2027-01-01T00:00:00.000000Z"})
    picture = journal.add(EventKind.ENCOUNTER_PICTURE, {"encounter_id": "e-1", "name": FAMILY})
    assert picture
    assert booth.request("POST", api.EVENTS, journal.batch(bare=(journal.seq,))).ok
    assert booth.request("POST", api.BODIES, journal.late(journal.seq)).ok


def go_wrong(booth: FakeBooth) -> None:
    """Send what is refused, or sounds an alarm, with the person in it."""
    odd = Chain.of(booth)
    odd.add(EventKind.ENCOUNTER_READ, read_body("e-9", LINES) | {"mrz": FAMILY})
    assert booth.request("POST", api.EVENTS, odd.batch()).status_code == 409
    assert booth.request("POST", api.EVENTS, FAMILY.encode()).status_code == 422
    assert booth.request("POST", api.BODIES, LateBody("demo-3", 1, b"", FAMILY)).ok
    assert (
        booth.request("POST", api.QUESTIONS, Question("demo-3", "e", (FAMILY, NUMBER), False, True)).status_code == 422
    )
    assert booth.request("POST", api.QUESTIONS, f'{{"{FAMILY}":"{NUMBER}"}}'.encode()).status_code == 422
    assert booth.request("GET", f"/v1/{FAMILY}").status_code == 404


# -- the search -------------------------------------------------------------------------------------------------------


def forms(secret: bytes) -> list[bytes]:
    """Return ``secret`` as it might stand anywhere: plain, in hexadecimal, or inside of Base64 at any place."""
    found = [secret, secret.hex().encode()]
    for before in range(3):  # Base64 of something before it, without the characters that also tell of neighbours
        text = base64.b64encode(bytes(before) + secret)
        inner = text[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6]
        found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return found


def needles(texts: Sequence[str]) -> dict[bytes, str]:
    """Return what is looked for, with the word that it stands for."""
    spelled = {(text, each) for text in texts for each in (text, text.lower(), text.capitalize(), text.upper())}
    found = {form: text for text, each in spelled for form in forms(each.encode())}
    return found | {each.encode("utf-16-le"): text for text, each in spelled}


def found_in(data: bytes, sought: dict[bytes, str]) -> set[str]:
    return {word for form, word in sought.items() if form in data}


def files_of(folder: Path) -> bytes:
    return b"\x00".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def tables_of(centre: Centre) -> bytes:
    """Return every value of every table, as whoever has the database reads them."""
    texts: list[bytes] = []
    with centre.begin() as connection:
        for table in database.tables.sorted_tables:
            for row in connection.execute(select(table)):
                texts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\x00".join(texts)


def secrets_of(centre: Centre) -> dict[bytes, str]:
    """Return the forms of every secret that the centre keeps, and of its master key."""
    with centre.begin() as connection:
        names = connection.scalars(select(database.secrets.c.name)).all()
        kept = {f"secret {name}": centre.secret(connection, name) or b"" for name in names}
    kept["master key"] = centre.vault._master
    kept["key of the database"] = centre.vault.derived("database")
    assert len(kept) > 8
    assert min(map(len, kept.values())) >= 32
    return {form: name for name, secret in kept.items() for form in forms(secret)}


def test_after_a_days_work_nothing_is_in_clear(
    make: Callable[[], Centre], tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "urllib3")  # the booth's side, here
    centre = make()
    work_a_day(centre)
    sought = needles(PERSONAL) | secrets_of(centre)
    with centre.begin() as connection:
        (officer,) = officers.all(centre, connection)
    sought |= dict.fromkeys(forms(officer.person.verifier.encode()), "PIN")
    said = caplog.text + "".join(capfd.readouterr())
    names = "\x00".join(str(path) for path in tmp_path.rglob("*"))
    assert found_in(files_of(tmp_path), sought) == set()
    assert found_in(tables_of(centre), sought) == set()
    assert found_in(said.encode(), sought) == set()
    assert found_in(names.encode(), sought) == set()
    assert "alarm" in caplog.text


def test_the_search_finds_all_of_it_where_the_vault_seals_nothing(
    make: Callable[[], Centre], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Vault, "seal", lambda _self, data, _use: data)
    monkeypatch.setattr(Vault, "open", lambda _self, sealed, _use: sealed)
    centre = make()
    work_a_day(centre)
    sought = needles(PERSONAL) | secrets_of(centre)
    found = found_in(tables_of(centre), sought)
    assert found >= {FAMILY, GIVEN, NUMBER, BIRTH, OFFICER, LINES[1][13:21]}
    assert {name for name in sought.values() if name.startswith("secret ")} <= found
    (tmp_path / "centre" / "left").write_bytes(b"..." + base64.b64encode(b"xy" + FAMILY.encode()) + b"...")
    assert found_in(files_of(tmp_path), sought) == {FAMILY}
