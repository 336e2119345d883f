"""Who sees which thread, by the rules for many members at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.forum.crowd import access
from app.forum.models import Thread

EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def seen_by_many(conn: Connection, members: Sequence[int]) -> set[tuple[int, int]]:
    """(member, thread) for each of these members and each thread they may see."""
    reach = access.reach_of_many(conn, members, EVER)
    named = {tuple(row) for row in conn.execute(access.named_of_many(members), {"since": EVER})}
    threads = conn.execute(select(Thread.id, Thread.forum_id, Thread.marking, Thread.author_id)).all()
    return {
        (member, thread.id)
        for member, theirs in reach.items()
        for thread in threads
        if access.sees(theirs, thread.forum_id, thread.marking, by_them=thread.author_id == member, named=(member, thread.id) in named)
    }
