"""Files that came with a form of the composer's."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import Row

from app.attachments import access, operations
from app.attachments.intake import taken_of
from app.attachments.limits import MOST_FILES
from app.core.errors import Invalid
from app.forum.forms import NewReply, NewThread
from app.web.forms import FormState
from app.web.request import Read, Write

F = TypeVar("F", NewThread, NewReply)


def sent_of(ctx: Read, form: FormState) -> list[Row[Any]]:
    """The files that a form holds which is drawn again."""
    given = form.value("attachments", [])
    ids = [int(one) for one in (given if isinstance(given, list) else [given]) if str(one).isdecimal() and len(str(one)) <= 10]
    return access.usable(ctx.conn, ctx.actor, [one for one in ids if one < 2**31][:MOST_FILES])


def with_files(ctx: Write, form: F) -> F:
    """The form with the files that were sent along, besides those that it names."""
    taken = taken_of(ctx.call.files)
    if not taken:
        return form
    if len(taken) + len(form.attachments) > MOST_FILES:
        raise Invalid(file=f"A message takes at most {MOST_FILES} files.")
    ids: list[int] = [row.id for row in operations.take(ctx.session, ctx.actor, taken)]
    return form.model_copy(update={"attachments": [*form.attachments, *ids]})
