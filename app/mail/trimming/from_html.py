"""HTML as text: paragraphs, lists and links as Markdown has them, and what is quoted marked with ">".

inscriptis reads it where it can. It takes the square of a long message's time and gives up on one nested too deep, so those are
read plainly here: no word is lost, only the looks.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inscriptis.model.html_document_state import HtmlDocumentState  # type: ignore[import-untyped]

MOST_TAGS = 6_000
MOST_CHARACTERS = 400_000
DEEPEST = 200
_NESTING = re.compile(
    r"<(/?)(?:div|blockquote|span|font|table|tbody|tr|td|ul|ol|li|section|article|center|b|i|u|em|strong|a)\b", re.IGNORECASE
)
# Gmail's "indent more" and others' margins: their author's own words.
_INDENT = re.compile(r"border(?:-left)?\s*:\s*(?:none|0(?:px)?)\b", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]\n]{0,2000})\]\((?!https?://)[^()\s]{0,2000}\)", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/h[1-6]|/blockquote|/ul|/ol|/table|li|hr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
_HUGE_NUMBER = re.compile(r"&#[xX]?[0-9A-Fa-f]{8,};?")
_UNSHOWN = (("<!--", "-->"), ("<style", "</style>"), ("<script", "</script>"), ("<head>", "</head>"), ("<title", "</title>"))


def to_text(html: str) -> str:
    """Never raises, whatever the HTML. Every word that a reader would see is in the text."""
    if len(html) > MOST_CHARACTERS or html.count("<") > MOST_TAGS or _depth(html) > DEEPEST:
        return _plainly(html)
    try:
        text = _rendered(html)
    except Exception:  # whatever a parser makes of what is no HTML
        return _plainly(html)
    return text if text.strip() else _plainly(html)


def _depth(html: str) -> int:
    depth = deepest = 0
    for tag in _NESTING.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _rendered(html: str) -> str:
    from inscriptis import get_annotated_text  # type: ignore[import-untyped]  # late: it brings lxml, which only HTML needs
    from inscriptis.css_profiles import CSS_PROFILES  # type: ignore[import-untyped]
    from inscriptis.html_properties import Display  # type: ignore[import-untyped]
    from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]
    from inscriptis.model.html_element import HtmlElement  # type: ignore[import-untyped]
    from inscriptis.model.tag import CustomHtmlTagHandlerMapping  # type: ignore[import-untyped]

    tags = CustomHtmlTagHandlerMapping(start_tag_mapping={"blockquote": _blockquote}, end_tag_mapping={})
    looks = CSS_PROFILES["strict"] | {"hr": HtmlElement(display=Display.block)}
    config = ParserConfig(css=looks, display_links=True, custom_html_tag_handler_mapping=tags)
    found = get_annotated_text(html.encode("utf-8", "replace").decode().replace("\0", "\ufffd"), config)
    text = found.get("text", "")
    lines = _quoted(text, [(start, end) for start, end, _ in found.get("label", ())])
    return "\n".join(_LINK.sub(r"\1", line.replace("\xa0", " ")).rstrip() for line in lines)


def _blockquote(state: HtmlDocumentState, attributes: dict[str, str]) -> None:
    if "cite" in attributes.get("type", "") or "quote" in attributes.get("class", "") or not _INDENT.search(attributes.get("style", "")):
        state.tags[-1].annotation = ("quote",)


def _quoted(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """The lines, with a mark for each quote that they stand in."""
    lines, at = [], 0
    for line in text.split("\n"):
        deep = sum(start <= at and at + len(line) <= end for start, end in spans) if line.strip() else 0
        lines.append(f"{'>' * deep} {line.strip()}" if deep else line)
        at += len(line) + 1
    return lines


def _plainly(html: str) -> str:
    """Tags away, breaks where blocks end."""
    for opening, closing in _UNSHOWN:
        html = _without(html, opening, closing)
    text = _TAG.sub("", _BREAK.sub("\n", html))
    return unescape(_HUGE_NUMBER.sub("\ufffd", text)).replace("\xa0", " ")


def _without(html: str, opening: str, closing: str) -> str:
    lower, kept, at = html.lower(), [], 0
    if len(lower) != len(html):  # a letter that is two when it is small
        lower = html
    while (start := lower.find(opening, at)) >= 0 and (end := lower.find(closing, start)) >= 0:
        kept.append(html[at:start])
        at = end + len(closing)
    return "".join([*kept, html[at:]])
