"""From the request to the work and back: read the body, let FastAPI read the parameters, choose where to run, compress."""

from __future__ import annotations

import asyncio
import email.message
import gzip
import hashlib
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.core import clock
from app.core.db import OverBudget, tried_on_loop
from app.core.errors import Invalid, NotFound, Refusal
from app.web import uploads, work
from app.web.forms import values_of
from app.web.frame import BodyTooLarge
from app.web.parameters import Parameters
from app.web.refusals import problem
from app.web.request import Call
from app.web.uploads import MAX_FIELDS, Malformed, TooLarge
from app.web.work import Endpoint, Job

log = logging.getLogger(__name__)
T = TypeVar("T")
COMPRESS_FROM = 1024  # bytes
_FAILED_CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Failed(Refusal):
    status, title = 500, "Something went wrong on our side"


async def answer(request: Request, endpoint: Endpoint, parameters: Parameters) -> Response:
    """Never raises: an unexpected error is logged with the request's id, and a plain page or problem says only that id (C13)."""
    try:
        call = Call(request, request.app.state.platform, clock.now())
        job = Job(call, endpoint, {}, None)
        body, job.problem = await _body(job)
        await _read_parameters(job, parameters, body)
        response = await _run(job)
        return _compressed(request, response)
    except Exception:
        request_id = request.scope.get("squadroom.request_id", "")
        log.exception("request %s failed", request_id)
        return failed(request, request_id)


def failed(request: Request, request_id: str) -> Response:
    if request.url.path.startswith("/api/"):
        return problem(Failed(), request_id)
    renderer = request.app.state.platform.renderer
    return HTMLResponse(renderer.html("failed.html", request_id=request_id), 500, {"content-security-policy": _FAILED_CSP})


async def _body(job: Job) -> tuple[Any, Refusal | None]:
    """A JSON body's value, or an HTML form's fields in `call.fields`; and what is wrong with it, to be told after the guard."""
    call, takes = job.call, job.endpoint.takes
    if call.is_safe:
        return None, None
    kind = _media_type(call.request)
    if takes is not None and kind == "multipart/form-data":
        refusal = await uploads.receive(call, takes, is_welcome=await _in_thread(job, work.is_welcome, job))
        return values_of(call.fields), refusal
    try:
        raw = await call.request.body()
    except BodyTooLarge:
        return None, TooLarge("The body is larger than this server takes.")
    call.body_hash = hashlib.sha256(raw).digest()
    if call.is_api:
        return _json(raw, kind)
    return None, await _fields(call, kind)


def _media_type(request: Request) -> str:
    message = email.message.Message()
    message["content-type"] = request.headers.get("content-type", "")
    return message.get_content_type()


def _json(raw: bytes, kind: str) -> tuple[Any, Refusal | None]:
    if not raw:
        return None, None
    if not (kind == "application/json" or kind.endswith("+json")):
        return None, Malformed("Send JSON, with Content-Type: application/json.")
    try:
        return from_json(raw, allow_inf_nan=False), None  # pydantic's parser bounds how deep a body may nest
    except ValueError as error:
        return None, Malformed(f"This is not JSON: {str(error)[:200]}")


async def _fields(call: Call, kind: str) -> Refusal | None:
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return None
    try:
        form = await call.request.form(max_files=10, max_fields=MAX_FIELDS)
    except Exception as error:  # Starlette and python-multipart raise several kinds for a body that is no form
        return Malformed(f"This form can't be read: {str(error)[:200]}")
    call.fields = [(k, v) for k, v in form.multi_items() if isinstance(v, str)]
    await form.close()
    return None


async def _read_parameters(job: Job, parameters: Parameters, body: Any) -> None:
    job.values, errors = await parameters.read(job.call.request, body)
    job.problem = job.problem or _with_nul(job.call)
    if errors and job.problem is None:
        job.problem = _not_an_address(job, errors) or work.problem_of(errors)


def _with_nul(call: Call) -> Refusal | None:
    """No text of ours holds a NUL, and PostgreSQL takes none: an address with one does not exist, a query with one is not right."""
    if "\0" in call.path:
        return NotFound()
    if b"%00" in call.request.scope["query_string"]:
        holding = [name for name, value in call.request.query_params.items() if "\0" in name + value]
        return Invalid(dict.fromkeys(holding, "Holds characters that can't be shown."))
    return None


def _not_an_address(job: Job, errors: list[Any]) -> Refusal | None:
    """A page whose address holds no possible id does not exist; a script is told what is wrong with it."""
    if any(error["loc"][0] == "path" for error in errors):
        return NotFound()
    return None


async def _run(job: Job) -> Response:
    platform, endpoint = job.call.platform, job.endpoint
    if endpoint.mode == "own":
        return await asyncio.get_running_loop().run_in_executor(platform.slow, work.own, job)
    if endpoint.mode == "write":
        return await _act(job)
    response = await _read(job)
    if job.laters:
        await _afterthoughts(job)
    return response


async def _read(job: Job) -> Response:
    """Where it costs the least: on PostgreSQL on the loop, giving way at each statement; on SQLite on the loop within a budget, else in a
    thread (docs/decisions/0003, 0008)."""
    platform = job.call.platform
    if job.endpoint.slow:
        return await _in_thread(job, work.read, job)
    try:
        with tried_on_loop():
            if not platform.db.is_sqlite:
                return await platform.db.on_loop.read(partial(work.read, job))
            with platform.db.budget():
                return work.read(job)
    except OverBudget:
        return await _in_thread(job, work.read, job)


async def _act(job: Job) -> Response:
    """Answered only when it is committed; a refusal's page is made after the act was undone."""
    platform = job.call.platform
    try:
        return await platform.writers.carry_out(partial(work.act, job))
    except Refusal as refusal:
        for file in job.call.files:
            file.discard()  # it goes with the act that would have kept it
        if not platform.db.is_sqlite:
            return await platform.db.on_loop.read(partial(work.refused, job, refusal))
        return await _in_thread(job, work.refused, job, refusal)


async def _in_thread(job: Job, function: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(job.call.platform.readers, function, *arguments)


async def _afterthoughts(job: Job) -> None:
    """What a read wants written (a read mark). The page is good without it, so a failure is logged and no more."""
    try:
        await job.call.platform.writers.carry_out(partial(work.run_laters, job))
    except Exception:
        log.exception("a read's afterthought failed on %s", job.call.path)


def _compressed(request: Request, response: Response) -> Response:
    """gzip for who takes it. Tokens in pages are masked anew for each answer, so that their compressed size tells nothing (BREACH)."""
    body = getattr(response, "body", b"")
    if len(body) < COMPRESS_FROM or "gzip" not in request.headers.get("accept-encoding", "") or "content-encoding" in response.headers:
        return response
    if not response.headers.get("content-type", "").startswith(("text/", "application/json", "application/problem")):
        return response
    response.body = gzip.compress(bytes(body), 5, mtime=0)
    response.headers["content-length"] = str(len(response.body))
    response.headers["content-encoding"] = "gzip"
    response.headers["vary"] = "Accept-Encoding"
    return response
