"""Cursors: where a list goes on, by the values of the last row, never by counting rows."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from typing import Any

from app.core.errors import Invalid


def cursor(*values: Any) -> str:
    """An opaque cursor of numbers, texts and moments."""
    parts = [["t", v.isoformat()] if isinstance(v, dt.datetime) else ["v", v] for v in values]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(dt.UTC)  # at the ends of time this overflows


def read_cursor(text: str, *kinds: type) -> tuple[Any, ...]:
    """The values that `cursor` was given, of these types; Invalid for anything else."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        values = tuple(_moment(v) if tag == "t" else v for tag, v in parts)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, UnicodeError):
        raise Invalid(cursor="This is not a cursor of this list.") from None
    if len(values) != len(kinds) or any(type(v) is not k for v, k in zip(values, kinds, strict=False)):
        raise Invalid(cursor="This is not a cursor of this list.")
    if any(isinstance(v, int) and abs(v) >= 2**31 for v in values):
        raise Invalid(cursor="This is not a cursor of this list.")
    if any(isinstance(v, str) and ("\0" in v or any("\ud800" <= c <= "\udfff" for c in v)) for v in values):
        raise Invalid(cursor="This is not a cursor of this list.")
    return values
