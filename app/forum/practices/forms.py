"""Input of practice records and subjects, the same for pages and scripts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.core.fields import Form, Line, Text
from app.forum.practices.models import Again, CostBand


def _blank_is_none(value: object) -> object:
    """An empty field of a page says nothing."""
    return None if value == "" else value


def _day(value: dt.date) -> dt.date:
    if not 2000 <= value.year < 2200:
        raise ValueError("must be a day of our time")
    return value


Long = Annotated[Text, StringConstraints(max_length=10_000, strip_whitespace=True)]
Short = Annotated[Text, StringConstraints(max_length=1_000, strip_whitespace=True)]
Day = Annotated[dt.date, AfterValidator(_day)]


class PracticeForm(Form):
    """A lesson's record. Each part may be left out; a record that says nothing at all is refused when it is kept."""

    problem: Long = ""
    what_we_did: Long = ""
    outcome: Long = ""
    measured: bool = False
    cost_band: Annotated[CostBand | None, BeforeValidator(_blank_is_none)] = None
    staffing: Short = ""
    setup_weeks: Annotated[Annotated[int, Field(ge=0, le=520)] | None, BeforeValidator(_blank_is_none)] = None
    again: Annotated[Again | None, BeforeValidator(_blank_is_none)] = None
    again_why: Long = ""
    sworn: Annotated[Annotated[int, Field(ge=0, le=100_000)] | None, BeforeValidator(_blank_is_none)] = None
    subjects: Annotated[list[Annotated[Line, StringConstraints(max_length=60)]], Field(max_length=6)] = []
    contact_ok: bool = False
    review_by: Annotated[Day | None, BeforeValidator(_blank_is_none)] = None


class SubjectsForm(Form):
    """What a thread is about, by the subjects' slugs."""

    subjects: Annotated[list[Annotated[Line, StringConstraints(max_length=60)]], Field(max_length=6)] = []


class EditPractice(PracticeForm):
    """`version` is the record's that was read; 0 where there was none yet."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
