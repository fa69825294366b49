"""Routes: events, the bodies that follow them, and how far the centre has come."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import delivery, identity, schema
from checkpoint_app.central.background import background_of, running
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.requests import authenticated, centre_of, parsed, reply
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
    caller, body = await authenticated(request, MAX_BATCH_BYTES)
    batch, centre = parsed(Batch, body, MAX_BATCH_BYTES), centre_of(request)
    taken = await run_in_threadpool(delivery.receive, centre, caller.booth, batch)
    background_of(request.app).worker.wake()
    return await run_in_threadpool(_stated, centre, taken)


@router.post(
    BODIES,
    openapi_extra=schema.body(LateBody),
    responses=schema.replies(Statement, 401, 403, 409, 413, 422),
)
async def take_body(request: Request) -> Response:
    """Store a body that follows its event."""
    caller, body = await authenticated(request, MAX_BATCH_BYTES)
    late, centre = parsed(LateBody, body, MAX_BATCH_BYTES), centre_of(request)
    taken = await run_in_threadpool(delivery.take_body, centre, caller.booth, late)
    background_of(request.app).worker.wake()
    return await run_in_threadpool(_stated, centre, taken)


@router.get(ACKNOWLEDGEMENT, responses=schema.replies(Statement, 401, 403))
async def acknowledgement(request: Request) -> Response:
    """Tell how far the centre has come with this booth."""
    caller, _none = await authenticated(request)
    centre = centre_of(request)
    taken = await run_in_threadpool(delivery.acknowledgement, centre, caller.booth)
    return await run_in_threadpool(_stated, centre, taken)


def _stated(centre: Centre, value: Acknowledgement) -> Response:
    with centre.begin() as connection:
        key = identity.statement_key(centre, connection)
    return reply(state(value, key))
