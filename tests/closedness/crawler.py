"""Goes wherever a browser or a script of someone can go with safe methods: every route with real ids, every link, every GET form."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from tests.house.census import LAST, walk
from tests.world import ORIGIN, Client, World

MOST = 700  # pages; a crawl that needs more has found a loop
_LINK = re.compile(r'(?:href|formaction)="([^"]+)"')
_FORM = re.compile(r"<form(?![^>]*method=\"post\")[^>]*>.*?</form>", re.S)
_FIELD = re.compile(r'<(?:input|select)[^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?')
_PARAMETER = re.compile(r"{(\w+)(?::path)?}")
Ids = dict[str, list[object]]


def addresses(world: World, ids: Ids) -> list[str]:
    """Every GET route of the application with every combination of ids there are."""
    found: list[str] = []
    for line in walk(world.app):
        if line.method != "GET" or line.path == LAST or line.path.startswith("/static"):
            continue
        names = _PARAMETER.findall(line.path)
        for values in itertools.product(*(_ids_of(line.path, name, ids) for name in names)):
            path = line.path
            for name, value in zip(names, values, strict=True):
                path = path.replace(f"{{{name}}}", str(value))
            found.append(path)
    return found


def _ids_of(path: str, name: str, ids: Ids) -> list[object]:
    """`{id}` is what the word before it says: /members/{id}, /admin/groups/{id}, /api/v1/applications/{id}."""
    if name != "id":
        return ids.get(name, [1])
    noun = path.split("/{id}", maxsplit=1)[0].rsplit("/", 1)[-1]
    return ids.get({"agencies": "agency"}.get(noun, noun.removesuffix("s")), [1])


def crawl(client: Client, starts: list[str]) -> Iterator[tuple[str, httpx.Response]]:
    """Every address reached, with its answer; redirects are answers of their own."""
    waiting, seen = list(starts), set(starts)
    while waiting:
        assert len(seen) < MOST, sorted(seen)[-20:]
        path = waiting.pop(0)
        answer = client.get(path)
        yield path, answer
        for found in _onward(path, answer):
            if found not in seen:
                seen.add(found)
                waiting.append(found)


def _onward(path: str, answer: httpx.Response) -> Iterator[str]:
    targets = [answer.headers["location"]] if "location" in answer.headers else []
    if answer.headers.get("content-type", "").startswith("text/html"):
        targets += [html.unescape(link) for link in _LINK.findall(answer.text)]
        targets += [_sent(form) for form in _FORM.findall(answer.text)]
    for target in targets:
        parts = urlsplit(urljoin(ORIGIN + path, target))
        if f"{parts.scheme}://{parts.netloc}" == ORIGIN and not parts.path.startswith("/static/"):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def _sent(form: str) -> str:
    """The address that a GET form leads to when it is sent as it stands."""
    action = re.search(r'action="([^"]+)"', form)
    fields = [(name, html.unescape(value)) for name, value in _FIELD.findall(form)]
    return (html.unescape(action[1]) if action else "") + "?" + urlencode(fields)
