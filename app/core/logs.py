"""The program's own log on standard error: text for people, JSON for machines. One line an event, whatever stands in it.

What members did is in the audit log, not here. Addresses of pages, which hold tokens, are not logged at all (web/frame.py).
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys

from app.core.config import Settings

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


class TextLines(logging.Formatter):
    """`2026-11-23T16:00:00.123Z INFO squadroom.access: …`; line breaks and controls in a message are written out (R2)."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_moment(record)} {record.levelname} {record.name}: {record.getMessage().translate(_CONTROLS)}"
        return head if record.exc_info is None else f"{head}\n{self.formatException(record.exc_info)}"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": _moment(record), "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        if record.exc_info is not None:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line).replace("\x7f", "\\u007f")


def _moment(record: logging.LogRecord) -> str:
    moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def configure(settings: Settings) -> None:
    """Take over the root logger, and with it uvicorn's, Alembic's and our own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for name in ("alembic", "asyncio", "sqlalchemy", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
