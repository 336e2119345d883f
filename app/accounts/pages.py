"""Signing in and out: the banner and the password, the second factor, a new password where the old one is on the block list."""

from __future__ import annotations

from typing import NoReturn

from starlette.responses import Response

from app.accounts import banner, hooks, operations, sessions, signing_in
from app.accounts.factors import Door
from app.accounts.forms import Factor, NewPassword, ShowPasskey, SignIn
from app.accounts.models import SessionLevel
from app.accounts.passkeys import signing_in as passkeys
from app.accounts.passkeys.showing import Sent
from app.accounts.passkeys.signing_in import Tap
from app.accounts.paths import OWN_ADDRESS, RETURN, own_path
from app.accounts.signing_in import Half, Onward, Try
from app.core.errors import Invalid
from app.web import csrf
from app.web.forms import parse
from app.web.guard import PUBLIC, SIGNED_IN, SIGNING_IN, NotSignedIn
from app.web.request import Context, Read, Write
from app.web.routing import Routes

pages = Routes()

AGREE = "Read the notice and press “Agree and sign in”."
REFUSED = "That did not work. Check the address and the password."
LOCK_HINT = {
    "standard": "After five wrong tries in a row the password is locked for 15 minutes.",
    "strict": "After five wrong tries in a row the password is locked until the association office releases it.",
}
NEXT_PAGE = {SessionLevel.RENEW: "/sign-in/password", SessionLevel.PASSKEY: "/sign-in/role", SessionLevel.TERMS: "/sign-in/terms"}
NEXT_PAGE |= {SessionLevel.ADDRESS: OWN_ADDRESS, SessionLevel.RETURN: RETURN}
WRONG_PASSKEY = "That passkey did not work. Try again, or use another way to sign in."
WRONG_CODE = "That code is not right, or it was used already. Wait for the next one."


def door(ctx: Context) -> Door:
    return Door(ctx.platform.db, ctx.platform.signer, ctx.platform.settings)


def wanted(ctx: Context) -> str:
    """Where this person wanted to go: from the address of the page, or from its form."""
    sent = next((v for k, v in ctx.call.fields if k == "next"), "") or ctx.query.get("next", "")
    return own_path(sent)


def onwards(ctx: Context, page: str) -> Response:
    """To a further page of signing in that still knows where to go."""
    target = wanted(ctx)
    return ctx.redirect(page, **({"next": target} if target != "/" else {}))


def browser_of(ctx: Context) -> str:
    return ctx.call.request.headers.get("user-agent", "")[:200]


def half_of(ctx: Context) -> Half | None:
    """The session that waits for more, if this browser has one."""
    visit = ctx.visit
    if visit is None or visit.session_id is None:
        return None
    return Half(visit.account_id, visit.session_id, ctx.call.origin, ctx.now)


def session_of(ctx: Context) -> Half:
    """The present session, on routes that only a signed-in browser reaches."""
    half = half_of(ctx)
    if half is None:
        raise NotSignedIn
    return half


def enter(ctx: Context, token: str) -> None:
    """Give the browser its session: until it is closed, or the server ends it."""
    ctx.set_cookie(ctx.platform.cookie_name, token, None)


def holder(ctx: Context) -> bytes:
    """Whose a challenge is: this session's, or this browser's before there is one; as with a form's token."""
    return ctx.visit.key if ctx.visit else csrf.browser_key(ctx)


def sent_passkey(ctx: Context) -> Sent | None:
    credential = parse(ShowPasskey, ctx.call.fields).credential
    return Sent(credential, holder(ctx), ctx.now) if credential else None


def refuse_passkey() -> NoReturn:
    raise Invalid({"": WRONG_PASSKEY})


def is_in(ctx: Context) -> bool:
    return ctx.visit is not None and ctx.visit.is_whole


@pages.get("/sign-in", PUBLIC("whoever is to sign in must see the form"), counts=False)
def sign_in_page(ctx: Read) -> Response:
    if is_in(ctx):
        return ctx.redirect(wanted(ctx))
    cast = hooks.cast(ctx.conn) if ctx.platform.settings.env == "demo" else ()
    hint = LOCK_HINT[ctx.platform.settings.profile]
    return ctx.page("accounts/sign_in.html", next=wanted(ctx), banner=banner, cast=cast, lock_hint=hint)


@pages.post("/sign-in", PUBLIC("the password is checked here, or the passkey: both factors in one"), mode="own", again=sign_in_page)
def sign_in(ctx: Write) -> Response:
    if any(name == "credential" for name, _ in ctx.call.fields):
        return _one_tap(ctx)
    form = parse(SignIn, ctx.call.fields)
    if not form.consent:
        raise Invalid(consent=AGREE)
    token = signing_in.with_password(door(ctx), Try(form.email, form.password, ctx.call.origin, browser_of(ctx), ctx.now, _former(ctx)))
    if token is None:
        raise Invalid({"": REFUSED})
    enter(ctx, token)
    return onwards(ctx, "/sign-in/factor")


def _one_tap(ctx: Write) -> Response:
    if not parse(ShowPasskey, ctx.call.fields).consent:
        raise Invalid(consent=AGREE)
    sent = sent_passkey(ctx)
    tap = Tap(ctx.call.origin, browser_of(ctx), ctx.now, _former(ctx))
    return let_in(ctx, (passkeys.one_tap(door(ctx), sent, tap) if sent else None) or refuse_passkey())


def _former(ctx: Context) -> int | None:
    return ctx.visit.session_id if ctx.visit else None


@pages.get("/sign-in/factor", SIGNING_IN, counts=False)
def factor_page(ctx: Read) -> Response:
    return ctx.page("accounts/factor.html", next=wanted(ctx))


@pages.post("/sign-in/factor", SIGNING_IN, mode="own", again=factor_page)
def factor(ctx: Write) -> Response:
    half, sent = session_of(ctx), sent_passkey(ctx)
    if sent is not None:
        return let_in(ctx, passkeys.second(door(ctx), sent, half) or refuse_passkey())
    done = signing_in.with_factor(door(ctx), half, parse(Factor, ctx.call.fields).code)
    if done is None:
        raise Invalid(code=WRONG_CODE)
    return let_in(ctx, done)


def let_in(ctx: Write, done: Onward | None) -> Response:
    if done is None:  # ended meanwhile
        return onwards(ctx, "/sign-in")
    enter(ctx, done.token)
    if done.fresh_code:
        onto = onwards(ctx, NEXT_PAGE[done.level]) if done.level in NEXT_PAGE else ctx.redirect(wanted(ctx))
        return ctx.page("accounts/recovery_code_replaced.html", code=done.fresh_code, back=onto.headers["location"])
    if done.level in NEXT_PAGE:
        return onwards(ctx, NEXT_PAGE[done.level])
    return ctx.redirect(wanted(ctx), said="tries-failed" if done.failed_before else "")


@pages.get("/sign-in/password", SIGNING_IN, counts=False)
def renew_page(ctx: Read) -> Response:
    return ctx.page("accounts/renew_password.html", next=wanted(ctx), min_length=door(ctx).min_length)


@pages.post("/sign-in/password", SIGNING_IN, mode="own", again=renew_page)
def renew(ctx: Write) -> Response:
    done = operations.renew_password(door(ctx), session_of(ctx), parse(NewPassword, ctx.call.fields).new_password)
    return let_in(ctx, done) if done else onwards(ctx, "/sign-in")


@pages.post("/sign-out", SIGNED_IN)
def sign_out(ctx: Write) -> Response:
    here = session_of(ctx)
    sessions.end(ctx.session, here.session_id, ctx.now)
    signing_in.note(ctx.session, here, "session.sign_out")
    ctx.set_cookie(ctx.platform.cookie_name, "", 0)
    response = ctx.redirect("/sign-in", said="signed-out")
    # Not "cookies": that would take the cookies of the whole domain, of which this may be one name among many.
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response
