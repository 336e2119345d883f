"""Evidence with files: a reviewer's form, the way to a file, and the applicant's form on their status page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from app.core.access import Right
from app.core.fields import Id
from app.membership.applications.forms import EvidenceForm
from app.membership.apply_pages import STATUS, status_page
from app.membership.evidence import marking, operations
from app.membership.evidence.forms import MarkForm, OwnEvidenceForm, UnmarkForm
from app.membership.evidence.intake import ONE_FILE, taken_of, vault_of
from app.membership.review_pages import case_page
from app.web.forms import parse
from app.web.guard import Allow
from app.web.request import Write
from app.web.routing import Routes

pages = Routes()
REVIEW = Allow(Right.REVIEW)
_INERT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"


@pages.post("/moderation/applications/{id}/evidence", REVIEW, again=case_page, takes=ONE_FILE)
def add_evidence(ctx: Write, id: Id) -> Response:
    form = parse(EvidenceForm, ctx.call.fields)
    operations.add(ctx.session, ctx.actor, id, form, taken_of(ctx.call.file))
    return ctx.redirect(f"/moderation/applications/{id}", said="evidence-added")


@pages.post("/moderation/applications/{id}/evidence/mark", REVIEW, again=case_page)
def mark(ctx: Write, id: Id) -> Response:
    marking.mark(ctx.session, ctx.actor, id, parse(MarkForm, ctx.call.fields))
    return ctx.redirect(f"/moderation/applications/{id}", said="file-marked")


@pages.post("/moderation/applications/{id}/evidence/unmark", REVIEW, again=case_page)
def unmark(ctx: Write, id: Id) -> Response:
    marking.unmark(ctx.session, ctx.actor, id, parse(UnmarkForm, ctx.call.fields))
    return ctx.redirect(f"/moderation/applications/{id}", said="file-unmarked")


@pages.get("/moderation/applications/{id}/evidence/{file_id}", REVIEW, mode="own", csrf=False, same_site=True)
def view_file(ctx: Write, id: Id, file_id: Id) -> Response:
    """The look is committed to the log before the file is opened, and the file is read through before any of it is sent."""
    with ctx.platform.db.write() as session:
        seen = operations.view(session, ctx.actor, id, file_id)
    pieces = vault_of(ctx.platform.settings).read(seen.stored)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(seen.name, safe='')}",
        "content-length": str(seen.stored.size), "cache-control": "no-store", "content-security-policy": _INERT,
    }  # fmt: skip
    return StreamingResponse(_each(pieces), headers=headers, media_type=seen.media_type)


async def _each(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """A piece takes a fraction of a millisecond to decrypt: no thread is worth it."""
    for piece in pieces:
        yield piece


@pages.post("/applications/{token}/evidence", STATUS, again=status_page, takes=ONE_FILE)
def add_own_evidence(ctx: Write, token: str) -> Response:
    form = parse(OwnEvidenceForm, ctx.call.fields)
    operations.add_own(ctx.session, ctx.call.origin, token, form, taken_of(ctx.call.file))
    return ctx.redirect(f"/applications/{token}", said="evidence-sent")
