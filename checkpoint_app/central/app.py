"""The centre's HTTP application: one router an area, described by OpenAPI at ``/openapi.json``."""

from __future__ import annotations

import importlib
from typing import Any

from fastapi import FastAPI

from checkpoint_app import __version__
from checkpoint_app.central import problems
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.together import Together
from checkpoint_app.wire.api import ANCHORS, ENROLMENTS, TOKEN_SCHEME

AREAS = ("enrolment", "repository", "events", "inbox", "questions", "screenings", "seeds", "crossings", "goods")
OPEN = frozenset({ANCHORS, ENROLMENTS})
"""The paths that ask for no token: what a booth needs before it is one."""


def make_app(centre: Centre, audience: str, workers: int = 0) -> FastAPI:
    """Return the application that serves ``centre``; ``audience`` is the id that request tokens name.

    ``workers`` processes of their own answer by the lists; with 0 of them, threads of this one.
    """
    app = FastAPI(
        title="checkpoint central service",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request names
    )
    app.state.centre = centre
    app.state.audience = audience
    app.state.inboxes_laid = {}
    app.state.workers = workers
    app.state.tokens = Together(centre, lasting=False)
    app.state.accesses = Together(centre, lasting=True)
    problems.install(app, centre)
    for area in AREAS:
        app.include_router(importlib.import_module(f"checkpoint_app.central.api.{area}").router)
    _describe_tokens(app)
    return app


def _describe_tokens(app: FastAPI) -> None:
    """Let the description say which requests carry a booth's token."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            text = "A compact JWS under the booth's Ed25519 key, for one request, used once within a minute."
            scheme = {"type": "http", "scheme": TOKEN_SCHEME.lower(), "description": text}
            document.setdefault("components", {})["securitySchemes"] = {TOKEN_SCHEME: scheme}
            for path, methods in document["paths"].items():
                for operation in methods.values():
                    operation["security"] = [] if path in OPEN else [{TOKEN_SCHEME: []}]
        return plain()

    app.openapi = described  # type: ignore[method-assign]
