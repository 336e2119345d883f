"""Behind the link in a letter about a change: one button. Looking at the page does nothing; mail programs look at every link."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts.disavow import operations
from app.web.guard import PUBLIC
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
_RULE = PUBLIC("whoever is told of a change that was not theirs stops it, signed in or not; it only ever takes access away")


@pages.get("/not-me/{token}", _RULE, counts=False)
def button_page(ctx: Read, token: str) -> Response:
    """The same for every token: what it is good for shows when the button is pressed."""
    return ctx.page("accounts/not_me.html")


@pages.post("/not-me/{token}", _RULE)
def press(ctx: Write, token: str) -> Response:
    operations.disavow(ctx.session, ctx.call.origin, token)
    return ctx.page("accounts/not_me_done.html")
