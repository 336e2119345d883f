"""/notifications: what one was told, the newest first; and the switches for its kinds on the page of one's mail."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id
from app.mail.notices import operations, queries, switching
from app.mail.notices.forms import ReadForm
from app.web.forms import parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
PAGE = 30


@pages.get("/notifications", MEMBER)
def notifications(ctx: Read, before: Id | None = None) -> Response:
    told, following = queries.told(ctx.conn, ctx.actor, before, PAGE)
    unread = any(not one.read for one in told)
    return ctx.page("mail/notifications.html", told=told, following=following, unread=unread, is_first=before is None)


@pages.post("/notifications/read", MEMBER)
def see_all(ctx: Write) -> Response:
    form = parse(ReadForm, ctx.call.fields)
    operations.seen_up_to(ctx.session, ctx.actor, form.up_to or queries.END)
    return ctx.redirect("/notifications", said="notices-read")


@pages.get("/settings/mail/notifications", MEMBER)
def switches(ctx: Read) -> Response:
    return ctx.page("mail/notice_switches.html", switches=switching.switches(ctx.conn, ctx.actor))


@pages.post("/settings/mail/notifications", MEMBER, again=switches)
def choose(ctx: Write) -> Response:
    given = {name for name, value in ctx.call.fields if value == "yes"}
    wanted: dict[str, dict[str, bool]] = {}
    for one in switching.switches(ctx.conn, ctx.actor):
        if not one.kind.fixed:
            wanted[one.kind.name] = {"on_site": f"site-{one.kind.name}" in given, "by_mail": f"mail-{one.kind.name}" in given}
    switching.choose(ctx.session, ctx.actor, wanted)
    return ctx.redirect("/settings/mail/notifications", said="saved")
