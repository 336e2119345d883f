"""/admin/mail/received: what came in by mail and what became of it; and the raw message, for the audit (M9)."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.mail.forms import LookForm
from app.mail.inbound import access, auditing
from app.mail.inbound.refusals import words_of
from app.web.forms import FormState, parse
from app.web.guard import Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes("/admin/mail/received")
AUDIT = Allow(Right.ADMIN)
PAGE = 30
# A message holds whatever anybody sent: a file of text, not a letter that a mail program opens. (That no browser guesses another type
# than the one that is named, each answer of ours says.)
_INERT = {"content-security-policy": "sandbox; default-src 'none'"}


@pages.get("", AUDIT)
def came_in(ctx: Read, before: Id = 2**31 - 1) -> Response:
    rows = access.came_in(ctx.conn, ctx.actor, before, PAGE + 1)
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    return ctx.page("mail/admin_received.html", rows=rows[:PAGE], following=following)


@pages.get("/{id}", AUDIT)
def one(ctx: Read, id: Id) -> Response:
    row = access.one_that_came(ctx.conn, ctx.actor, id)
    return ctx.page("mail/admin_received_one.html", row=row, why=words_of(row.reason), form=ctx.form or FormState({"reason": ""}))


@pages.post("/{id}/raw", AUDIT, again=one, step_up=True, once=False)
def raw(ctx: Write, id: Id) -> Response:
    data = auditing.look(ctx.session, ctx.actor, id, parse(LookForm, ctx.call.fields).reason)
    return Response(data, headers={"content-disposition": f'attachment; filename="message-{id}.txt"', **_INERT}, media_type="text/plain")
