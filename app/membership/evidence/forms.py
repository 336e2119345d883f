"""Input about evidence that may come with a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from app.core.fields import Form, Id, Reason, Text
from app.membership.applications.forms import Version


class OwnEvidenceForm(Form):
    """What an applicant adds to their own case: a note, a file, or both."""

    note: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class MarkForm(Form):
    """The file of a case that shows an identity document after all."""

    version: Version
    to_mark: Id


class UnmarkForm(Form):
    version: Version
    to_unmark: Id
    why: Reason
