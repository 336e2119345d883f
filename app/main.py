"""Wiring only: which packages' routes there are, in which order, and what the packages above tell those below at start-up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.accounts import sessions
from app.core import clock
from app.core.config import Settings
from app.core.db import open_database
from app.membership import actors
from app.web import guard, pages, work
from app.web.frame import Frame
from app.web.platform import Platform
from app.web.routing import install


def wire(settings: Settings) -> None:
    """What low packages must ask of high ones. A kind that nobody registers is denied."""
    guard.register(actors.cookie_loader(sessions.LIMITS[settings.profile]), actors.load_bearer)
    work.register(
        touch=sessions.touch,
        keep=lambda session, account_id, path, fields: sessions.keep_form(session, account_id, path, fields, clock.now()),
    )


def create_app(settings: Settings) -> ASGIApp:
    """The ASGI application, with its database open and nothing else done yet."""
    wire(settings)
    platform = Platform(settings, open_database(settings))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        platform.close()

    app = FastAPI(title="Squadroom", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.platform = platform
    install(app, pages.public, pages.last)
    framed = Frame(app, settings)
    return framed
