"""Routes: events, the bodies that follow them, and how far the centre has come."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import delivery, identity, schema
from checkpoint_app.central.background import background_of, running
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.requests import authenticated, centre_of, large, parsed, reply
from checkpoint_app.wire.api import ACKNOWLEDGEMENT, BODIES, EVENTS
from checkpoint_app.wire.delivery import MAX_BATCH_BYTES, Acknowledgement, Batch, LateBody
from checkpoint_app.wire.statement import Statement, state

router = APIRouter(lifespan=running)


@router.post(
    EVENTS,
    openapi_extra=schema.body(Batch),
    responses=schema.replies(Statement, 401, 403, 409, 413, 422),
)
async def take_events(request: Request) -> Response:
    """Store the events that are new."""
    async with large(request, MAX_BATCH_BYTES) as (caller, body):
        stated = await run_in_threadpool(_receive, centre_of(request), caller.booth, body)
    background_of(request.app).worker.wake()
    return stated


@router.post(
    BODIES,
    openapi_extra=schema.body(LateBody),
    responses=schema.replies(Statement, 401, 403, 409, 413, 422),
)
async def take_body(request: Request) -> Response:
    """Store a body that follows its event."""
    async with large(request, MAX_BATCH_BYTES) as (caller, body):
        stated = await run_in_threadpool(_take_body, centre_of(request), caller.booth, body)
    background_of(request.app).worker.wake()
    return stated


@router.get(ACKNOWLEDGEMENT, responses=schema.replies(Statement, 401, 403))
async def acknowledgement(request: Request) -> Response:
    """Tell how far the centre has come with this booth."""
    caller, _none = await authenticated(request)
    return await run_in_threadpool(_acknowledge, centre_of(request), caller.booth)


def _receive(centre: Centre, booth: str, body: bytes) -> Response:
    return _stated(centre, delivery.receive(centre, booth, parsed(Batch, body, MAX_BATCH_BYTES)))


def _take_body(centre: Centre, booth: str, body: bytes) -> Response:
    return _stated(centre, delivery.take_body(centre, booth, parsed(LateBody, body, MAX_BATCH_BYTES)))


def _acknowledge(centre: Centre, booth: str) -> Response:
    return _stated(centre, delivery.acknowledgement(centre, booth))


def _stated(centre: Centre, value: Acknowledgement) -> Response:
    with centre.begin() as connection:
        key = identity.statement_key(centre, connection)
    return reply(state(value, key))
