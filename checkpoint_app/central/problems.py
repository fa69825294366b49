"""Refusals in one form (RFC 9457), with the centre's time in every reply, and for booths the version of the lists."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.repository import ListsVersion
from checkpoint_app.confined.child import describe
from checkpoint_app.wire.api import LISTS_HEADER, PROBLEM, TIME_HEADER, Problem
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain

log = logging.getLogger(__name__)
AGAIN_S = "5"
_TIME, _LISTS = TIME_HEADER.lower().encode(), LISTS_HEADER.lower().encode()


def problem(centre: Centre, code: str, detail: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return a refusal. ``detail`` is one clear line and nothing personal."""
    body = canonical_bytes(to_plain(Problem(code, detail, status, centre.now())))
    return Response(body, status, headers, PROBLEM)


def install(app: FastAPI, centre: Centre) -> None:
    """Give every reply of ``app`` the centre's time, and every refusal its form."""
    app.add_middleware(_Guard, centre=centre)

    @app.exception_handler(CentreError)
    def _refused(_request: Request, error: CentreError) -> Response:
        again = {"Retry-After": AGAIN_S} if error.status == 503 else None
        return problem(centre, error.code, str(error), error.status, again)

    @app.exception_handler(RequestValidationError)
    def _malformed(_request: Request, _error: RequestValidationError) -> Response:
        return problem(centre, "malformed", "the request is not in the documented form", 422)

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> Response:
        return problem(centre, f"http_{error.status_code}", str(error.detail), error.status_code, error.headers)

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def _busy(_request: Request, error: OperationalError | PoolTimeout) -> Response:
        log.error("the database does not answer: %s", type(getattr(error, "orig", error)).__name__)
        return problem(centre, "busy", "the centre cannot do it now; try again later", 503, {"Retry-After": AGAIN_S})


class _Guard:
    """Stands around the application: every reply gets its time, one to a booth the version of the lists.

    No exception gets out; it could quote a person.
    """

    def __init__(self, app: ASGIApp, centre: Centre) -> None:
        self._app = app
        self._centre = centre
        self._lists = ListsVersion(centre.folder / "repository")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def timed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = [each for each in message.get("headers", ()) if each[0].lower() not in (_TIME, _LISTS)]
                message = {**message, "headers": [*headers, *self._told(scope)]}
            await send(message)

        try:
            await self._app(scope, receive, timed)
        except Exception as error:  # noqa: BLE001 - the boundary of a request
            log.error("a request failed: %s", describe(error))  # noqa: TRY400 - a traceback may quote a person
            if not started:  # else the server sees that the reply has no end, and closes the line
                refused = problem(self._centre, "internal", "a fault of the centre, which is in its log", 500)
                await refused(scope, receive, timed)

    def _told(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Return the headers of each reply, and of one to a booth whose token was proven."""
        told = [(_TIME, to_plain(self._centre.now()).encode())]
        if "booth" in scope.get("state", {}) and (version := self._lists.now()) is not None:
            told.append((_LISTS, str(version).encode()))
        return told
