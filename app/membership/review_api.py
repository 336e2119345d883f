"""Applications for reviewers' scripts: `moderate` scope, and every call that changes a case carries the version it saw."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.core.paging import cursor, read_cursor
from app.membership.applications import decide, inquire, queries
from app.membership.applications.forms import CallBackForm, ClaimForm, DecisionForm, EvidenceForm, NoteForm, QuestionForm
from app.membership.case_json import as_json, in_list
from app.membership.evidence import operations as evidence
from app.membership.evidence.intake import ONE_FILE, taken_of
from app.membership.models import ApplicationState
from app.web import humane
from app.web.guard import Allow
from app.web.json import reply_json
from app.web.request import Read, Write
from app.web.routing import Routes

api = Routes("/api/v1")
REVIEW = Allow(Right.REVIEW)


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


@api.post("/applications/{id}/evidence", REVIEW, takes=ONE_FILE)
def add_evidence(ctx: Write, id: Id, body: EvidenceForm) -> Response:
    """JSON, or multipart with the same fields and a `file`."""
    evidence.add(ctx.session, ctx.actor, id, body, taken_of(ctx.call.file))
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
