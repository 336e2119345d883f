"""A file as an answer (H8): always a download, never guessed at, inert if a browser opens it after all, kept by nobody on the
way. (`nosniff` is on every answer: web/frame.py.)"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row
from starlette.responses import Response, StreamingResponse

from app.attachments.access import HandedOut
from app.attachments.intake import FILM
from app.core.errors import NotFound
from app.core.ports.storage import Missing, Storage

log = logging.getLogger(__name__)
_INERT = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")
THUMB = "image/webp"


def address_of(file: Any) -> str:
    """Where a file is had, on pages and for scripts; `file` has an id and a name."""
    return f"/attachments/{file.id}/{quote(file.name, safe='')}"


def shape_of(file: Any) -> dict[str, Any]:
    """A file as the JSON interface says it: who sent it is no part of it."""
    return {
        "id": file.id, "name": file.name, "size": file.size, "media_type": file.media_type, "state": str(file.state), "why": file.why,
        "url": address_of(file),
    }  # fmt: skip


def _headers(name: str) -> dict[str, str]:
    """RFC 6266: the name in ASCII for old programs, whole for others."""
    plain = _NOT_PLAIN.sub("_", name)
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "cache-control": "no-store", "content-security-policy": _INERT,
    }  # fmt: skip


def whole(storage: Storage, given: HandedOut, wanted: str) -> Response:
    """The file; of a film the one piece that the header `Range` asks for."""
    file, part = given.file, (0, given.size)
    headers = _headers(file.name) | {"content-type": file.media_type}
    if file.media_type != FILM:
        return _streamed(storage, given.stored_as, part, headers)
    headers["accept-ranges"] = "bytes"
    if not wanted:
        return _streamed(storage, given.stored_as, part, headers)
    found = _one_range(wanted, given.size)
    if found is None:
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{given.size}"})
    start, length = found
    headers["content-range"] = f"bytes {start}-{start + length - 1}/{given.size}"
    return _streamed(storage, given.stored_as, found, headers, status=206)


def _one_range(wanted: str, size: int) -> tuple[int, int] | None:
    """Where it starts and how long it is; None for what can't be given, several pieces among it."""
    found = _RANGE.fullmatch(wanted.replace(" ", ""))
    if found is None:
        return None
    if found[3] is not None:
        start, end = max(size - int(found[3]), 0), size - 1
    else:
        start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    return (start, end - start + 1) if start <= end else None


def thumb(storage: Storage, file: Row[Any]) -> Response:
    """A picture made small, as pages show it."""
    if not file.thumb_as:
        raise NotFound
    return _streamed(storage, file.thumb_as, None, _headers("thumb.webp") | {"content-type": THUMB})


def _streamed(
    storage: Storage, stored_as: str, part: tuple[int, int] | None, headers: dict[str, str], status: int = 200
) -> StreamingResponse:
    try:
        pieces = storage.read(stored_as, *(part or ()))
    except Missing:
        log.exception("an attachment's file is missing in the storage")
        raise NotFound from None
    if part is not None:
        headers["content-length"] = str(part[1])
    return StreamingResponse(pieces, status, headers)
