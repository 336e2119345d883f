"""Input of adoptions, the same for pages and scripts."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from app.core.fields import Form, Reason, Text
from app.forum.adoptions.models import AdoptionState

Note = Annotated[Text, StringConstraints(max_length=1_000, strip_whitespace=True)]


class AdoptionForm(Form):
    """`how_it_went` stays as it is where it is left out."""

    state: AdoptionState
    note: Note = ""
    how_it_went: Annotated[Text, StringConstraints(max_length=5_000, strip_whitespace=True)] | None = None


class RemoveForm(Form):
    reason: Reason
