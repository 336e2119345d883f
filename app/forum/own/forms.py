"""Input for what is a member's own."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, StringConstraints

from app.core.fields import Form, without_controls

MOST_DRAFTED = 200_000  # characters: more than a message may have, so that what is too long for one is not lost


Typed = Annotated[str, BeforeValidator(lambda value: without_controls(value) if isinstance(value, str) else value)]


class DraftForm(Form):
    """As it stands in the field: not yet as a message must be."""

    title: Annotated[Typed, StringConstraints(max_length=200)] = ""
    body: Annotated[Typed, StringConstraints(max_length=MOST_DRAFTED)] = ""


class BookmarkForm(Form):
    remind_at: AwareDatetime | None = None


def _day(value: object) -> object:
    return None if value == "" else value


class RemindOn(Form):
    """The page's form: a day, at the hour of the association's morning."""

    remind_on: Annotated[dt.date | None, BeforeValidator(_day)] = None
