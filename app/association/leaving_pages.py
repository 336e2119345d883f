"""/admin/members/{id}: how a member leaves or changes, each way with what it does shown before it is saved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints
from starlette.responses import Response

from app.association import confirm_pages, effects, queries
from app.association.confirm_pages import Question
from app.association.member_pages import ADMIN, member_page
from app.core.fields import Form, Id, Name, Reason
from app.membership import status as verbs
from app.membership.left_as import LeftAs
from app.membership.models import MemberClass
from app.membership.status import MoveForm, StatusForm, Version
from app.web.forms import parse
from app.web.request import Write
from app.web.routing import Routes

pages = Routes()


class WayOut(Form):
    """`retired`, or how a separated member left."""

    way: Literal["retired", "separated", "deceased", "removed"]
    reason: Reason
    version: Version

    @property
    def as_status(self) -> StatusForm:
        if self.way == "retired":
            return StatusForm(status="retired", reason=self.reason, version=self.version)
        return StatusForm(status="separated", left_as=LeftAs(self.way), reason=self.reason, version=self.version)


class Moved(Form):
    """The page's own names, as it has a field for the class already."""

    ori: Annotated[Name, StringConstraints(max_length=20)]
    new_class: MemberClass
    reason: Reason
    version: Version


@pages.post("/admin/members/{id}/leaving", ADMIN, again=member_page, step_up=True)
def leave(ctx: Write, id: Id) -> Response:
    form, row = parse(WayOut, ctx.call.fields), queries.member(ctx.conn, ctx.actor, id)
    if confirm_pages.is_confirmed(ctx):
        verbs.set_status(ctx.session, ctx.actor, id, form.as_status)
        return ctx.redirect(f"/admin/members/{id}", said="saved")
    said = effects.of_leaving(row, form.way)
    return confirm_pages.ask(ctx, Question(f"{row.name}: {effects.CALLED[form.way]}", said, "Save it", f"/admin/members/{id}", True))


@pages.post("/admin/members/{id}/move", ADMIN, again=member_page, step_up=True)
def move(ctx: Write, id: Id) -> Response:
    form, row = parse(Moved, ctx.call.fields), queries.member(ctx.conn, ctx.actor, id)
    if confirm_pages.is_confirmed(ctx):
        wanted = MoveForm(ori=form.ori, member_class=form.new_class, reason=form.reason, version=form.version)
        verbs.move(ctx.session, ctx.actor, id, wanted)
        return ctx.redirect(f"/admin/members/{id}", said="saved")
    said = effects.of_leaving(row, "moved")
    return confirm_pages.ask(ctx, Question(f"{row.name}: {effects.CALLED['moved']}", said, "Save it", f"/admin/members/{id}", True))
