"""`checkpoint central agreements`, `import` and `publish`, from the command line on a centre's folder."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from checkpoint_app.central import acts, lists, opening, publishing
from checkpoint_app.central.centre import Centre
from checkpoint_app.cli import main
from checkpoint_app.commands import list_import
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.passphrase import Stretching
from tests.central.publishing_helpers import CALIBRATION, PARTNER, STRANGER, Booth
from tests.screening.importers import samples

PASSPHRASE = "a passphrase for tests"
Run = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's folder, which the commands find by the environment."""
    home, passphrase = tmp_path / "centre", tmp_path / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n")
    monkeypatch.setenv("CHECKPOINT_CENTRAL_HOME", str(home))
    monkeypatch.setenv("CHECKPOINT_CENTRAL_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("CHECKPOINT_ADMIN", "a.muster")
    opening.close(opening.create(home, PASSPHRASE, stretching=Stretching(1, 8 * 1024, 1)))
    return home


@pytest.fixture
def partner(tmp_path: Path) -> tuple[Path, Path]:
    """The partner's key files: private and public."""
    private, public = tmp_path / "partner.key", tmp_path / "partner.pem"
    private.write_bytes(PARTNER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(PARTNER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source.jsonl", 200)


@pytest.fixture
def calibration(tmp_path: Path) -> Path:
    """A calibration as it is kept, so that none is found anew."""
    path = tmp_path / "calibration.json"
    path.write_text(json.dumps({**CALIBRATION.to_plain(), "made_of": "a list"}))
    return path


def write(path: Path, count: int) -> Path:
    people = [{"id": f"L{n}", "surname": f"MUSTER{n}", "given": "Eva"} for n in range(count)]
    path.write_text("".join(json.dumps(one) + "\n" for one in people))
    return path


def run(*arguments: object) -> int:
    return main(["central", *map(str, arguments)])


def opened(folder: Path, look: Callable[[Centre], Any]) -> Any:
    centre = opening.open_centre(folder, PASSPHRASE)
    try:
        return look(centre)
    finally:
        opening.close(centre)


def newest(folder: Path) -> dict[str, int]:
    def look(centre: Centre) -> dict[str, int]:
        with centre.begin() as connection:
            return {one.name: one.version for one in lists.in_use(centre, connection)}

    found: dict[str, int] = opened(folder, look)
    return found


def failing(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> str:
    """Return the one line by which a command fails."""
    capsys.readouterr()
    assert run(*arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = [each for each in told.err.splitlines() if each.startswith("checkpoint: ")]
    assert "MUSTER" not in told.err
    return line


def test_from_a_source_to_a_booth(
    folder: Path, source: Path, calibration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take = ("import", "--list", "ECU", source, "--calibration", calibration)
    assert run(*take, "--originator", "Policía", "--handling", "LE-ONLY") == 0
    assert "ECU 1: 200 records, the first version; " in capsys.readouterr().out
    write(source, 205)
    assert run(*take, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["state"], told["records"]) == (2, "ready", 205)
    assert told["change"] == {**told["change"], "added": 5, "removed": 0, "changed": 0, "before": 1}
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: ECU 2\n"
    assert run("publish", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"published": [], "waiting": [], "ends_soon": []}

    def look(centre: Centre) -> int:
        with centre.begin() as connection:
            root = publishing.root(centre, connection)
        return Booth(centre, root, tmp_path / "booth").version("ECU")

    assert opened(folder, look) == 2


def test_a_partners_package_and_what_is_wrong_with_others(
    folder: Path, source: Path, partner: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(list_import, "calibrate", lambda entries, **_: replace_persons(entries))
    private, public = partner
    ends = (datetime.now(UTC) + timedelta(days=99)).date().isoformat()
    assert run("agreements", "add", "EC-US", "--partner", "USA", "--ends", ends) == 0

    def made(name: str, *options: object) -> Path:
        out = tmp_path / name
        about = ("--name", "USA", "--originator", "USA", "--agreement", "EC-US", "--agreement-ends", ends)
        command = ["lists", "import", source, "--out", out, "--publisher-key", private, *about, *options]
        assert main([str(each) for each in command]) == 0
        return out

    take = ("import", "--list", "USA", "--agreement", "EC-US", "--partner-key", public, "--originator", "USA")
    assert run(*take, made("first", "--version", 5)) == 0
    assert "USA 5: 200 records" in capsys.readouterr().out
    assert run("import", "--list", "USA", made("second", "--version", 6)) == 0
    again = failing(capsys, 3, "import", "--list", "USA", made("third", "--version", 6))
    assert again == "checkpoint: list USA: version 6 is here already; this is 6"
    data = made("fourth", "--version", 7).read_bytes()
    (tmp_path / "fourth").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "not what its publisher signed" in failing(capsys, 3, "import", "--list", "USA", tmp_path / "fourth")
    private.write_bytes(STRANGER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    other = made("fifth", "--version", 8)
    assert "signed by another" in failing(capsys, 3, "import", "--list", "USA", other)
    assert "no --issued" in failing(capsys, 2, "import", "--list", "USA", other, "--issued", ends)
    assert "signature is missing" in failing(capsys, 3, "import", "--list", "USA", source)
    assert "one source" in failing(capsys, 2, "import", "--list", "USA", source, source)
    assert run("publish") == 0
    assert newest(folder) == {"USA": 6}

    assert run("agreements", "end", "EC-US") == 0
    assert "EC-US: ends " in capsys.readouterr().out
    private.write_bytes(PARTNER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    late = made("late", "--version", 9)
    assert "its agreement EC-US ended" in failing(capsys, 3, "import", "--list", "USA", late)


def replace_persons(entries: Any) -> Any:
    return type(CALIBRATION)(**{**CALIBRATION.to_plain(), "persons": sum(1 for _ in entries)})


def test_a_source_signed_by_openssl(
    folder: Path, source: Path, calibration: Path, partner: tuple[Path, Path], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    private, public = partner
    signature = tmp_path / "source.sig"
    signing = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", private, "-in", source, "-out", signature]
    subprocess.run(signing, check=True, capture_output=True)
    assert run("agreements", "add", "EC-CL", "--partner", "CHL", "--ends", "2999-01-01") == 0
    declare = ("--agreement", "EC-CL", "--partner-key", public, "--calibration", calibration)
    take = ("import", "--list", "CHL", source, "--signature", signature)
    assert run(*take, *declare) == 0
    assert run(*take, "--calibration", calibration) == 0
    with source.open("a") as file:
        file.write(json.dumps({"id": "X", "surname": "EJEMPLO", "given": "Eva"}) + "\n")
    assert "not what its partner signed" in failing(capsys, 3, *take, "--calibration", calibration)
    assert "no such file" in failing(capsys, 2, *take[:-1], tmp_path / "none").lower()
    assert run("publish") == 0
    assert newest(folder) == {"CHL": 2}


def test_a_large_change_waits_for_another_administrator(
    folder: Path, source: Path, calibration: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take = ("import", "--list", "ECU", source, "--calibration", calibration)
    assert run(*take) == 0
    write(source, 190)
    capsys.readouterr()
    assert run(*take) == 0
    line = capsys.readouterr().out
    assert "ECU 2: 190 records, since version 1: 0 added, 0 changed, 10 removed; another administrator" in line
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: ECU 1\nwaiting for a second administrator: ECU 2\n"
    approve = ("import", "--list", "ECU", "--approve", 2)
    assert "ask another administrator" in failing(capsys, 2, *approve)
    monkeypatch.setenv("CHECKPOINT_ADMIN", "b.ejemplo")
    assert run(*approve) == 0
    assert "ECU 2: approved" in capsys.readouterr().out
    assert "no version 2 waits" in failing(capsys, 2, *approve)
    assert run("publish", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"published": ["ECU 2"], "waiting": [], "ends_soon": []}


def test_a_policy_and_a_silent_list(
    folder: Path, source: Path, calibration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"required": [{"check": "wanted"}], "outcomes": {}, "offline_days": 3}))
    assert run("import", "--list", "policy", policy) == 0
    assert run("import", "--list", "QUIET", source, "--silent", "--calibration", calibration) == 0
    assert "the centre screens by it" in capsys.readouterr().out
    assert run("publish") == 0
    assert capsys.readouterr().out == "published: policy 1\n"
    assert newest(folder) == {"QUIET": 1, "policy": 1}

    def look(centre: Centre) -> None:
        with centre.begin() as connection:
            found = lists.policy(centre, connection)
            assert found is not None
            assert (found.name, found.version, found.offline_days) == ("policy", 1, 3)
            assert [one.kind for one in lists.newest(centre, connection)] == [ListKind.PERSONS]

    opened(folder, look)
    policy.write_text("{")
    assert "policy.json: no policy" in failing(capsys, 2, "import", "--list", "policy", policy)


def test_agreements_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("agreements", "add", "EC-US", "--partner", "USA", "--begins", "2001-01-01", "--ends", "2002-01-01") == 0
    assert run("agreements", "add", "EC-CL", "--partner", "CHL", "--ends", "2999-01-01") == 0
    assert run("agreements", "add", "EC-PE", "--partner", "PER", "--begins", "2998-01-01", "--ends", "2999-01-01") == 0
    assert run("agreements", "extend", "EC-CL", "--ends", "2999-01-02T03:00Z") == 0
    capsys.readouterr()
    assert run("agreements") == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["EC-CL", "EC-PE", "EC-US"]
    assert rows[0].endswith("to 2999-01-02 03:00 UTC  in force")
    assert rows[1].endswith("not begun")
    assert rows[2] == "EC-US                 USA   2001-01-01 to 2002-01-01 00:00 UTC  ended"
    assert run("agreements", "--json") == 0
    told = json.loads(capsys.readouterr().out)["agreements"]
    assert [(one["name"], one["partner"], one["in_force"]) for one in told] == [
        ("EC-CL", "CHL", True), ("EC-PE", "PER", False), ("EC-US", "USA", False),
    ]  # fmt: skip
    assert "there is one already" in failing(
        capsys, 2, "agreements", "add", "EC-US", "--partner", "USA", "--ends", "2999-01-01"
    )
    assert "there is none" in failing(capsys, 2, "agreements", "end", "none")
    assert "expected a date" in failing(capsys, 2, "agreements", "extend", "EC-CL", "--ends", "soon")

    def who(centre: Centre) -> set[str]:
        with centre.begin() as connection:
            return {act.who for act in acts.all(connection)}

    assert opened(folder, who) == {"a.muster"}


def test_bad_usage_is_one_clear_line(
    folder: Path, source: Path, calibration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    partner: tuple[Path, Path],
) -> None:  # fmt: skip
    _private, public = partner
    odd = tmp_path / "odd.json"
    odd.write_text("[1]")
    take = ("import", "--list", "ECU", source)
    for options, words in (
        (("--approve", 1), "or --withdraw-list alone"),
        (("--withdraw-list",), "or --withdraw-list alone"),
        (("--withdraw", "L1"), "or --withdraw-list alone"),
        (("--withdraw-list", "--approve", 1), "or --withdraw-list alone"),
        (("--false-hits", 0), "--false-hits"),
        (("--calibration", odd), "no calibration"),
        (("--calibration", tmp_path / "none"), "No such file"),
        (("--partner-key", odd), "not a PEM public key"),
        (("--partner-key", public), "both"),
        (("--agreement", "EC-US"), "both"),
        (("--kind", "documents"), "import it with --kind persons"),
        (("--issued", "yesterday"), "expected a date"),
        (("--map", "x"), "COLUMN=FIELD"),
        (("--calibration", calibration, "--list", "a/b"), "take another name"),
    ):
        assert words in failing(capsys, 2, *take, *options), words
    assert "give the sources of a version" in failing(capsys, 2, "import", "--list", "ECU")
    assert "No such file" in failing(capsys, 2, "import", "--list", "ECU", tmp_path / "none")
    assert "issued in the future" in failing(capsys, 3, *take, "--issued", "2999-01-01")
    assert newest(folder) == {}
    assert not list((folder / "lists").glob("*.list"))


def test_refused_records_are_told_and_the_rest_is_taken(
    folder: Path, source: Path, calibration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with source.open("a") as file:
        file.write("{MUSTER\n")
    assert run("import", "--list", "ECU", source, "--calibration", calibration) == 1
    told = capsys.readouterr()
    assert "line 201: refused: the line is no JSON object" in told.err
    assert "ECU 1: 200 records" in told.out
    assert "MUSTER" not in told.err + told.out
    source.write_text("{MUSTER\n")
    assert "nothing could be read" in failing(
        capsys, 2, "import", "--list", "ECU", source, "--calibration", calibration
    )


def test_what_changed_is_told_by_kind_before_it_is_published(
    folder: Path, source: Path, calibration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("import", "--list", "ECU", "--kind", "persons", "--calibration", calibration)
    assert run(*asked, source) == 0
    people = [json.loads(line) for line in source.read_text().splitlines()]
    people[0]["surname"] = "EJEMPLO"
    people[1] |= {"given": "Ana", "dob": ["1951"]}
    source.write_text("".join(json.dumps(one) + "\n" for one in people[:170]))
    capsys.readouterr()
    assert run(*asked, source) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "since version 1: 0 added, 2 changed (names 2, dates 1), 30 removed; another administrator" in first
    assert second == "removes 30 of 200 entries (15 %)"


def test_files_beside_a_signed_source_are_not_signed_and_stay_out(
    folder: Path, partner: tuple[Path, Path], calibration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in samples.OFAC.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    signature = tmp_path / "sdn.csv.sig"
    signature.write_bytes(PARTNER.sign((tmp_path / "sdn.csv").read_bytes()))
    assert run("agreements", "add", "EC-US", "--partner", "USA", "--ends", "2031-01-31") == 0
    assert run(
        "import", "--list", "USA", "--agreement", "EC-US", "--partner-key", partner[1],
        "--signature", signature, "--calibration", calibration, tmp_path / "sdn.csv",
    ) == 0  # fmt: skip
    assert "sdn.csv: OFAC CSV; without alternate names, addresses, comments" in capsys.readouterr().err
    assert run("import", "--list", "OWN", "--calibration", calibration, tmp_path / "sdn.csv") == 0
    assert "sdn.csv: OFAC CSV with alt.csv, add.csv, sdn_comments.csv" in capsys.readouterr().err


def test_entries_and_a_list_are_withdrawn_at_once(
    folder: Path, source: Path, calibration: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("import", "--list", "ECU", source, "--calibration", calibration) == 0
    assert run("publish") == 0
    capsys.readouterr()
    assert run("import", "--list", "ECU", "--withdraw", "L5", "L7") == 0
    assert capsys.readouterr().out == "ECU 2: 2 of 200 records withdrawn; booths get it with their next round\n"
    assert newest(folder) == {"ECU": 2}
    assert "entry 1 of those given is not on it" in failing(capsys, 2, "import", "--list", "ECU", "--withdraw", "L5")
    monkeypatch.setattr("sys.stdin", io.StringIO("L1\n\n  -odd\n"))
    assert "entry 2 of those given is not on it" in failing(capsys, 2, "import", "--list", "ECU", "--withdraw", "-")
    monkeypatch.setattr("sys.stdin", io.StringIO("L1\n\n  L2\nL3\n"))
    assert run("import", "--list", "ECU", "--withdraw", "-", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["records"], told["published"], told["overtaken"]) == ("pending", 195, [], 0)
    assert run("import", "--list", "ECU", "--withdraw-list") == 0
    waiting, overtaken = capsys.readouterr().out.splitlines()
    assert waiting == (
        "ECU 4: 198 of 198 records withdrawn; another administrator must approve it: import --list ECU --approve 4"
    )
    assert overtaken == "version 3, which waited for approval, does no more: import it again"
    assert newest(folder) == {"ECU": 2}
    monkeypatch.setenv("CHECKPOINT_ADMIN", "b.ejemplo")
    assert run("import", "--list", "ECU", "--approve", 4) == 0
    assert capsys.readouterr().out == "ECU 4: approved; booths get it with their next round\n"
    assert newest(folder) == {}


def test_of_a_silent_list_booths_hear_nothing_when_entries_are_withdrawn(
    folder: Path, source: Path, calibration: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", "--list", "QUIET", source, "--silent", "--calibration", calibration) == 0
    capsys.readouterr()
    assert run("import", "--list", "QUIET", "--withdraw", "L5") == 0
    assert capsys.readouterr().out == "QUIET 2: 1 of 200 records withdrawn; the centre screens by it\n"
    assert newest(folder) == {"QUIET": 2}


def test_keys_are_given_up(
    folder: Path, source: Path, calibration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    lost = tmp_path / "numbers.jsonl"
    lost.write_text(
        "".join(json.dumps({"number": f"X{n:07}", "issuer": "UTO", "category": "lost"}) + "\n" for n in range(50))
    )
    assert run("import", "--list", "ECU", source, "--calibration", calibration) == 0
    assert run("import", "--list", "INTL", lost) == 0
    assert run("publish") == 0
    before = contents(folder)
    capsys.readouterr()
    assert run("publish", "--new-keys", "ECU", "--new-keys", "INTL") == 0
    assert capsys.readouterr().out.splitlines() == [
        "published: ECU 2",
        "INTL: its next import is under new keys; the numbers are hashed anew from their source",
    ]
    after = contents(folder)
    assert after["ECU"][1:] == before["ECU"][1:]
    assert after["ECU"][0] != before["ECU"][0]
    assert after["INTL"] == before["INTL"]
    assert run("import", "--list", "INTL", lost) == 0
    assert run("publish") == 0
    last = contents(folder)
    assert last["ECU"] == after["ECU"]
    assert last["INTL"][0] != before["INTL"][0]
    assert last["INTL"][2][0]["key"] != before["INTL"][2][0]["key"]
    for name in ("none", "officers"):
        assert "there is no such list" in failing(capsys, 2, "publish", "--new-keys", name)
    assert "--restored" in failing(capsys, 2, "publish", "--new-keys", "ECU", "--restored")
    write(source, 300)
    assert run("import", "--list", "ECU", source, "--calibration", calibration) == 0
    assert "a version waits for approval" in failing(capsys, 2, "publish", "--new-keys", "ECU")
    acted = opened(folder, lambda centre: [one.what for one in all_acts(centre)])
    assert acted.count("list keys given up") == 2


def all_acts(centre: Centre) -> list[acts.Act]:
    with centre.begin() as connection:
        return acts.all(connection)


def contents(folder: Path) -> dict[str, tuple[bytes, Any, list[dict[str, Any]]]]:
    """Return of each list in use its content key, the moment of its issue and its records."""

    def look(centre: Centre) -> dict[str, tuple[bytes, Any, list[dict[str, Any]]]]:
        with centre.begin() as connection:
            found = lists.newest(centre, connection)
        opened = {one.name: (one.content_key, *lists.open_records(centre, one)) for one in found}
        return {name: (key, header.issued_at, list(records)) for name, (key, header, records) in opened.items()}

    found: dict[str, tuple[bytes, Any, list[dict[str, Any]]]] = opened(folder, look)
    return found


def test_an_agreement_near_its_end_is_warned_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    assert run("agreements", "add", "EC-US", "--partner", "USA", "--ends", soon.strftime("%Y-%m-%dT%H:%MZ")) == 0
    assert run("agreements", "add", "EC-CL", "--partner", "CHL", "--ends", "2999-01-01") == 0
    told = (
        f"ends soon: EC-US, in 3 days, at {soon:%Y-%m-%d %H:%M} UTC (no list); then it is not consulted, and a day "
        "later purged. `agreements extend` lets it go on"
    )
    for command in ("agreements", "publish"):
        capsys.readouterr()
        assert run(command) == 0
        assert capsys.readouterr().out.splitlines()[-1] == told
    assert run("agreements", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["agreements"]
    assert {one["name"]: one["ends_soon"] for one in rows} == {"EC-US": True, "EC-CL": False}
    assert run("publish", "--json") == 0
    assert json.loads(capsys.readouterr().out)["ends_soon"] == ["EC-US"]
