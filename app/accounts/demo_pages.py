"""One click each for the demonstration's cast. These routes are put into the app in ENV=demo alone, which binds to loopback."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import hooks, sessions, signing_in
from app.accounts.models import Factor
from app.accounts.pages import browser_of, door, enter, half_of, let_in, session_of, wanted
from app.accounts.passkeys import role
from app.accounts.signing_in import Half
from app.core.errors import Invalid, NotFound
from app.core.fields import Form, Id
from app.web.forms import parse
from app.web.guard import PUBLIC, SIGNED_IN
from app.web.request import Write
from app.web.routing import Routes

pages = Routes()


class Chosen(Form):
    member: Id


@pages.post("/demo/sign-in", PUBLIC("ENV=demo only: signs in as one of the invented cast"))
def sign_in(ctx: Write) -> Response:
    member = parse(Chosen, ctx.call.fields).member
    if member not in {one.id for one in hooks.cast(ctx.conn)}:
        raise NotFound
    if not hooks.may_sign_in(ctx.conn, member):
        raise Invalid(member="This one may not sign in. Try the password: the answer tells nothing.")
    if ctx.visit is not None and ctx.visit.session_id is not None:
        sessions.end(ctx.session, ctx.visit.session_id, ctx.now)
    place = sessions.Place(ctx.call.origin.address, browser_of(ctx))
    session_id, _ = sessions.begin(ctx.session, member, ctx.now, place)
    return let_in(ctx, signing_in.onward(door(ctx), ctx.session, Half(member, session_id, ctx.call.origin, ctx.now), Factor.DEMO))


@pages.post("/demo/step-up", SIGNED_IN)
def step_up(ctx: Write) -> Response:
    enter(ctx, sessions.step_up(ctx.session, session_of(ctx).session_id, ctx.now, Factor.DEMO))
    return ctx.redirect(wanted(ctx))


@pages.post("/demo/passkey", PUBLIC("ENV=demo only: goes on where a role asks for a passkey"))
def passkey(ctx: Write) -> Response:
    """For who signed in with password and code, both right, and whose session waits for a passkey."""
    half = half_of(ctx)
    if half is None or not role.waits(ctx.session, half):
        raise NotFound
    return let_in(ctx, signing_in.onward(door(ctx), ctx.session, half, Factor.DEMO))
