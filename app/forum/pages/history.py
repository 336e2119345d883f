"""A message's versions, what changed from one to the next, and striking an old one."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import Query
from sqlalchemy import Row
from starlette.responses import Response

from app.core.errors import NotFound
from app.core.fields import Id, Position
from app.forum import access
from app.forum.forms import StrikeForm
from app.forum.fragments import stored_html
from app.forum.history import access as history
from app.forum.history import operations
from app.forum.history.diffing import Piece, compared
from app.forum.history.operations import Where
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.masks.naming import name_of
from app.forum.queries import replies
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()


class Version(NamedTuple):
    """How a message stood once. `text`: its Markdown, or None for who may not see it."""

    number: int
    written_at: Any
    text: str | None
    html: str
    struck: Row[Any] | None  # the row that says who struck it


def _versions(message: Row[Any], earlier: list[Row[Any]], *, is_insider: bool) -> list[Version]:
    """The newest first."""
    found = [Version(message.version, message.edited_at or message.created_at, message.body, message.html, None)]
    for row in earlier:
        seen = history.may_see_version(row, is_insider=is_insider)
        struck = row if row.struck_at else None
        found.append(Version(row.version, row.written_at, row.body if seen else None, row.html if seen else "", struck))
    return found


def _changes(versions: list[Version], at: int) -> list[Piece]:
    """From the last version before this one that the reader may see: nobody is shown words of one that was struck as taken away."""
    text = versions[at].text
    before = next((one.text for one in versions[at + 1 :] if one.text is not None), None)
    return compared(before, text) if before is not None and text is not None else []


@pages.get("/threads/{thread_id}/replies/{position}/revisions", MEMBER, slow=True)
def revisions(ctx: Read, thread_id: Id, position: Position, version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None) -> Response:
    thread = replies.thread_for(ctx.conn, ctx.actor, thread_id)
    message = replies.one(ctx.conn, thread_id, position)
    is_own = masks.is_own(ctx.conn, ctx.actor, thread_id, message)
    access.require_see_history(ctx.actor, thread.right, message, is_own=is_own)
    is_insider = access.may_see_hidden(ctx.actor, thread.right, is_own=is_own)
    versions = _versions(message, history.revisions(ctx.conn, message.id), is_insider=is_insider)
    at = next((at for at, one in enumerate(versions) if version in (None, one.number)), None)
    if at is None:
        raise NotFound
    values: dict[str, Any] = {"shown": versions[at], "is_current": at == 0, "html": stored_html(versions[at].html)}
    values |= {"may_strike": at > 0 and history.may_strike(ctx.actor, thread.right, is_own=is_own), "is_own": is_own}
    values |= {"name": name_of(message), "label": Marking(thread.marking).label, "form": ctx.form or FormState()}
    return ctx.page(
        "forum/revisions.html", thread=thread, message=message, versions=versions, changes=_changes(versions, at), **values
    )  # fmt: skip


def strike_again(ctx: Read, thread_id: Id, position: Position, version: Id) -> Response:
    return revisions(ctx, thread_id, position, version)


@pages.post("/threads/{thread_id}/replies/{position}/revisions/{version}/strike", MEMBER, again=strike_again)
def strike(ctx: Write, thread_id: Id, position: Position, version: Id) -> Response:
    operations.strike(ctx.session, ctx.actor, Where(thread_id, position, version), parse(StrikeForm, ctx.call.fields).reason)
    return ctx.redirect(f"/threads/{thread_id}/replies/{position}/revisions?version={version}", said="struck")
