"""Two threads of the same size in two forums: one that a crowd is mailed each message of, one that five people are."""

from __future__ import annotations

from sqlalchemy import insert, select

from app.forum.models import Thread
from app.mail.models import ForumLevel, Level
from app.membership.models import Member
from bench.places import Place

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
