"""Everything that was put down in a case which was reached: evidence, calls or their waiver, questions, notes, decisions: one statement.

Each alone costs a reviewer's page more than it reads. A paper looks the same as its own row does elsewhere (papers.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, String, bindparam, literal, null, select, union_all

from app.membership.models import Decision, Evidence, Member
from app.membership.papers import CallBack, CaseNote, Question, Waiver


class Shown(NamedTuple):
    id: int
    kind: str
    note: str
    created_at: dt.datetime
    added_by: int | None
    by: str | None
    source: str


class Call(NamedTuple):
    id: int
    number: str
    found_at: str
    person: str
    spoke_at: dt.datetime
    caller_id: int
    caller_name: str
    created_at: dt.datetime


class Waived(NamedTuple):
    admin_id: int
    admin_name: str
    reason: str
    created_at: dt.datetime


class Asked(NamedTuple):
    id: int
    text: str
    asked_by: int
    asked_name: str
    asked_at: dt.datetime
    answer: str
    answered_at: dt.datetime | None


class Note(NamedTuple):
    id: int
    author_id: int
    author_name: str
    text: str
    created_at: dt.datetime


class Signed(NamedTuple):
    step: int
    reviewer_id: int
    reviewer_name: str
    verdict: str
    reason: str
    created_at: dt.datetime


@dataclass(slots=True)
class Folder:
    evidence: list[Shown] = field(default_factory=list)
    call_backs: list[Call] = field(default_factory=list)
    waivers: list[Waived] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    decisions: list[Signed] = field(default_factory=list)

    @property
    def waiver(self) -> Waived | None:
        return self.waivers[0] if self.waivers else None


def _leg(paper: str, model: Any, *columns: Any) -> Select[Any]:
    """id, who_id, who, at, later, and up to three texts."""
    padded = [*columns, *[null()] * (8 - len(columns))]
    names = ("id", "who_id", "who", "at", "later", "one", "two", "three")
    labelled = (column.label(name) for column, name in zip(padded, names, strict=True))
    return select(literal(paper, String).label("paper"), *labelled).where(model.application_id == bindparam("id"))


_C, _W, _Q, _N, _D, _E = CallBack, Waiver, Question, CaseNote, Decision, Evidence
_by = select(Member.name).where(Member.id == Evidence.added_by).scalar_subquery()
_ALL = union_all(
    _leg("call_backs", _C, _C.id, _C.caller_id, _C.caller_name, _C.created_at, _C.spoke_at, _C.number, _C.found_at, _C.person),
    _leg("evidence", _E, _E.id, _E.added_by, _by, _E.created_at, null(), _E.kind, _E.note, _E.source),
    _leg("waivers", _W, _W.application_id, _W.admin_id, _W.admin_name, _W.created_at, null(), _W.reason),
    _leg("questions", _Q, _Q.id, _Q.asked_by, _Q.asked_name, _Q.asked_at, _Q.answered_at, _Q.text, _Q.answer),
    _leg("notes", _N, _N.id, _N.author_id, _N.author_name, _N.created_at, null(), _N.text),
    _leg("decisions", _D, _D.step, _D.reviewer_id, _D.reviewer_name, _D.created_at, null(), _D.verdict, _D.reason),
).order_by("id")
_MADE: dict[str, Callable[[Row[Any]], Any]] = {
    "evidence": lambda r: Shown(r.id, r.one, r.two, r.at, r.who_id, r.who, r.three),
    "call_backs": lambda r: Call(r.id, r.one, r.two, r.three, r.later, r.who_id, r.who, r.at),
    "waivers": lambda r: Waived(r.who_id, r.who, r.one, r.at),
    "questions": lambda r: Asked(r.id, r.one, r.who_id, r.who, r.at, r.two, r.later),
    "notes": lambda r: Note(r.id, r.who_id, r.who, r.one, r.at),
    "decisions": lambda r: Signed(r.id, r.who_id, r.who, r.one, r.two, r.at),
}


def folder_of(conn: Connection, application_id: int) -> Folder:
    folder = Folder()
    for row in conn.execute(_ALL, {"id": application_id}):
        getattr(folder, row.paper).append(_MADE[row.paper](row))
    return folder
