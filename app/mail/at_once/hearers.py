"""Who hears of a message, and how: those who want each one by mail, the thread's author, and those who watch it.

Precedence: mute beats all, then the thread's watch, then the forum's level. Asked again, for some of them, right before a mail leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, literal, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.core import clock
from app.core.site import Site
from app.forum.crowd.access import may_answer
from app.forum.masks import access as masks
from app.forum.models import Forum, ReadMark, Thread, Watch, WatchLevel
from app.forum.telling import access
from app.mail.defaults import settled
from app.mail.digest import schedule
from app.mail.health.access import takes_mail
from app.mail.models import Detail, DigestSettings, ForumLevel, Level, MailDefault, strictest
from app.mail.notices import kinds
from app.mail.notices.models import NoticeChoice
from app.membership.models import Member, MemberStatus

BATCH = 500


@dataclass(frozen=True, slots=True)
class Hearer:
    """A member as of this moment. `kind`: what it is to them on the site, if anything. `at_once`: mailed by itself. `by_watch`: the stop
    link of that mail is the thread's, and else the forum's."""

    id: int
    email: str
    detail: Detail
    serial: int
    may_answer: bool
    at_once: bool
    by_watch: bool
    kind: kinds.Kind | None
    on_site: bool
    by_mail: bool


_FOR_REPLY, _FOR_WATCH = aliased(NoticeChoice), aliased(NoticeChoice)
_COLUMNS: tuple[Any, ...] = (
    Member.id, Member.status, Member.confirm_first, Account.email, Thread.locked_at,
    func.coalesce(Watch.level, "").label("watch"), func.coalesce(ForumLevel.level, "").label("level"),
    settled("content"), func.coalesce(DigestSettings.serial, 0).label("serial"),
    DigestSettings.paused_until, DigestSettings.time_zone, takes_mail(Account.email).label("takes_mail"),
    func.coalesce(_FOR_REPLY.on_site, True).label("reply_site"), func.coalesce(_FOR_REPLY.by_mail, True).label("reply_mail"),
    func.coalesce(_FOR_WATCH.on_site, True).label("watch_site"), func.coalesce(_FOR_WATCH.by_mail, True).label("watch_mail"),
    func.coalesce(ReadMark.position, literal(-1)).label("seen"),
)  # fmt: skip


def _with_choices(statement: Select[Any]) -> Select[Any]:
    """With each one's own choices about this thread, its forum and their mail."""
    return (
        statement.join(Forum, Forum.id == Thread.forum_id)
        .outerjoin(Watch, (Watch.thread_id == Thread.id) & (Watch.member_id == Member.id))
        .outerjoin(ForumLevel, (ForumLevel.forum_id == Thread.forum_id) & (ForumLevel.member_id == Member.id))
        .outerjoin(DigestSettings, DigestSettings.member_id == Member.id)
        .outerjoin(MailDefault, MailDefault.member_class == Member.member_class)
        .outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == Member.id))
        .outerjoin(_FOR_REPLY, (_FOR_REPLY.member_id == Member.id) & (_FOR_REPLY.kind == kinds.REPLY.name))
        .outerjoin(_FOR_WATCH, (_FOR_WATCH.member_id == Member.id) & (_FOR_WATCH.kind == kinds.WATCHED.name))
    )


_WANTING = union(
    select(ForumLevel.member_id).where(ForumLevel.forum_id == bindparam("forum"), ForumLevel.level == Level.EACH),
    select(Watch.member_id).where(Watch.thread_id == bindparam("thread"), Watch.level.in_((WatchLevel.WATCH, WatchLevel.EACH))),
    select(bindparam("starter", type_=Member.id.type)),
)
_ALL = _with_choices(access.hearers(*_COLUMNS)).where(Member.id != bindparam("author"))
_NEXT = _ALL.where(Member.id.in_(select(_WANTING.subquery().c[0])), Member.id > bindparam("after")).order_by(Member.id).limit(BATCH)
_THESE = _ALL.where(Member.id.in_(bindparam("ids", expanding=True)))


def hearers(conn: Connection, message: Any, site: Site) -> Iterator[list[Hearer]]:
    """All who hear of a message (a row of subject.py), some hundreds at a time."""
    starter, author = _people(conn, message)
    values = {"thread": message.thread_id, "forum": message.forum_id, "starter": starter, "author": author}
    after = 0
    while rows := conn.execute(_NEXT, {**values, "after": after}).all():
        after = rows[-1].id
        yield [_hearer(row, message, starter, site) for row in rows]


def these(conn: Connection, message: Any, ids: Sequence[int], site: Site) -> dict[int, Hearer]:
    """Those of these members who may still be told of it."""
    starter, author = _people(conn, message)
    rows = conn.execute(_THESE, {"thread": message.thread_id, "author": author, "ids": list(ids)}).all()
    return {row.id: _hearer(row, message, starter, site) for row in rows}


def _people(conn: Connection, message: Any) -> tuple[int, int]:
    """Who began the thread and who wrote the message, also behind a mask: one is told, the other is not, and nobody is told who."""
    if not message.mask and not message.starter_mask:
        return message.starter, message.author_id
    behind = masks.behind(conn, message.thread_id)
    return behind.get(message.starter_mask, message.starter), behind.get(message.mask, message.author_id)


def _is_away(row: Row[Any], site: Site) -> bool:
    """As with the digest, the day is the one where they are."""
    if row.paused_until is None:
        return False
    return bool(clock.now().astimezone(schedule.zone(row.time_zone or site.time_zone)).date() < row.paused_until)


def _hearer(row: Row[Any], message: Any, starter: int, site: Site) -> Hearer:
    mailed = row.takes_mail and not _is_away(row, site) and row.seen < message.position
    muted, watches = row.watch == WatchLevel.MUTE, row.watch in (WatchLevel.WATCH, WatchLevel.EACH)
    at_once = row.watch == WatchLevel.EACH or (row.watch == "" and row.level == Level.EACH)
    kind = None
    if message.position > 0 and not muted:
        kind = kinds.REPLY if row.id == starter else kinds.WATCHED if watches else None
    is_reply = kind is kinds.REPLY
    whole = row.status == MemberStatus.ACTIVE and not row.confirm_first
    return Hearer(
        row.id, row.email, strictest(Detail(row.content), Detail(message.mail_most)) if whole else Detail.LINKS, row.serial,
        may_answer=may_answer(row.right, may_write=whole, locked=row.locked_at is not None),
        at_once=mailed and at_once and not muted, by_watch=row.watch == WatchLevel.EACH, kind=kind,
        on_site=row.reply_site if is_reply else row.watch_site, by_mail=mailed and (row.reply_mail if is_reply else row.watch_mail),
    )  # fmt: skip
