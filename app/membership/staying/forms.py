"""Input of staying: a member's answer, and what a reviewer makes of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from app.core.fields import Form, Line, Reason, Text
from app.membership.applications.forms import Phone, Rank
from app.membership.staying.models import Says


class ConfirmForm(Form):
    """`key` comes from the link in a letter."""

    says: Says
    rank: Rank = ""
    phone: Phone = ""
    words: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    key: Annotated[str, StringConstraints(max_length=100)] = ""


class SettleForm(Form):
    verdict: Literal["renew", "pause"]
    note: Reason


class ReturnForm(Form):
    """Why someone was away, and how the agency can tell that they are still there."""

    words: Reason
    supervisor: Line = ""
    phone: Phone = ""
