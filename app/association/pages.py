"""The administrator's home, first steps and settings; and the rules and handling pages that every member reads."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from starlette.responses import Response

from app.accounts import blocklist
from app.association import drills, operations, presets, queries
from app.association.forum_pages import AMOUNTS
from app.attachments import access as attachments
from app.core.access import Right
from app.forum.markings import Marking
from app.forum.models import GrantRight
from app.membership.names import CLASS_NAMES
from app.membership.statements import access as statements
from app.web.forms import FormState, parse
from app.web.guard import MEMBER, Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)


@pages.get("/admin", ADMIN)
def home(ctx: Read) -> Response:
    overview = queries.overview(ctx.conn, ctx.actor)
    is_ours = queries.has_site(ctx.conn)
    stale = blocklist.current() if blocklist.current().is_stale(ctx.now) else None
    due = drills.due(ctx.conn, ctx.now)
    files: dict[str, Any] = {"scans": bool(ctx.platform.settings.clamd), "held": attachments.held(ctx.conn)}
    return ctx.page("association/admin.html", **files, overview=overview, has_site=is_ours, stale_list=stale, drill_due=due)


def _site_form(ctx: Read) -> FormState:
    if ctx.form is not None and "time_zone" in ctx.form.values:
        return ctx.form
    row = queries.site_row(ctx.conn)
    site = ctx.platform.site.get(ctx.conn)
    values = {"name": site.name, "address": site.address, "time_zone": site.time_zone, "statement": statements.current(ctx.conn).text}
    if row is not None:
        values |= {"rules": row.rules, "welcome": row.welcome, "hides_own_agency": row.hides_own_agency, "mail_most": row.mail_most}
        values["hello_forum"] = row.hello_forum or ""
    return FormState(values, ctx.form.errors if ctx.form else {})


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones()) if name.startswith(("America/", "Pacific/", "US/")) or name == "UTC"]


@pages.get("/admin/settings", ADMIN)
def settings_page(ctx: Read) -> Response:
    forums = [("", "None"), *[(row.id, row.title) for row in queries.all_forums(ctx.conn, ctx.actor)]]
    values: dict[str, Any] = {"form": _site_form(ctx), "zones": _zones(), "amounts": AMOUNTS, "forums": forums}
    return ctx.page("association/settings.html", asked=ctx.platform.site.get(ctx.conn), **values)


@pages.get("/admin/settings/texts", ADMIN)
def texts_page(ctx: Read) -> Response:
    return ctx.page("association/texts.html", rows=queries.texts(ctx.conn, ctx.actor))


@pages.post("/admin/settings", ADMIN, again=settings_page, step_up=True)
def save_settings(ctx: Write) -> Response:
    operations.save_site(ctx.session, ctx.actor, parse(operations.SiteForm, ctx.call.fields))
    ctx.platform.site.forget()
    return ctx.redirect("/admin/settings", said="saved")


@pages.get("/admin/first-steps", ADMIN)
def first_steps(ctx: Read) -> Response:
    values: dict[str, Any] = {
        "overview": queries.overview(ctx.conn, ctx.actor), "has_site": queries.has_site(ctx.conn), "presets": presets.PRESETS,
        "classes": list(CLASS_NAMES.items()), "rights": GrantRight, "class_names": CLASS_NAMES, "moderators": presets.MODERATORS,
    }  # fmt: skip
    return ctx.page("association/first_steps.html", **values)


@pages.post("/admin/first-steps/forums", ADMIN, again=first_steps, step_up=True)
def make_forums(ctx: Write) -> Response:
    operations.make_first_forums(ctx.session, ctx.actor)
    return ctx.redirect("/admin/first-steps", said="forums-made")


@pages.post("/admin/first-steps/founders", ADMIN, again=first_steps, step_up=True)
def invite_founder(ctx: Write) -> Response:
    form = parse(operations.FounderForm, ctx.call.fields)
    code = operations.invite_founder(ctx.session, ctx.actor, form)
    return ctx.page("association/code_to_hand_over.html", code=code, name=form.name, back="/admin/first-steps")


@pages.get("/rules", MEMBER)
def rules(ctx: Read) -> Response:
    return ctx.page("association/rules.html")


@pages.get("/handling", MEMBER)
def handling(ctx: Read) -> Response:
    return ctx.page("association/handling.html", markings=list(Marking))
