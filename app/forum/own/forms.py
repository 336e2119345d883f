"""Input for what is a member's own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, ValidationError

from app.attachments.limits import MOST_FILES
from app.core.errors import Invalid
from app.core.fields import Form, Id, without_controls
from app.web.forms import errors_of

MOST_DRAFTED = 200_000  # characters: more than a message may have, so that what is too long for one is not lost


Typed = Annotated[str, BeforeValidator(lambda value: without_controls(value) if isinstance(value, str) else value)]


_KEPT = re.compile(r"kind|marking|readers|anonymous|subjects|(practice|poll)\.[a-z_]{1,20}")
_MOST_VALUES = 400
WORDS = (
    "practice.problem", "practice.what_we_did", "practice.outcome", "practice.again_why", "practice.staffing", "practice.setup_weeks",
    "poll.question", "poll.choices",
)  # fmt: skip
"""The fields beside title and message that somebody types words into: one of them alone is a draft."""


def _fit(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    values = [value for given in fields.values() for value in given]
    if not all(_KEPT.fullmatch(name) for name in fields):
        raise ValueError("holds a name that no composer's field has")
    if len(values) > _MOST_VALUES or sum(map(len, values)) > MOST_DRAFTED:
        raise ValueError(f"can be at most {MOST_DRAFTED:,} characters long")
    return fields


class DraftForm(Form):
    """As it stands in the composer: not yet as a message must be. `fields`: its other fields by their names, each a list of values;
    `attachments`: ids of one's own uploads."""

    title: Annotated[Typed, StringConstraints(max_length=200)] = ""
    body: Annotated[Typed, StringConstraints(max_length=MOST_DRAFTED)] = ""
    fields: Annotated[dict[str, list[Typed]], AfterValidator(_fit)] = {}
    attachments: Annotated[list[Id], Field(max_length=MOST_FILES)] = []

    @property
    def says_nothing(self) -> bool:
        words = (self.title, self.body, *[value for name in WORDS for value in self.fields.get(name, [])])
        return not self.attachments and not any(word.strip() for word in words)


def draft_of(pairs: Iterable[tuple[str, str]]) -> DraftForm:
    """What is kept of a composer's fields; Invalid where it is too much. A box that is not ticked is kept as such: one may be ticked from
    the start."""
    values: dict[str, Any] = {"fields": {}, "attachments": []}
    for name, value in pairs:
        if name in ("title", "body"):
            values[name] = value
        elif name == "attachments":
            values[name] += [value] if value.isdecimal() else []
        elif _KEPT.fullmatch(name):
            values["fields"].setdefault(name, []).append(value)
    values["fields"].setdefault("anonymous", [""])
    try:
        return DraftForm.model_validate(values)
    except ValidationError as error:
        raise Invalid(errors_of(error)) from None


class BookmarkForm(Form):
    remind_at: AwareDatetime | None = None


def _day(value: object) -> object:
    return None if value == "" else value


class RemindOn(Form):
    """The page's form: a day, at the hour of the association's morning."""

    remind_on: Annotated[dt.date | None, BeforeValidator(_day)] = None
