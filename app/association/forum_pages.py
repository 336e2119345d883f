"""/admin/forums: create, describe, order, and each group's right, with the effect shown before it is saved."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from app.association import confirm_pages, effects, queries
from app.association.confirm_pages import Question
from app.core.access import Right
from app.core.errors import Invalid
from app.core.fields import Id
from app.forum.administering import operations as administration
from app.forum.administering.operations import EditForumForm, ForumForm
from app.forum.markings import Marking
from app.web.forms import FormState, parse, values_of
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)
AMOUNTS = [("full", "Full text"), ("headlines", "Headlines"), ("links", "Links alone")]
FLOORS = [("", "None: any marking may be chosen"), *[(m.label, m.label) for m in Marking if m != Marking.RED]]


@pages.get("/admin/forums", ADMIN)
def forums_page(ctx: Read) -> Response:
    rows = queries.all_forums(ctx.conn, ctx.actor)
    return ctx.page("association/forums.html", rows=rows, floors=FLOORS, label=lambda floor: Marking(floor).label)


@pages.post("/admin/forums", ADMIN, again=forums_page, step_up=True)
def create(ctx: Write) -> Response:
    forum = administration.create_forum(ctx.session, ctx.actor, parse(ForumForm, ctx.call.fields))
    return ctx.redirect(f"/admin/forums/{forum.id}", said="forum-made")


@pages.get("/admin/forums/{id}", ADMIN)
def forum_page(ctx: Read, id: Id) -> Response:
    row = queries.forum(ctx.conn, ctx.actor, id)
    groups, rights = queries.all_groups(ctx.conn, ctx.actor), queries.grants(ctx.conn, ctx.actor, id)
    floor = "" if row.marking_floor is None else Marking(row.marking_floor).label
    held = {"title": row.title, "description": row.description, "marking_floor": floor, "mail_most": row.mail_most}
    form = ctx.form or FormState(
        {**held, **{name: getattr(row, name) for name in ("mail_threads", "anonymous_ok", "export_ok", "edit_hours")}}
    )
    values: dict[str, Any] = {"groups": groups, "rights": rights, "effect": effects.of_grants(ctx.conn, ctx.actor, rights, present=True)}
    return ctx.page("association/forum.html", row=row, form=form, floors=FLOORS, amounts=AMOUNTS, choices=queries.RIGHTS, **values)


@pages.post("/admin/forums/{id}", ADMIN, again=forum_page, step_up=True)
def edit(ctx: Write, id: Id) -> Response:
    administration.edit_forum(ctx.session, ctx.actor, id, parse(EditForumForm, ctx.call.fields))
    return ctx.redirect(f"/admin/forums/{id}", said="saved")


@pages.post("/admin/forums/{id}/up", ADMIN, step_up=True)
def move_up(ctx: Write, id: Id) -> Response:
    administration.move_forum(ctx.session, ctx.actor, id, up=True)
    return ctx.redirect("/admin/forums")


@pages.post("/admin/forums/{id}/down", ADMIN, step_up=True)
def move_down(ctx: Write, id: Id) -> Response:
    administration.move_forum(ctx.session, ctx.actor, id, up=False)
    return ctx.redirect("/admin/forums")


@pages.post("/admin/forums/{id}/grants", ADMIN, again=forum_page, step_up=True)
def grant(ctx: Write, id: Id) -> Response:
    row = queries.forum(ctx.conn, ctx.actor, id)
    rights = _rights(ctx)
    if not confirm_pages.is_confirmed(ctx):
        said = effects.of_grants(ctx.conn, ctx.actor, queries.grants(ctx.conn, ctx.actor, id) | rights)
        return confirm_pages.ask(ctx, Question(f"Who may do what in {row.title}", said, "Save these rights", f"/admin/forums/{id}"))
    administration.set_grants(ctx.session, ctx.actor, id, rights, _version(ctx))
    return ctx.redirect(f"/admin/forums/{id}", said="saved")


def _rights(ctx: Write) -> dict[int, int]:
    """The fields `right-GROUP` as group id to right; only groups that exist."""
    known = {f"right-{row.id}": row.id for row in queries.all_groups(ctx.conn, ctx.actor)}
    allowed = {str(value): value for value, _name in queries.RIGHTS}
    found = {known[name]: allowed.get(value) for name, value in ctx.call.fields if name in known}
    if any(right is None for right in found.values()):
        raise Invalid({"": "Please choose one of the rights."})
    return {group: right for group, right in found.items() if right is not None}


def _version(ctx: Write) -> int:
    text = str(values_of(ctx.call.fields).get("version", ""))
    if not text.isdecimal() or len(text) > 9:
        raise Invalid({"": "This form is out of date. Please open the page again."})
    return int(text)
