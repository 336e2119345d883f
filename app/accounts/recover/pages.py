"""The pages of who can't sign in any more. Open to anyone, and telling nobody who is a member."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints
from starlette.responses import Response

from app.accounts.forms import Code, Password
from app.accounts.pages import door
from app.accounts.recover import access, operations
from app.accounts.recover.operations import Proof
from app.core.email import Email
from app.core.fields import Form
from app.web.forms import parse
from app.web.guard import PUBLIC
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
_ASK = PUBLIC("whoever can't sign in any more asks here; the answer is the same for every address")
_LINK = PUBLIC("whoever has the mailed link shows a second proof here; the link alone opens nothing")


class Ask(Form):
    email: Annotated[Email, StringConstraints(min_length=1)]
    new_email: Annotated[Email | None, BeforeValidator(lambda value: value or None)] = None


class Reset(Form):
    code: Code
    new_password: Password


@pages.get("/recover", _ASK, counts=False)
def ask_page(ctx: Read) -> Response:
    return ctx.page("accounts/recover.html")


@pages.post("/recover", _ASK, again=ask_page)
def ask(ctx: Write) -> Response:
    form = parse(Ask, ctx.call.fields)
    code = operations.ask(ctx.session, ctx.call.origin, form.email, form.new_email or "")
    return ctx.page("accounts/recover_asked.html", code=code)


@pages.get("/recover/{token}", _LINK, counts=False)
def link_page(ctx: Read, token: str) -> Response:
    access.live(ctx.conn, token, ctx.now)
    return ctx.page("accounts/recover_link.html", token=token, min_length=door(ctx).min_length)


@pages.post("/recover/{token}", _LINK, mode="own", again=link_page)
def reset(ctx: Write, token: str) -> Response:
    form = parse(Reset, ctx.call.fields)
    made = operations.reset(door(ctx), Proof(token, form.code, form.new_password, ctx.call.origin))
    if made:
        return ctx.page("accounts/recovery_codes.html", codes=made, back="/sign-in", back_text="Sign in with the new password")
    return ctx.redirect("/sign-in", said="recovered")
