"""The centre's HTTP application: one router an area."""

from __future__ import annotations

import importlib

from fastapi import FastAPI

from checkpoint_app import __version__
from checkpoint_app.central import problems
from checkpoint_app.central.centre import Centre

AREAS = ("enrolment", "repository", "events", "inbox", "questions")


def make_app(centre: Centre, audience: str) -> FastAPI:
    """Return the application that serves ``centre``; ``audience`` is the id that request tokens name."""
    app = FastAPI(title="checkpoint central service", version=__version__, docs_url=None, redoc_url=None)
    app.state.centre = centre
    app.state.audience = audience
    problems.install(app, centre)
    for area in AREAS:
        app.include_router(importlib.import_module(f"checkpoint_app.central.api.{area}").router)
    return app
