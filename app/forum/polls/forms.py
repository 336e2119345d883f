"""Input of polls, the same for pages and scripts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

from app.core.fields import Form, Id, Name
from app.forum.polls.models import Results, VoteBy

FEWEST, MOST = 2, 20
_Choice = Annotated[Name, StringConstraints(max_length=200)]


def _lines(value: object) -> object:
    """A form's field holds one choice a line; empty ones are none."""
    given: list[Any] = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    if not given and value is not None:
        return value
    return [line for one in given for line in (one.splitlines() if isinstance(one, str) else [one]) if line not in ("", None)]


def _differ(value: list[str]) -> list[str]:
    if len({text.casefold() for text in value}) < len(value):
        raise ValueError("Two choices are the same.")
    if not FEWEST <= len(value) <= MOST:
        raise ValueError(f"Please give {FEWEST} to {MOST} choices, one a line.")
    return value


class PollForm(Form):
    question: Annotated[Name, StringConstraints(max_length=200)]
    choices: Annotated[list[_Choice], BeforeValidator(_lines), AfterValidator(_differ)]
    multiple: bool = False
    by: VoteBy = VoteBy.MEMBER
    closes_at: AwareDatetime | None = None
    results: Results = Results.AFTER_VOTE


class PollPage(Form):
    """As a page's form has it: the day after which it is closed."""

    question: Annotated[Name, StringConstraints(max_length=200)]
    choices: Annotated[list[_Choice], BeforeValidator(_lines), AfterValidator(_differ)]
    multiple: bool = False
    by: VoteBy = VoteBy.MEMBER
    closes_on: Annotated[dt.date | None, BeforeValidator(lambda value: None if value == "" else value)] = None
    results: Results = Results.AFTER_VOTE

    def form(self, zone: dt.tzinfo) -> PollForm:
        """It closes at that day's end, where the association is."""
        end = dt.datetime.combine(self.closes_on + dt.timedelta(days=1), dt.time(), zone) if self.closes_on else None
        return PollForm.model_construct(**{**self.model_dump(exclude={"closes_on"}), "closes_at": end})


class VoteForm(Form):
    """Ids of choices; none takes one's vote back."""

    choices: Annotated[list[Id], Field(max_length=MOST)]


class VotePage(Form):
    choices: Annotated[list[Id], Field(max_length=MOST)] = []
