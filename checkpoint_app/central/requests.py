"""How a request is read and answered: bounded bodies, canonical JSON both ways, work off the event loop."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central.auth import Caller, admit, bounded_body, caller_of, confirmed
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.wire.api import JSON
from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.plain import to_plain

SMALL_BYTES = 64 * 1024
"""What may be read from anybody who asks."""
MOST_LARGE = 2
"""How many larger bodies of one booth are read and worked on at a time: each takes many times its size in memory."""


def centre_of(request: Request) -> Centre:
    """Return the centre that this application serves."""
    centre: Centre = request.app.state.centre
    return centre


async def authenticated(request: Request, most: int = 0) -> tuple[Caller, bytes]:
    """Return the confirmed booth that asks, and the body, of at most ``most`` bytes. Raises CentreError."""
    caller, body = await known(request, most)
    return confirmed(caller), body


async def known(request: Request, most: int = 0) -> tuple[Caller, bytes]:
    """As ``authenticated``, for a booth that may still wait to be confirmed."""
    if most > SMALL_BYTES:
        await run_in_threadpool(admit, request.app.state.centre, request)
    return await _read(request, most)


@contextlib.asynccontextmanager
async def large(request: Request, most: int) -> AsyncIterator[tuple[Caller, bytes]]:
    """As ``authenticated``, for a block that works on a large body, of which a booth has few at a time.

    Raises CentreError, also ``busy`` with 503.
    """
    state = request.app.state
    if not hasattr(state, "large"):
        state.large = Counter[str]()
    booth = await run_in_threadpool(admit, state.centre, request)
    if state.large[booth] >= MOST_LARGE:
        raise CentreError("busy", "the centre still works on what this booth sent; try again later", 503)
    state.large[booth] += 1
    try:
        caller, body = await _read(request, most)
        yield confirmed(caller), body
    finally:
        state.large[booth] -= 1


async def _read(request: Request, most: int) -> tuple[Caller, bytes]:
    state = request.app.state
    body = await bounded_body(request, most)
    caller = await caller_of(state.tokens, state.centre, request, body, state.audience)
    request.state.booth = caller.booth  # whoever is known is told the version of the lists (`problems`)
    return caller, body


def reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return ``value``, a dataclass of `wire`, as canonical JSON."""
    return Response(canonical_bytes(to_plain(value)), status, headers, JSON)
