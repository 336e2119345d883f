"""Input for what is a member's own."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from app.attachments.limits import MOST_FILES
from app.core.fields import Form, Id, without_controls

MOST_DRAFTED = 200_000  # characters: more than a message may have, so that what is too long for one is not lost


Typed = Annotated[str, BeforeValidator(lambda value: without_controls(value) if isinstance(value, str) else value)]


KEPT = re.compile(r"kind|marking|readers|anonymous|subjects|(practice|poll)\.[a-z_]{1,20}")
_MOST_VALUES = 400
WORDS = (
    "practice.problem", "practice.what_we_did", "practice.outcome", "practice.again_why", "practice.staffing", "practice.setup_weeks",
    "poll.question", "poll.choices",
)  # fmt: skip
"""The fields beside title and message that somebody types words into: one of them alone is a draft."""


def _fit(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    values = [value for given in fields.values() for value in given]
    if not all(KEPT.fullmatch(name) for name in fields):
        raise ValueError("holds a name that no composer's field has")
    if max(len(fields), len(values)) > _MOST_VALUES or sum(map(len, values)) > MOST_DRAFTED:
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


class BookmarkForm(Form):
    remind_at: AwareDatetime | None = None


def _day(value: object) -> object:
    return None if value == "" else value


class RemindOn(Form):
    """The page's form: a day, at the hour of the association's morning."""

    remind_on: Annotated[dt.date | None, BeforeValidator(_day)] = None
