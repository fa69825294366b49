"""Routes: what a booth trusts, how it enrols, and how it stands."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import booths, identity
from checkpoint_app.central.auth import bounded_body
from checkpoint_app.central.jobs import parsed
from checkpoint_app.central.requests import centre_of, known, reply
from checkpoint_app.central.schema import body, replies
from checkpoint_app.wire.api import ANCHORS, ENROLMENT, ENROLMENTS
from checkpoint_app.wire.enrolment import Anchors, EnrolmentReply, EnrolmentRequest

MAX_REQUEST_BYTES = 4096
router = APIRouter()


@router.get(ANCHORS, responses=replies(Anchors))
def anchors(request: Request) -> Response:
    """Return what a booth is to trust of this centre; the enrolment code proves it."""
    state = request.app.state
    if not hasattr(state, "anchors"):  # they never change, and anybody may ask
        with state.centre.begin() as connection:
            state.anchors = identity.anchors(state.centre, connection)
    return reply(state.anchors)


@router.post(ENROLMENTS, openapi_extra=body(EnrolmentRequest), responses=replies(EnrolmentReply, 403, 413, 422))
async def enrol(request: Request) -> Response:
    """Take the keys of a booth that proves its code."""
    data = await bounded_body(request, MAX_REQUEST_BYTES)
    asked = parsed(EnrolmentRequest, data, MAX_REQUEST_BYTES)
    return reply(await run_in_threadpool(booths.enrol, centre_of(request), asked))


@router.get(ENROLMENT, responses=replies(EnrolmentReply, 401, 403))
async def enrolment(request: Request) -> Response:
    """Return how the booth that asks stands, confirmed or not."""
    caller, _body = await known(request)
    return reply(await run_in_threadpool(booths.reply_for, centre_of(request), caller))
