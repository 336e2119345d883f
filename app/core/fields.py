"""Kinds of input text shared by all forms: what a line and a message may hold."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

# C0 and C1 controls but tab and newline; they have no place in a name or a message, and CR LF NUL are how headers are forged (M15).
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_BREAK = re.compile(r"\r\n?|[\u2028\u2029]")
_BREAKS = re.compile(r"[\t\n]")


def without_controls(text: str) -> str:
    """The text as a form takes it: what comes by mail is not refused for a stray character that nobody sees."""
    return _CONTROLS.sub("", _BREAK.sub("\n", text))


def _newlines(value: object) -> object:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _no_controls(value: str) -> str:
    if _CONTROLS.search(value):
        raise ValueError("holds characters that can't be shown")
    return unicodedata.normalize("NFC", value)


def _one_line(value: str) -> str:
    if _BREAKS.search(_no_controls(value)):
        raise ValueError("must be one line")
    return " ".join(unicodedata.normalize("NFC", value).split())


_LINK = re.compile(r"://|\bwww\.|[<>]", re.IGNORECASE)


def _no_link(value: str) -> str:
    if _LINK.search(value):
        raise ValueError("can't hold a web address or < and >")
    return value


def _says_something(value: str) -> str:
    if not value.strip():
        raise ValueError("can't be empty")
    return value


class Form(BaseModel):
    """The base of all input, HTML and JSON: unknown fields are refused (an HTML form's are dropped before)."""

    model_config = ConfigDict(extra="forbid")


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line)]
"""One line, may be empty, at most 200 characters."""

Name = Annotated[Line, AfterValidator(_says_something)]
"""One line that says something."""

PlainLine = Annotated[Line, AfterValidator(_no_link)]
"""One line about a person or an agency, which stands in lists and letters: nothing in it may look like a link."""

PersonName = Annotated[PlainLine, AfterValidator(_says_something)]

Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_one_line), AfterValidator(_says_something)]

Text = Annotated[str, BeforeValidator(_newlines), StringConstraints(max_length=100_000), AfterValidator(_no_controls)]
"""A text of several lines, may be empty."""

Body = Annotated[Text, AfterValidator(_says_something)]
"""A message in Markdown: not blank, at most 100,000 characters."""

Reason = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_says_something)]

Position = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""A message's place in its thread, as it comes from outside."""

Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A row's id as it comes from outside: larger than any database would hold is answered as bad input, not as an overflow."""
