"""What the digests of a day have told of a forum is not told again when the forum becomes weekly, whose digest goes a week back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core import clock
from app.forum.crowd import access
from app.forum.models import Reply, Thread
from app.mail.digest import schedule
from app.mail.models import DigestSlot, MailedAtOnce

_LAST = select(func.max(DigestSlot.slot_at), func.max(DigestSlot.weekly_at)).where(DigestSlot.member_id == bindparam("me"))


def close(session: Session, member_id: int, forum_ids: Sequence[int]) -> None:
    """Of these forums, which were not weekly, nothing up to the last digest comes in a later one."""
    done, weekly = session.execute(_LAST, {"me": member_id}).one()
    if done is None or not forum_ids:
        return
    told = access.messages_between(literal(member_id), Reply.id, literal(clock.now(), MailedAtOnce.at.type))
    told = told.join(Thread, Thread.id == Reply.thread_id).where(Thread.forum_id.in_(forum_ids))
    dialect = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    rows = dialect(MailedAtOnce.__table__).from_select(["member_id", "reply_id", "at"], told)  # type: ignore[arg-type]
    since = done - schedule.WEEK
    session.connection().execute(rows.on_conflict_do_nothing(), {"since": min(since, weekly or since), "until": done})
