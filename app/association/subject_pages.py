"""/admin/subjects: what a lesson may be about."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.forum.practices import access, subjects
from app.forum.practices.subjects import SubjectForm
from app.web.forms import parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
ADMIN = Allow(Right.ADMIN)


@pages.get("/admin/subjects", ADMIN)
def subjects_page(ctx: Read) -> Response:
    return ctx.page("association/subjects.html", rows=ctx.conn.execute(access.all_subjects(ctx.actor)).all())


@pages.post("/admin/subjects", ADMIN, again=subjects_page, step_up=True)
def add(ctx: Write) -> Response:
    subjects.add(ctx.session, ctx.actor, parse(SubjectForm, ctx.call.fields))
    return ctx.redirect("/admin/subjects", said="saved")


def _page_again(ctx: Read, id: int) -> Response:
    return subjects_page(ctx)


@pages.post("/admin/subjects/{id}", ADMIN, again=_page_again, step_up=True)
def rename(ctx: Write, id: Id) -> Response:
    subjects.rename(ctx.session, ctx.actor, id, parse(SubjectForm, ctx.call.fields))
    return ctx.redirect("/admin/subjects", said="saved")


@pages.post("/admin/subjects/{id}/up", ADMIN, step_up=True)
def move_up(ctx: Write, id: Id) -> Response:
    subjects.move(ctx.session, ctx.actor, id, up=True)
    return ctx.redirect("/admin/subjects")


@pages.post("/admin/subjects/{id}/down", ADMIN, step_up=True)
def move_down(ctx: Write, id: Id) -> Response:
    subjects.move(ctx.session, ctx.actor, id, up=False)
    return ctx.redirect("/admin/subjects")


@pages.post("/admin/subjects/{id}/retire", ADMIN, step_up=True)
def retire(ctx: Write, id: Id) -> Response:
    subjects.retire(ctx.session, ctx.actor, id, retired=True)
    return ctx.redirect("/admin/subjects", said="saved")


@pages.post("/admin/subjects/{id}/restore", ADMIN, step_up=True)
def restore(ctx: Write, id: Id) -> Response:
    subjects.retire(ctx.session, ctx.actor, id, retired=False)
    return ctx.redirect("/admin/subjects", said="saved")
