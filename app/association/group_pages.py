"""/admin/groups: the made groups and who is in them, with what a member would see more or less of shown before it is saved."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.association import confirm_pages, effects, queries
from app.association.confirm_pages import Question
from app.core.access import Right
from app.core.fields import Id
from app.membership import groups
from app.membership.groups import EditGroupForm, GroupForm, GroupMemberForm
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)


@pages.get("/admin/groups", ADMIN)
def groups_page(ctx: Read) -> Response:
    return ctx.page("association/groups.html", rows=queries.all_groups(ctx.conn, ctx.actor))


@pages.post("/admin/groups", ADMIN, again=groups_page, step_up=True)
def create(ctx: Write) -> Response:
    group = groups.create_group(ctx.session, ctx.actor, parse(GroupForm, ctx.call.fields))
    return ctx.redirect(f"/admin/groups/{group.id}", said="group-made")


@pages.get("/admin/groups/{id}", ADMIN)
def group_page(ctx: Read, id: Id, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    row = queries.group(ctx.conn, ctx.actor, id)
    people = queries.members_of_group(ctx.conn, ctx.actor, id)
    inside = {person.id for person in people}
    found = queries.find_members(ctx.conn, ctx.actor, queries.Ask(q, limit=20)) if q.strip() else []
    form = ctx.form or FormState({"name": row.name, "description": row.description})
    return ctx.page("association/group.html", row=row, people=people, found=[p for p in found if p.id not in inside], q=q, form=form)


@pages.post("/admin/groups/{id}", ADMIN, again=group_page, step_up=True)
def rename(ctx: Write, id: Id) -> Response:
    groups.rename_group(ctx.session, ctx.actor, id, parse(EditGroupForm, ctx.call.fields))
    return ctx.redirect(f"/admin/groups/{id}", said="saved")


@pages.post("/admin/groups/{id}/members", ADMIN, again=group_page, step_up=True)
def add(ctx: Write, id: Id) -> Response:
    return _change(ctx, id, adds=True)


@pages.post("/admin/groups/{id}/members/remove", ADMIN, again=group_page, step_up=True)
def remove(ctx: Write, id: Id) -> Response:
    return _change(ctx, id, adds=False)


def _change(ctx: Write, group_id: int, adds: bool) -> Response:
    member_id = parse(GroupMemberForm, ctx.call.fields).member
    row, person = queries.group(ctx.conn, ctx.actor, group_id), queries.member(ctx.conn, ctx.actor, member_id)
    if not confirm_pages.is_confirmed(ctx):
        before = set(effects.groups_of(ctx.conn, member_id))
        said = effects.of_groups(ctx.conn, ctx.actor, person.name, before, before | {row.id} if adds else before - {row.id})
        title = f"Add {person.name} to {row.name}" if adds else f"Take {person.name} out of {row.name}"
        return confirm_pages.ask(ctx, Question(title, said, "Add" if adds else "Take out", f"/admin/groups/{group_id}"))
    act = groups.add_to_group if adds else groups.remove_from_group
    act(ctx.session, ctx.actor, group_id, member_id)
    return ctx.redirect(f"/admin/groups/{group_id}", said="saved")
