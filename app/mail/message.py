"""A message as bytes, built by hand: the standard library's own builder is several times slower than all the rest of a digest.

Every body is quoted-printable and every header is ASCII and folded, so no line is longer than a server must take (M5) and
nothing that came from a member can begin a header of its own (M15).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from binascii import b2a_qp
from collections.abc import Iterable
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

Headers = Iterable[tuple[str, str]]

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_TEXT_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_SPECIAL = re.compile(r'(["\\])')


def one_line(value: str) -> str:
    """The value without line breaks and controls."""
    return " ".join(_CONTROLS.sub(" ", value).split())


def plain_address(address: str) -> str:
    """The address, or ValueError: nothing else may stand in To or be given to a mail server."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not a plain mail address")
    return address


@lru_cache(maxsize=16)
def mailbox(name: str, address: str) -> str:
    """`"Name" <address>`. A name can't pass for another address: its @ is written out."""
    shown = one_line(name).replace("@", " at ")
    if not shown.isascii() or "=?" in shown:
        return f"{Header(shown, 'utf-8').encode(linesep=' ')} <{plain_address(address)}>"
    quoted = _SPECIAL.sub(r"\\\1", shown)
    return f'"{quoted}" <{plain_address(address)}>'


_STANDING = frozenset(
    ("From", "Auto-Submitted", "X-Squadroom-Kind", "List-Id", "List-Archive", "List-Help", "List-Unsubscribe-Post", "Precedence")
)
"""Headers that many messages have alike."""


def header(name: str, value: str) -> str:
    """One header, folded, with its line end."""
    return _alike(name, value) if name in _STANDING else _header(name, value)


@lru_cache(maxsize=200)
def _alike(name: str, value: str) -> str:
    return _header(name, value)


@lru_cache(maxsize=16)
def _date(second: dt.datetime) -> str:
    return format_datetime(second.astimezone(dt.UTC))


def _header(name: str, value: str) -> str:
    value = one_line(value)
    if value.isascii() and "=?" not in value and len(name) + len(value) < 76:
        return f"{name}: {value}\r\n"
    if value.isascii() and ("=?" not in value or name == "From"):
        return f"{name}: {_folded(value, len(name) + 2)}\r\n"
    return f"{name}: {Header(value, 'utf-8', header_name=name, maxlinelen=75).encode(linesep=chr(13) + chr(10))}\r\n"


def _folded(value: str, used: int) -> str:
    """Broken at spaces; a single word of more than 900 characters has no business in a header and is cut."""
    lines, line = [], ""
    for word in (whole[:900] for whole in value.split(" ")):
        if line and used + len(line) + 1 + len(word) > 76:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def piece(text: str) -> bytes:
    """A piece of a text as quoted-printable. Pieces are put together by `joined`."""
    clean = _TEXT_CONTROLS.sub("", text.replace("\r\n", "\n")) + "\n"
    return b2a_qp(clean.replace("\n", "\r\n").encode(), istext=True)[:-2]


def joined(pieces: Iterable[bytes]) -> bytes:
    """The pieces as one text: the line ends between them are such that a reader takes away again."""
    return b"=\r\n".join(pieces)


def quoted(text: str) -> bytes:
    """A whole text as quoted-printable."""
    return piece(text.strip("\n")) + b"\r\n"


def _part(kind: str, body: bytes) -> bytes:
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode() + body


def message_bytes(headers: Headers, text: bytes, html: bytes, at: dt.datetime) -> bytes:
    """text/plain first, then text/html, both quoted. The boundary holds "=_", which quoted-printable never does."""
    head = [header(name, value) for name, value in headers]
    boundary = f"=_{hashlib.sha256(''.join(head).encode()).hexdigest()[:32]}"
    head += [
        f"Date: {_date(at.replace(microsecond=0))}\r\n",
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n\r\n',
    ]
    line = f"--{boundary}".encode()
    return b"".join(
        (
            "".join(head).encode("ascii"), line, b"\r\n", _part("plain", text), b"\r\n", line, b"\r\n", _part("html", html), b"\r\n",
            line, b"--\r\n",
        )
    )  # fmt: skip
