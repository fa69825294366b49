"""Routes: the seeds of the lot."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central.requests import authenticated, centre_of, reply
from checkpoint_app.central.schema import replies
from checkpoint_app.central.seeds import seeds_for
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.api import SEEDS
from checkpoint_app.wire.draw import Seeds

router = APIRouter()


@router.get(SEEDS, responses=replies(Seeds, 401, 403, 413))
async def seeds(request: Request) -> Response:
    """Return the seeds of the coming days, each wrapped to the booth that asks."""
    caller, _body = await authenticated(request)
    centre = centre_of(request)

    def found() -> Seeds:
        return retried(centre, lambda connection: seeds_for(centre, connection, caller.booth, caller.exchange_key))

    return reply(await run_in_threadpool(found))
