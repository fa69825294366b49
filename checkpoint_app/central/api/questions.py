"""Routes: questions about the traveller at a booth's desk."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import schema
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.background import background_of
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.requests import authenticated, centre_of, parsed, reply
from checkpoint_app.wire.api import QUESTIONS
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
    return await run_in_threadpool(_answer, centre_of(request), background_of(request.app).lists, caller.booth, body)


def _answer(centre: Centre, lists: Lists, booth: str, body: bytes) -> Response:
    question = parsed(Question, body, MAX_QUESTION_BYTES)
    if question.booth != booth:
        raise CentreError("other_booth", "a booth asks in its own name only", 403)
    lists.look()
    policy = lists.policy
    if policy is None:
        raise CentreError("no_policy", "the centre has no policy yet; an administrator publishes one", 503)
    return reply(lists.answer(question, policy, centre.now()))
