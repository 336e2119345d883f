"""What a passkey signs before anyone is signed in; and the page for those whose role asks for one (A2)."""

from __future__ import annotations

import datetime as dt

from starlette.responses import Response

from app.accounts import browsers, throttle
from app.accounts.forms import AddPasskey
from app.accounts.pages import (
    browser_of,
    door,
    half_of,
    let_in,
    onwards,
    refuse_passkey,
    sent_passkey,
    session_of,
    wanted,
)
from app.accounts.passkeys import role
from app.accounts.passkeys import signing_in as passkeys
from app.accounts.passkeys.pages import answer_to_add, asked_to_add, asked_to_show
from app.core.errors import TooMany
from app.web.forms import FormState, parse
from app.web.guard import PUBLIC, SIGNING_IN
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
CHALLENGES = throttle.Limit(300)  # for one network in 15 minutes: each is a row


@pages.post("/sign-in/challenge", PUBLIC("what a passkey signs, asked for before anyone is signed in"), once=False)
def challenge(ctx: Write) -> Response:
    if not throttle.take(ctx.session, throttle.key_of("challenge", throttle.network_of(ctx.call.origin.address)), CHALLENGES, ctx.now):
        raise TooMany("Too many tries from your network. Wait a few minutes.", int(dt.timedelta(minutes=15).total_seconds()))
    half = half_of(ctx)
    if half is not None and role.may_add(ctx.conn, half):
        return asked_to_add(ctx, half.account_id)
    return asked_to_show(ctx)


@pages.get("/sign-in/role", SIGNING_IN, counts=False)
def role_page(ctx: Read) -> Response:
    half = session_of(ctx)
    if not role.waits(ctx.conn, half):
        return onwards(ctx, "/sign-in")
    form = ctx.form or FormState({"name": browsers.named(browser_of(ctx))})
    return ctx.page("accounts/role_passkey.html", form=form, next=wanted(ctx), may_add=role.may_add(ctx.conn, half))


@pages.post("/sign-in/role", SIGNING_IN, mode="own", again=role_page)
def show_or_add(ctx: Write) -> Response:
    half = session_of(ctx)
    with door(ctx).db.read() as conn:
        may_add = role.may_add(conn, half)
    if may_add:
        name, answer = parse(AddPasskey, ctx.call.fields).name, answer_to_add(ctx)
        return let_in(ctx, role.add_and_go_on(door(ctx), answer, half, name) or refuse_passkey())
    sent = sent_passkey(ctx)
    return let_in(ctx, (passkeys.second(door(ctx), sent, half) if sent else None) or refuse_passkey())
