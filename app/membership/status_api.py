"""A member's status for administrators' scripts (`admin` scope), and the panic button."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.membership import status
from app.membership.models import Member
from app.membership.status import MoveForm, StatusForm
from app.web.guard import Allow
from app.web.json import reply_json
from app.web.request import Write
from app.web.routing import Routes

api = Routes("/api/v1")
ADMIN = Allow(Right.ADMIN)


def _said(member: Member) -> Response:
    return reply_json({
        "id": member.id, "status": member.status, "left_as": member.left_as or None, "member_class": member.member_class,
        "former_class": member.former_class, "agency_id": member.agency_id, "version": member.version,
    })  # fmt: skip


@api.post("/members/{id}/status", ADMIN)
def set_status(ctx: Write, id: Id, body: StatusForm) -> Response:
    """`left_as` goes with `separated`: `separated` (also if it is left out), `moved`, `deceased` or `removed`."""
    return _said(status.set_status(ctx.session, ctx.actor, id, body))


@api.post("/members/{id}/move", ADMIN)
def move(ctx: Write, id: Id, body: MoveForm) -> Response:
    """To another agency: access waits until reviewers have confirmed it."""
    return _said(status.move(ctx.session, ctx.actor, id, body))


@api.post("/members/{id}/sessions/end", ADMIN)
def end_sessions(ctx: Write, id: Id, tokens: bool = False) -> Response:
    """Every session of the member ends at once, with `?tokens=true` every token too; how many there were."""
    if not tokens:
        return reply_json({"sessions": status.end_sessions(ctx.session, ctx.actor, id), "tokens": 0})
    sessions, ended = status.sign_out_everywhere(ctx.session, ctx.actor, id)
    return reply_json({"sessions": sessions, "tokens": ended})
