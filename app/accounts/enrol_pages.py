"""The two pages behind an enrolment link, and the recovery codes at their end."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts import browsers, codes, enrolment, totp
from app.accounts.enrolment import Guest
from app.accounts.forms import Enrol, Factor, ShowPasskey
from app.accounts.models import SessionLevel
from app.accounts.pages import NEXT_PAGE, browser_of, door, enter
from app.accounts.passkeys import adding
from app.accounts.passkeys.pages import answer_to_add, asked_to_add
from app.web import csrf
from app.web.forms import parse
from app.web.guard import PUBLIC
from app.web.request import Context, Read, Write
from app.web.routing import Routes

pages = Routes()
GO_ON = {SessionLevel.FULL: "Go to New for you", SessionLevel.PASSKEY: "Go on: add a passkey"}


def _guest(ctx: Context, token: str) -> Guest:
    return Guest(token, csrf.browser_key(ctx), ctx.call.origin, browser_of(ctx))


@pages.get("/enrol/{token}", PUBLIC("a new member has a link and nothing else"), counts=False)
def enrol_page(ctx: Read, token: str) -> Response:
    needs_code = enrolment.needs_code(ctx.conn, token)
    return ctx.page("accounts/enrol.html", token=token, needs_code=needs_code, min_length=door(ctx).min_length)


@pages.post("/enrol/{token}", PUBLIC("the code and the first password are checked here"), mode="own", again=enrol_page)
def enrol(ctx: Write, token: str) -> Response:
    form = parse(Enrol, ctx.call.fields)
    enrolment.begin(door(ctx), _guest(ctx, token), form.enrolment_code, form.password)
    return ctx.redirect(f"/enrol/{token}/authenticator")


@pages.get("/enrol/{token}/authenticator", PUBLIC("the second page, for the browser that passed the first"), counts=False)
def authenticator_page(ctx: Read, token: str) -> Response:
    pending = enrolment.pending(ctx.conn, door(ctx), _guest(ctx, token))
    if pending is None:
        return ctx.redirect(f"/enrol/{token}")
    site = ctx.platform.site.get(ctx.conn).name
    qr = totp.qr(pending.secret, pending.email, site)
    return ctx.page("accounts/enrol_authenticator.html", token=token, qr=qr, secret=codes.grouped(pending.secret))


@pages.post("/enrol/{token}/challenge", PUBLIC("what a new passkey signs, for the browser that passed the first page"), once=False)
def challenge(ctx: Write, token: str) -> Response:
    pending = enrolment.pending(ctx.conn, door(ctx), _guest(ctx, token))
    if pending is None:
        raise enrolment.Dead
    return asked_to_add(ctx, pending.account_id)


@pages.post("/enrol/{token}/authenticator", PUBLIC("the first code is checked here"), mode="own", again=authenticator_page)
def authenticate(ctx: Write, token: str) -> Response:
    guest = _guest(ctx, token)
    if parse(ShowPasskey, ctx.call.fields).credential:
        new = adding.prove(door(ctx), answer_to_add(ctx))
        enrolled = enrolment.complete_with_passkey(door(ctx), guest, new, browsers.named(guest.browser))
    else:
        enrolled = enrolment.complete(door(ctx), guest, parse(Factor, ctx.call.fields).code)
    enter(ctx, enrolled.onward.token)
    back, level = NEXT_PAGE.get(enrolled.onward.level, "/"), enrolled.onward.level
    return ctx.page("accounts/recovery_codes.html", codes=enrolled.codes, back=back, back_text=GO_ON.get(level, "Go on"))
