"""The line without sockets: a request goes into the centre's real application, and its weather decides what returns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from urllib.parse import unquote

from requests.structures import CaseInsensitiveDict

from checkpoint_app.sync.errors import LineCode, LineError

_CHUNK = 4096


class Fate(StrEnum):
    """What becomes of one request."""

    WHOLE = "whole"
    NEVER_SENT = "never sent"
    HALF_SENT = "half sent"
    REPLY_LOST = "reply lost"
    REPLY_CUT = "reply cut"
    NO_ANSWER = "no answer"
    LATE = "late"
    """It comes to the centre after the next one: its booth has given up on it, and has asked anew."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Draws the fate of a request, and for a cut how much of it passes (from 0 to 1)."""

    draw: Callable[[], tuple[Fate, float]]


CALM = Weather(lambda: (Fate.WHOLE, 1.0))


class Reply:
    """What the line's `Received` is to its readers: a head, and a body that may end before its end."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, passes: int | None) -> None:
        self.status = status
        self.headers = headers
        self.begins = self.ends = None
        self._body, self._passes = body, passes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def chunks(self, most: int) -> Iterator[bytes]:
        if len(self._body) > most:
            raise LineError(LineCode.TOO_LARGE, status=self.status)
        end = len(self._body) if self._passes is None else self._passes
        for begin in range(0, end, _CHUNK):
            yield self._body[begin : min(begin + _CHUNK, end)]
        if self._passes is not None:
            raise LineError(LineCode.CUT_OFF)

    def body(self, most: int) -> bytes:
        return b"".join(self.chunks(most))

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


Serve = Callable[[str, str, Mapping[str, str], bytes, int | None], tuple[int, Mapping[str, str], bytes] | None]
"""Asks the centre (method, path, headers, body, of which so many bytes arrive); None where it never answers."""


class SimTransport:
    """A booth's transport: ``serve`` is the centre; nothing passes once ``dead()``."""

    was_kept = False

    def __init__(self, serve: Serve, weather: Callable[[], Weather], dead: Callable[[], bool]) -> None:
        self._serve, self._weather, self._dead = serve, weather, dead
        self._on_the_way: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, _within_s: float) -> Reply:
        fate, part = self._weather().draw()
        if self._dead() or fate is Fate.NEVER_SENT:
            raise LineError(LineCode.UNREACHABLE)
        sent = body or b""
        if fate is Fate.LATE:
            self._on_the_way.append((method, path, headers, sent))
            raise LineError(LineCode.TIMED_OUT)
        arrives = int(part * len(sent)) if fate is Fate.HALF_SENT else None
        answer = self._serve(method, path, headers, sent, arrives)
        self._arrive()
        if answer is None or fate in (Fate.HALF_SENT, Fate.REPLY_LOST):
            raise LineError(LineCode.CUT_OFF)
        if fate is Fate.NO_ANSWER:
            raise LineError(LineCode.TIMED_OUT)
        status, found, data = answer
        return Reply(status, found, data, int(part * len(data)) if fate is Fate.REPLY_CUT else None)

    def _arrive(self) -> None:
        """Let what was late come to the centre; nobody hears its reply."""
        late, self._on_the_way = self._on_the_way, []
        for method, path, headers, body in late:
            self._serve(method, path, headers, body, None)

    def close(self) -> None:
        """What is on the way stays on the way."""


def ask(
    loop: asyncio.AbstractEventLoop, app: Any, method: str, path: str, headers: Mapping[str, str], body: bytes,
    arrives: int | None = None,
) -> tuple[int, Mapping[str, str], bytes]:  # fmt: skip
    """Ask an ASGI application; of the body ``arrives`` bytes arrive, and then the line is cut (None: all of it)."""
    raw, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": method,
        "scheme": "https", "path": unquote(raw), "raw_path": raw.encode(), "query_string": query.encode(),
        "root_path": "", "client": ("booth", 1), "server": ("centre", 443), "state": {},
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    coming = [{"type": "http.request", "body": body[:arrives], "more_body": arrives is not None}]
    going: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        going.append(message)

    loop.run_until_complete(app(scope, receive, send))
    found = CaseInsensitiveDict({name.decode(): value.decode() for name, value in going[0]["headers"]})
    return going[0]["status"], found, b"".join(one.get("body", b"") for one in going[1:])
