"""The message as text that reads well in a mail: made from the parser's tokens, never from the HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_MAX_PADDED = 76  # a mail's usual width; a wider table keeps its rows but isn't padded
_BREAKS = ("softbreak", "hardbreak")


def to_plain(tokens: Sequence[Token]) -> str:
    if tokens and tokens[0].type == "pre_open":  # shown as written
        return "".join(token.content for token in tokens).strip("\n")
    return _blocks(iter(tokens), "").strip("\n")


def _blocks(tokens: Iterator[Token], end: str) -> str:
    """The blocks up to the token `end`. Blank lines part them, but not in a list whose items stand close."""
    parts: list[str] = []
    close = False
    for token in tokens:
        if token.type == end:
            break
        if token.type == "paragraph_open":
            close = token.hidden
        block = _block(token, tokens)
        if block is not None:
            parts += ["\n" if close else "\n\n", block]
    return "".join(parts[1:])


def _block(token: Token, tokens: Iterator[Token]) -> str | None:
    match token.type:
        case "inline":
            return _inline(token.children or ())
        case "fence" | "code_block":
            return token.content.strip("\n")
        case "hr":
            return "* * *"  # two hyphens alone would begin a mail's signature
        case "blockquote_open":
            return _indent(_blocks(tokens, "blockquote_close"), "> ", "> ")
        case "bullet_list_open":
            return _list(tokens, None)
        case "ordered_list_open":
            return _list(tokens, int(token.attrs.get("start", 1)))
        case "table_open":
            return _table(tokens)
    return None


def _list(tokens: Iterator[Token], number: int | None) -> str:
    items: list[str] = []
    for token in tokens:
        if token.type in ("bullet_list_close", "ordered_list_close"):
            break
        if token.type == "list_item_open":
            mark = "- " if number is None else f"{number + len(items)}. "
            items.append(_indent(_blocks(tokens, "list_item_close"), mark, " " * len(mark)))
    return ("\n\n" if any("\n\n" in item for item in items) else "\n").join(items)


def _indent(text: str, first: str, rest: str) -> str:
    """Blank lines keep a quote's mark but no spaces at their end."""
    lines = text.split("\n")
    return "\n".join(((rest if at else first) + line).rstrip(" ") for at, line in enumerate(lines))


def _table(tokens: Iterator[Token]) -> str:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token.children or ()))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if sum(widths) + 3 * len(widths) > _MAX_PADDED:
        widths = [3] * len(widths)
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join(" | ".join(map(str.ljust, row, widths)).rstrip(" ") for row in rows)


def _inline(children: Sequence[Token]) -> str:
    parts: list[str] = []
    label_at, url, bare = 0, "", False
    for token in children:
        if token.type == "link_open":
            label_at, url, bare = len(parts), str(token.attrs.get("href", "")), token.info == "auto"
        elif token.type == "link_close":
            parts.append(_address("".join(parts[label_at:]), url, bare))
        elif token.type in ("s_open", "s_close"):
            parts.append("~~")  # words struck out mustn't read as if they stood
        else:
            parts.append("\n" if token.type in _BREAKS else token.content)
    return "".join(parts)


def _address(label: str, url: str, bare: bool) -> str:
    """What follows a link's text: its address, unless the text says it already."""
    scheme, _, rest = url.partition(":")
    url = rest if scheme.lower() == "mailto" else url
    if bare or label.strip() == url:
        return ""
    return f" ({url})" if label.strip() else url
