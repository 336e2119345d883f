"""`squadroom digest …`."""

from __future__ import annotations

import datetime as dt

from app.commands.running import database, settings_of
from app.core import clock


def run_digests(at: dt.datetime | None, member: str | None) -> None:
    """What the worker would do at that time; everything is sent before this returns."""
    from app.mail.digest.run import run_digests as run

    settings = settings_of("digest")
    with database(settings) as db:
        sent = run(db, settings, at or clock.now(), member)
    print(f"{sent} digest{'' if sent == 1 else 's'} sent.")
