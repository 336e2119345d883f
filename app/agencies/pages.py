"""Agencies for members: search, and an agency with the members who work there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.agencies import above, access, like, queries
from app.agencies.facts import STATES, TYPE_NAMES
from app.agencies.queries import Ask
from app.agencies.sizes import size_band
from app.core.access import Right
from app.core.fields import Id
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()
Typed = Annotated[str, Query(max_length=200)]
Chosen = Annotated[str, Query(pattern="^[A-Za-z]{0,2}$")]
NAMES: dict[str, Any] = {"states": STATES, "types": TYPE_NAMES, "size_band": size_band}


@pages.get("/agencies", MEMBER, same_site=True, slow=True)
def agencies(ctx: Read, q: Typed = "", state: Chosen = "", cursor: Typed = "") -> Response:  # C10
    """Without a question: the agencies whose people are here. With one: every agency in the register."""
    liked = ctx.query.get("like", "")
    alike, is_asked = like.asked_for(ctx.conn, ctx.actor, liked), bool(q.strip() or state or liked)
    found = queries.search(ctx.conn, ctx.actor, Ask(q, state.upper(), cursor=cursor, only_staffed=not is_asked, alike=alike))
    shown: dict[str, Any] = {"found": found, "known": queries.states(ctx.conn), "is_asked": is_asked, "like": liked}
    mine = alike or like.offered(ctx.actor)
    return ctx.page("agencies/agencies.html", q=q, state=state.upper(), cursor=cursor, alike=mine, **shown, **NAMES)


@pages.get("/agencies/{id}", MEMBER, same_site=True, slow=True)
def agency(ctx: Read, id: Id) -> Response:  # C10
    row = access.agency_for(ctx.conn, ctx.actor, id)
    if row.merged_into is not None:
        return ctx.redirect(f"/agencies/{row.merged_into}")
    names = access.former_names(ctx.conn, id)
    people = above.people_at(ctx.conn, ctx.actor, id)
    above.show_people(ctx.platform.db, ctx.actor, len(people), ctx.now)
    similar = [(one, like.why(one)) for one in like.agencies_like(ctx.conn, ctx.actor, row)]
    return ctx.page("agencies/agency.html", agency=row, people=people, similar=similar, may_edit=ctx.actor.may(Right.ADMIN), names=names,
                    sees_roster=above.sees_roster(ctx.conn, ctx.actor, id), **NAMES)  # fmt: skip
