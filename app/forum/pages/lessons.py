"""/lessons: the lessons of all one's forums, by subject, size, cost and what came of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from app.agencies import like
from app.agencies import queries as agencies
from app.core.csv_lines import MEDIA_TYPE
from app.core.errors import NotFound
from app.forum.markings import LABELS
from app.forum.practices import access, exporting, listing
from app.forum.practices.listing import SIZES, Wanted
from app.forum.practices.records import AGAIN_NAMES, COST_NAMES, is_stale
from app.web.forms import values_of
from app.web.guard import MEMBER
from app.web.request import Read, Write
from app.web.routing import Routes

pages = Routes()
_TYPED = {"subject": re.compile(r"[a-z0-9-]{0,60}"), "state": re.compile(r"[A-Z]{0,2}")}
_FEW: dict[str, Mapping[str, Any]] = {
    "size": SIZES,
    "cost": COST_NAMES,
    "again": AGAIN_NAMES,
    "measured": {"yes": "Measured"},
    "like": {"mine": ""},
}


def _wanted(given: dict[str, Any]) -> Wanted:
    """The filters by name. A value that is none of the few leads to a page that isn't there."""
    wanted = Wanted(**{name: str(given.get(name, "")) for name in Wanted.__slots__})
    few = all(value in _FEW[name] for name in _FEW if (value := getattr(wanted, name)))
    if not few or not all(pattern.fullmatch(getattr(wanted, name)) for name, pattern in _TYPED.items()):
        raise NotFound
    return wanted


@pages.get("/lessons", MEMBER)
def lessons(ctx: Read, after: Annotated[str, Query(max_length=1000)] = "") -> Response:
    wanted = _wanted(dict(ctx.query))
    rows, following = listing.page(ctx.conn, ctx.actor, wanted, after)
    options: dict[str, Any] = {
        "subjects": [(row.slug, row.name) for row in ctx.conn.execute(access.visible_subjects())],
        "sizes": [(key, band.name) for key, band in SIZES.items()], "states": [(state, state) for state in agencies.states(ctx.conn)],
        "again_names": AGAIN_NAMES, "cost_names": COST_NAMES, "labels": LABELS,
        "alike": like.of_actor(ctx.conn, ctx.actor) if wanted.like else like.offered(ctx.actor),
        "stale": {r.id for r in rows if is_stale(r.review_by, ctx.now)},
    }  # fmt: skip
    about = access.subjects_of_many(ctx.conn, [row.id for row in rows])
    shown: dict[str, Any] = {"rows": rows, "about": about, "following": following, "is_first": not after, "wanted": wanted}
    return ctx.page("forum/lessons.html", may_export=listing.may_export(ctx.conn, ctx.actor), **shown, **options)


@pages.post("/lessons/export", MEMBER)
def export(ctx: Write) -> Response:
    text = exporting.export(ctx.session, ctx.actor, _wanted(values_of(ctx.call.fields)), ctx.platform.settings.origin)
    name = f"lessons-{ctx.now.date()}.csv"
    return Response(text, headers={"content-disposition": f'attachment; filename="{name}"'}, media_type=MEDIA_TYPE)
