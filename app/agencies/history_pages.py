"""`/admin/agencies/{id}/history`: another name, the end, or that two rows are one agency."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.agencies import above, access, history, merging, queries
from app.agencies.forms import DissolveForm, MergeForm, RenameForm, ReviveForm
from app.agencies.pages import NAMES, Typed
from app.agencies.queries import Ask
from app.core.access import Right
from app.core.fields import Id
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)


@pages.get("/admin/agencies/{id}/history", ADMIN, slow=True)
def history_page(ctx: Read, id: Id, q: Typed = "") -> Response:
    agency = access.agency_for(ctx.conn, ctx.actor, id)
    if agency.merged_into is not None:
        return ctx.redirect(f"/admin/agencies/{agency.merged_into}/history")
    asked = q or str((ctx.form or FormState()).value("q"))
    found = [row for row in queries.search(ctx.conn, ctx.actor, Ask(asked, limit=10)).items if row.id != id] if asked.strip() else []
    values: dict[str, Any] = {"agency": agency, "names": access.former_names(ctx.conn, id), "q": asked, "found": found}
    typed = ctx.form or FormState({"name": agency.name, "short_name": agency.short_name, "until": ctx.now.date().isoformat()})
    return ctx.page("agencies/admin_history.html", form=typed, people=len(above.people_at(ctx.conn, ctx.actor, id)), **values, **NAMES)


def _again(ctx: Read, id: Id) -> Response:
    return history_page(ctx, id)


@pages.post("/admin/agencies/{id}/rename", ADMIN, again=_again, step_up=True)
def rename(ctx: Write, id: Id) -> Response:
    history.rename(ctx.session, ctx.actor, id, parse(RenameForm, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="saved")


@pages.post("/admin/agencies/{id}/dissolve", ADMIN, again=_again, step_up=True)
def dissolve(ctx: Write, id: Id) -> Response:
    history.dissolve(ctx.session, ctx.actor, id, parse(DissolveForm, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="agency-dissolved")


@pages.post("/admin/agencies/{id}/revive", ADMIN, again=_again, step_up=True)
def revive(ctx: Write, id: Id) -> Response:
    history.revive(ctx.session, ctx.actor, id, parse(ReviveForm, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="saved")


@pages.post("/admin/agencies/{id}/merge", ADMIN, again=_again, step_up=True)
def merge(ctx: Write, id: Id) -> Response:
    form = parse(MergeForm, ctx.call.fields)
    merging.merge(ctx.session, ctx.actor, id, form)
    return ctx.redirect(f"/admin/agencies/{form.into}", said="agency-merged")
