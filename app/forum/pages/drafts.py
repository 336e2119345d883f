"""From a composer's fields to the draft of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from app.core.errors import Invalid
from app.forum.own.forms import KEPT, DraftForm
from app.web.forms import errors_of


def draft_of(pairs: Iterable[tuple[str, str]]) -> DraftForm:
    """What is kept of a composer's fields; Invalid where it is too much. A box that is not ticked is kept as such: one may be ticked from
    the start."""
    values: dict[str, Any] = {"fields": {}, "attachments": []}
    for name, value in pairs:
        if name in ("title", "body"):
            values[name] = value
        elif name == "attachments":
            values[name] += [value] if value.isdecimal() else []
        elif KEPT.fullmatch(name):
            values["fields"].setdefault(name, []).append(value)
    values["fields"].setdefault("anonymous", [""])
    try:
        return DraftForm.model_validate(values)
    except ValidationError as error:
        raise Invalid(errors_of(error)) from None
