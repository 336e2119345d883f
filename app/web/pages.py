"""Routes that belong to no package: health, robots, static files, and what isn't there."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache

from sqlalchemy import text
from starlette.responses import PlainTextResponse, Response

from app.core.errors import NotFound
from app.web.guard import MEMBER, PUBLIC
from app.web.render import STATIC
from app.web.request import Read
from app.web.routing import Routes

public = Routes()
last = Routes()

# One year, as the address changes with the content.
_FOR_GOOD = "public, max-age=31536000, immutable"
_COMPRESSED = frozenset({".css", ".js", ".svg", ".txt"})


@public.get("/healthz", PUBLIC("load balancers ask; it says ok and nothing else"), counts=False)
def health(ctx: Read) -> Response:
    ctx.conn.execute(text("SELECT 1"))
    return PlainTextResponse("ok")


@public.get("/robots.txt", PUBLIC("search engines are told to stay away; it names no page"), counts=False)
def robots(ctx: Read) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


@public.get("/static/{name:path}", PUBLIC("style sheets, scripts and icons; the same for everyone"), counts=False)
def static(ctx: Read, name: str) -> Response:
    return _static_file(ctx, name)


def _static_file(ctx: Read, name: str) -> Response:
    body, packed, kind = _file(name)
    headers = {"cache-control": _FOR_GOOD if "v" in ctx.query else "public, max-age=300", "vary": "Accept-Encoding"}
    if packed and "gzip" in ctx.call.request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "content-encoding": "gzip"}, media_type=kind)
    return Response(body, headers=headers, media_type=kind)


@lru_cache(maxsize=100)
def _file(name: str) -> tuple[bytes, bytes, str]:
    """A file's bytes, plain and gzipped, and its type. Only what lies in the folder: names that lead out of it don't exist."""
    if "\0" in name or len(name.encode("utf-8", "replace")) > 200:  # what no file is called, some file systems fail on
        raise NotFound
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC.resolve()) or not path.is_file() or path.suffix in (".toml", ".py"):
        raise NotFound
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in _COMPRESSED else b""
    return body, packed, mimetypes.guess_type(path.name)[0] or "application/octet-stream"


# Whatever no other route took, by any method: an outsider is sent to sign in, a member told that nothing is here. So neither
# learns which addresses exist. OPTIONS and TRACE end here too.
_ANY = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


def nothing_here(ctx: Read) -> Response:
    raise NotFound


last._add("/{path:path}", MEMBER, _ANY, "read", {"counts": False})(nothing_here)
