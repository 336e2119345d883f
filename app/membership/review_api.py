"""Applications for reviewers' scripts: `moderate` scope, and every call that changes a case carries the version it saw."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.membership.applications import decide, inquire, queries
from app.membership.applications.forms import CallBackForm, ClaimForm, DecisionForm, EvidenceForm, NoteForm, QuestionForm
from app.membership.models import ApplicationState
from app.web import humane
from app.web.guard import Allow
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")
REVIEW = Allow(Right.REVIEW)


def _agency(row: Any) -> dict[str, Any] | None:
    if row.agency_id is None:
        return None
    return {
        "id": row.agency_id, "ori": row.agency_ori, "name": row.agency_full_name, "short_name": row.agency_short_name,
        "state": row.agency_record_state, "county": row.agency_county, "sworn": row.agency_sworn,
    }  # fmt: skip


def _person(member_id: int | None, name: str | None) -> dict[str, Any] | None:
    return None if member_id is None else {"id": member_id, "name": name}


def in_list(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "state": row.state, "version": row.version, "applicant": {"name": row.name, "rank": row.rank},
        "agency": _agency(row), "agency_name": row.agency_name, "member_class": row.member_class,
        "claimed_by": _person(row.claimed_by, row.claimer), "claimed_until": row.claimed_until,
        "created_at": row.created_at, "submitted_at": row.submitted_at, "decided_at": row.decided_at,
    }  # fmt: skip


def as_json(case: queries.Case) -> dict[str, Any]:
    """A case in the contract's shape."""
    row = case.row
    return in_list(row) | {
        "applicant": {"name": row.name, "rank": row.rank, "email": row.email},
        "supervisor": row.supervisor,
        "sponsor": _person(row.sponsor_id, row.sponsor),
        "checks": [{"key": c.key, "state": c.state, "reason": c.reason} for c in case.checks],
        "evidence": [{"id": e.id, "kind": e.kind, "note": e.note} for e in case.evidence],
        "call_backs": [
            {
                "id": c.id,
                "number": c.number,
                "found_at": c.found_at,
                "person": c.person,
                "spoke_at": c.spoke_at,
                "by": _person(c.caller_id, c.caller_name),
                "at": c.created_at,
            }
            for c in case.call_backs
        ],
        "waiver": case.waiver and {"by": _person(case.waiver.admin_id, case.waiver.admin_name), "reason": case.waiver.reason},
        "missing": case.todo,
        "questions": [
            {
                "id": q.id,
                "by": _person(q.asked_by, q.asked_name),
                "text": q.text,
                "at": q.asked_at,
                "answer": q.answer,
                "answered_at": q.answered_at,
            }
            for q in case.questions
        ],
        "decisions": [
            {"by": _person(d.reviewer_id, d.reviewer_name), "verdict": d.verdict, "reason": d.reason, "at": d.created_at}
            for d in case.decisions
        ],
        "notes": [{"id": n.id, "by": _person(n.author_id, n.author_name), "text": n.text, "at": n.created_at} for n in case.notes],
        "earlier": [{"id": e.id, "state": e.state, "at": e.created_at} for e in case.earlier],
    }


def _case(ctx: Read | Write, application_id: int, status: int = 200) -> Response:
    return reply_json(as_json(queries.case_for(ctx.conn, ctx.actor, application_id, ctx.now)), status)


Limit = Annotated[int, Query(ge=1, le=100)]


@api.get("/applications", REVIEW)
def list_applications(ctx: Read, state: Annotated[ApplicationState, Query()] = ApplicationState.SUBMITTED, limit: Limit = 50,
                      cursor_: Annotated[str, Query(alias="cursor")] = "") -> Response:  # fmt: skip
    after = read_cursor(cursor_, int)[0] if cursor_ else 0
    rows = queries.applications(ctx.conn, ctx.actor, state, limit, after)
    following = cursor(rows[limit - 1].id) if len(rows) > limit else None
    return reply_json({"items": [in_list(row) for row in rows[:limit]], "next": following})


@api.get("/applications/{id}", REVIEW)
def get_application(ctx: Read, id: Id) -> Response:
    return _case(ctx, id)


@api.post("/applications/{id}/claim", REVIEW)
def claim(ctx: Write, id: Id, body: ClaimForm) -> Response:
    decide.claim(ctx.session, ctx.actor, id, body.version)
    return _case(ctx, id)


@api.post("/applications/{id}/notes", REVIEW)
def add_note(ctx: Write, id: Id, body: NoteForm) -> Response:
    decide.add_note(ctx.session, ctx.actor, id, body)
    return _case(ctx, id, 201)


@api.post("/applications/{id}/evidence", REVIEW)
def add_evidence(ctx: Write, id: Id, body: EvidenceForm) -> Response:
    decide.add_evidence(ctx.session, ctx.actor, id, body)
    return _case(ctx, id, 201)


@api.post("/applications/{id}/call-backs", REVIEW)
def add_call_back(ctx: Write, id: Id, body: CallBackForm) -> Response:
    inquire.add_call_back(ctx.session, ctx.actor, id, body, humane.zone(ctx.platform.site.get(ctx.conn).time_zone))
    return _case(ctx, id, 201)


@api.post("/applications/{id}/questions", REVIEW)
def ask(ctx: Write, id: Id, body: QuestionForm) -> Response:
    inquire.ask(ctx.session, ctx.actor, id, body)
    return _case(ctx, id, 201)


@api.post("/applications/{id}/decisions", REVIEW)
def add_decision(ctx: Write, id: Id, body: DecisionForm) -> Response:
    decide.decide(ctx.session, ctx.actor, id, body)
    return _case(ctx, id, 201)
