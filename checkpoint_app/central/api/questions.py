"""Routes: questions about the traveller at a booth's desk."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from checkpoint_app.central import schema
from checkpoint_app.central.background import pool_of
from checkpoint_app.central.jobs import Asked, Kind
from checkpoint_app.central.requests import authenticated, centre_of
from checkpoint_app.wire.api import JSON, QUESTIONS
from checkpoint_app.wire.question import MAX_QUESTION_BYTES, Question, Reply

router = APIRouter()


@router.post(
    QUESTIONS,
    openapi_extra=schema.body(Question),
    responses=schema.replies(Reply, 401, 403, 413, 422, 503),
)
async def ask(request: Request) -> Response:
    """Answer the list checks of the post's policy by the centre's newest lists."""
    caller, body = await authenticated(request, MAX_QUESTION_BYTES)
    pool = pool_of(request.app)
    asked = Asked(Kind.QUESTION, caller.booth, centre_of(request).now(), 1, body)
    async with pool.generation() as generation:
        answered = await pool.ask(asked, generation)
    return Response(answered.body, media_type=JSON)
