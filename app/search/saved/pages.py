"""The searches that one keeps."""

from __future__ import annotations

from starlette.responses import Response

from app.core.errors import NotFound
from app.core.fields import Id
from app.search.models import Deliver
from app.search.saved import access, operations
from app.search.saved.forms import DeliverForm, SaveForm
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
CHOICES = [(Deliver.NONE.value, "Only when I ask"), (Deliver.DIGEST.value, "In my digest"), (Deliver.EACH.value, "By mail at once")]


@pages.get("/saved-searches", MEMBER)
def saved_searches(ctx: Read) -> Response:
    """With the words of a search that is to be kept, from the page of its results."""
    form = ctx.form or FormState({"q": ctx.query.get("q", "")[:500], "deliver": Deliver.DIGEST.value})
    rows = ctx.conn.execute(access.visible_searches(ctx.actor)).all()
    return ctx.page("search/saved.html", rows=rows, form=form, choices=CHOICES, most=operations.MOST)


@pages.post("/saved-searches", MEMBER, again=saved_searches)
def save(ctx: Write) -> Response:
    operations.save(ctx.session, ctx.actor, parse(SaveForm, ctx.call.fields))
    return ctx.redirect("/saved-searches", said="saved")


@pages.get("/saved-searches/{id}", MEMBER)
def saved_search(ctx: Read, id: Id) -> Response:
    """What it finds now: the address that mail gives, which says nothing of what is looked for."""
    row = next((row for row in ctx.conn.execute(access.visible_searches(ctx.actor)) if row.id == id), None)
    if row is None:
        raise NotFound
    return ctx.redirect("/search", q=row.q)


def searches_again(ctx: Read, id: Id) -> Response:
    return saved_searches(ctx)


@pages.post("/saved-searches/{id}", MEMBER, again=searches_again)
def change(ctx: Write, id: Id) -> Response:
    operations.set_delivery(ctx.session, ctx.actor, id, parse(DeliverForm, ctx.call.fields).deliver)
    return ctx.redirect("/saved-searches", said="saved")


@pages.post("/saved-searches/{id}/remove", MEMBER)
def remove(ctx: Write, id: Id) -> Response:
    operations.delete(ctx.session, ctx.actor, id)
    return ctx.redirect("/saved-searches", said="search-gone")
