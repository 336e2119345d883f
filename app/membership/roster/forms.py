"""Input of a roster: who is made contact, and what is answered of whom."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from app.core.fields import Form, Id, Line, Reason
from app.membership.roster.models import Word

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def _month(value: str) -> str:
    if value and not _MONTH.fullmatch(value):
        raise ValueError("must be a month such as 2026-10")
    return value


Month = Annotated[str, AfterValidator(_month)]
Note = Annotated[Line, StringConstraints(max_length=200)]


class AppointForm(Form):
    member: Id


class DismissForm(Form):
    reason: Reason


class SaidForm(Form):
    """What is said of one member."""

    member: Id
    word: Word
    month: Month = ""
    note: Note = ""


class StillHereForm(Form):
    """The same from a script. `what` counts where they are not here any more."""

    member: Id
    still_here: bool
    what: Literal["left", "retired", "unknown"] = "left"
    month: Month = ""
    note: Note = ""

    @property
    def said(self) -> SaidForm:
        return SaidForm(member=self.member, word=Word.HERE if self.still_here else Word(self.what), month=self.month, note=self.note)
