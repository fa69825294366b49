"""Routes: the crossings of whoever stands at a booth."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import crossings, schema
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.requests import authenticated, centre_of, reply
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.api import CROSSINGS
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.crossings import MAX_ASKED_BYTES, CrossingsAsked, CrossingsKnown
from checkpoint_app.wire.plain import PlainError, from_plain

router = APIRouter()


@router.post(
    CROSSINGS,
    openapi_extra=schema.body(CrossingsAsked),
    responses=schema.replies(CrossingsKnown, 401, 403, 413, 422),
)
async def known(request: Request) -> Response:
    """Return what is known of a traveller's crossings at all posts."""
    caller, body = await authenticated(request, MAX_ASKED_BYTES)
    try:
        asked = from_plain(CrossingsAsked, read_canonical(body, MAX_ASKED_BYTES))
    except (CanonicalError, PlainError) as error:
        raise CentreError("malformed", f"the body is no question about crossings: {error}", 422) from error
    if asked.booth != caller.booth:
        raise CentreError("other_booth", "the question is of another booth", 403)
    centre = centre_of(request)
    found = await run_in_threadpool(
        lambda: retried(centre, lambda connection: crossings.known(centre, connection, asked))
    )
    return reply(found)
