"""Input about reports."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from app.core.fields import Form, Reason, Text
from app.moderation.flags.models import FlagReason

Note = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000)]


class FlagForm(Form):
    reason: FlagReason
    note: Note = ""


class ResolutionForm(Form):
    """What becomes of it, and why: the reason stands in the thread where the message is hidden, and in the log."""

    resolution: Literal["hide", "dismiss"]
    reason: Reason
