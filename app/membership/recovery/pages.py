"""Where a member who has lost password and authenticator asks the reviewers. Reached by the mailed link alone."""

from __future__ import annotations

from starlette.responses import Response

from app.accounts.recover import access as links
from app.membership.recovery import operations
from app.membership.recovery.operations import CaseForm
from app.web.forms import parse
from app.web.guard import PUBLIC
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
_CASE = PUBLIC("a member who lost everything asks the reviewers, by the link in a letter; it opens a case and nothing else")


@pages.get("/recover/{token}/case", _CASE, counts=False)
def case_page(ctx: Read, token: str) -> Response:
    is_new = links.live_for_case(ctx.conn, token, ctx.now)
    return ctx.page("membership/recovery.html", token=token, is_new=is_new)


@pages.post("/recover/{token}/case", _CASE, again=case_page)
def open_case(ctx: Write, token: str) -> Response:
    status = operations.open_case(ctx.session, ctx.call.origin, token, parse(CaseForm, ctx.call.fields))
    return ctx.redirect(f"/applications/{status}", said="recovery-asked")
