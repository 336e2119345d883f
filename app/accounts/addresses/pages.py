"""One's own addresses: where letters go, and where one is told that something was changed."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from starlette.responses import Response

from app.accounts.addresses import access, operations
from app.accounts.forms import Code
from app.accounts.pages import session_of
from app.accounts.paths import ADDRESSES as HERE
from app.core.email import Email
from app.core.fields import Form, Id
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


class NewAddress(Form):
    email: Annotated[Email, StringConstraints(min_length=1)]


class Confirmed(Form):
    code: Code


@pages.get(HERE, MEMBER, step_up=True)
def addresses_page(ctx: Read) -> Response:
    me = ctx.actor.member_id
    waiting = access.my_request(ctx.conn, me, session_of(ctx).session_id)
    if waiting is not None and waiting.expires_at <= ctx.now:
        waiting = None
    return ctx.page("accounts/settings_addresses.html", addresses=access.my_addresses(ctx.conn, me), waiting=waiting)


@pages.post(HERE, MEMBER, step_up=True, again=addresses_page)
def add(ctx: Write) -> Response:
    operations.ask(ctx.session, ctx.actor, session_of(ctx).session_id, parse(NewAddress, ctx.call.fields).email)
    return ctx.redirect(HERE, said="address-asked")


@pages.post(f"{HERE}/confirm", MEMBER, step_up=True, again=addresses_page)
def confirm(ctx: Write) -> Response:
    operations.confirm(ctx.session, ctx.actor, session_of(ctx).session_id, parse(Confirmed, ctx.call.fields).code)
    return ctx.redirect(HERE, said="address-added")


@pages.post(HERE + "/{address_id}/remove", MEMBER, step_up=True)
def remove(ctx: Write, address_id: Id) -> Response:
    operations.remove(ctx.session, ctx.actor, address_id)
    return ctx.redirect(HERE, said="address-removed")


@pages.post(HERE + "/{address_id}/primary", MEMBER, step_up=True)
def make_primary(ctx: Write, address_id: Id) -> Response:
    operations.make_primary(ctx.session, ctx.actor, address_id)
    return ctx.redirect(HERE, said="address-primary")


@pages.post(HERE + "/{address_id}/agency", MEMBER, step_up=True)
def mark_agency(ctx: Write, address_id: Id) -> Response:
    operations.mark_agency(ctx.session, ctx.actor, address_id)
    return ctx.redirect(HERE, said="saved")
