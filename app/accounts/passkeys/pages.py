"""One's own passkeys: added and named in the settings; and the challenge for confirming that it is you."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import browsers, hooks, queries, sessions
from app.accounts.forms import AddPasskey, ShowPasskey
from app.accounts.models import Factor
from app.accounts.pages import browser_of, door, holder, session_of
from app.accounts.passkeys import adding, ceremony, challenges, showing
from app.accounts.passkeys.ceremony import Owner, Party
from app.accounts.passkeys.showing import Sent
from app.core.errors import Invalid
from app.web.forms import FormState, parse
from app.web.guard import MEMBER, SIGNED_IN
from app.web.json import reply_json
from app.web.request import Context, Read, Write
from app.web.routing import Routes

pages = Routes()
NONE_SENT = "Your browser sent no passkey. Passkeys need JavaScript and a device or browser that knows them."


def answer_to_add(ctx: Context) -> Sent:
    """What came back from the device that is to be added."""
    credential = parse(ShowPasskey, ctx.call.fields).credential
    if not credential:
        raise Invalid(credential=NONE_SENT)
    return Sent(credential, holder(ctx), ctx.now)


def asked_to_add(ctx: Write, account_id: int) -> Response:
    """The options for a new passkey of this account."""
    given = challenges.to_add(ctx.session, holder(ctx), account_id, ctx.now)
    party = Party.of(ctx.platform.settings, ctx.platform.site.get(ctx.conn).name)
    owner = Owner(given.user_handle, queries.email(ctx.conn, account_id), hooks.person(ctx.conn, account_id).name)
    return reply_json(ceremony.to_add(party, given.challenge, owner, showing.known(ctx.conn, account_id)))


def asked_to_show(ctx: Write, account_id: int | None = None) -> Response:
    """The options for showing a passkey: one of this account's, or whichever the device offers."""
    given = challenges.to_show(ctx.session, holder(ctx), ctx.now)
    known = showing.known(ctx.conn, account_id) if account_id is not None else []
    return reply_json(ceremony.to_show(Party.of(ctx.platform.settings), given.challenge, known))


@pages.post("/step-up/challenge", SIGNED_IN)
def step_up_challenge(ctx: Write) -> Response:
    return asked_to_show(ctx, session_of(ctx).account_id)


@pages.get("/settings/sign-in/passkeys", MEMBER, step_up=True)
def add_page(ctx: Read) -> Response:
    form = ctx.form or FormState({"name": browsers.named(browser_of(ctx))})
    return ctx.page("accounts/settings_passkey_new.html", form=form)


@pages.post("/settings/sign-in/passkeys/challenge", MEMBER, step_up=True)
def add_challenge(ctx: Write) -> Response:
    return asked_to_add(ctx, ctx.actor.member_id)


@pages.post("/settings/sign-in/passkeys", MEMBER, step_up=True, mode="own", again=add_page)
def add(ctx: Write) -> Response:
    form = parse(AddPasskey, ctx.call.fields)
    new = adding.prove(door(ctx), answer_to_add(ctx))
    with door(ctx).db.write() as session:
        adding.add_passkey(session, ctx.actor, new, form.name)
        sessions.show(session, session_of(ctx).session_id, Factor.PASSKEY)
    return ctx.redirect("/settings/sign-in", said="passkey-added")
