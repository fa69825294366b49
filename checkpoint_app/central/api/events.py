"""Routes: events, the bodies that follow them, and how far the centre has come.

Events come as a batch of `wire.batch`. Late bodies may come compressed (``Content-Encoding: zstd``), which each
acknowledgement says (RFC 7694).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import delivery, early, identity, schema
from checkpoint_app.central.background import background_of, running
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.jobs import parsed
from checkpoint_app.central.requests import authenticated, centre_of, large, reply
from checkpoint_app.wire import packing
from checkpoint_app.wire.api import ACKNOWLEDGEMENT, BODIES, EVENTS, URGENT
from checkpoint_app.wire.batch import BATCH_TYPE, BatchError, NewerFormError, read_batch
from checkpoint_app.wire.delivery import (
    BATCH_BYTES,
    MAX_BATCH_BYTES,
    MAX_LATE_BODY_BYTES,
    Acknowledgement,
    Batch,
    Early,
    LateBody,
)
from checkpoint_app.wire.statement import Statement, state

router = APIRouter(lifespan=running)


@router.post(
    EVENTS,
    openapi_extra=schema.body_bytes(BATCH_TYPE),
    responses=schema.replies(Statement, 401, 403, 409, 413, 415, 422),
)
async def take_events(request: Request) -> Response:
    """Store the events that are new."""
    async with large(request, MAX_BATCH_BYTES) as (caller, body):
        stated = await run_in_threadpool(_receive, centre_of(request), caller.booth, body, _media_type(request))
    background_of(request.app).worker.wake()
    return stated


@router.post(
    BODIES,
    openapi_extra=schema.body(LateBody),
    responses=schema.replies(Statement, 401, 403, 409, 413, 415, 422),
)
async def take_body(request: Request) -> Response:
    """Store a body that follows its event. It may be compressed: ``Content-Encoding: zstd``."""
    async with large(request, MAX_LATE_BODY_BYTES) as (caller, body):
        stated = await run_in_threadpool(_take_body, centre_of(request), caller.booth, body, _encoding(request))
    background_of(request.app).worker.wake()
    return stated


@router.post(
    URGENT, openapi_extra=schema.body_bytes(BATCH_TYPE), responses=schema.replies(Statement, 401, 403, 413, 415, 422)
)
async def take_urgent(request: Request) -> Response:
    """Keep events before their turn; tells which are here."""
    caller, body = await authenticated(request, BATCH_BYTES)
    return await run_in_threadpool(_receive_early, centre_of(request), caller.booth, body, _media_type(request))


@router.get(URGENT, responses=schema.replies(Statement, 401, 403))
async def urgent(request: Request) -> Response:
    """Tell which events of this booth are here before their turn."""
    caller, _none = await authenticated(request)
    return await run_in_threadpool(_held_early, centre_of(request), caller.booth)


@router.get(ACKNOWLEDGEMENT, responses=schema.replies(Statement, 401, 403))
async def acknowledgement(request: Request) -> Response:
    """Tell how far the centre has come with this booth."""
    caller, _none = await authenticated(request)
    return await run_in_threadpool(_acknowledge, centre_of(request), caller.booth)


def _receive(centre: Centre, booth: str, body: bytes, media_type: str) -> Response:
    return _stated(centre, delivery.receive(centre, booth, _batch(body, media_type)))


def _receive_early(centre: Centre, booth: str, body: bytes, media_type: str) -> Response:
    return _stated(centre, early.receive(centre, booth, _batch(body, media_type)))


def _held_early(centre: Centre, booth: str) -> Response:
    return _stated(centre, early.held(centre, booth))


def _batch(body: bytes, media_type: str) -> Batch:
    """Return the batch that came. Raises CentreError."""
    if media_type != BATCH_TYPE:
        raise CentreError("type_unknown", f"events come as {BATCH_TYPE}", 415)
    try:
        return read_batch(body)
    except NewerFormError as error:
        raise CentreError("newer_version", "the batch is of a newer form; update the centre", 415) from error
    except BatchError as error:
        raise CentreError("malformed", str(error), 422) from error


def _take_body(centre: Centre, booth: str, body: bytes, encoding: str) -> Response:
    late = parsed(LateBody, _unpacked(body, encoding), MAX_LATE_BODY_BYTES)
    return _stated(centre, delivery.take_body(centre, booth, late))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _encoding(request: Request) -> str:
    return request.headers.get("content-encoding", "").strip().lower()


def _unpacked(body: bytes, encoding: str) -> bytes:
    """Return the body as it was before it was encoded, within the same bound. Raises CentreError."""
    if encoding in ("", "identity"):
        return body
    if encoding != packing.ENCODING:
        raise CentreError("encoding_unknown", f"a body comes plain, or as {packing.ENCODING}", 415)
    try:
        return packing.unpack(body, MAX_LATE_BODY_BYTES)
    except packing.TooLargeError as error:
        raise CentreError("too_large", str(error), 413) from error
    except packing.PackingError as error:
        raise CentreError("malformed", f"the body: {error}", 422) from error


def _acknowledge(centre: Centre, booth: str) -> Response:
    return _stated(centre, delivery.acknowledgement(centre, booth))


def _stated(centre: Centre, value: Acknowledgement | Early) -> Response:
    with centre.begin() as connection:
        key = identity.statement_key(centre, connection)
    return reply(state(value, key), headers={"Accept-Encoding": packing.ENCODING})
