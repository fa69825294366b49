"""The repository's routes, asked by a booth over a real line."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI

from checkpoint_app.central import identity, problems, publishing, tls
from checkpoint_app.central import repository as central_repository
from checkpoint_app.central.api import repository
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.repository import ListsVersion
from checkpoint_app.central.together import Together
from checkpoint_app.wire.api import GRANTS, LISTS_HEADER, METADATA, PROBLEM, TARGETS, TIME_HEADER, Grants, Problem
from checkpoint_app.wire.canonical import read_canonical
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import from_plain
from tests.central.helpers import AUDIENCE, Clock, FakeBooth, enrolled, serve
from tests.central.publishing_helpers import OWN, SILENT, bring, make_repository, wordy

one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)  # what is tested lies in files


@pytest.fixture
def base(centre: Centre) -> Iterator[str]:
    """The address of a centre that has published a list, and keeps a silent one."""
    make_repository(centre)
    with centre.begin() as connection:
        tls.create(centre, connection, ["localhost"])
        identity.create(centre, connection)
    bring(centre, OWN)
    bring(centre, SILENT)
    publishing.publish(centre)
    app = FastAPI()
    app.state.centre, app.state.audience = centre, AUDIENCE
    app.state.tokens = Together(centre, lasting=False)
    problems.install(app, centre)
    app.include_router(repository.router)
    with serve(app) as address:
        yield address


@pytest.fixture
def booth(centre: Centre, base: str) -> FakeBooth:
    return enrolled(centre, "demo-3", base=base)


@pytest.fixture
def target(centre: Centre) -> Path:
    """The one package in the repository."""
    (path,) = (centre.folder / "repository" / "targets").glob("*/*.list")
    return path


def path_of(target: Path) -> str:
    return f"{TARGETS}{target.parent.name}/{target.name}"


def refused(response: requests.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == PROBLEM
    found = from_plain(Problem, read_canonical(response.content, 1 << 14))
    assert found.status == response.status_code
    return found.status, found.code


def as_it_is(booth: FakeBooth, path: str) -> tuple[int, bytes]:
    """Ask for ``path`` without any client resolving its dots first."""
    line = http.client.HTTPConnection(booth.base.removeprefix("http://"), timeout=10)
    with contextlib.closing(line):
        line.request("GET", path, headers={"Authorization": f"Booth {booth.token('GET', path)}"})
        answer = line.getresponse()
        return answer.status, answer.read()


def test_metadata_and_targets_are_served_as_they_lie_there(centre: Centre, booth: FakeBooth, target: Path) -> None:
    for path in (centre.folder / "repository" / "metadata").iterdir():
        answer = booth.request("GET", METADATA + path.name)
        assert (answer.status_code, answer.content) == (200, path.read_bytes())
        assert answer.headers["etag"] == f'"{hashlib.sha256(path.read_bytes()).hexdigest()}"'
        assert TIME_HEADER in answer.headers
    answer = booth.request("GET", path_of(target))
    assert (answer.status_code, answer.content) == (200, target.read_bytes())
    assert answer.headers["etag"] == f'"{target.name.split(".")[0]}"'
    assert answer.headers["content-length"] == str(target.stat().st_size)
    assert answer.headers["accept-ranges"] == "bytes"


@one_database
def test_a_delta_is_served_as_it_lies_there_and_none_of_another_list(centre: Centre, booth: FakeBooth) -> None:
    for records in (wordy(), wordy(L7="other")):
        bring(centre, replace(OWN, name="CHL"), records)
        publishing.publish(centre)
    (delta,) = (centre.folder / "repository" / "targets").glob("*/*.delta")
    answer = booth.request("GET", path_of(delta))
    assert (answer.status_code, answer.content) == (200, delta.read_bytes())
    part = booth.request("GET", path_of(delta), Range="bytes=100-")
    assert (part.status_code, part.content) == (206, delta.read_bytes()[100:])
    for name in (
        delta.name.replace(".ECU-", ".ECX-"),
        delta.name.replace("-3.", "-x."),
        delta.name.replace("-2-", "-"),
    ):
        assert refused(booth.request("GET", f"{TARGETS}ECU/{name}")) == (404, "no_such_file")


@one_database
def test_a_part_is_served_from_any_byte_on(booth: FakeBooth, target: Path) -> None:
    data = target.read_bytes()
    size, path = len(data), path_of(target)
    for asked, first, end in (
        ("bytes=0-", 0, size),
        ("bytes=100-", 100, size),
        ("bytes=100-199", 100, 200),
        (f"bytes={size - 1}-", size - 1, size),
        ("bytes=100-99999999", 100, size),
        ("bytes=-7", size - 7, size),
        ("bytes=-99999999", 0, size),
    ):
        answer = booth.request("GET", path, Range=asked)
        assert (answer.status_code, answer.content) == (206, data[first:end]), asked
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
        assert answer.headers["content-length"] == str(end - first)
    for asked in ("bytes=5-2", "bytes=1-2,4-5", "bytes=-", "lines=1-2", "bytes=x-", "bytes=" + "9" * 30 + "-"):
        answer = booth.request("GET", path, Range=asked)
        assert (answer.status_code, answer.content) == (200, data), asked
    for asked in (f"bytes={size}-", f"bytes={size + 9}-{size + 10}", "bytes=-0"):
        assert refused(booth.request("GET", path, Range=asked)) == (416, "range_outside"), asked


@one_database
def test_a_part_is_of_the_same_file_or_it_is_the_whole(booth: FakeBooth, target: Path) -> None:
    path = path_of(target)
    etag = booth.request("GET", path).headers["etag"]
    same = booth.request("GET", path, **{"Range": "bytes=10-", "If-Range": etag})
    assert (same.status_code, same.content) == (206, target.read_bytes()[10:])
    other = booth.request("GET", path, **{"Range": "bytes=10-", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, target.read_bytes())
    known = booth.request("GET", path, **{"If-None-Match": f'"x", {etag}'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", etag)


@one_database
def test_what_is_no_file_of_the_repository_is_not_found(centre: Centre, booth: FakeBooth, target: Path) -> None:
    (centre.folder / "repository" / "metadata" / "secret.json").symlink_to(centre.folder / "centre.db")
    paths = (
        METADATA + "99.root.json",
        METADATA + "lock",
        METADATA + "secret.json",
        METADATA + ".json",
        METADATA + "..%2F..%2Fcentre.db",
        METADATA + "%2e%2e",
        METADATA + "timestamp.json%00",
        METADATA + "timestamp.json.half",
        TARGETS + "ECU/ECU.list",
        TARGETS + f"{'0' * 64}.ECU.list",
        TARGETS + f"INTL/{target.name}",
        TARGETS + f"../targets/ECU/{target.name}",
        TARGETS + "..%2F..%2F..%2Flists%2FQUIET-1.list",
        TARGETS + f"ECU%2F..%2FECU/{target.name}",
        TARGETS + f"QUIET/{'0' * 64}.QUIET.list",
        TARGETS + "/etc/passwd",
        TARGETS,
    )
    for path in paths:
        answer = as_it_is(booth, path)
        assert answer[0] == 404, path
        assert b"QUIET" not in answer[1]


def test_only_a_confirmed_booth_is_served(centre: Centre, base: str, target: Path) -> None:
    pending = enrolled(centre, "demo-4", BoothState.PENDING, base)
    for path in (METADATA + "timestamp.json", path_of(target), GRANTS):
        assert refused(pending.request("GET", path)) == (403, "booth_pending")
        assert refused(FakeBooth("nobody", base).request("GET", path)) == (401, "booth_unknown")
        assert refused(requests.get(base + path, timeout=10)) == (401, "token_missing")
        assert refused(pending.request("GET", path, b"x")) == (413, "too_large")


def test_grants_are_those_of_the_booth_that_asks(booth: FakeBooth) -> None:
    answer = booth.request("GET", GRANTS)
    assert answer.status_code == 200
    found = from_plain(Grants, read_canonical(answer.content, 1 << 16))
    assert (found.booth, len(found.grants)) == ("demo-3", 1)
    assert booth.keys.exchange.hex() in found.grants[0]


@one_database
def test_a_booth_that_hangs_up_in_the_middle_harms_nobody(booth: FakeBooth, target: Path) -> None:
    target.write_bytes(bytes(8 << 20))
    host, port = booth.base.removeprefix("http://").split(":")
    for _ in range(3):
        with socket.create_connection((host, int(port)), timeout=10) as line:
            token = booth.token("GET", path_of(target))
            line.sendall(
                f"GET {path_of(target)} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Booth {token}\r\n\r\n".encode()
            )
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
    assert booth.request("GET", path_of(target), Range="bytes=8-15").content == bytes(8)


@one_database
def test_every_status_is_documented(base: str) -> None:
    described = requests.get(f"{base}/openapi.json", timeout=10).json()["paths"]
    for path in (METADATA + "{name}", TARGETS + "{path}"):
        assert {"200", "206", "304", "401", "403", "404", "413", "416"} <= set(described[path]["get"]["responses"])
    assert {"200", "401", "403", "413"} <= set(described[GRANTS]["get"]["responses"])


def test_each_reply_to_a_booth_tells_the_version_of_the_lists_and_nobody_else_hears_it(
    centre: Centre, booth: FakeBooth, clock: Clock
) -> None:
    def told(answer: requests.Response) -> str | None:
        return answer.headers.get(LISTS_HEADER)

    def served() -> str:
        data = json.loads((centre.folder / "repository" / "metadata" / "timestamp.json").read_bytes())
        return str(data["signed"]["version"])

    for path, status in ((METADATA + "1.root.json", 200), (METADATA + "99.root.json", 404), (TARGETS + "x", 404)):
        answer = booth.request("GET", path)
        assert (answer.status_code, told(answer)) == (status, served())
    etag = booth.request("GET", METADATA + "1.root.json").headers["etag"]
    assert told(booth.request("GET", METADATA + "1.root.json", **{"If-None-Match": etag})) == served()
    before = served()
    clock.move(seconds=5)
    bring(centre, OWN)
    publishing.publish(centre)
    assert served() != before
    assert told(booth.request("GET", METADATA + "1.root.json")) == served()
    stranger = FakeBooth("demo-3", booth.base, now=clock.now())
    for other in (stranger, enrolled(centre, "demo-4", BoothState.REVOKED, booth.base)):
        answer = other.request("GET", METADATA + "1.root.json")
        assert answer.status_code in (401, 403)
        assert told(answer) is None
    assert told(requests.get(booth.base + METADATA + "1.root.json", timeout=10)) is None


@one_database
def test_the_version_of_the_lists_is_read_once_a_publication(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(centre)
    read: list[Path] = []
    real = central_repository._read
    monkeypatch.setattr(central_repository, "_read", lambda path, cls: read.append(path) or real(path, cls))
    lists = ListsVersion(centre.folder / "repository")
    first = lists.now()
    assert [lists.now() for _ in range(9)] == [first] * 9
    assert len(read) == 1
    bring(centre, OWN)
    publishing.publish(centre)
    read.clear()
    assert lists.now() != first
    assert lists.now() == lists.now()
    assert len(read) == 1
    for data in (b"{", b""):
        (centre.folder / "repository" / "metadata" / "timestamp.json").write_bytes(data)
        assert lists.now() is None
    assert ListsVersion(centre.folder / "none").now() is None
