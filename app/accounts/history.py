"""One's own sign-ins of the last month, and the tries that were refused: from the log, which keeps them anyway (A17)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from app.accounts import access, browsers
from app.accounts.models import Factor

SINCE = dt.timedelta(days=30)
PAGE = 50
_FACTORS = {Factor.TOTP: "Authenticator app", Factor.RECOVERY: "Recovery code", Factor.PASSKEY: "Passkey", Factor.DEMO: "Demonstration"}
_REFUSED = {
    "password": "Wrong password",
    "factor": "Wrong code",
    "locked": "Locked after too many tries",
    "disabled": "Password closed",
    "gate": "Not let in",
    "counter": "Passkey refused",
}


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    at: dt.datetime
    is_done: bool
    network: str
    browser: str
    how: str  # the factor that was shown, or why it was refused


def page(conn: Connection, account_id: int, now: dt.datetime, before: int | None) -> tuple[list[Entry], int | None]:
    """The newest first, from before this id; and where the next page begins, if there is one."""
    rows: Sequence[Row[Any]] = conn.execute(access.my_sign_ins(account_id, now - SINCE, before).limit(PAGE + 1)).all()
    entries = [_entry(row) for row in rows[:PAGE]]
    return entries, entries[-1].id if len(rows) > PAGE else None


def _entry(row: Row[Any]) -> Entry:
    detail = json.loads(row.detail)
    is_done = row.outcome == "done"
    how = _FACTORS.get(row.factor, "") if is_done else _REFUSED.get(detail.get("reason", ""), "Refused")
    name = browsers.named(row.browser) if row.browser else detail.get("browser", "")
    return Entry(row.id, row.at, is_done, row.address, name, how)
