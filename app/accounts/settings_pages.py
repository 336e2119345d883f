"""One's own sign-in: password, authenticators, recovery codes. Each change asks for a second factor within five minutes."""

from __future__ import annotations

import datetime as dt

from starlette.responses import Response

from app.accounts import codes, hooks, operations, queries, totp
from app.accounts.addresses import access as addresses
from app.accounts.forms import ChangePassword, Factor, NewAuthenticator, NewName
from app.accounts.pages import door, enter, session_of
from app.core.errors import NotFound
from app.core.fields import Id
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
BEGUN_FOR = dt.timedelta(minutes=30)  # how long an authenticator that was begun shows its secret


@pages.get("/settings/sign-in", MEMBER)
def sign_in_settings(ctx: Read) -> Response:
    me = ctx.actor.member_id
    here = session_of(ctx).session_id
    return ctx.page(
        "accounts/settings_sign_in.html", addresses=addresses.my_addresses(ctx.conn, me),
        others=queries.other_sessions(ctx.conn, me, here, ctx.now), authenticators=queries.authenticators(ctx.conn, me),
        codes_left=queries.recovery_codes_left(ctx.conn, me), password_set_at=queries.password_set_at(ctx.conn, me),
        needs_passkey=hooks.needs_passkey(ctx.conn, me), lacks_address=hooks.lacks_address(ctx.conn, me),
    )  # fmt: skip


@pages.get("/settings/sign-in/password", MEMBER, step_up=True)
def password_page(ctx: Read) -> Response:
    return ctx.page("accounts/settings_password.html", min_length=door(ctx).min_length)


@pages.post("/settings/sign-in/password", MEMBER, step_up=True, mode="own", again=password_page)
def change_password(ctx: Write) -> Response:
    form = parse(ChangePassword, ctx.call.fields)
    change = operations.Change(ctx.actor, session_of(ctx).session_id, form.current_password, form.new_password)
    enter(ctx, operations.change_password(door(ctx), change))
    return ctx.redirect("/settings/sign-in", said="password-changed")


@pages.get("/settings/sign-in/authenticators", MEMBER, step_up=True)
def add_page(ctx: Read) -> Response:
    return ctx.page("accounts/settings_authenticator_new.html")


@pages.post("/settings/sign-in/authenticators", MEMBER, step_up=True, again=add_page)
def add(ctx: Write) -> Response:
    form = parse(NewAuthenticator, ctx.call.fields)
    made = operations.add_authenticator(ctx.session, ctx.actor, ctx.platform.signer, form.name)
    return ctx.redirect(f"/settings/sign-in/authenticators/{made}")


@pages.get("/settings/sign-in/authenticators/{authenticator_id}", MEMBER, step_up=True)
def authenticator_page(ctx: Read, authenticator_id: Id) -> Response:
    row = queries.authenticator(ctx.conn, ctx.actor.member_id, authenticator_id)
    if row is None or (row.confirmed_at is None and ctx.now - row.created_at > BEGUN_FOR):
        raise NotFound
    if row.confirmed_at is not None:
        form = ctx.form or FormState({"name": row.name})
        return ctx.page("accounts/settings_authenticator_change.html", authenticator=row, form=form)
    secret = totp.unseal(ctx.platform.signer, row.sealed_secret)
    qr = totp.qr(secret, row.email, ctx.platform.site.get(ctx.conn).name)
    return ctx.page("accounts/settings_authenticator.html", authenticator=row, qr=qr, secret=codes.grouped(secret))


@pages.post("/settings/sign-in/authenticators/{authenticator_id}", MEMBER, step_up=True, again=authenticator_page)
def confirm(ctx: Write, authenticator_id: Id) -> Response:
    code = parse(Factor, ctx.call.fields).code
    operations.confirm_authenticator(ctx.session, ctx.actor, ctx.platform.signer, authenticator_id, code)
    return ctx.redirect("/settings/sign-in", said="authenticator-added")


@pages.post("/settings/sign-in/authenticators/{authenticator_id}/name", MEMBER, step_up=True, again=authenticator_page)
def rename(ctx: Write, authenticator_id: Id) -> Response:
    operations.rename_authenticator(ctx.session, ctx.actor, authenticator_id, parse(NewName, ctx.call.fields).name)
    return ctx.redirect("/settings/sign-in", said="saved")


@pages.post("/settings/sign-in/authenticators/{authenticator_id}/remove", MEMBER, step_up=True, again=authenticator_page)
def remove(ctx: Write, authenticator_id: Id) -> Response:
    operations.remove_authenticator(ctx.session, ctx.actor, authenticator_id)
    return ctx.redirect("/settings/sign-in", said="authenticator-removed")


@pages.get("/settings/sign-in/recovery-codes", MEMBER, step_up=True)
def recovery_codes_page(ctx: Read) -> Response:
    return ctx.page("accounts/settings_recovery_codes.html", codes_left=queries.recovery_codes_left(ctx.conn, ctx.actor.member_id))


@pages.post("/settings/sign-in/recovery-codes", MEMBER, step_up=True)
def renew_recovery_codes(ctx: Write) -> Response:
    made = operations.renew_recovery_codes(ctx.session, ctx.actor)
    return ctx.page("accounts/recovery_codes.html", codes=made, back="/settings/sign-in", back_text="Back to sign-in settings")
