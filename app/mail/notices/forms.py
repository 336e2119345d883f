"""What can be asked of one's own notifications."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.core.fields import Form, Id


class ReadForm(Form):
    """Mark these as read, or all up to one; with neither, all there are."""

    ids: Annotated[list[Id] | None, Field(max_length=100)] = None
    up_to: Id | None = None


class ListQuery(Form):
    cursor: str = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 25
