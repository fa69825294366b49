"""`checkpoint central officers` and `audit`, from the command line on a centre's folder."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from checkpoint_app.central import alarms, booths, database, delivery, officers, opening
from checkpoint_app.central.centre import Centre
from checkpoint_app.cli import main
from checkpoint_app.wire.enrolment import BoothKeys, EnrolmentCode, request_enrolment
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.passphrase import Stretching
from checkpoint_app.wire.pin import matches
from checkpoint_app.wire.plain import from_plain
from checkpoint_app.wire.unlock import is_unlock_code
from tests.central.chains import Chain

PASSPHRASE = "a passphrase for tests"
SIGNING = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
EXCHANGE = bytes(range(32))


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """A centre's folder, which the commands find by the environment. It is closed: open a block to look inside."""
    folder, passphrase = tmp_path / "centre", tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(folder))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CHECKPOINT_ADMIN", "admin")
    centre = opening.create(folder, PASSPHRASE, stretching=Stretching(1, 8 * 1024, 1))
    opening.close(centre)
    return centre


@pytest.fixture(autouse=True)
def _no_passphrases_or_pins_on_the_screen(capsys: pytest.CaptureFixture[str]):
    yield
    out, err = capsys.readouterr()
    assert PASSPHRASE not in out + err


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text("24680\n")
    return path


@pytest.fixture
def booth(centre: Centre) -> Chain:
    """A confirmed booth demo-3 with three delivered events."""
    keys = BoothKeys("demo-3", SIGNING.public_key().public_bytes_raw(), EXCHANGE)
    code = booths.new_code(centre, "demo-3", "Rumichaca")
    booths.enrol(centre, request_enrolment(EnrolmentCode.from_text(code.to_text()), keys))
    booths.confirm(centre, "demo-3", keys.fingerprint)
    chain = Chain("demo-3", SIGNING)
    for _ in range(3):
        chain.add(EventKind.SIGNED_IN, {"officer": "EC-1"})
    delivery.receive(centre, "demo-3", chain.batch())
    opening.close(centre)
    return chain


def run(*arguments: str) -> int:
    return main(["central", *arguments])


def add(pin: Path, officer: str = "EC-1", role: str = "officer", *more: str) -> int:
    return run("officers", "add", officer, "--name", "Muestra, María", "--role", role, "--pin-file", str(pin), *more)


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    assert run("officers", "--json") == 0
    return json.loads(capsys.readouterr().out)["officers"]


def verifier(centre: Centre, officer: str) -> str:
    with centre.begin() as connection:
        found = officers.get(centre, connection, officer).person.verifier
    opening.close(centre)
    return found


def test_an_officer_is_added_listed_disabled_and_enabled(centre, pin, capsys) -> None:
    assert run("officers") == 0
    assert "officers add" in capsys.readouterr().out
    assert add(pin, "EC-1", "officer", "--ends", "2999-06-30") == 0
    assert "publish" in capsys.readouterr().out
    assert listed(capsys) == [
        {
            "id": "EC-1",
            "name": "Muestra, María",
            "role": "officer",
            "ends_at": "2999-06-30T00:00:00.000000Z",
            "state": "enabled",
        }
    ]
    assert matches(verifier(centre, "EC-1"), "24680")
    assert run("officers", "disable", "EC-1") == 0
    assert [one["state"] for one in listed(capsys)] == ["disabled"]
    assert run("officers") == 0
    assert "EC-1          officer     disabled  2999-06-30  Muestra, María" in capsys.readouterr().out
    assert run("officers", "enable", "EC-1", "--ends", "2998-01-01") == 0
    assert [(one["state"], one["ends_at"][:10]) for one in listed(capsys)] == [("enabled", "2998-01-01")]


def test_without_an_end_an_officer_ends_in_a_year(centre, pin, capsys) -> None:
    assert add(pin) == 0
    (one,) = listed(capsys)
    left = from_plain(datetime, one["ends_at"]) - centre.now()
    assert timedelta(days=364, hours=23) < left < timedelta(days=365)


def test_another_pin_takes_the_old_ones_place(centre, pin, capsys) -> None:
    add(pin)
    pin.write_text("135790")
    assert run("officers", "pin", "EC-1", "--pin-file", str(pin)) == 0
    assert matches(verifier(centre, "EC-1"), "135790")
    assert not matches(verifier(centre, "EC-1"), "24680")


@pytest.mark.parametrize("text", ["", "123", "1234567890123", "12345x", "1234 5", "ñ" * 6, "9" * 1000])
def test_what_is_no_pin_is_refused_without_quoting_it(centre, pin, capsys, text) -> None:
    pin.write_text(text)
    assert add(pin) == 2
    err = capsys.readouterr().err
    assert "its first line is not 4 to 12 digits" in err
    assert not text or text not in err
    assert not listed(capsys)


def test_a_pin_that_is_asked_for_is_typed_twice(centre, pin, capsys, monkeypatch) -> None:
    typed = iter(["24680", "24681", "24680", "24680"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    arguments = ("officers", "add", "EC-1", "--name", "Muestra", "--role", "supervisor")
    assert run(*arguments) == 2
    assert "not the same" in capsys.readouterr().err
    assert run(*arguments) == 0
    assert matches(verifier(centre, "EC-1"), "24680")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert run("officers", "pin", "EC-1") == 2
    assert "--pin-file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("officers", "disable", "EC-7"), "EC-7"),
        (("officers", "pin", "EC-7"), "EC-7"),
        (("officers", "enable", "EC-7", "--ends", "next year"), "next year"),
        (("officers", "enable", "EC-7", "--ends", "2026-13-01"), "2026-13-01"),
        (("audit", "--after", "-1"), "--after -1"),
    ],
)
def test_a_wrong_input_is_named_in_one_line(centre, capsys, arguments, word) -> None:
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert word in err
    assert err.count("\n") == 1


def test_a_missing_pin_file_is_named(centre, tmp_path, capsys) -> None:
    assert add(tmp_path / "none") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_code_of_an_unlock_is_printed_and_recorded_without_it(centre, booth, pin, capsys) -> None:
    add(pin)
    add(pin, "EC-9", "supervisor")
    capsys.readouterr()
    about = ("--booth", "demo-3", "--challenge", "12345678", "--supervisor", "EC-9")
    assert run("officers", "unlock", "EC-1", *about) == 0
    code = capsys.readouterr().out.strip()
    with centre.begin() as connection:
        key = centre.secret(connection, "unlock demo-3")
    opening.close(centre)
    assert is_unlock_code(code, key, "demo-3", "EC-1", "12345678")
    assert run("audit") == 0
    out = capsys.readouterr().out
    assert "admin: officer unlocked (booth demo-3, challenge 12345678, officer EC-1, supervisor EC-9)" in out
    assert code not in out
    booths.revoke(centre, "demo-3")
    opening.close(centre)
    assert run("officers", "unlock", "EC-1", *about) != 0
    assert "revoked" in capsys.readouterr().err


def test_the_audit_tells_acts_alarms_and_chains(centre, booth, capsys) -> None:
    with centre.begin() as connection:
        alarms.sound(centre, connection, "fork", "demo-3", {"chain": 1, "seq": 2})
    opening.close(centre)
    assert run("audit") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "centre made" in lines[0]
    assert lines[-3].startswith("acts: ")
    assert lines[-3].endswith(", hold")
    assert lines[-2].startswith("alarm 1: ")
    assert lines[-2].endswith("fork at booth demo-3 (chain 1, seq 2)")
    assert lines[-1] == "booth demo-3: chain 1, 3 events, holds"
    assert run("audit", "--alarms") == 0
    assert capsys.readouterr().out.splitlines() == lines[-2:-1]
    assert run("audit", "--booth", "demo-3") == 0
    assert capsys.readouterr().out.splitlines() == lines[-1:]
    assert run("audit", "--after", "1") == 0
    assert capsys.readouterr().out.splitlines() == lines[1:]
    assert run("audit", "--booth", "demo-9") != 0
    assert "demo-9" in capsys.readouterr().err


def test_the_audit_speaks_json(centre, booth, capsys) -> None:
    assert run("audit", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["number"] for one in told["acts"]] == list(range(1, len(told["acts"]) + 1))
    assert (told["acts_fault"], told["alarms"]) == ("", [])
    assert told["chains"] == [{"booth": "demo-3", "number": 1, "events": 3, "bodies": 3, "broken_at": 0, "fault": ""}]


def test_a_record_that_does_not_hold_ends_in_1(centre, booth, capsys) -> None:
    with centre.begin() as connection:
        connection.execute(update(database.events).where(database.events.c.seq == 2).values(hash="0" * 64))
    opening.close(centre)
    assert run("audit") == 1
    assert "booth demo-3: chain 1, breaks at event 2: its stored hash is not its own" in capsys.readouterr().out
    assert run("audit", "--json", "--booth", "demo-3") == 1
    assert json.loads(capsys.readouterr().out)["chains"][0]["broken_at"] == 2
    assert run("audit", "--alarms") == 0
    capsys.readouterr()
    with centre.begin() as connection:
        connection.execute(update(database.events).where(database.events.c.seq == 2).values(hash=booth.hashes[2]))
        connection.execute(update(database.acts).where(database.acts.c.number == 2).values(who="nobody"))
    opening.close(centre)
    assert run("audit") == 1
    out = capsys.readouterr().out
    assert "acts: act 2 was changed" in out
    assert "booth demo-3: chain 1, 3 events, holds" in out
