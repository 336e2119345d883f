"""What a member sent by mail and what became of it; a held thread is posted or thrown away here. And what was cut of a posted message."""

from __future__ import annotations

import zlib
from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from app.core.fields import Id, Position
from app.forum.forms import NewThread
from app.forum.markings import Marking
from app.forum.models import ThreadKind
from app.forum.telling import access as telling
from app.mail.inbound import access, opening
from app.mail.inbound.models import InboundState
from app.mail.inbound.refusals import words_of
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
PAGE = 30
KINDS = [(k.value, k.value.capitalize()) for k in ThreadKind if k is not ThreadKind.NOTICE]


@pages.get("/settings/mail/received", MEMBER)
def received(ctx: Read, before: Id = 2**31 - 1) -> Response:
    rows = access.mine(ctx.conn, ctx.actor, before, PAGE + 1)
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    return ctx.page("mail/received.html", rows=rows[:PAGE], following=following, why=words_of)


@pages.get("/settings/mail/received/{id}", MEMBER)
def one(ctx: Read, id: Id) -> Response:
    row = access.one(ctx.conn, ctx.actor, id)
    held = row.state == InboundState.HELD
    forum = telling.forum_right(ctx.conn, ctx.actor, row.forum_id) if held else None
    form = ctx.form or FormState(
        {"title": row.title, "body": row.body, "kind": ThreadKind.DISCUSSION.value, "marking": _floor(forum).label}
    )
    values: dict[str, Any] = {"forum": forum, "form": form, "kinds": KINDS, "markings": _markings(forum)}
    return ctx.page("mail/received_one.html", row=row, why=words_of(row.reason), **values)


def _as_held(row: Row[Any], forum: Row[Any] | None) -> dict[str, Any]:
    return {"title": row.title, "body": row.body, "kind": ThreadKind.DISCUSSION.value, "marking": _floor(forum).label}


def _floor(forum: Row[Any] | None) -> Marking:
    return Marking.GREEN if forum is None or forum.marking_floor is None else Marking(forum.marking_floor)


def _markings(forum: Row[Any] | None) -> list[tuple[str, str]]:
    """What may be chosen there; named readers need the site's own form."""
    least = Marking.CLEAR if forum is None or forum.marking_floor is None else Marking(forum.marking_floor)
    return [(m.label, m.label) for m in Marking if least <= m < Marking.RED]


@pages.get("/settings/mail/received/{id}/raw", MEMBER)
def raw(ctx: Read, id: Id) -> Response:
    data = zlib.decompress(access.raw(ctx.conn, ctx.actor, id))
    headers = {"content-disposition": f'attachment; filename="message-{id}.eml"', "content-security-policy": "sandbox; default-src 'none'"}
    return Response(data, headers=headers, media_type="application/octet-stream")


@pages.post("/settings/mail/received/{id}/post", MEMBER, again=one)
def post(ctx: Write, id: Id) -> Response:
    posted = opening.post(ctx.session, ctx.platform.settings, ctx.actor, id, parse(NewThread, ctx.call.fields))
    return ctx.redirect(f"/threads/{posted.thread_id}", said="posted")


@pages.post("/settings/mail/received/{id}/throw-away", MEMBER)
def throw_away(ctx: Write, id: Id) -> Response:
    opening.throw_away(ctx.session, ctx.actor, id)
    return ctx.redirect("/settings/mail/received", said="thrown-away")


@pages.get("/threads/{thread_id}/replies/{position}/cut", MEMBER)
def cut(ctx: Read, thread_id: Id, position: Position) -> Response:
    row = access.cut_of(ctx.conn, ctx.actor, thread_id, position)
    return ctx.page("mail/cut.html", row=row, position=position)
