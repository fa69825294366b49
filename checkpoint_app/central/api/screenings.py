"""Routes: screenings of people who are on their way, one or a list of them."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import schema, screenings
from checkpoint_app.central.auth import Caller
from checkpoint_app.central.background import pool_of
from checkpoint_app.central.requests import SMALL_BYTES, authenticated, centre_of, large
from checkpoint_app.wire.api import JSON, SCREENINGS
from checkpoint_app.wire.screening import MAX_SCREENING_BYTES, Screened, Screening

router = APIRouter()
SHORT_BYTES = 4096


@router.post(
    SCREENINGS,
    openapi_extra=schema.body(Screening),
    responses=schema.replies(Screened, 401, 403, 409, 413, 422, 503),
)
async def screen(request: Request) -> Response:
    """Answer the list checks of the post's policy for each subject by itself, by one state of the lists for all.

    It may be asked again under the same id. Who asked about how many, why, and against which versions, is on record
    before the reply goes out.
    """
    if _is_small(request):
        return await _screened(request, *await authenticated(request, SMALL_BYTES))
    async with large(request, MAX_SCREENING_BYTES) as (caller, body):
        return await _screened(request, caller, body)


def _is_small(request: Request) -> bool:
    said = request.headers.get("content-length", "")
    return said.isascii() and said.isdigit() and int(said[:20]) <= SMALL_BYTES


async def _screened(request: Request, caller: Caller, body: bytes) -> Response:
    centre, pool = centre_of(request), pool_of(request.app)
    if len(body) <= SHORT_BYTES:  # sooner read than handed over
        screening, pieces = screenings.in_pieces(body)
    else:
        screening, pieces = await run_in_threadpool(screenings.in_pieces, body)
    pool.check(caller.booth, len(screening.subjects))
    now = centre.now()
    async with pool.generation() as generation:
        asked = (piece.asked(caller.booth, now) for piece in pieces)
        answered = await asyncio.gather(*(pool.ask(one, generation) for one in asked))
    access = screenings.access_of(centre, caller, screening, body, generation.in_force)
    hits = screenings.silent_hits(pieces, answered)
    await request.app.state.accesses.do(partial(screenings.keep, centre, access, screening, hits, now))
    return Response(screenings.reply(screening, answered, now), media_type=JSON)
