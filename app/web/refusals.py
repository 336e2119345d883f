"""What a refusal looks like: a page for people, an RFC 9457 problem document for scripts, a redirect for who must sign in first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from app.core.errors import Conflict, Forbidden, Invalid, Refusal, TooMany
from app.web import csrf
from app.web.guard import NotSignedIn, NotSigningIn, StepUpNeeded, Waits
from app.web.request import Call, Read

Keep = Callable[[Call, int], int | None]
WRITTEN = frozenset({"body", "text", "reason", "note"})  # the fields of our forms that someone writes sentences in


def respond(ctx: Read, refusal: Refusal, keep: Keep) -> Response:
    if ctx.call.is_api:
        return problem(refusal)
    if isinstance(refusal, NotSignedIn):
        return _to_sign_in(ctx, refusal, keep)
    if isinstance(refusal, NotSigningIn):
        return _to_the_beginning(ctx)
    if isinstance(refusal, Waits):
        return _redirect(ctx, refusal.page, None)
    if isinstance(refusal, StepUpNeeded) and ctx.visit is not None:
        kept = None if ctx.call.is_safe else keep(ctx.call, ctx.visit.account_id)
        return _redirect(ctx, "/step-up", kept)
    values = {"title": refusal.title, "text": _words(refusal), "kept": _given_back(ctx.call, refusal), "action": ctx.call.path}
    response = ctx.page("error.html", refusal.status, **values)
    if isinstance(refusal, TooMany):
        response.headers["retry-after"] = str(refusal.retry_after)
    return response


def _given_back(call: Call, refusal: Refusal) -> list[tuple[str, str]]:
    """What was typed, where a form of ours is refused for a reason that has nothing to do with it: nobody's text is lost."""
    is_stale = isinstance(refusal, csrf.StaleForm)
    if not (is_stale or isinstance(refusal, (Conflict, Forbidden))) or csrf.came_from_elsewhere(call):
        return []
    fields = [(k, v) for k, v in call.fields if k != csrf.FIELD and "password" not in k and k not in ("code", "enrolment_code")]
    return fields if is_stale or any(name in WRITTEN for name, _ in fields) else []


def _words(refusal: Refusal) -> str:
    if isinstance(refusal, csrf.StaleForm):
        return "The page you sent it from was made for another session. Nothing was lost: check what you wrote and send it again."
    return "" if refusal.message == refusal.title else refusal.message


def _to_sign_in(ctx: Read, refusal: NotSignedIn, keep: Keep) -> Response:
    kept = None
    if refusal.former is not None and not ctx.call.is_safe and not csrf.came_from_elsewhere(ctx.call):
        kept = keep(ctx.call, refusal.former)
    return _redirect(ctx, "/sign-in", kept)


def _to_the_beginning(ctx: Read) -> Response:
    """Of signing in, which asks itself whether it may lead to that address afterwards; who is signed in is led there at once."""
    sent = next((value for name, value in ctx.call.fields if name == "next"), "") or ctx.query.get("next", "")
    return RedirectResponse(f"/sign-in?{urlencode({'next': sent})}" if sent and len(sent) < 1000 else "/sign-in", 303)


def _redirect(ctx: Read, to: str, kept: int | None) -> Response:
    """To a page that comes back here afterwards: to the same address, or to the form that was kept."""
    query = str(ctx.call.request.url.query)
    here = ctx.call.path + (f"?{query}" if query else "") if ctx.call.is_safe else ""
    back = f"/kept/{kept}" if kept is not None else here
    target = f"{to}?{urlencode({'next': back})}" if back and back != "/" and len(back) < 1000 else to
    if ctx.call.request.headers.get("hx-request"):
        return Response(status_code=401, headers={"hx-redirect": target})
    return RedirectResponse(target, 303)


def problem(refusal: Refusal, request_id: str = "") -> Response:
    body: dict[str, Any] = {"type": "about:blank", "title": refusal.title, "status": refusal.status, "detail": refusal.message}
    if isinstance(refusal, Invalid):
        body["errors"] = [{"field": name, "message": message} for name, message in refusal.errors.items()]
    if request_id:
        body["request_id"] = request_id
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    response = Response(raw, refusal.status, media_type="application/problem+json")
    if isinstance(refusal, NotSignedIn):
        response.headers["www-authenticate"] = "Bearer"
    if isinstance(refusal, TooMany):
        response.headers["retry-after"] = str(refusal.retry_after)
    return response
