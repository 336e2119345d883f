"""What one may be asked about, in one's own profile; and what came of one's question."""

from __future__ import annotations

from starlette.responses import Response

from app.core.fields import Id
from app.forum.pages.reading import thread_page
from app.forum.rounds import operations, showing
from app.forum.rounds.forms import AskingForm, OutcomeForm
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


@pages.get("/settings/profile/asking", MEMBER)
def asking(ctx: Read) -> Response:
    own = showing.own(ctx.conn, ctx.actor, ctx.actor.member_id)
    form = ctx.form or FormState()
    return ctx.page("forum/asking.html", rows=own._replace(errors=form.errors, values=form.values or own.values), form=form)


@pages.post("/settings/profile/asking", MEMBER, again=asking)
def save_asking(ctx: Write) -> Response:
    operations.choose(ctx.session, ctx.actor, parse(AskingForm, ctx.call.fields))
    return ctx.redirect("/settings/profile", said="saved")


@pages.post("/threads/{thread_id}/outcome", MEMBER, again=thread_page)
def save_outcome(ctx: Write, thread_id: Id) -> Response:
    operations.say_outcome(ctx.session, ctx.actor, thread_id, parse(OutcomeForm, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}", said="saved")
