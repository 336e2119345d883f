"""Input about evidence that may come with a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from app.core.fields import Form, Text


class OwnEvidenceForm(Form):
    """What an applicant adds to their own case: a note, a file, or both."""

    note: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
