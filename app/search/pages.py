"""The search page: the field, what narrows it, and the results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response

from app.agencies.access import may_see_agencies
from app.agencies.queries import states
from app.agencies.sizes import BANDS
from app.core.db import serial_of
from app.core.errors import Invalid
from app.core.kept import Kept
from app.core.paging import read_cursor
from app.forum.fragments import stored_html
from app.forum.markings import LABELS, Marking
from app.forum.models import FROM_ARCHIVE
from app.forum.searching import access as forum
from app.membership.names import CLASS_NAMES
from app.membership.watch import counting
from app.search import asking, queries
from app.search.asking import HELP, KINDS, Asked
from app.search.finding import Reach, reach_of
from app.search.forms import SearchForm
from app.search.queries import Answer, Shown, Wish
from app.web import humane
from app.web.forms import FormState, parse
from app.web.guard import MEMBER
from app.web.request import Read
from app.web.routing import Routes

pages = Routes()
CHOICES_FOR = 20  # seconds
SIZES = [(band.name.removesuffix(" sworn"), band.name) for band in BANDS]
_FIELDS = ("q", *SearchForm.model_fields)
_KIND_NAMES = [(kind, kind.capitalize()) for kind in KINDS]


@pages.get("/search", MEMBER, same_site=True)
def search(ctx: Read) -> Response:  # C10
    given = {name: value for name in _FIELDS if (value := ctx.query.get(name, "").strip())}
    asked, form = _asked(given)
    zone, reach = humane.zone(ctx.platform.site.get(ctx.conn).time_zone), reach_of(ctx.conn, ctx.actor.member_id)
    after = ctx.query.get("cursor", "")
    if after:
        read_cursor(after, str, int, str)  # of another list: refused before anything is looked for
    found = queries.search(ctx.conn, ctx.actor, Wish(asked, zone, ctx.now, after=after, reach=reach))
    if found.names.people:
        counting.show_listed(ctx.platform.db, ctx.actor, len(found.names.people), ctx.now)  # C14
    if found.wrong:
        form = FormState(given, {**form.errors, "q": " ".join(found.wrong)})
    parts = _Parts(ctx, (given, form, zone), found, reach)
    return ctx.kept_page("search/results.html", parts.made_of, found=found, typed=form, given=given, parts=parts)


def _asked(given: dict[str, str]) -> tuple[Asked, FormState]:
    """What is wrong with a field is told beside it, and nothing is looked for."""
    try:
        narrowed = parse(SearchForm, [(name, value) for name, value in given.items() if name != "q"])
        return narrowed.narrowing(asking.read(given.get("q", ""))), FormState(dict(given))
    except Invalid as refused:
        return Asked(), FormState(dict(given), refused.errors)


# Pieces of the page by all that they show, as the rows of lists are kept (forum/rows.py): nothing in them is their reader's own.
_kept: Kept[tuple[Any, ...], Markup] = Kept(4_000_000)
_choices: Kept[tuple[int, int], tuple[Any, Any]] = Kept(20)


class _Parts:
    """What the page shows, drawn only where the page isn't kept: who comes back from a result is given the same again."""

    help, class_names = HELP, CLASS_NAMES

    def __init__(self, ctx: Read, asked: tuple[dict[str, str], FormState, dt.tzinfo], found: Answer, reach: Reach) -> None:
        self.ctx, self.found = ctx, found
        self.given, self.form, self.zone = asked
        self.year = ctx.now.astimezone(self.zone).year  # a day of another year is written with it
        self.is_first = not ctx.query.get("cursor")
        self.forums = tuple((row.slug, row.title) for row in reach.forums)
        self.narrowed = len(self.given) - ("q" in self.given)

    @property
    def made_of(self) -> Hashable:
        """All that the page says. Who may see what was asked anew for it."""
        found, (subjects, in_states) = self.found, self._choices()
        lists = tuple(self.drawn), tuple(found.names.people), tuple(found.names.agencies), self._counts(), self.forums, subjects, in_states
        said = tuple(self.given.items()), tuple(self.form.errors.items()), self.is_first, self.year
        return found.total, found.is_more, found.next, found.meant, may_see_agencies(self.ctx.actor), *said, *lists

    @property
    def fields(self) -> Markup:
        """The fields that narrow a search: the same for every question that is not narrowed."""
        chosen = tuple((name, value) for name, value in self.given.items() if name != "q")
        subjects, in_states = self._choices()
        errors, sees = tuple(self.form.errors.items()), may_see_agencies(self.ctx.actor)
        states_shown = in_states if sees else ()
        return self._piece("search/_filters.html", (chosen, errors), forums=self.forums, subjects=subjects, states=states_shown)

    @property
    def facets(self) -> Markup:
        return self._piece("search/_facets.html", (tuple(self.given.items()), ()), facets=self._counts(), forums=self.forums)

    @property
    def drawn(self) -> list[Markup]:
        return [self._drawn(hit) for hit in self.found.hits]

    def address(self, **more: str) -> str:
        """The same search with other values; an empty one is left out."""
        return "/search?" + urlencode({name: value for name, value in {**self.given, **more}.items() if value})

    def _counts(self) -> tuple[Any, ...]:
        return tuple((name, tuple(counts)) for name, counts in self.found.facets.items())

    def _choices(self) -> tuple[Any, Any]:
        """Subjects, and states that have an agency, in pairs of value and text: the same for everybody, and read anew now and then."""
        key = (serial_of(self.ctx.conn), int(self.ctx.now.timestamp()) // CHOICES_FOR)
        found = _choices.get(key)
        if found is None:
            subjects = tuple((row.slug, row.name) for row in self.ctx.conn.execute(forum.SUBJECTS))
            found = subjects, tuple((code, code) for code in states(self.ctx.conn))
            _choices.put(key, found)
        return found

    def _piece(self, template: str, form: tuple[Any, Any], **values: Any) -> Markup:
        """`form`: what was given and what is wrong with it, in pairs."""
        key = (template, form, *values.values())
        found = _kept.get(key)
        if found is None:
            lists = {"kinds": _KIND_NAMES, "sizes": SIZES, "address": self.address}
            text = self.ctx.platform.renderer.html(template, given=dict(form[0]), form={"errors": dict(form[1])}, **lists, **values)
            found = stored_html(text)
            _kept.put(key, found, len(found))
        return found

    def _drawn(self, hit: Shown) -> Markup:
        key = (*hit.row, hit.file and tuple(hit.file), hit.stems, self.year, self.zone)
        found = _kept.get(key)
        if found is None:
            kind = "attachment" if hit.file is not None else "reply" if hit.row.position else "thread"
            day = humane.day(hit.row.created_at, self.zone, self.ctx.now)
            values: dict[str, Any] = {"label": LABELS[Marking(hit.row.marking)], "archive": FROM_ARCHIVE, "day": day}
            found = stored_html(self.ctx.platform.renderer.html("search/_hit.html", hit=hit, type=kind, **values))
            words = sum(len(one) for one in (*hit.row, *(hit.file or ())) if isinstance(one, str))  # the key holds whole messages
            _kept.put(key, found, len(found) + words)
        return found
