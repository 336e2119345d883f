"""Mail domains on an agency's page, and those that wait for a second person: on the administrator's pages and on the reviewers'."""

from __future__ import annotations

from starlette.responses import Response

from app.agencies import above, access, domains
from app.agencies.admin_pages import edit_page
from app.agencies.forms import ApproveDomain, NewDomain, RemoveDomain
from app.core.access import Right
from app.core.fields import Id
from app.web.forms import parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN, REVIEW = Allow(Right.ADMIN), Allow(Right.REVIEW)


@pages.post("/admin/agencies/{id}/domains", ADMIN, again=edit_page, step_up=True)
def add_domain(ctx: Write, id: Id) -> Response:
    domains.add_domain(ctx.session, ctx.actor, id, parse(NewDomain, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="domain-added")


def _edit_again(ctx: Read, id: Id, domain_id: Id) -> Response:
    return edit_page(ctx, id)


@pages.post("/admin/agencies/{id}/domains/{domain_id}/approve", ADMIN, again=_edit_again, step_up=True)
def approve_domain(ctx: Write, id: Id, domain_id: Id) -> Response:
    access.domain_for_edit(ctx.session, ctx.actor, id, domain_id)
    domains.approve_domain(ctx.session, ctx.actor, domain_id, parse(ApproveDomain, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="domain-approved")


@pages.post("/admin/agencies/{id}/domains/{domain_id}/remove", ADMIN, again=_edit_again, step_up=True)
def remove_domain(ctx: Write, id: Id, domain_id: Id) -> Response:
    domains.remove_domain(ctx.session, ctx.actor, id, domain_id, parse(RemoveDomain, ctx.call.fields))
    return ctx.redirect(f"/admin/agencies/{id}", said="saved")


@pages.get("/moderation/agencies", REVIEW)
def waiting_page(ctx: Read) -> Response:
    waiting = access.waiting_domains(ctx.conn, ctx.actor)
    approvable = {row.id for row in waiting if access.may_approve_domain(ctx.actor, row)}
    return ctx.page("agencies/waiting.html", waiting=waiting, approvable=approvable, sections=above.waiting(ctx.conn, ctx.actor))


def _waiting_again(ctx: Read, domain_id: Id) -> Response:
    return waiting_page(ctx)


@pages.post("/moderation/agencies/domains/{domain_id}/approve", REVIEW, again=_waiting_again, step_up=True)
def approve_waiting(ctx: Write, domain_id: Id) -> Response:
    domains.approve_domain(ctx.session, ctx.actor, domain_id, parse(ApproveDomain, ctx.call.fields))
    return ctx.redirect("/moderation/agencies", said="domain-approved")
