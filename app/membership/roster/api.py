"""An agency's roster for its contact's scripts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from app.core.access import Actor
from app.core.fields import Id
from app.membership.roster import access, answering
from app.membership.roster.forms import StillHereForm
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")


@api.get("/agencies/{id}/roster", MEMBER)
def roster(ctx: Read, id: Id) -> Response:
    return reply_json(_roster(ctx.conn, ctx.actor, id))


@api.post("/agencies/{id}/roster", MEMBER)
def answer(ctx: Write, id: Id, form: StillHereForm) -> Response:
    """Of one member. Whoever is said to be gone is out when this returns."""
    answering.answer_one(ctx.session, ctx.actor, id, form.said)
    return reply_json(_roster(ctx.conn, ctx.actor, id))


def _roster(conn: Connection, actor: Actor, agency_id: int) -> dict[str, Any]:
    agency, waiting = access.agency_of_roster(conn, actor, agency_id), access.open_round(conn, agency_id)
    return {
        "agency": {"id": agency.id, "ori": agency.ori, "name": agency.name},
        "asked_at": waiting.asked_at if waiting else None, "answered_at": access.last_answer(conn, agency_id),
        "items": [
            {"id": one.id, "name": one.name, "rank": one.rank, "member_class": one.member_class, "confirmed_at": one.confirmed_at}
            for one in access.people_at(conn, agency_id)
        ],
        "next": None,
    }  # fmt: skip
