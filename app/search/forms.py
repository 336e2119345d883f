"""What a search is asked with beside its words: each part can be typed as an operator too, and narrows what was typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.core.errors import Invalid
from app.core.fields import Form
from app.search import asking
from app.search.asking import MOST_SWORN, Asked
from app.search.queries import ALL

Text = Annotated[str, StringConstraints(max_length=200)]


class SearchForm(Form):
    """`in`, `forum`, `kind`, `agency`, `state` … as the contract names them; an empty one asks for nothing."""

    forum: Text = ""
    kind: Literal["", "lesson", "question", "discussion", "notice"] = ""
    agency: Text = ""
    state: Text = ""
    tag: Text = ""
    size: Text = ""
    sworn_min: Annotated[int, Field(ge=0, le=MOST_SWORN)] | None = None
    sworn_max: Annotated[int, Field(ge=0, le=MOST_SWORN)] | None = None
    since: Text = ""
    before: Text = ""
    has: Literal["", "attachment"] = ""
    filter: Literal["", "unanswered", "unread"] = ""

    def narrowing(self, asked: Asked) -> Asked:
        """What was typed, narrowed by what was chosen. Invalid with the field's name."""
        if self.forum:
            asked = replace(asked, forums=(self.forum.lower(),))
        if self.kind:
            asked = replace(asked, kinds=(self.kind,))
        if self.tag:
            asked = replace(asked, tags=(self.tag,))
        asked = replace(asked, has=asked.has | ({self.has, self.filter} - {""}))
        return self._in_time(self._from_agency(asked))

    def _from_agency(self, asked: Asked) -> Asked:
        if self.agency.isdecimal() and self.agency.isascii() and int(self.agency) < 2**31:
            asked = replace(asked, agency_id=int(self.agency))
        elif self.agency:
            asked = replace(asked, agencies=(self.agency,))
        if self.state:
            if not (len(self.state) == 2 and self.state.isalpha() and self.state.isascii()):
                raise Invalid(state="A state is two letters, such as CO.")
            asked = replace(asked, states=(self.state.upper(),))
        if self.size:
            asked = _sized(asked, self.size)
        if self.sworn_min is not None or self.sworn_max is not None:
            least, most = self.sworn_min or 0, MOST_SWORN if self.sworn_max is None else self.sworn_max
            asked = replace(asked, sworn=asking.narrowed(asked.sworn, least, most))
        return asked

    def _in_time(self, asked: Asked) -> Asked:
        if self.since:
            since = _day("since", self.since)
            asked = replace(asked, after=max(asked.after or since, since))
        if self.before:
            before = _day("before", self.before)
            asked = replace(asked, before=min(asked.before or before, before))
        return asked


def _sized(asked: Asked, text: str) -> Asked:
    try:
        return asking.OPERATORS["size"](asked, text)
    except ValueError as error:
        raise Invalid(size=str(error)) from None


def _day(name: str, text: str) -> dt.date:
    """A day; of a moment its day."""
    try:
        return asking.day(text[:10] if "T" in text else text)
    except ValueError as error:
        raise Invalid({name: str(error)}) from None


def within(text: str) -> frozenset[str]:
    """`threads,people`: where is looked; nothing named means everywhere."""
    parts = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not parts <= ALL:
        raise Invalid({"in": "is one or more of threads, people and agencies, with commas between."})
    return parts or ALL
