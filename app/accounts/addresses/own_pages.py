"""The page before everything else for a retired member who has no confirmed address of their own (V12)."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import hooks, signing_in
from app.accounts.addresses import access, operations
from app.accounts.addresses.pages import Confirmed, NewAddress
from app.accounts.models import SessionLevel
from app.accounts.pages import door, let_in, onwards, session_of, wanted
from app.accounts.paths import OWN_ADDRESS as HERE
from app.accounts.sessions import ADDRESS_STEP
from app.core.access import Actor
from app.core.errors import Invalid
from app.web.forms import parse
from app.web.guard import SIGNING_IN, NotSigningIn
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
OFFICIAL = "This one is an agency's, or a government's. Please give one that stays yours."


@pages.get(HERE, SIGNING_IN, counts=False)
def own_address_page(ctx: Read) -> Response:
    half = session_of(ctx)
    if not signing_in.is_held(ctx.conn, half, SessionLevel.ADDRESS):
        return onwards(ctx, "/sign-in")
    waiting = access.my_request(ctx.conn, half.account_id, half.session_id)
    is_live = waiting is not None and waiting.expires_at > ctx.now
    return ctx.page("accounts/sign_in_address.html", next=wanted(ctx), waiting=waiting if is_live else None)


def _who(ctx: Write) -> Actor:
    """Whose session waits for an address, and for nothing else."""
    half = session_of(ctx)
    if not signing_in.is_held(ctx.session, half, SessionLevel.ADDRESS):
        raise NotSigningIn
    return signing_in.actor_of(ctx.session, half.account_id, half.origin)


@pages.post(HERE, SIGNING_IN, again=own_address_page)
def ask(ctx: Write) -> Response:
    actor, email = _who(ctx), parse(NewAddress, ctx.call.fields).email
    if hooks.lacks_address(ctx.session.connection(), actor.member_id, email):
        raise Invalid(email=OFFICIAL)
    operations.ask(ctx.session, actor, session_of(ctx).session_id, email, ADDRESS_STEP)
    return onwards(ctx, HERE)


@pages.post(f"{HERE}/confirm", SIGNING_IN, again=own_address_page)
def confirm(ctx: Write) -> Response:
    operations.confirm(ctx.session, _who(ctx), session_of(ctx).session_id, parse(Confirmed, ctx.call.fields).code)
    return let_in(ctx, signing_in.go_on(door(ctx), ctx.session, session_of(ctx)))
