"""Reporting a message, and the moderators' queue of reports."""

from __future__ import annotations

from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id, Position
from app.forum.markings import Marking
from app.forum.queries import replies
from app.moderation.flags import access, operations
from app.moderation.flags.forms import FlagForm, ResolutionForm
from app.moderation.flags.models import FlagReason
from app.web.forms import FormState, parse
from app.web.guard import MEMBER, Allow
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
MODERATE = Allow(Right.MODERATE)
REASONS = [
    (FlagReason.CJI.value, "CJI, or a named suspect, victim or juvenile", "Takes the message out of view at once, for everyone"),
    (FlagReason.MARKING.value, "Marked too widely", "Its words should reach fewer people"),
    (FlagReason.CONDUCT.value, "Against the rules of use", "An insult, a threat, a private matter of somebody else"),
    (FlagReason.SELLING.value, "Selling", "A partner offers something where none was asked for"),
    (FlagReason.OTHER.value, "Something else", "Say what below"),
]
NAMES = {value: name for value, name, _hint in REASONS}


@pages.get("/threads/{thread_id}/replies/{position}/flag", MEMBER)
def flag_page(ctx: Read, thread_id: Id, position: Position) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    replies.one(ctx.conn, thread_id, position)
    return ctx.page("moderation/flag.html", thread=thread, position=position, reasons=REASONS, form=ctx.form or FormState())


@pages.post("/threads/{thread_id}/replies/{position}/flag", MEMBER, again=flag_page)
def flag(ctx: Write, thread_id: Id, position: Position) -> Response:
    operations.flag(ctx.session, ctx.actor, thread_id, position, parse(FlagForm, ctx.call.fields))
    return ctx.redirect(f"/threads/{thread_id}", said="flagged")


@pages.get("/moderation/flags", MODERATE)
def queue(ctx: Read, id: Id = 0) -> Response:
    rows = access.open_flags(ctx.conn, ctx.actor)
    return ctx.page(
        "moderation/flags.html", rows=rows, names=NAMES, label=lambda m: Marking(m).label, form=ctx.form or FormState(), typed_in=id
    )


@pages.post("/moderation/flags/{id}", MODERATE, again=queue)
def resolve(ctx: Write, id: Id) -> Response:
    operations.resolve(ctx.session, ctx.actor, id, parse(ResolutionForm, ctx.call.fields))
    return ctx.redirect("/moderation/flags", said="flag-resolved")
