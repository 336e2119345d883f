"""The one allowlist for HTML that members' words become. Whatever the parser lets through, only this gets out."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

import nh3

TAGS = frozenset(
    {"a", "p", "br", "hr", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li"}
    | {"div", "table", "thead", "tbody", "tr", "th", "td"}
)
# "*" is for attributes of any tag; left out, the sanitiser would allow some of its own.
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
CLASSES = {"a": {"mention"}, "div": {"scroll"}, "th": {"right", "center"}, "td": {"right", "center"}}
VALUES = {"div": {"tabindex": {"0"}, "role": {"group"}, "aria-label": {"Table"}}}
# Long lines of code scroll, so the keyboard must reach them.
ALWAYS = {"pre": {"tabindex": "0"}, "th": {"scope": "col"}}
SCHEMES = frozenset({"http", "https", "mailto"})


def sanitise(html: str, leaving: str) -> str:
    """`leaving` + the encoded target takes the place of each http(s) link; any other link but mailto and
    a mention's loses its href."""
    return _cleaner(leaving).clean(html)


@lru_cache(maxsize=8)
def _cleaner(leaving: str) -> nh3.Cleaner:
    def keep(tag: str, name: str, value: str) -> str | None:
        # Here and not before, so that no link gets past the page that names its target.
        return _target(value, leaving) if (tag, name) == ("a", "href") else value

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        tag_attribute_values=VALUES,
        set_tag_attribute_values=ALWAYS,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
        attribute_filter=keep,
    )


# No Markdown makes such a link, since one needs a host there: only core.markup.mentions does.
_OWN = re.compile(r"/(?:members|agencies)/[1-9][0-9]{0,9}")


def _target(url: str, leaving: str) -> str | None:
    if _OWN.fullmatch(url):
        return url
    scheme = url.partition(":")[0].lower()
    if scheme in ("http", "https"):
        return leaving + quote(url, safe="")
    return url if scheme == "mailto" else None
