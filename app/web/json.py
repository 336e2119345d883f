"""JSON answers: times in ISO 8601 UTC, enums by value, nothing that a browser would guess at."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from starlette.responses import Response


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def reply_json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    raw = json.dumps(data, default=_plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(raw, status, headers, media_type="application/json")
