"""Reviewers' pages: what waits for them, the cases by state, and one case with all that is known of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.core.access import Right
from app.core.fields import Id
from app.core.files import ACCEPT
from app.core.paging import cursor, read_cursor
from app.membership.applications import decide, inquire, queries, queue
from app.membership.applications.forms import CallBackForm, ClaimForm, DecisionForm, NoteForm, QuestionForm, WaiverForm
from app.membership.models import ApplicationState
from app.membership.names import CLASS_NAMES, PURPOSE_NAMES
from app.web import humane
from app.web.forms import parse
from app.web.guard import Allow
from app.web.request import Read, Write, one_of
from app.web.routing import Routes

pages = Routes()
REVIEW, ADMIN = Allow(Right.REVIEW), Allow(Right.ADMIN)
STATE_NAMES = {
    ApplicationState.UNCONFIRMED: "Address not confirmed",
    ApplicationState.SUBMITTED: "New",
    ApplicationState.IN_REVIEW: "In review",
    ApplicationState.MORE_ASKED: "Waiting for the applicant",
    ApplicationState.FIRST_DECISION: "Needs a second reviewer",
    ApplicationState.APPROVED: "Approved",
    ApplicationState.DECLINED: "Declined",
    ApplicationState.WITHDRAWN: "Withdrawn",
    ApplicationState.EXPIRED: "Lapsed",
}
EVIDENCE_NAMES = {
    "letter": "Letter on letterhead",
    "roster": "Agency roster or staff page",
    "domain": "Mail domain",
    "sponsor": "Sponsor stands by them",
    "dues": "Dues record",
    "post_id": "State POST id",
    "other": "Something else",
}


@pages.get("/moderation", REVIEW)
def queue_page(ctx: Read, view: Annotated[str, Query()] = "waiting", after: Annotated[str, Query(max_length=200)] = "") -> Response:
    view = one_of(view, queue.VIEWS)
    found = queue.listed(ctx.conn, ctx.actor, view, ctx.now, after)
    counts = queue.view_counts(ctx.conn, ctx.actor, ctx.now)
    figures = queue.figures(ctx.conn, ctx.actor, humane.month_start(ctx.now, humane.zone(ctx.platform.site.get(ctx.conn).time_zone)))
    names: dict[str, Any] = {"state_names": STATE_NAMES, "class_names": CLASS_NAMES, "purpose_names": PURPOSE_NAMES, "views": queue.VIEWS}
    return ctx.page("membership/review_queue.html", found=found, counts=counts, figures=figures, view=view, me=ctx.actor.id, **names)


@pages.get("/moderation/applications", REVIEW)
def list_page(ctx: Read, state: Annotated[str, Query()] = "submitted", after: Annotated[str, Query()] = "") -> Response:
    state = one_of(state, {s.value: s for s in ApplicationState})
    start = read_cursor(after, int)[0] if after else 0
    rows = queries.applications(ctx.conn, ctx.actor, state, queue.PAGE, start)
    more = cursor(rows[queue.PAGE - 1].id) if len(rows) > queue.PAGE else ""
    names: dict[str, Any] = {"state_names": STATE_NAMES, "class_names": CLASS_NAMES, "purpose_names": PURPOSE_NAMES}
    counts = queue.state_counts(ctx.conn, ctx.actor)
    return ctx.page("membership/review_list.html", rows=rows[: queue.PAGE], more=more, state=state, counts=counts, me=ctx.actor.id, **names)


@pages.get("/moderation/applications/{id}", REVIEW)
def case_page(ctx: Read, id: Id) -> Response:
    case = queries.case_for(ctx.conn, ctx.actor, id, ctx.now)
    names: dict[str, Any] = {"state_names": STATE_NAMES, "class_names": CLASS_NAMES, "evidence_names": EVIDENCE_NAMES, "accept": ACCEPT}
    return ctx.kept_page("membership/review_case.html", case.made_of(ctx.now), case=case, me=ctx.actor.id, **names)


@pages.post("/moderation/applications/{id}/claim", REVIEW, again=case_page)
def claim(ctx: Write, id: Id) -> Response:
    decide.claim(ctx.session, ctx.actor, id, parse(ClaimForm, ctx.call.fields).version)
    return ctx.redirect(f"/moderation/applications/{id}", said="claimed")


@pages.post("/moderation/applications/{id}/notes", REVIEW, again=case_page)
def add_note(ctx: Write, id: Id) -> Response:
    decide.add_note(ctx.session, ctx.actor, id, parse(NoteForm, ctx.call.fields))
    return ctx.redirect(f"/moderation/applications/{id}", said="noted")


@pages.post("/moderation/applications/{id}/call-backs", REVIEW, again=case_page)
def add_call_back(ctx: Write, id: Id) -> Response:
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    inquire.add_call_back(ctx.session, ctx.actor, id, parse(CallBackForm, ctx.call.fields), zone)
    return ctx.redirect(f"/moderation/applications/{id}", said="called-back")


@pages.post("/moderation/applications/{id}/questions", REVIEW, again=case_page)
def ask(ctx: Write, id: Id) -> Response:
    inquire.ask(ctx.session, ctx.actor, id, parse(QuestionForm, ctx.call.fields))
    return ctx.redirect(f"/moderation/applications/{id}", said="asked")


@pages.get("/moderation/applications/{id}/waiver", ADMIN)
def waiver_page(ctx: Read, id: Id) -> Response:
    """For an administrator, who sees of the case what they need for this and no more."""
    return ctx.page("membership/waiver.html", case=queries.to_waive(ctx.conn, ctx.actor, id))


@pages.post("/moderation/applications/{id}/waiver", ADMIN, again=waiver_page, step_up=True)
def waive(ctx: Write, id: Id) -> Response:
    inquire.waive_call_back(ctx.session, ctx.actor, id, parse(WaiverForm, ctx.call.fields))
    return ctx.redirect("/admin", said="waived")


@pages.post("/moderation/applications/{id}/decisions", REVIEW, again=case_page, step_up=True)
def add_decision(ctx: Write, id: Id) -> Response:
    decide.decide(ctx.session, ctx.actor, id, parse(DecisionForm, ctx.call.fields))
    return ctx.redirect(f"/moderation/applications/{id}", said="decided")
