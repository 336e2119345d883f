"""What the composer offers after an @: members who may see what is written there, and agencies."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Row
from starlette.responses import Response

from app.agencies import queries as agencies
from app.core.fields import Id
from app.core.matching import words
from app.forum import access as forum
from app.forum.mentions import access
from app.forum.mentions.operations import Where
from app.forum.queries import replies
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()
MOST_AGENCIES = 4
Typed = Annotated[str, Query(max_length=100)]


@pages.get("/threads/{thread_id}/mentions", MEMBER)
def for_reply(ctx: Read, thread_id: Id, q: Typed = "") -> Response:
    return _offer(ctx, ("thread", replies.thread_for(ctx.conn, ctx.actor, thread_id).id), q)


@pages.get("/forums/{slug}/new/mentions", MEMBER)
def for_thread(ctx: Read, slug: str, q: Typed = "") -> Response:
    return _offer(ctx, ("forum", forum.forum_for(ctx.conn, ctx.actor, slug).id), q)


def _offer(ctx: Read, where: Where, typed: str) -> Response:
    key = " ".join(words(typed))
    people = [row for row in access.offered(ctx.conn, where, key) if row.id != ctx.actor.id] if key else []
    found = agencies.search(ctx.conn, ctx.actor, agencies.Ask(typed, limit=MOST_AGENCIES)).items if len(key) > 2 else []
    offers = [*map(_member, people), *map(_agency, found)]
    return ctx.page("forum/_mention_offer.html", offers=offers)


def _member(row: Row[Any]) -> dict[str, str]:
    """Of several of one name the agency says which."""
    which = f" ({row.agency})" if row.namesakes > 1 and row.agency else ""
    return {"value": f"@{row.name}{which}", "name": f"{row.rank} {row.name}".strip(), "more": row.agency or ""}


def _agency(row: Row[Any]) -> dict[str, str]:
    return {"value": f"@{row.short_name} ({row.state})", "name": row.short_name, "more": row.name if row.name != row.short_name else ""}
