"""`/admin/agencies`: the register as the association keeps it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.agencies import above, access, operations, queries
from app.agencies.forms import EditAgency, Facts, NewAgency
from app.agencies.pages import NAMES, Chosen, Typed
from app.agencies.queries import Ask
from app.core.access import Right
from app.core.fields import Id
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)


@pages.get("/admin/agencies", ADMIN, slow=True)
def agencies(ctx: Read, q: Typed = "", state: Chosen = "", cursor: Typed = "") -> Response:
    found = queries.search(ctx.conn, ctx.actor, Ask(q, state.upper(), 50, cursor))
    known = queries.states(ctx.conn)
    waiting = [] if q or state or cursor else access.waiting_domains(ctx.conn, ctx.actor)
    values: dict[str, Any] = {"q": q, "state": state.upper(), "cursor": cursor, "found": found, "known": known, "waiting": waiting}
    return ctx.page("agencies/admin_agencies.html", **values, **NAMES)


@pages.get("/admin/agencies/new", ADMIN)
def new_agency(ctx: Read) -> Response:
    return ctx.page("agencies/admin_new.html", **NAMES)


@pages.post("/admin/agencies/new", ADMIN, again=new_agency)
def create_agency(ctx: Write) -> Response:
    agency = operations.create_agency(ctx.session, ctx.actor, parse(NewAgency, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{agency.id}", said="saved")


@pages.get("/admin/agencies/{id}", ADMIN)
def edit_page(ctx: Read, id: Id) -> Response:
    """Facts and mail domains. After a refusal: what was typed, and where somebody else was faster what stands now."""
    agency = access.agency_for(ctx.conn, ctx.actor, id)
    if agency.merged_into is not None:
        return ctx.redirect(f"/admin/agencies/{agency.merged_into}")
    domains = access.listed_domains(ctx.conn, ctx.actor, id)
    approvable = {row.id for row in domains if access.may_approve_domain(ctx.actor, row)}
    form, stands = _state(agency, ctx.form or FormState())
    return ctx.page("agencies/admin_agency.html", agency=agency, domains=domains, approvable=approvable, form=form, stands=stands,
                    sections=above.sections(ctx.conn, ctx.actor, id), **NAMES)  # fmt: skip


def _state(agency: Row[Any], typed: FormState) -> tuple[FormState, dict[str, str]]:
    facts = {name: getattr(agency, name) for name in Facts.model_fields}
    values = {**{name: "" if value is None else value for name, value in facts.items()}, **typed.values, "version": agency.version}
    is_stale = str(typed.values.get("version", agency.version)) != str(agency.version)
    other = {name: f"Now saved: {facts[name] or 'nothing'}" for name in facts if is_stale and str(facts[name] or "") != str(values[name])}
    return FormState(values, typed.errors), other


@pages.post("/admin/agencies/{id}", ADMIN, again=edit_page)
def edit_agency(ctx: Write, id: Id) -> Response:
    operations.edit_agency(ctx.session, ctx.actor, id, parse(EditAgency, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="saved")
