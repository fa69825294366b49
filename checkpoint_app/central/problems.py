"""Refusals in one form (RFC 9457), with the centre's time in every reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.api import PROBLEM, TIME_HEADER, Problem
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain


def problem(centre: Centre, code: str, detail: str, status: int) -> Response:
    """Return a refusal. ``detail`` is one clear line and nothing personal."""
    body = canonical_bytes(to_plain(Problem(code, detail, status, centre.now())))
    return Response(body, status, media_type=PROBLEM)


def install(app: FastAPI, centre: Centre) -> None:
    """Give every reply of ``app`` the centre's time, and every refusal its form."""

    @app.middleware("http")
    async def _with_time(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers[TIME_HEADER] = to_plain(centre.now())
        return response

    @app.exception_handler(CentreError)
    def _refused(_request: Request, error: CentreError) -> Response:
        return problem(centre, error.code, str(error), error.status)

    @app.exception_handler(RequestValidationError)
    def _malformed(_request: Request, _error: RequestValidationError) -> Response:
        return problem(centre, "malformed", "the request is not in the documented form", 422)

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> Response:
        return problem(centre, f"http_{error.status_code}", str(error.detail), error.status_code)
