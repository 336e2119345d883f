"""`/return`: all that a suspended member's session opens. Why access ended, what to do, and where their case stands."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import sessions
from app.accounts.signing_in import Half, note
from app.core.access import Actor
from app.membership.applications.forms import AnswerForm
from app.membership.staying import queries, returning
from app.membership.staying.forms import ReturnForm
from app.web.forms import parse
from app.web.guard import RETURNING, NotSignedIn
from app.web.request import Context, Read, Write
from app.web.routing import Routes

pages = Routes()


def _asker(ctx: Context) -> Actor:
    if ctx.visit is None:
        raise NotSignedIn
    return Actor(id=ctx.visit.account_id, name=ctx.visit.name, may_write=False, origin=ctx.call.origin)


@pages.get("/return", RETURNING)
def return_page(ctx: Read) -> Response:
    return ctx.page("membership/return.html", way=queries.way_back(ctx.conn, _asker(ctx).member_id))


@pages.post("/return", RETURNING, again=return_page)
def ask(ctx: Write) -> Response:
    returning.open_case(ctx.session, _asker(ctx), parse(ReturnForm, ctx.call.fields))
    return ctx.redirect("/return", said="return-asked")


@pages.post("/return/answer", RETURNING, again=return_page)
def answer(ctx: Write) -> Response:
    returning.answer(ctx.session, _asker(ctx), parse(AnswerForm, ctx.call.fields))
    return ctx.redirect("/return", said="answered")


@pages.post("/return/withdraw", RETURNING, again=return_page)
def withdraw(ctx: Write) -> Response:
    returning.withdraw(ctx.session, _asker(ctx))
    return ctx.redirect("/return", said="withdrawn")


@pages.post("/return/leave", RETURNING)
def leave(ctx: Write) -> Response:
    """Sign out."""
    if ctx.visit is not None and ctx.visit.session_id is not None:
        here = Half(ctx.visit.account_id, ctx.visit.session_id, ctx.call.origin, ctx.now)
        sessions.end(ctx.session, here.session_id, ctx.now)
        note(ctx.session, here, "session.sign_out")
    ctx.set_cookie(ctx.platform.cookie_name, "", 0)
    return ctx.redirect("/sign-in", said="signed-out")
