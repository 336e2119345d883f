"""Text → tokens → HTML and plain text. Only `app.core.markup` imports this, when the first message comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from linkify_it import LinkifyIt  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.core.markup import limits
from app.core.markup.mentions import with_mentions
from app.core.markup.plain import to_plain
from app.core.markup.sanitise import sanitise

__all__ = ["parse", "to_html", "to_plain", "with_mentions"]

# Absolute links only, with a host. `http:host` and `https:\\host` are other spellings that browsers put right.
_LINK = re.compile(r"https?://[^/\\?#]|mailto:[^?#]", re.IGNORECASE)
# What every bare link has somewhere: most messages have none, and looking for a whole one takes longer than parsing them.
_MAY_LINK = re.compile(r"@|://|\S\.\S|localhost", re.IGNORECASE)
# A page has h1 to h3 of its own.
_HEADINGS = {"h1": "h4", "h2": "h5", "h3": "h6", "h4": "h6", "h5": "h6", "h6": "h6"}
_ALIGN: dict[str, dict[str, str | int | float]] = {
    "text-align:right": {"class": "right"},
    "text-align:center": {"class": "center"},
}


class _Links(LinkifyIt):  # type: ignore[misc]  # the package has no types
    def pretest(self, text: str) -> bool:
        return _MAY_LINK.search(text) is not None and bool(super().pretest(text))


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return _LINK.match(url) is not None


@cache
def _parser() -> _Parser:
    parser = _Parser("commonmark", {"html": False, "linkify": True, "maxNesting": limits.MAX_DEPTH})
    parser.enable(["table", "strikethrough", "linkify"])
    parser.linkify = _Links().add("ftp:", None).add("//", None)  # neither could become a link, so neither is searched for
    return parser


def parse(text: str) -> list[Token]:
    """The message's tokens, shaped for our pages: no image, no low heading, no style, tables that scroll."""
    text = limits.readable(text)
    if limits.too_long(text):
        return _as_written(text)
    tokens = _parser().parse(text)
    if limits.too_much(tokens):
        return _as_written(text)
    return list(_shaped(tokens))


def to_html(tokens: Sequence[Token], leaving: str) -> str:
    parser = _parser()
    return sanitise(parser.renderer.render(tokens, parser.options, {}), leaving)


def _as_written(text: str) -> list[Token]:
    # In slices, because the sanitiser's time grows with the square of the ampersands in one piece of text.
    tokens = [Token("pre_open", "pre", 1)]
    for part in _slices(text):
        tokens += [Token("code_open", "code", 1), Token("text", "", 0, content=part), Token("code_close", "code", -1)]
    return [*tokens, Token("pre_close", "pre", -1)]


def _slices(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        line_end = text.rfind("\n", at, at + limits.SLICE) + 1
        end = line_end if line_end > at else at + limits.SLICE
        yield text[at:end]
        at = end


def _shaped(tokens: Sequence[Token]) -> Iterator[Token]:
    for i, token in enumerate(tokens):
        if token.type == "th_open" and not tokens[i + 1].content.strip():  # an empty corner is no heading
            token.tag = tokens[i + 2].tag = "td"
        if token.type == "table_open":
            yield _scroll_open(token.level)
        token.tag = _HEADINGS.get(token.tag, token.tag)
        if style := token.attrs.pop("style", None):  # a style attribute is against the page's policy
            token.attrs |= _ALIGN.get(str(style), {})
        if token.children:
            token.children = list(_without_images(token.children))
        yield token
        if token.type == "table_close":
            yield Token("scroll_close", "div", -1, level=token.level, block=True)


def _scroll_open(level: int) -> Token:
    # Focusable, so that someone without a mouse can scroll it; then it needs a role and a name as well.
    attrs: dict[str, str | int | float] = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": "Table"}
    return Token("scroll_open", "div", 1, attrs=attrs, level=level, block=True)


def _without_images(children: Sequence[Token]) -> Iterator[Token]:
    """Nothing is loaded from elsewhere: an image becomes a link to it, or its text where it stands inside a link."""
    in_link = False
    for token in children:
        if token.type in ("link_open", "link_close"):
            in_link = token.nesting == 1
        if token.type != "image":
            yield token
            continue
        source = str(token.attrs["src"])
        text = Token("text", "", 0, content=_words(token.children or ()).strip() or source)
        if in_link:
            yield text
            continue
        yield Token("link_open", "a", 1, attrs={"href": source})
        yield text
        yield Token("link_close", "a", -1)


def _words(children: Sequence[Token]) -> str:
    """An image's description without its markup. A description may hold images in turn."""
    return "".join(_words(child.children) if child.children else child.content for child in children)
