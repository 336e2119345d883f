"""One's own open sessions and tokens: seen, and ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.accounts import browsers, history, operations, queries
from app.accounts.forms import NewToken
from app.accounts.operations import TokenWish
from app.accounts.pages import door
from app.core.fields import Id
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/settings/sessions", MEMBER)
def sessions_page(ctx: Read) -> Response:
    rows = queries.sessions(ctx.conn, ctx.actor.member_id, ctx.now, door(ctx).limits)
    here = ctx.visit.session_id if ctx.visit else None
    present = next((row for row in rows if row.id == here), None)
    return ctx.page("accounts/settings_sessions.html", sessions=rows, here=here, present=present, named=browsers.named)


@pages.get("/settings/sessions/history", MEMBER)
def history_page(ctx: Read, before: Annotated[Id | None, Query()] = None) -> Response:
    entries, more = history.page(ctx.conn, ctx.actor.member_id, ctx.now, before)
    return ctx.page("accounts/settings_history.html", entries=entries, more=more)


@pages.post("/settings/sessions/{session_id}/end", MEMBER)
def end_session(ctx: Write, session_id: Id) -> Response:
    operations.end_one_session(ctx.session, ctx.actor, session_id)
    return ctx.redirect("/settings/sessions", said="session-ended")


@pages.post("/settings/sessions/end-others", MEMBER)
def end_others(ctx: Write) -> Response:
    here = ctx.visit.session_id if ctx.visit else None
    operations.end_sessions(ctx.session, ctx.actor, ctx.actor.member_id, but=here)
    return ctx.redirect("/settings/sessions", said="sessions-ended")


@pages.post("/settings/sessions/end-all", MEMBER)
def end_everything(ctx: Write) -> Response:
    """The panic button for oneself: this session too, and every token."""
    operations.sign_out_everywhere(ctx.session, ctx.actor, ctx.actor.member_id)
    ctx.set_cookie(ctx.platform.cookie_name, "", 0)
    return ctx.redirect("/sign-in", said="everything-ended")


@pages.get("/settings/tokens", MEMBER)
def tokens_page(ctx: Read) -> Response:
    form = ctx.form or FormState({"scope": "read", "days": "30"})
    return ctx.page("accounts/settings_tokens.html", form=form, tokens=queries.tokens(ctx.conn, ctx.actor.member_id, ctx.now), made="")


@pages.post("/settings/tokens", MEMBER, step_up=True, again=tokens_page)
def create_token(ctx: Write) -> Response:
    form = parse(NewToken, ctx.call.fields)
    wish = TokenWish(form.name, tuple(form.scope.split(",")), form.days)
    made = operations.create_token(ctx.session, ctx.actor, ctx.actor.member_id, wish)
    return ctx.page("accounts/settings_token_made.html", made=made, name=form.name)


@pages.post("/settings/tokens/{token_id}/end", MEMBER)
def end_token(ctx: Write, token_id: Id) -> Response:
    operations.end_token(ctx.session, ctx.actor, token_id)
    return ctx.redirect("/settings/tokens", said="token-ended")
