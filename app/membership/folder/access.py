"""Everything that was put down in a case which was reached: evidence, calls or their waiver, questions, notes, decisions: one statement,
and one for files. They are kept in memory for as long as the case is the same.

Each alone costs a reviewer's page more than it reads. A paper looks the same as its own row does elsewhere (papers.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, String, bindparam, func, literal_column, null, select, union_all
from sqlalchemy.orm import aliased

from app.core.db import is_settled, serial_of
from app.core.kept import Kept
from app.membership.evidence.access import files_of
from app.membership.evidence.models import EvidenceFile
from app.membership.models import Application, Decision, Evidence, Member
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


@dataclass(frozen=True, slots=True)
class Folder:
    """`files`: by the line of evidence that shows them."""

    evidence: tuple[Shown, ...]
    call_backs: tuple[Call, ...]
    waivers: tuple[Waived, ...]
    questions: tuple[Asked, ...]
    notes: tuple[Note, ...]
    decisions: tuple[Signed, ...]
    files: dict[int, Row[Any]]

    @property
    def waiver(self) -> Waived | None:
        return self.waivers[0] if self.waivers else None

    @property
    def papers(self) -> tuple[tuple[Any, ...], ...]:
        return (*self.evidence, *self.files.values(), *self.call_backs, *self.waivers, *self.questions, *self.notes, *self.decisions)


def _leg(paper: str, model: Any, *columns: Any) -> Select[Any]:
    """id, who_id, who, at, later, and up to three texts."""
    padded = [*columns, *[null()] * (8 - len(columns))]
    names = ("id", "who_id", "who", "at", "later", "one", "two", "three")
    labelled = (column.label(name) for column, name in zip(padded, names, strict=True))
    return select(literal_column(f"'{paper}'", String).label("paper"), *labelled).where(model.application_id == bindparam("id"))


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


_author = aliased(Member)
_GONE = select(func.count()).where(EvidenceFile.application_id == Application.id, EvidenceFile.deleted_at.is_not(None))
_AUTHORS = (
    select(func.sum(_author.version)).join(Evidence, Evidence.added_by == _author.id).where(Evidence.application_id == Application.id)
)
STATE: tuple[Any, ...] = (
    _GONE.correlate(Application).scalar_subquery().label("files_gone"),
    _AUTHORS.correlate(Application).scalar_subquery().label("authors"),
)
"""What moves, beside the case's own version, when its papers look different: the worker deletes a file, or who added evidence changes.
Columns for the statement by which the case is reached."""
_kept: Kept[tuple[int, int, int, int, int | None], Folder] = Kept(2_000_000)


def folder_of(conn: Connection, case: Row[Any]) -> Folder:
    """Of a case that was reached by a statement with its version and STATE. Every act that puts a paper down, or answers one, moves the
    case's version in the same transaction, so what was kept can't be asked for afterwards (docs/decisions/0004)."""
    key = (serial_of(conn), case.id, case.version, case.files_gone, case.authors)
    folder = _kept.get(key)
    if folder is None:
        folder = _read(conn, case.id)
        if is_settled(conn):
            _kept.put(key, folder, 200 + sum(len(repr(paper)) for paper in folder.papers))
    return folder


def _read(conn: Connection, application_id: int) -> Folder:
    made: dict[str, list[Any]] = {paper: [] for paper in _MADE}
    for row in conn.execute(_ALL, {"id": application_id}):
        made[row.paper].append(_MADE[row.paper](row))
    files = conn.execute(files_of(application_id)) if made["evidence"] else ()
    return Folder(**{paper: tuple(found) for paper, found in made.items()}, files={file.evidence_id: file for file in files})
