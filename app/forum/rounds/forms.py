"""Input about being asked, and about what came of a question."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from app.core.fields import Form, Line, Text

Slug = Annotated[Line, StringConstraints(max_length=60)]


class AskingForm(Form):
    """Subjects by their slugs. An unticked box is not sent."""

    may_ask: bool = False
    subjects: Annotated[list[Slug], Field(max_length=30)] = []


class OutcomeForm(Form):
    """Two lines; none takes back what was said."""

    outcome: Annotated[Text, StringConstraints(max_length=300, strip_whitespace=True)] = ""
