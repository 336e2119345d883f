"""How typed words are matched with names: without accents, apostrophes and case, each word by its beginning.

A row that can be found keeps a `search_text`: its words, each after a blank. Looking for a blank and a word in it needs no extension
of either database, and reads some ten thousand rows in a few milliseconds.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

MOST_WORDS = 8  # of what was typed; the rest is not looked at
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´")


def words(text: str) -> list[str]:
    """A text's words for comparing: "O'Fallon, Sheriff's; Muñoz" gives ofallon, sheriffs, munoz."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def found_by(*texts: str | None) -> str:
    """A row's search text: every word once, each after a blank, and a blank at the end."""
    every = dict.fromkeys(word for text in texts if text for word in words(text))
    return f" {' '.join(every)} " if every else ""


class position_in(FunctionElement[int]):  # noqa: N801  # reads as the SQL function it is
    """Where the second text stands in the first, from 1; 0 for nowhere. Twice as fast as LIKE on both engines, and has no wildcards."""

    type = Integer()
    inherit_cache = True
    name = "position_in"


@compiles(position_in)
def _position_in(element: Any, compiler: Any, **kw: Any) -> str:
    name = "instr" if compiler.dialect.name == "sqlite" else "strpos"
    return f"{name}({compiler.process(element.clauses, **kw)})"
