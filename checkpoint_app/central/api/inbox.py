"""Routes: the booth's inbox."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import cases, schema
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.requests import authenticated, centre_of, reply
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire.api import INBOX
from checkpoint_app.wire.canonical import MAX_INTEGER
from checkpoint_app.wire.case import Inbox

router = APIRouter()
NOTHING_NEW = 304
LAID_AGAIN_AFTER_S = 60.0
"""A booth that says what was never so has its whole inbox written anew: not as often as it likes."""


@router.get(
    INBOX,
    responses={**schema.replies(Inbox, 401, 403, 422, 429), NOTHING_NEW: {"description": "Nothing is new."}},
)
async def inbox(
    request: Request,
    after: Annotated[int, Query(ge=0, le=MAX_INTEGER)] = 0,
    seen: Annotated[str, Query(pattern="^([0-9a-f]{64})?$")] = "",
) -> Response:
    """Return the items after the number asked for; ``ETag`` is the number of the last that there is.

    ``seen`` is the SHA-256 (hex) of the item of that number, as it was signed: a centre that lost it sends again.
    """
    caller, _none = await authenticated(request)
    laid: dict[str, float] = request.app.state.inboxes_laid
    again = monotonic() - laid.get(caller.booth, -LAID_AGAIN_AFTER_S) >= LAID_AGAIN_AFTER_S
    answer, anew = await run_in_threadpool(
        _inbox, centre_of(request), caller.booth, after, seen, request.headers.get("if-none-match"), again
    )
    if anew:
        laid[caller.booth] = monotonic()
    return answer


def _inbox(centre: Centre, booth: str, after: int, seen: str, known: str | None, again: bool) -> tuple[Response, bool]:
    def work(connection: Connection) -> tuple[Response, bool]:
        anew = cases.find_place(centre, connection, booth, after, seen, again=again)
        tag = f'"{cases.last_number(connection, booth)}"'
        if known == tag:
            return Response(status_code=NOTHING_NEW, headers={"ETag": tag}), anew
        return reply(cases.items(centre, connection, booth, after), headers={"ETag": tag}), anew

    return retried(centre, work)
