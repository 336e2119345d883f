"""What a page weighs: bytes raw and gzipped, what a browser asks for at its first view, and how many queries it takes."""

from __future__ import annotations

import asyncio
import gzip
import re
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
from sqlalchemy import event

from app.main import create_app
from bench.places import Browser, Place, Server, settings_for
from bench.processes import BenchError

# Of a page: style sheets, icons, scripts, pictures, SVG used from a file. Of what those name: what they load themselves.
_IN_HTML = re.compile(r'<link[^>]+href="([^"]+)"|<(?:script|img)[^>]+\bsrc="([^"]+)"|<use[^>]+href="([^"#]+)')
_IN_CSS = re.compile(r'url\(\s*["\']?(?!data:)([^"\')#]+)|@import\s+["\']([^"\']+)')
_IN_JS = re.compile(r'(?:^|[;\n])\s*import\s*(?:[\w{},*\s]+from\s*)?["\']([^"\']+)["\']')


@dataclass(frozen=True, slots=True)
class Weight:
    requests: int
    page_raw: int  # bytes
    page_gzip: int
    all_gzip: int  # the page and all that it loads, as they went over the wire


def _fetch(url: str, cookie: str) -> tuple[bytes, int, str]:
    """The body, its length on the wire and its media type."""
    request = urllib.request.Request(url, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        wire: bytes = answer.read()
        if answer.geturl() != url:
            raise BenchError(f"{url} leads to {answer.geturl()}: the session is not good")
        body = gzip.decompress(wire) if answer.headers.get("content-encoding") == "gzip" else wire
        return body, len(wire), answer.headers.get_content_type()


def _named(body: bytes, kind: str) -> Iterable[str]:
    pattern = {"text/html": _IN_HTML, "text/css": _IN_CSS, "text/javascript": _IN_JS, "application/javascript": _IN_JS}.get(kind)
    if pattern is None:
        return []
    return [next(filter(None, found.groups())) for found in pattern.finditer(body.decode("utf-8", "replace"))]


def weigh(server: Server, browser: Browser, path: str) -> Weight:
    """A first view with nothing in the browser's store."""
    first = server.origin + path
    body, page_gzip, kind = _fetch(first, browser.cookie)
    page_raw, total = len(body), page_gzip
    seen, todo = {first}, [urljoin(first, name) for name in _named(body, kind)]
    while todo:
        url = todo.pop().partition("#")[0]
        if url in seen or not url.startswith(server.origin):
            continue
        seen.add(url)
        body, length, kind = _fetch(url, browser.cookie)
        total += length
        todo += [urljoin(url, name) for name in _named(body, kind)]
    return Weight(len(seen), page_raw, page_gzip, total)


def queries(place: Place, browser: Browser, paths: Iterable[str]) -> dict[str, int]:
    """Statements of each page, seen for the second time: the first fills what is kept between requests."""
    settings = settings_for(data_dir=place.folder, database_url=place.url, base_url="http://localhost:8000")
    app = create_app(settings)
    platform = app.app.state.platform  # type: ignore[attr-defined]
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    for engine in platform.db.engines:
        event.listen(engine, "before_cursor_execute", note)

    async def ask() -> dict[str, int]:
        found: dict[str, int] = {}
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.origin, headers={"Cookie": browser.cookie}) as client:
            for path in paths:
                for _ in range(2):
                    seen.clear()
                    answer = await client.get(path)
                    if answer.status_code != 200:
                        raise BenchError(f"{path} answers {answer.status_code}")
                found[path] = len(seen)
        return found

    async def ask_and_close() -> dict[str, int]:
        try:
            return await ask()
        finally:
            await platform.close()

    return asyncio.run(ask_and_close())
