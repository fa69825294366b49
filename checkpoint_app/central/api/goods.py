"""Routes: how often goods that stand at a booth were at all posts."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import goods, schema
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.requests import authenticated, centre_of, reply
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.api import GOODS
from checkpoint_app.wire.canonical import CanonicalError, read_canonical
from checkpoint_app.wire.goods import MAX_GOODS_BYTES, GoodsAsked, GoodsKnown
from checkpoint_app.wire.plain import PlainError, from_plain

router = APIRouter()


@router.post(
    GOODS,
    openapi_extra=schema.body(GoodsAsked),
    responses=schema.replies(GoodsKnown, 401, 403, 413, 422),
)
async def known(request: Request) -> Response:
    """Return what is known of containers, a consignee and a truck at all posts."""
    caller, body = await authenticated(request, MAX_GOODS_BYTES)
    try:
        asked = from_plain(GoodsAsked, read_canonical(body, MAX_GOODS_BYTES))
    except (CanonicalError, PlainError) as error:
        raise CentreError("malformed", f"the body is no question about goods: {error}", 422) from error
    if asked.booth != caller.booth:
        raise CentreError("other_booth", "the question is of another booth", 403)
    centre = centre_of(request)
    found = await run_in_threadpool(lambda: retried(centre, lambda connection: goods.known(centre, connection, asked)))
    return reply(found)
