"""`squadroom digest …` and `squadroom mail …`."""

from __future__ import annotations

import datetime as dt
import sys

from app.commands.running import database, settings_of
from app.core import clock


def run_digests(at: dt.datetime | None, member: str | None) -> None:
    """What the worker would do at that time; everything is sent before this returns."""
    from app.mail.digest.run import run_digests as run

    settings = settings_of("digest")
    with database(settings) as db:
        sent = run(db, settings, at or clock.now(), member)
    print(f"{sent} digest{'' if sent == 1 else 's'} sent.")


def accept(sender: str, recipient: str, at: dt.datetime | None) -> int:
    """Take one message in from standard input, as a mail server's pipe transport brings it; the exit code it understands."""
    from app.mail.inbound.accept import accept as take
    from app.mail.inbound.envelope import MOST_BYTES, Envelope
    from app.main import wire

    settings = settings_of("mail")
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    with database(settings) as db, clock.at(at or clock.now):
        wire(settings)
        return int(take(db, settings, Envelope(sender, recipient, raw)))
