"""HTML forms: Pydantic validates; what can't be taken goes back to its page with the text as typed and the error beside its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_origin

from pydantic import ValidationError

from app.core.errors import Invalid
from app.core.fields import Form

F = TypeVar("F", bound=Form)

# Pydantic's words are for programmers; these are for the person at the form. Others pass through as they are.
_PLAIN = {
    "missing": "Please fill this in.",
    "string_too_short": "Please fill this in.",
    "string_type": "Must be text.",
    "int_parsing": "Must be a whole number.",
    "int_type": "Must be a whole number.",
    "bool_parsing": "Must be yes or no.",
    "extra_forbidden": "There is no such field.",
    "date_from_datetime_parsing": "Must be a date such as 2026-12-01.",
    "date_parsing": "Must be a date such as 2026-12-01.",
}


def plain_message(error: Any) -> str:
    """One error of Pydantic's as a sentence."""
    kind, context = error["type"], error.get("ctx", {})
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind == "string_too_long" or (kind == "too_long" and isinstance(error.get("input"), str)):
        return f"Can be at most {context['max_length']:,} characters long."
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"Must be {context.get('ge', context.get('le'))} or {'more' if kind.startswith('greater') else 'less'}."
    if kind in ("enum", "literal_error") and not error.get("input"):
        return "Please choose one."
    if kind in ("enum", "literal_error"):
        return f"Must be one of: {context['expected']}."
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "?")) else ".")


def errors_of(error: ValidationError | Sequence[Any], skip: int = 0) -> dict[str, str]:
    """Field (dotted) to sentence, the first error of each field. `skip` leaves out leading parts such as "body"."""
    found: dict[str, str] = {}
    for one in error.errors() if isinstance(error, ValidationError) else error:
        name = ".".join(str(part) for part in one["loc"][skip:])
        found.setdefault(name, plain_message(one))
    return found


@dataclass(slots=True)
class FormState:
    """What a page needs to draw a form: values as typed, errors by field. An empty one draws a fresh form."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    preview: Any = None  # the text rendered, where the person asked to see it first

    @property
    def is_fresh(self) -> bool:
        """Nothing was typed or refused yet."""
        return not self.values and not self.errors and self.preview is None

    def value(self, name: str, default: Any = "") -> Any:
        return self.values.get(name, default)


def values_of(fields: list[tuple[str, str]]) -> dict[str, Any]:
    """A form's fields by name; a name that comes several times gives a list."""
    values: dict[str, Any] = {}
    for name, value in fields:
        if name in values:
            before = values[name]
            values[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            values[name] = value
    return values


def parse(model: type[F], fields: list[tuple[str, str]]) -> F:
    """The form, validated; Invalid with a sentence for each field that is not right. Fields it doesn't know are dropped."""
    values = {k: v for k, v in values_of(fields).items() if k in model.model_fields}
    for name, info in model.model_fields.items():
        many = get_origin(info.annotation) in (list, set, tuple)
        if many:
            given = values.get(name, [])
            values[name] = given if isinstance(given, list) else [given]
        elif isinstance(values.get(name), list):
            values[name] = values[name][-1]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid(errors_of(error)) from None
