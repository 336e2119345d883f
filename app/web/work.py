"""The one place where an endpoint runs: connection or transaction, guard, token check, endpoint, and what becomes of a refusal."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.core.errors import Conflict, Forbidden, Invalid, Refusal
from app.core.uploads import Takes
from app.web import csrf, idempotency, limits
from app.web.forms import FormState, errors_of, values_of
from app.web.guard import Rule, StepUpNeeded, Visit, admit, identify
from app.web.refusals import respond
from app.web.request import Call, Read, Write

log = logging.getLogger(__name__)
KEPT_FIELD = "kept"  # in a form that was given back: which kept form it is
_NEVER_KEPT = frozenset({csrf.FIELD, KEPT_FIELD, "once", "code", "enrolment_code"})
TOUCH_EVERY = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint and what its route declares of it."""

    function: Callable[..., Response]
    access: Rule
    mode: Literal["read", "write", "own"] = "read"
    again: Callable[..., Response] | None = None
    slow: bool = False
    counts: bool = True
    same_site: bool = False
    step_up: bool = False
    csrf: bool = True
    takes: Takes | None = None  # the file that a form or call may bring
    once: bool = True  # the same body with the same key acts once; a preview isn't an act
    status: int = 200
    answers: Any = None  # the shape of a JSON answer, for OpenAPI


@dataclass(slots=True)
class Job:
    """One request on its way through an endpoint."""

    call: Call
    endpoint: Endpoint
    values: dict[str, Any]
    problem: Refusal | None  # a body or parameter that can't be taken; told only to someone who may ask
    laters: list[Callable[[Session], None]] = field(default_factory=list)
    visit: Visit | None = None
    is_counted: bool = False  # as one of its token's calls: a read that leaves the event loop begins again


_touch: Callable[[Session, Visit, dt.datetime], None] | None = None
_keep: Callable[[Session, int, str, list[tuple[str, str]]], int] | None = None
_drop: Callable[[Session, int, int], None] | None = None


def register(
    touch: Callable[[Session, Visit, dt.datetime], None],
    keep: Callable[[Session, int, str, list[tuple[str, str]]], int],
    drop: Callable[[Session, int, int], None],
) -> None:
    """Accounts says how a session is marked as seen, how a form is kept for someone who must sign in first, and how it is dropped."""
    global _touch, _keep, _drop
    _touch, _keep, _drop = touch, keep, drop


def read(job: Job) -> Response:
    """Run a read. Raises core.db.OverBudget where it was tried on the event loop and is too long for it."""
    call = job.call
    job.laters.clear()  # of a first try that was given up
    with call.platform.db.read() as conn:
        visit: Visit | None = None
        try:
            visit = _admitted(job, conn)
            ctx = Read(call, visit, conn=conn, laters=job.laters)
            response = job.endpoint.function(ctx, **job.values)
        except Refusal as refusal:
            job.laters.clear()
            return _refused(job, refusal, visit, conn)
        if visit is not None and job.endpoint.counts and _is_due_for_touch(visit, call.now):
            job.laters.append(lambda session: _touched(session, visit, call.now))
        return ctx_cookies(ctx, response)


def run_laters(job: Job, session: Session) -> None:
    """What a read wants written, in one transaction, before its page is sent."""
    for later in job.laters:
        later(session)


def act(job: Job, session: Session) -> Response:
    """Carry out an act in the transaction that is given. What it raises undoes it; `refused` makes the answer of a refusal."""
    call = job.call
    job.visit = visit = _admitted(job, session.connection())
    _check_token(job, visit)
    ctx = Write(call, visit, session=session)
    response = idempotency.once(ctx, lambda: _acted(job, ctx)) if job.endpoint.once else _acted(job, ctx)
    _drop_kept(ctx)
    if visit is not None and _is_due_for_touch(visit, call.now):
        _touched(session, visit, call.now)
    return ctx_cookies(ctx, response)


def refused(job: Job, refusal: Refusal) -> Response:
    """The answer to an act that was refused and undone."""
    with job.call.platform.db.read() as conn:
        return _refused(job, refusal, job.visit, conn)


def own(job: Job) -> Response:
    """Run an act that opens its own transactions (sign-in counts a try before it checks it)."""
    call, visit = job.call, None
    try:
        with call.platform.db.read() as conn:
            visit = _admitted(job, conn)
            _check_token(job, visit)
        ctx = Write(call, visit)
        return ctx_cookies(ctx, job.endpoint.function(ctx, **job.values))
    except Refusal as refusal:
        with call.platform.db.read() as conn:
            return _refused(job, refusal, visit, conn)


def _acted(job: Job, ctx: Write) -> Response:
    return job.endpoint.function(ctx, **job.values)


def _admitted(job: Job, conn: Connection) -> Visit | None:
    visit = admit(conn, job.call, job.endpoint.access)
    if visit is not None and visit.scopes is not None and not job.is_counted:
        limits.require_call(visit)
        job.is_counted = True
    if job.endpoint.same_site and job.call.request.headers.get("sec-fetch-site") == "cross-site":
        raise Forbidden("Please open this page from inside.")
    if job.endpoint.step_up and visit is not None and visit.scopes is None and not visit.has_stepped_up(job.call.now):
        raise StepUpNeeded
    if job.problem is not None:
        raise job.problem
    return visit


def is_welcome(job: Job) -> bool:
    """Whether who asks may use the route at all: asked before the bytes of a file are taken from them."""
    try:
        with job.call.platform.db.read() as conn:
            admit(conn, job.call, job.endpoint.access)
    except Refusal:
        return False
    return job.call.is_api or not csrf.came_from_elsewhere(job.call)


def _check_token(job: Job, visit: Visit | None) -> None:
    """The form's token; then what is wrong with its file, which a foreign page is not told."""
    if not job.call.is_api and job.endpoint.csrf:
        csrf.require(job.call, visit.key if visit else None)
    if job.call.file_problem is not None:
        raise job.call.file_problem


def _is_due_for_touch(visit: Visit, now: dt.datetime) -> bool:
    return visit.session_id is not None and visit.last_seen_at is not None and now - visit.last_seen_at > TOUCH_EVERY


def _drop_kept(ctx: Write) -> None:
    """A form that was kept, and is sent at last, is forgotten in the same transaction."""
    kept = next((v for k, v in ctx.call.fields if k == KEPT_FIELD), "")
    if _drop is not None and ctx.visit is not None and kept.isdecimal() and len(kept) < 10:
        _drop(ctx.session, ctx.visit.account_id, int(kept))


def _touched(session: Session, visit: Visit, now: dt.datetime) -> None:
    if _touch is not None:
        _touch(session, visit, now)


def _refused(job: Job, refusal: Refusal, visit: Visit | None, conn: Connection) -> Response:
    """The answer to a refusal: the form again with what was typed, or a page, a redirect or a problem document."""
    call = job.call
    if visit is None:
        found = identify(conn, call)
        visit = found if found is not None and found.is_whole and not found.is_over else None
    if isinstance(refusal, (Invalid, Conflict)) and job.endpoint.again is not None:
        errors = refusal.errors if isinstance(refusal, Invalid) else {"": refusal.message}
        state = FormState(values_of(call.fields), errors)
        ctx = Read(call, visit, state, conn=conn)
        try:
            response = job.endpoint.again(ctx, **job.values)
            if response.status_code == 200:  # a page that leads elsewhere (signing in while signed in) still does
                response.status_code = refusal.status
            return ctx_cookies(ctx, response)
        except Refusal as gone:  # the page with the form can't be had any more: say that instead
            refusal = gone
    ctx = Read(call, visit, conn=conn)
    return ctx_cookies(ctx, respond(ctx, refusal, keep_form))


def keep_form(call: Call, account_id: int) -> int | None:
    """Keep what was typed for this account; its id, or None where there is nothing to keep."""
    fields = [(k, v) for k, v in call.fields if "password" not in k and k not in _NEVER_KEPT]
    if _keep is None or not fields:
        return None
    with call.platform.db.write() as session:
        return _keep(session, account_id, call.path, fields)


def ctx_cookies(ctx: Read | Write, response: Response) -> Response:
    secure = ctx.platform.settings.is_https
    for name, value, max_age in ctx.extra_cookies:
        response.set_cookie(name, value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def problem_of(errors: list[Any]) -> Invalid:
    """FastAPI's complaints about parameters and a JSON body, by field."""
    return Invalid(errors_of(errors, skip=1))
