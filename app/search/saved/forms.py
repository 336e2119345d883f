"""Input of saved searches."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from app.core.fields import Form, Text
from app.search import asking
from app.search.asking import LONGEST
from app.search.models import Deliver


def _can_be_asked(text: str) -> str:
    wrong = asking.read(text).wrong or (() if text else ("Type a word to look for.",))
    if wrong:
        raise ValueError(" ".join(wrong))
    return " ".join(text.split())


Question = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=LONGEST), AfterValidator(_can_be_asked)]


class SaveForm(Form):
    q: Question
    deliver: Deliver = Deliver.NONE


class DeliverForm(Form):
    deliver: Deliver
