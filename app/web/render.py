"""Pages from templates. Everything is escaped; the only HTML that passes as it is was sanitised when it was written."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Hashable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from app.core.access import Right
from app.core.config import ROOT, Settings
from app.core.kept import Kept
from app.web import humane
from app.web.chrome import GAP, Chrome, cut, ends, gap
from app.web.flash import SAID, WARNS
from app.web.forms import FormState

if TYPE_CHECKING:
    from app.web.request import Context

STATIC = ROOT / "app" / "static"
CSP = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)


@lru_cache(maxsize=200)
def asset(name: str) -> str:
    """The address of a static file with a hash of its content, so that browsers may keep it for good."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


class Viewer:
    """What the frame of a page says about the person who looks at it."""

    __slots__ = (
        "agency",
        "id",
        "is_admin",
        "is_moderator",
        "is_reviewer",
        "key",
        "member_class",
        "name",
        "news",
        "rank",
        "rights_wait",
        "session_ends",
    )

    def __init__(self, ctx: Context) -> None:
        visit = ctx.visit
        assert visit is not None
        actor = visit.actor
        self.id = visit.account_id
        self.name = visit.name
        self.rank = actor.rank if actor else ""
        self.agency = actor.agency if actor else ""
        self.member_class = actor.member_class if actor else ""
        self.is_admin = actor is not None and actor.may(Right.ADMIN)
        self.is_reviewer = actor is not None and actor.may(Right.REVIEW)
        self.is_moderator = actor is not None and actor.may(Right.MODERATE)
        self.rights_wait = visit.rights_wait
        self.news = visit.news
        self.session_ends = visit.ends_at
        self.key = (
            self.id,
            self.name,
            self.rank,
            self.agency,
            self.member_class,
            self.is_admin,
            self.is_reviewer,
            self.is_moderator,
            self.rights_wait,
        )


class _Templates(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A plain dict: Jinja's own ChainMap is walked key by key at each render, and our globals never change."""
        return {**self.globals, **(d or {})}


class Renderer:
    def __init__(self, settings: Settings, folder: Path = ROOT / "templates") -> None:
        self._settings = settings
        self.env = _Templates(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
            auto_reload=False, cache_size=400,
        )  # fmt: skip
        self.env.globals.update(asset=asset, demo=settings.env == "demo", gap=Markup(GAP), part=self._part, filled=self._filled)  # noqa: S704  # a comment of ours
        self.env.filters.update(humane.FILTERS)
        self._forms: dict[tuple[Any, ...], list[str]] = {}
        self._parts: dict[tuple[str, tuple[tuple[str, str | bool], ...]], Markup] = {}
        self._pages: Kept[tuple[Any, ...], list[str]] = Kept(4_000_000)
        self._chrome = Chrome(self.html)

    def html(self, template: str, /, **values: Any) -> str:
        """A template outside any request: mail, or a fragment that is kept."""
        return self.env.get_template(template).render(**values)

    def _part(self, template: str, /, **values: str | bool) -> Markup:
        """A small template whose few inputs are words of ours (an icon's name, a marking): rendered once for each and kept."""
        key = (template, tuple(values.items()))
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = Markup(self.html(template, **values).strip())  # noqa: S704  # autoescaped by its template
        return found

    def _filled(self, template: str, fields: dict[str, Any], /, **values: Hashable) -> Markup:
        """A fresh form that looks the same for many: made once for each of its few `values`, with `fields` (tokens, ids, names) put in."""
        key = (template, tuple(values.items()))
        parts = self._forms.get(key)
        if parts is None:
            gaps = {name: Markup(gap(name)) for name in fields}  # noqa: S704  # our own comment marks
            parts = self._forms[key] = cut(self.html(template, form=FormState(), **gaps, **values))
        words = {gap(name): escape(value) for name, value in fields.items()}
        return Markup("".join([words[part] if i % 2 else part for i, part in enumerate(parts)]))  # noqa: S704  # each piece is escaped

    def page(self, ctx: Context, template: str, status: int, values: dict[str, Any]) -> Response:
        site, viewer = self._site(ctx), Viewer(ctx) if ctx.visit is not None and ctx.visit.is_whole else None
        tokens = self._tokens(ctx, viewer)
        values.setdefault("form", ctx.form or FormState())
        said = ctx.query.get("said", "")
        text = self.env.get_template(template).render(
            site=site, viewer=viewer, nonce=tokens["nonce"], path=ctx.call.path, csrf=tokens["csrf"], now=ctx.now,
            zone=humane.zone(site.time_zone), flash=SAID.get(said), flash_icon="triangle-alert" if said in WARNS else "circle-check",
            **values,
        )  # fmt: skip
        if viewer is not None and GAP in text:
            text = self._chrome.around(text, viewer, site, ctx.call.path, tokens)
        return _answer(text, status, tokens["nonce"])

    def kept_page(self, ctx: Context, template: str, made_of: Hashable, values: dict[str, Any]) -> Response:
        """A page of one viewer that says the same for as long as the day and what it is `made_of` are the same: made once, kept, and
        given out with the tokens of each answer. What was typed and a notice belong to one answer: with them nothing is kept."""
        site, viewer = self._site(ctx), Viewer(ctx) if ctx.visit is not None and ctx.visit.is_whole else None
        if viewer is None or ctx.form is not None or "said" in ctx.query:
            return self.page(ctx, template, 200, values)
        today = ctx.now.astimezone(humane.zone(site.time_zone)).date()
        key = (template, ctx.call.path, viewer.id, site.name, site.time_zone, today, made_of)
        parts = self._pages.get(key)
        if parts is None:
            parts = self._pieces(ctx, template, viewer, site, values)
            self._pages.put(key, parts, sum(map(len, parts)))
        tokens = self._tokens(ctx, viewer)
        filled = {gap(name): word for name, word in tokens.items()}
        text = "".join([filled[part] if i % 2 else part for i, part in enumerate(parts)])
        return _answer(self._chrome.around(text, viewer, site, ctx.call.path, tokens), 200, tokens["nonce"])

    def _pieces(self, ctx: Context, template: str, viewer: Viewer, site: Any, values: dict[str, Any]) -> list[str]:
        gaps = {name: Markup(gap(name)) for name in ("csrf", "nonce")}  # noqa: S704  # our own comment marks, nothing else
        text = self.env.get_template(template).render(
            site=site, viewer=viewer, path=ctx.call.path, now=ctx.now, zone=humane.zone(site.time_zone), form=FormState(), flash=None,
            **gaps, **values,
        )  # fmt: skip
        return cut(text)

    def _tokens(self, ctx: Context, viewer: Viewer | None) -> dict[str, str]:
        """What is new in each answer."""
        nonce = secrets.token_urlsafe(16)
        news = self._part("shared/_news.html", count=str(viewer.news)) if viewer else ""
        return {"csrf": ctx.csrf_token(), "nonce": nonce, "session_ends": ends(viewer.session_ends) if viewer else "", "news": news}

    def _site(self, ctx: Context) -> Any:
        conn = getattr(ctx, "conn", None)
        if conn is None:
            with ctx.platform.db.read() as conn:
                return ctx.platform.site.get(conn)
        return ctx.platform.site.get(conn)


def _answer(text: str, status: int, nonce: str) -> Response:
    return HTMLResponse(text, status, headers={"content-security-policy": CSP.format(nonce=nonce)})
