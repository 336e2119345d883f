"""The frame around a signed-in page: top bar, navigation, footer. Made once for each viewer and place in the navigation, with gaps for
what is new in each answer (tokens, title, the page itself), and kept. base.html gives the pieces that go into the gaps."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import Any

from app.core.kept import Kept

GAP = f"<!--gap {secrets.token_hex(8)}-->"
"""Stands between the pieces in what base.html renders. Random, so that no text of a member's can hold it."""

_PIECES = ("title", "body_more", "print_top", "main", "print_end")
_TOKENS = ("csrf", "nonce", "session_ends", "news")
_SPLIT = re.compile(f"({re.escape(GAP[:-3])}:[a-z_]+-->)")
# Where a path stands in the navigation: the link it lies under.
_SECTIONS = (("/forums", "/forums"), ("/lessons", "/forums"), ("/threads", "/forums"), ("/members", "/members"), ("/agencies", "/agencies"),
             ("/moderation", "/moderation"), ("/admin", "/admin"))  # fmt: skip


def gap(name: str) -> str:
    return f"{GAP[:-3]}:{name}-->"


def section_of(path: str) -> str:
    """The navigation's link that a page lies under, or nothing."""
    if path == "/":
        return "/"
    return next((link for start, link in _SECTIONS if path == start or path.startswith(start + "/")), "")


def cut(text: str) -> list[str]:
    """Text with gaps as what stands between them, and at odd places the gaps themselves."""
    return _SPLIT.split(text)


class Chrome:
    def __init__(self, render: Callable[..., str]) -> None:
        self._render = render
        self._kept: Kept[tuple[Any, ...], list[str]] = Kept(2_000)

    def around(self, pieces: str, viewer: Any, site: Any, path: str, tokens: dict[str, str]) -> str:
        """The whole page: the frame with base.html's pieces and this answer's tokens in its gaps."""
        section = section_of(path)
        key = (viewer.key, site.name, section, section == path)
        parts = self._kept.get(key)
        if parts is None:
            parts = cut(self._frame(viewer, site, section, section == path))
            self._kept.put(key, parts)
        filled = dict(zip(map(gap, _PIECES), pieces.split(GAP), strict=True))
        filled |= {gap(name): tokens[name] for name in _TOKENS}
        return "".join([filled[part] if i % 2 else part for i, part in enumerate(parts)])

    def _frame(self, viewer: Any, site: Any, section: str, is_page: bool) -> str:
        from markupsafe import Markup

        gaps = {name: Markup(gap(name)) for name in (*_PIECES, *_TOKENS)}  # noqa: S704  # our own comment marks, nothing else
        return self._render("signed_in.html", viewer=viewer, site=site, section=section, is_page=is_page, gaps=gaps, **_tokens(gaps))


def _tokens(gaps: dict[str, Any]) -> dict[str, Any]:
    return {"csrf": gaps["csrf"], "nonce": gaps["nonce"]}


def ends(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
