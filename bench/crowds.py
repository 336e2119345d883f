"""Two threads of the same size in two forums: one that a crowd is mailed each message of, one that five people are."""

from __future__ import annotations

import random
import time
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from app.agencies import queries as agencies
from app.core.matching import found_by, words
from app.forum.mentions import access as mentions
from app.forum.models import Thread
from app.mail.models import ForumLevel, Level
from app.membership.actors import actor_of
from app.membership.alike.keys import family_key, name_key
from app.membership.models import Member
from app.wiring import wire
from bench import searching
from bench.places import READER, Place

FEW = 5


def threads(place: Place, crowd: int) -> tuple[int, int]:
    """The thread with few readers by mail, and the one with `crowd` of them; made ready at the first call."""
    with place.database() as db, db.write() as session:
        rows = session.execute(select(Thread.id, Thread.forum_id).where(Thread.id > 1).order_by(Thread.id)).all()
        quiet = rows[0]
        loud = next(row for row in rows if row.forum_id != quiet.forum_id)
        if session.execute(select(ForumLevel.member_id).where(ForumLevel.forum_id == loud.forum_id).limit(1)).first() is None:
            members = session.execute(select(Member.id).order_by(Member.id.desc()).limit(crowd)).scalars().all()
            levels = [(member, loud.forum_id) for member in members] + [(member, quiet.forum_id) for member in members[:FEW]]
            each = [{"member_id": member, "forum_id": forum, "level": Level.EACH.value} for member, forum in levels]
            session.connection().execute(insert(ForumLevel.__table__), each)  # type: ignore[arg-type]
    return quiet.id, loud.id


def _name(place: Place) -> list[str]:
    """The seed calls everyone Member: real names are of 200 given and 3,000 family names, the common ones often."""
    by, made = random.Random(6), [word.capitalize() for word in searching.vocabulary()[200:3_400]]
    given, family = made[:200], made[200:]
    with place.database() as db, db.write() as session:
        ids = session.execute(select(Member.id).order_by(Member.id)).scalars().all()
        names = [f"{given[int(200 * by.random() ** 3)]} {family[int(3_000 * by.random() ** 2)]}" for _ in ids]
        rows = [
            {"key": one, "name": name, "name_key": name_key(name), "family_key": family_key(name), "search_text": found_by(name)}
            for one, name in zip(ids, names, strict=True)
        ]
        table: Any = Member.__table__
        columns = {column: bindparam(column) for column in rows[0] if column != "key"}
        session.connection().execute(update(table).where(table.c.id == bindparam("key")).values(columns), rows)
        session.execute(text("ANALYZE members"))
    return names


def offers(place: Place, thread: int) -> list[float]:
    """Milliseconds, the fewest first, of what is looked for after an @ in a reply: beginnings of 200 members' names, their given or their
    family name, of one to six letters. As the page does it: members who may see the thread, from the third letter on agencies too."""
    wire(place.settings())
    by, taken, names = random.Random(7), [], _name(place)
    with place.database() as db, db.read() as conn:
        actor = actor_of(conn, READER)
        for name in ["a", *by.choices(names, k=200)]:
            typed = " ".join(words(by.choice([name, name.split()[-1]])))[: by.randint(1, 6)].strip()
            began = time.perf_counter()
            mentions.offered(conn, ("thread", thread), typed)
            if len(typed) > 2:
                agencies.search(conn, actor, agencies.Ask(typed, limit=4))
            taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken[1:])
