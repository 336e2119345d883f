"""/admin/safety: who may be copying the directory, invented entries that show it, and the drills of somebody playing a false chief."""

from __future__ import annotations

from starlette.responses import Response

from app.association import drills
from app.core.access import Right
from app.core.fields import Id
from app.membership.names import CLASS_NAMES
from app.membership.watch import bait
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes("/admin/safety")
ADMIN = Allow(Right.ADMIN)
REASONS = {
    "pages": "Opened more than 60 members' pages within an hour",
    "lists": "Listed more than 2,000 members within an hour",
    "bait": "Opened an invented entry",
}


@pages.get("", ADMIN)
def safety(ctx: Read) -> Response:
    conn, actor = ctx.conn, ctx.actor
    return ctx.page(
        "association/safety.html", alerts=bait.latest_alerts(conn, actor), reasons=REASONS, bait=bait.all_bait(conn, actor),
        drills=drills.latest(conn, actor), drill_due=drills.due(conn, ctx.now), form=ctx.form or FormState(), class_names=CLASS_NAMES,
    )  # fmt: skip


@pages.post("/bait", ADMIN, again=safety, step_up=True)
def add_bait(ctx: Write) -> Response:
    bait.add(ctx.session, ctx.actor, parse(bait.BaitForm, ctx.call.fields))
    return ctx.redirect("/admin/safety", said="bait-added")


@pages.post("/bait/{id}/remove", ADMIN, step_up=True)
def remove_bait(ctx: Write, id: Id) -> Response:
    bait.remove(ctx.session, ctx.actor, id)
    return ctx.redirect("/admin/safety", said="bait-removed")


@pages.post("/drills", ADMIN, again=safety, step_up=True)
def record_drill(ctx: Write) -> Response:
    drills.record(ctx.session, ctx.actor, parse(drills.DrillForm, ctx.call.fields))
    return ctx.redirect("/admin/safety", said="drill-recorded")
