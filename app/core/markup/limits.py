"""When a message is shown as written, not read as Markdown. `test_pathological_input_is_quick` measures it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_CHARACTERS = 40_000  # about 6,500 words
MAX_LINES = 4_000  # each line is tried at each level of quoting
MAX_TOKENS = 40_000  # a table of empty cells makes many from little text
MAX_DEPTH = 20  # past this the parser leaves blocks out, and emphasis nests as deep as the text is long
SLICE = 10_000  # characters of a message shown as written that go through the sanitiser in one piece

# Line ends of other systems and word processors. The parser itself knows \n, \r and \r\n.
_LINE_ENDS = str.maketrans(dict.fromkeys("\v\f\x85\u2028\u2029", "\n"))
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# These turn the letters after them round, so that a link can read as another one. The isolates stay: right-to-left
# names need them and they end with their paragraph.
_OVERRIDES = re.compile("[\u202a-\u202e]")


def readable(text: str) -> str:
    """The text without what no page or mail can show: controls and lone surrogates become U+FFFD."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_ENDS)
    return _OVERRIDES.sub("", _UNREADABLE.sub("\ufffd", lines))


def too_long(text: str) -> bool:
    return len(text) > MAX_CHARACTERS or text.count("\n") > MAX_LINES


def too_much(tokens: Sequence[Token]) -> bool:
    """True too where the parser reached its deepest level: there it drops what follows without a word."""
    count = len(tokens)
    for token in tokens:
        if token.type in ("blockquote_open", "list_item_open") and token.level >= MAX_DEPTH - 1:
            return True
        children = token.children or ()
        count += len(children)
        if count > MAX_TOKENS or any(child.level > MAX_DEPTH for child in children):
            return True
    return False
