"""The page that shows what a change would do, before it is saved. What was filled in goes through it and is sent again."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from app.web import csrf
from app.web.request import Write

CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Question:
    title: str
    effects: list[str]
    button: str
    back: str
    is_grave: bool = False


def is_confirmed(ctx: Write) -> bool:
    return (CONFIRMED, "yes") in ctx.call.fields


def ask(ctx: Write, question: Question) -> Response:
    fields = [(name, value) for name, value in ctx.call.fields if name not in (csrf.FIELD, CONFIRMED)]
    return ctx.page("association/confirm.html", question=question, fields=fields, action=ctx.call.path)
