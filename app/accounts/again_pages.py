"""While signed in: confirm that it is you, go on with a form that was kept, stay signed in."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import queries, sessions, signing_in
from app.accounts.access import my_kept_form
from app.accounts.forms import Factor
from app.accounts.pages import WRONG_CODE, door, enter, refuse_passkey, sent_passkey, session_of, wanted
from app.accounts.passkeys import showing
from app.accounts.passkeys import signing_in as passkeys
from app.core.errors import Invalid
from app.core.fields import Id
from app.web.forms import parse
from app.web.guard import SIGNED_IN
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/step-up", SIGNED_IN)
def step_up_page(ctx: Read) -> Response:
    me = session_of(ctx).account_id
    return ctx.page(
        "accounts/step_up.html", next=wanted(ctx), has_passkey=showing.has_one(ctx.conn, me), only_passkey=showing.must_show(ctx.conn, me),
        rights_wait=ctx.visit is not None and ctx.visit.rights_wait,
    )  # fmt: skip


@pages.post("/step-up", SIGNED_IN, mode="own", again=step_up_page)
def step_up(ctx: Write) -> Response:
    sent = sent_passkey(ctx)
    if sent is not None:
        enter(ctx, passkeys.step_up(door(ctx), sent, session_of(ctx)) or refuse_passkey())
        return ctx.redirect(wanted(ctx))
    token = signing_in.step_up(door(ctx), session_of(ctx), parse(Factor, ctx.call.fields).code)
    if token is None:
        raise Invalid(code=WRONG_CODE)
    enter(ctx, token)
    return ctx.redirect(wanted(ctx))


@pages.get("/kept/{form_id}", SIGNED_IN)
def kept_page(ctx: Read, form_id: Id) -> Response:
    kept = my_kept_form(ctx.conn, session_of(ctx).account_id, form_id)
    return ctx.page("accounts/kept.html", id=form_id, action=kept.path, fields=[(str(name), str(value)) for name, value in kept.fields])


@pages.post("/kept/{form_id}/drop", SIGNED_IN)
def drop_kept(ctx: Write, form_id: Id) -> Response:
    sessions.drop_form(ctx.session, session_of(ctx).account_id, form_id)
    return ctx.redirect("/", said="kept-dropped")


@pages.post("/session/extend", SIGNED_IN)
def extend(ctx: Write) -> Response:
    """X5: one key stays signed in, never past the absolute limit."""
    here = session_of(ctx)
    if ctx.visit is not None:
        sessions.touch(ctx.session, ctx.visit, ctx.now)
    ends = min(ctx.now + door(ctx).limits.idle, queries.absolute_end(ctx.conn, here.session_id))
    return Response(status_code=204, headers={"x-session-ends": ends.isoformat()})
