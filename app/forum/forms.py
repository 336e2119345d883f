"""Input of the forum, the same for pages and scripts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.attachments.limits import MOST_FILES
from app.core.fields import Body, Form, Id, Line, Position, Reason, Text, Title
from app.forum.markings import Marking
from app.forum.models import ThreadKind, WatchLevel
from app.forum.polls.forms import PollForm
from app.forum.practices.forms import PracticeForm


def _is_marking(label: str) -> str:
    Marking.of(label)
    return label


def _drop_blanks(value: object) -> object:
    return [v for v in value if v != ""] if isinstance(value, list) else value


MarkingLabel = Annotated[str, AfterValidator(_is_marking)]
Files = Annotated[list[Id], BeforeValidator(_drop_blanks), Field(max_length=MOST_FILES)]
"""Ids of one's own uploads."""


class NewThread(Form):
    """`anonymous`: under no name; masked everywhere, and known to the association alone. `practice`: a lesson's record. `subjects`: by
    their slugs, what a question or a discussion is about."""

    kind: ThreadKind
    title: Title
    body: Body
    marking: MarkingLabel | None = None
    readers: Annotated[list[Id], BeforeValidator(_drop_blanks), Field(max_length=200)] = []
    anonymous: bool = False
    practice: PracticeForm | None = None
    subjects: Annotated[list[Line], BeforeValidator(_drop_blanks), Field(max_length=6)] = []
    poll: PollForm | None = None
    attachments: Files = []


class NewReply(Form):
    """`seen`: the last position that its author had before them while writing; who doesn't say so is not told of what came meanwhile.
    `quote`: the position of a message that stands before the text (for scripts; a page has it in the text)."""

    body: Body
    quote: Position | None = None
    anonymous: bool = False
    seen: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    attachments: Files = []


class EditReply(Form):
    body: Body
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    title: Title | None = None


class Accept(Form):
    position: Annotated[int, Field(ge=0, le=2**31 - 1)]


class Read(Form):
    position: Annotated[int, Field(ge=0, le=2**31 - 1)]


class WatchChoice(Form):
    level: WatchLevel


class WithReason(Form):
    reason: Reason


class StrikeForm(Form):
    """An author need not say why."""

    reason: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class UndoForm(Form):
    """`message`: which one the page meant."""

    message: Id | None = None


class ChangeMarking(Form):
    marking: MarkingLabel
    readers: Annotated[list[Id], BeforeValidator(_drop_blanks), Field(max_length=200)] = []
