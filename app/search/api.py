"""Search for scripts. Shapes are the contract's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Row
from starlette.responses import Response

from app.core.errors import Invalid
from app.forum.models import FROM_ARCHIVE
from app.membership.watch import counting
from app.search import asking, queries, similar
from app.search.forms import SearchForm, within
from app.search.queries import Answer, Shown, Wish
from app.search.snippets import safe_html
from app.web import humane
from app.web.guard import MEMBER
from app.web.json import reply_json
from app.web.request import Read
from app.web.routing import Routes

api = Routes("/api/v1")
Title = Annotated[str, Query(max_length=1000)]


class SearchQuery(SearchForm):
    q: str = ""
    cursor: str = ""
    limit: Annotated[int, Query(ge=1, le=100)] = 25
    in_: Annotated[str, Query(alias="in")] = ""


def item(hit: Shown) -> dict[str, Any]:
    """Of a message without a name author, agency and state are null: nothing of them is known here either."""
    row, file = hit.row, hit.file
    kind = "attachment" if file is not None else "reply" if row.position else "thread"
    own = {"attachment": file.id if file is not None else 0, "reply": row.id, "thread": row.thread_id}[kind]
    return {
        "type": kind, "id": own, "thread": row.thread_id, "position": row.position, "title": row.title if file is None else file.name,
        "snippet": safe_html(hit.snippet), "forum": row.forum, "kind": row.kind, "author": _author(row), "agency": _agency(row),
        "state": None if row.mask else row.state, "at": row.created_at,
    }  # fmt: skip


def _author(row: Row[Any]) -> dict[str, Any] | None:
    if row.mask:
        return None
    if row.author_class == FROM_ARCHIVE:
        return {"id": None, "name": row.author_agency, "rank": ""}
    return {"id": row.author_id, "name": row.author, "rank": row.author_rank}


def _agency(row: Row[Any]) -> dict[str, Any] | None:
    if row.mask or row.author_agency_id is None:
        return None
    return {"id": row.author_agency_id, "name": row.author_agency}


def _person(row: Row[Any]) -> dict[str, Any]:
    name = f"{row.rank} {row.name}".strip()
    agency = None if row.agency_id is None else {"id": row.agency_id, "name": row.short_name}
    return {**_NOTHING, "type": "person", "id": row.id, "title": name, "agency": agency, "state": row.state}


def _an_agency(row: Row[Any]) -> dict[str, Any]:
    return {**_NOTHING, "type": "agency", "id": row.id, "title": row.name, "state": row.state}


_NOTHING: dict[str, Any] = dict.fromkeys(("thread", "position", "forum", "kind", "author", "agency", "state", "at")) | {"snippet": ""}


def shape(found: Answer) -> dict[str, Any]:
    items = [*map(_person, found.names.people), *map(_an_agency, found.names.agencies), *map(item, found.hits)]
    total = f"{found.total:d}+" if found.is_more else found.total
    return {"items": items, "next": found.next, "total": total, "facets": {name: dict(counts) for name, counts in found.facets.items()}}


@api.get("/search", MEMBER)
def search(ctx: Read, wanted: Annotated[SearchQuery, Query()]) -> Response:  # C10
    asked = wanted.narrowing(asking.read(wanted.q))
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    found = queries.search(ctx.conn, ctx.actor, Wish(asked, zone, ctx.now, within(wanted.in_), wanted.cursor, wanted.limit))
    if found.names.people:
        counting.show_listed(ctx.platform.db, ctx.actor, len(found.names.people), ctx.now)  # C14
    if found.wrong:
        raise Invalid(q=" ".join(found.wrong))
    return reply_json(shape(found))


@api.get("/threads/similar", MEMBER, slow=True)
def similar_threads(
    ctx: Read, title: Annotated[str, Query(max_length=1000)] = "", limit: Annotated[int, Query(ge=1, le=20)] = 5
) -> Response:
    """Neither author nor agency: a title is what is compared."""
    rows = similar.threads(ctx.conn, ctx.actor, title, limit)
    return reply_json({"items": [_similar(row) for row in rows], "next": None})


def _similar(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "title": row.title, "kind": row.kind, "forum": row.forum, "reply_count": row.last_position,
        "answered": row.answer_position is not None, "at": row.created_at,
    }  # fmt: skip
