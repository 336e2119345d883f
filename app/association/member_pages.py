"""/admin/members: find a member; status, class, roles and sessions, each with what it does shown before it is saved."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.association import confirm_pages, effects, operations, queries
from app.association.confirm_pages import Question
from app.core.access import Right
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.membership import status as verbs
from app.membership.left_as import LeftAs
from app.membership.models import MemberClass, MemberStatus, Role
from app.membership.names import CLASS_NAMES
from app.membership.status import AT_AN_AGENCY, ClassForm, RolesForm, StatusForm
from app.membership.staying import queries as staying
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)
STATUS_NAMES = {
    MemberStatus.ACTIVE: "Active",
    MemberStatus.RESTRICTED: "Restricted: reads only",
    MemberStatus.SUSPENDED: "Suspended",
    MemberStatus.SEPARATED: "Separated",
}
SETTABLE = {key: name for key, name in STATUS_NAMES.items() if key != MemberStatus.SEPARATED}  # leaving has a form of its own
LEFT_NAMES = {
    "": "", LeftAs.MOVED: "Moved: the new agency is not confirmed yet", LeftAs.SEPARATED: "Left the agency", LeftAs.DECEASED: "Deceased",
    LeftAs.REMOVED: "Removed for cause",
}  # fmt: skip
WAYS_OUT = {"retired": "Retired", "separated": "Left the agency", "deceased": "Died", "removed": "Removed for cause"}
ROLE_NAMES = {Role.ADMIN: "Administrator", Role.REVIEWER: "Reviewer", Role.RECORDS: "Records officer"}
PAGE = 50
NAMES: dict[str, Any] = {
    "class_names": CLASS_NAMES, "status_names": STATUS_NAMES, "role_names": ROLE_NAMES, "role_means": effects.ROLE_MEANS,
    "settable": SETTABLE, "left_names": LEFT_NAMES, "ways_out": WAYS_OUT, "at_an_agency": [(c.value, CLASS_NAMES[c]) for c in AT_AN_AGENCY],
}  # fmt: skip


@pages.get("/admin/members", ADMIN)
def members_page(ctx: Read, q: Annotated[str, Query(max_length=100)] = "", status: Annotated[str, Query(max_length=20)] = "",
                 after: Annotated[str, Query()] = "") -> Response:  # fmt: skip
    start = read_cursor(after, str, int) if after else None
    rows = queries.find_members(ctx.conn, ctx.actor, queries.Ask(q, status, start, PAGE))
    more = cursor(rows[PAGE - 1].name, rows[PAGE - 1].id) if len(rows) > PAGE else ""
    form = FormState({"q": q, "status": status})
    return ctx.page("association/members.html", rows=rows[:PAGE], more=more, form=form, **NAMES)


@pages.get("/admin/members/{id}", ADMIN)
def member_page(ctx: Read, id: Id) -> Response:
    row = queries.member(ctx.conn, ctx.actor, id)
    roles = [role for role in (row.roles or "").split(",") if role]
    form = ctx.form or FormState({"status": row.status, "member_class": row.member_class, "roles": roles})
    standing = staying.standing(ctx.conn, ctx.actor, id)
    return ctx.page("association/member.html", row=row, roles=roles, standing=standing, form=form, **NAMES)


@pages.post("/admin/members/{id}/status", ADMIN, again=member_page, step_up=True)
def change_status(ctx: Write, id: Id) -> Response:
    form, row = parse(StatusForm, ctx.call.fields), queries.member(ctx.conn, ctx.actor, id)
    if confirm_pages.is_confirmed(ctx):
        verbs.set_status(ctx.session, ctx.actor, id, form)
        return ctx.redirect(f"/admin/members/{id}", said="saved")
    said = (
        effects.of_leaving(row, form.left_as or form.status)
        if form.status in ("retired", "separated")
        else effects.of_status(row, form.status, may_return=form.may_return)
    )
    title = f"{row.name}: {effects.CALLED[form.left_as or form.status]}"
    is_grave = form.status in ("suspended", "separated")
    return confirm_pages.ask(ctx, Question(title, said, "Change the status", f"/admin/members/{id}", is_grave))


@pages.post("/admin/members/{id}/class", ADMIN, again=member_page, step_up=True)
def change_class(ctx: Write, id: Id) -> Response:
    form, row = parse(ClassForm, ctx.call.fields), queries.member(ctx.conn, ctx.actor, id)
    if confirm_pages.is_confirmed(ctx):
        verbs.set_class(ctx.session, ctx.actor, id, form)
        return ctx.redirect(f"/admin/members/{id}", said="saved")
    title = f"{row.name}: {CLASS_NAMES[form.member_class]}"
    said = effects.of_groups(ctx.conn, ctx.actor, row.name, *_class_groups(ctx, id, form.member_class))
    return confirm_pages.ask(ctx, Question(title, said, "Change the class", f"/admin/members/{id}"))


def _class_groups(ctx: Write, member_id: int, to: MemberClass) -> tuple[set[int], set[int]]:
    """A member's groups as they are, and as they would be in another class."""
    mine = effects.groups_of(ctx.conn, member_id)
    made = {group for group, member_class in mine.items() if member_class is None}
    built_in = {row.id for row in queries.all_groups(ctx.conn, ctx.actor) if row.member_class == to}
    return set(mine), made | built_in


@pages.post("/admin/members/{id}/roles", ADMIN, again=member_page, step_up=True)
def change_roles(ctx: Write, id: Id) -> Response:
    form, row = parse(RolesForm, ctx.call.fields), queries.member(ctx.conn, ctx.actor, id)
    if confirm_pages.is_confirmed(ctx):
        verbs.set_roles(ctx.session, ctx.actor, id, form)
        operations.close_if_founded(ctx.session, ctx.actor)
        return ctx.redirect(f"/admin/members/{id}", said="saved")
    before, after = {role for role in (row.roles or "").split(",") if role}, {role.value for role in form.roles}
    return confirm_pages.ask(
        ctx, Question(f"Roles of {row.name}", effects.of_roles(row.name, before, after), "Save the roles", f"/admin/members/{id}")
    )


@pages.post("/admin/members/{id}/invite", ADMIN, again=member_page, step_up=True)
def invite_again(ctx: Write, id: Id) -> Response:
    name, code = operations.invite_again(ctx.session, ctx.actor, id)
    return ctx.page("association/code_to_hand_over.html", code=code, name=name, back=f"/admin/members/{id}")


@pages.post("/admin/members/{id}/sessions/end", ADMIN, step_up=True)
def end_sessions(ctx: Write, id: Id) -> Response:
    verbs.sign_out_everywhere(ctx.session, ctx.actor, id)
    return ctx.redirect(f"/admin/members/{id}", said="member-sessions-ended")


@pages.post("/admin/members/{id}/release", ADMIN, step_up=True)
def release(ctx: Write, id: Id) -> Response:
    verbs.release(ctx.session, ctx.actor, id)
    return ctx.redirect(f"/admin/members/{id}", said="member-released")
