"""Broken mail by the thousand: whether one crashes the reader, is left lying, or makes the process grow.

`python -m bench.inbound` seeds databases of its own on both engines, hands 10,000 mutated answers of 500 members over as a mail server
would, one after another in one process, and prints a table.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import func, select

from app.accounts.models import Account
from app.core.db import Database
from app.forum.models import Reply, Thread
from app.mail import reply_tokens
from app.mail.inbound.accept import accept
from app.mail.inbound.envelope import Answer, Envelope
from app.mail.inbound.models import InboundMessage, InboundState
from app.wiring import wire
from bench.places import ENGINES, Ground, Place
from bench.processes import memory
from tests.mail.broken import mutated

MEMBERS, SERVER = 500, "localhost"
Writer = tuple[str, str]
"""A member's address, and where they may answer."""


def writers(db: Database) -> list[Writer]:
    """Each may answer a thread of their own."""
    with db.write() as session:
        thread = func.max(Thread.id)
        rows = session.execute(
            select(Account.id, Account.email, thread).join(Thread, Thread.author_id == Account.id).group_by(Account.id).limit(MEMBERS)
        ).all()
        tokens = [reply_tokens.new() for _ in rows]
        reply_tokens.keep(session, [reply_tokens.row_of(token, row[0], [row[2]]) for token, row in zip(tokens, rows, strict=True)])
    return [(row[1], reply_tokens.address(token, SERVER)) for token, row in zip(tokens, rows, strict=True)]


def letter(number: int, me: str, to: str) -> bytes:
    m, domain = EmailMessage(), me.split("@")[1]
    m["Authentication-Results"] = f"{SERVER}; dmarc=pass header.from={domain}; dkim=pass header.d={domain}"
    m["From"], m["To"], m["Subject"], m["Message-ID"] = me, to, "Re: your thread", f"<{number}@{domain}>"
    m.set_content(f"A line that may stay, {number}.\n\n-- \nChief\nOffice 555-0100\n\nOn Mon, Nov 23, 2026 a person wrote:\n> quoted\n")
    return m.as_bytes()


def measure(place: Place, count: int) -> None:
    place.command("db", "upgrade")
    place.command("seed", "--members", str(MEMBERS * 2), "--threads", "2000", "--replies", "20000")
    settings, dice, said = place.settings(), random.Random(20261128), Counter[str]()
    wire(settings)
    with place.database() as db:
        people = writers(db)
        with db.read() as conn:
            before = conn.execute(select(func.count()).select_from(Reply)).scalar_one()
        sizes, slowest, began = [], 0.0, time.perf_counter()
        for number in range(count):
            me, to = people[number % len(people)]
            at = time.perf_counter()
            said[accept(db, settings, Envelope(me, to, mutated(letter(number, me, to), dice))).name] += 1
            slowest = max(slowest, time.perf_counter() - at)
            if (number + 1) % (count // 4) == 0:
                sizes.append(memory(os.getpid())["rss"])
        took = time.perf_counter() - began
        with db.read() as conn:
            left = conn.execute(select(func.count()).where(InboundMessage.state == InboundState.RECEIVED)).scalar_one()
            posted = conn.execute(select(func.count()).select_from(Reply)).scalar_one() - before
    stuck = left + said[Answer.TRY_LATER.name]
    grown = ", ".join(f"{size:.0f}" for size in sizes)
    print(
        f"| {count:,} | {ENGINES[place.engine]} | 0 | {stuck} | {posted:,} | {said[Answer.REFUSED.name]:,} | {count / took:,.0f} | "
        f"{slowest * 1000:,.0f} ms | {grown} MB |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Hand over broken mail.")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    asked = parser.parse_args()
    print("| messages | engine | crashes | left lying | posted | refused | a second | slowest | memory at each quarter |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="squadroom-bench-") as folder:
        ground = Ground(Path(folder))
        try:
            for engine in ENGINES if asked.engine == "both" else (asked.engine,):
                measure(ground.place(engine, "inbound"), asked.messages)
        finally:
            ground.close()


if __name__ == "__main__":
    main()
