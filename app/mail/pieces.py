"""Messages made of pieces: what is the same for many recipients is rendered, quoted and cut once, with gaps for what is each one's own."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.mail import templates
from app.mail.message import joined, piece

KEPT = 4000  # fragments; bounds the memory of a run

T = TypeVar("T")
Part = tuple[bytes, bytes]
"""A part of a message, finished and quoted: as text, and as HTML."""
Frame = list[bytes | str]
"""Quoted pieces, and between them the names of what is the reader's own."""


class Kept:
    """The newest few thousand of something that is made once."""

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[Any, Any] = OrderedDict()

    def __contains__(self, key: Any) -> bool:
        return key in self._kept

    def get(self, key: Any, make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        value: T = self._kept[key]
        return value


class Gaps:
    """The marks that stand for what is each reader's own while a template is rendered."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(12)  # nobody can write it into a name or a title

    def marks(self, *names: str) -> dict[str, str]:
        return {name: f"{self._mark}-{name}-" for name in names}

    def cut(self, frame: str) -> Frame:
        pieces = re.split(f"{self._mark}-([a-z]+)-", frame.strip("\n") + "\n")
        return [one if n % 2 else piece(one) for n, one in enumerate(pieces)]


def filled(frames: tuple[Frame, Frame], own: Mapping[str, Part]) -> Part:
    """The text and the HTML, with the reader's own in the gaps."""
    text, html = (joined(p if isinstance(p, bytes) else own[p][n] for p in frame) for n, frame in enumerate(frames))
    return text, html


def part(name: str, values: dict[str, Any]) -> Part:
    """A part from its template's twins, quoted."""
    text, html = templates.part(name, **values)
    return piece(text.strip("\n")), piece(html.strip("\n"))


class Token:
    """A mark that stands, unbroken, in parts that are shared, for a token that is each recipient's own. It is as long as a token, so that
    no line gets longer when the one takes the other's place, however often it stands there. `gap` is what templates are given."""

    def __init__(self, length: int) -> None:
        self._gaps, self._mark = Gaps(), secrets.token_hex(length)[:length].encode()
        self.gap = self._gaps.marks("token")["token"]

    def part(self, name: str, values: dict[str, Any]) -> Part:
        """As `part`, with the mark wherever the gap stood."""
        text, html = templates.part(name, **values)
        return self._whole(text), self._whole(html)

    def _whole(self, rendered: str) -> bytes:
        return joined(self._mark if isinstance(one, str) else one for one in self._gaps.cut(rendered)).removesuffix(b"\r\n")

    def put(self, raw: bytes, token: str) -> bytes:
        return raw.replace(self._mark, token.encode())
