"""The page before everything else, where the association asks its members to accept new rules of use."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import signing_in
from app.accounts.models import SessionLevel
from app.accounts.pages import door, let_in, onwards, session_of, wanted
from app.accounts.terms import acceptance
from app.web.guard import SIGNING_IN
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/sign-in/terms", SIGNING_IN, counts=False)
def terms_page(ctx: Read) -> Response:
    half = session_of(ctx)
    if not signing_in.is_held(ctx.conn, half, SessionLevel.TERMS):
        return onwards(ctx, "/sign-in")
    return ctx.page("accounts/terms.html", next=wanted(ctx))


@pages.post("/sign-in/terms", SIGNING_IN, again=terms_page)
def accept(ctx: Write) -> Response:
    half = session_of(ctx)
    if not signing_in.is_held(ctx.session, half, SessionLevel.TERMS):
        return onwards(ctx, "/sign-in")
    acceptance.accept(ctx.session, signing_in.actor_of(ctx.session, half.account_id, half.origin), ctx.platform.settings)
    return let_in(ctx, signing_in.go_on(door(ctx), ctx.session, half))
