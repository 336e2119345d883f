"""Files that came with a form of the composer's."""

from __future__ import annotations

from typing import TypeVar

from app.attachments import operations
from app.attachments.intake import taken_of
from app.attachments.limits import MOST_FILES
from app.core.errors import Invalid
from app.forum.forms import NewReply, NewThread
from app.web.request import Write

F = TypeVar("F", NewThread, NewReply)


def with_files(ctx: Write, form: F) -> F:
    """The form with the files that were sent along, besides those that it names."""
    taken = taken_of(ctx.call.files)
    if not taken:
        return form
    if len(taken) + len(form.attachments) > MOST_FILES:
        raise Invalid(file=f"A message takes at most {MOST_FILES} files.")
    ids: list[int] = [row.id for row in operations.take(ctx.session, ctx.actor, taken)]
    return form.model_copy(update={"attachments": [*form.attachments, *ids]})
