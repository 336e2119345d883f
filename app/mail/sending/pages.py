"""/admin/mail: what waits to be sent, what failed and why, and one person's mail."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.mail.forms import Lifted
from app.mail.health import access as health
from app.mail.health import ladder
from app.mail.sending import operations, overview
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes("/admin/mail")
ADMIN = Allow(Right.ADMIN)
PAGE = 20
Text = Annotated[str, Query(max_length=254)]
KINDS = {
    "digest": "Digests", "reply": "Replies", "notification": "Notifications", "account": "About accounts", "application": "Applications",
}  # fmt: skip
STATES = {"queued": ("Waits", "info"), "sent": ("Sent", "ok"), "failed": ("Failed", "bad"), "dropped": ("Not sent", "warn")}


@pages.get("", ADMIN)
def mail(ctx: Read) -> Response:
    conn, waiting = ctx.conn, overview.queue(ctx.conn)
    return ctx.page(
        "mail/admin.html", waiting=waiting, ended=overview.ended(conn, ctx.now.date() - overview.WEEK), kinds=KINDS, states=STATES,
        failures=overview.failures(conn, ctx.actor, None, 5), off=health.listed(conn, ctx.actor, None, 5),
        paused_at=ctx.platform.site.get(conn).mail_paused_at, form=FormState({"to": ""}),
    )  # fmt: skip


@pages.get("/to", ADMIN)
def one_person(ctx: Read, to: Text = "") -> Response:
    rows = overview.sent_to(ctx.conn, ctx.actor, to.strip().lower(), 50)
    form = FormState({"to": to})
    return ctx.page("mail/admin_messages.html", title=f"Mail to {to}", rows=rows, more="", form=form, kinds=KINDS, states=STATES)


@pages.get("/failures", ADMIN)
def failures(ctx: Read, after: Annotated[str, Query()] = "") -> Response:
    before = read_cursor(after, *overview.PLACE) if after else None
    rows = overview.failures(ctx.conn, ctx.actor, before, PAGE + 1)
    more = cursor(rows[PAGE - 1].next_try_at, rows[PAGE - 1].id) if len(rows) > PAGE else ""
    form = FormState({"to": ""})
    return ctx.page("mail/admin_messages.html", title="Failures", rows=rows[:PAGE], more=more, form=form, kinds=KINDS, states=STATES)


@pages.get("/addresses", ADMIN)
def addresses(ctx: Read, after: Annotated[str, Query()] = "") -> Response:
    before = read_cursor(after, *health.PLACE) if after else None
    rows = health.listed(ctx.conn, ctx.actor, before, PAGE + 1)
    more = cursor(rows[PAGE - 1].last_at, rows[PAGE - 1].email) if len(rows) > PAGE else ""
    return ctx.page("mail/admin_addresses.html", rows=rows[:PAGE], more=more)


@pages.post("/addresses/lift", ADMIN, step_up=True)
def lift(ctx: Write) -> Response:
    ladder.lift(ctx.session, ctx.actor, parse(Lifted, ctx.call.fields).email)
    return ctx.redirect("/admin/mail/addresses", said="mail-lifted")


@pages.post("/pause", ADMIN, step_up=True)
def pause(ctx: Write) -> Response:
    operations.pause(ctx.session, ctx.actor, ctx.platform.settings)
    ctx.platform.site.forget()
    return ctx.redirect("/admin/mail", said="mail-paused")


@pages.post("/go-on", ADMIN, step_up=True)
def go_on(ctx: Write) -> Response:
    operations.go_on(ctx.session, ctx.actor, ctx.platform.settings)
    ctx.platform.site.forget()
    return ctx.redirect("/admin/mail", said="mail-goes-on")


@pages.post("/messages/{id}/resend", ADMIN, step_up=True)
def resend(ctx: Write, id: Id) -> Response:
    operations.resend(ctx.session, ctx.actor, id)
    return ctx.redirect("/admin/mail", said="mail-resent")
