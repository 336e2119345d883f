"""The search page: the field, what narrows it, and the results."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response

from app.agencies.access import may_see_agencies
from app.agencies.queries import states
from app.agencies.sizes import BANDS
from app.core.errors import Invalid
from app.core.kept import Kept
from app.core.paging import read_cursor
from app.forum.fragments import stored_html
from app.forum.markings import LABELS, Marking
from app.forum.models import FROM_ARCHIVE
from app.forum.queries.forums import forums_of
from app.forum.searching import access as forum
from app.membership.names import CLASS_NAMES
from app.membership.watch import counting
from app.search import asking, queries
from app.search.asking import HELP, KINDS, Asked
from app.search.forms import SearchForm
from app.search.queries import Answer, Shown, Wish
from app.web import humane
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()
SIZES = [(band.name.removesuffix(" sworn"), band.name) for band in BANDS]
_FIELDS = ("q", *SearchForm.model_fields)
_KIND_NAMES = [(kind, kind.capitalize()) for kind in KINDS]


@pages.get("/search", MEMBER, same_site=True, slow=True)
def search(ctx: Read) -> Response:  # C10
    given = {name: value for name in _FIELDS if (value := ctx.query.get(name, "").strip())}
    asked, form = _asked(given)
    zone = humane.zone(ctx.platform.site.get(ctx.conn).time_zone)
    after = ctx.query.get("cursor", "")
    if after:
        read_cursor(after, str, int, str)  # of another list: refused before anything is looked for
    found = queries.search(ctx.conn, ctx.actor, Wish(asked, zone, ctx.now, after=after))
    if found.names.people:
        counting.show_listed(ctx.platform.db, ctx.actor, len(found.names.people), ctx.now)  # C14
    if found.wrong:
        form = FormState(given, {**form.errors, "q": " ".join(found.wrong)})
    return ctx.page("search/results.html", found=found, form=form, given=given, is_first=not after, **_offered(ctx, given, found, zone))


def _asked(given: dict[str, str]) -> tuple[Asked, FormState]:
    """What is wrong with a field is told beside it, and nothing is looked for."""
    try:
        narrowed = parse(SearchForm, [(name, value) for name, value in given.items() if name != "q"])
        return narrowed.narrowing(asking.read(given.get("q", ""))), FormState(dict(given))
    except Invalid as refused:
        return Asked(), FormState(dict(given), refused.errors)


def _offered(ctx: Read, given: dict[str, str], found: Answer, zone: dt.tzinfo) -> dict[str, Any]:
    """What the filters offer, and the addresses of narrower and wider searches."""
    return {
        "forums": [(row.slug, row.title) for row in forums_of(ctx.conn, ctx.actor)], "kinds": _KIND_NAMES, "sizes": SIZES,
        "subjects": [(row.slug, row.name) for row in ctx.conn.execute(forum.SUBJECTS)], "help": HELP,
        "states": [(code, code) for code in states(ctx.conn)] if may_see_agencies(ctx.actor) else [], "class_names": CLASS_NAMES,
        "address": lambda **more: _address(given, more), "narrowed": sorted(set(given) - {"q"}),
        "drawn": [_drawn(ctx, hit, zone) for hit in found.hits],
    }  # fmt: skip


# A hit's HTML by all that it shows, as the rows of lists are kept (forum/rows.py): nothing in it is its reader's own.
_kept: Kept[tuple[Any, ...], Markup] = Kept(4_000_000)


def _drawn(ctx: Read, hit: Shown, zone: dt.tzinfo) -> Markup:
    day = humane.day(hit.row.created_at, zone, ctx.now)
    key = (*hit.row, hit.file and tuple(hit.file), tuple(hit.title), tuple(hit.snippet), day)
    found = _kept.get(key)
    if found is None:
        kind = "attachment" if hit.file is not None else "reply" if hit.row.position else "thread"
        values: dict[str, Any] = {"label": LABELS[Marking(hit.row.marking)], "archive": FROM_ARCHIVE, "day": day}
        found = stored_html(ctx.platform.renderer.html("search/_hit.html", hit=hit, type=kind, **values))
        _kept.put(key, found, len(found))
    return found


def _address(given: dict[str, str], more: dict[str, str]) -> str:
    """The same search with other values; an empty one is left out."""
    return "/search?" + urlencode({name: value for name, value in {**given, **more}.items() if value})
