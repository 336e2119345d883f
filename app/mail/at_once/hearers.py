"""Who hears of a message, and how: those who want each one by mail, the thread's author, and those who watch it.

Precedence: mute beats all, then the thread's watch, then the forum's level. Asked again, for some of them, right before a mail leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.core import clock
from app.core.site import Site
from app.forum.crowd.access import may_answer
from app.forum.masks import access as masks
from app.forum.mentions import access as mentions
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


_FOR_REPLY, _FOR_WATCH, _FOR_MENTION, _FOR_QUOTE = (aliased(NoticeChoice) for _ in range(4))
_COLUMNS: tuple[Any, ...] = (
    Member.id, Member.status, Member.confirm_first, Account.email, Thread.locked_at,
    func.coalesce(Watch.level, "").label("watch"), func.coalesce(ForumLevel.level, "").label("level"),
    settled("content"), func.coalesce(DigestSettings.serial, 0).label("serial"),
    DigestSettings.paused_until, DigestSettings.time_zone, takes_mail(Account.email).label("takes_mail"),
    func.coalesce(_FOR_REPLY.on_site, True).label("reply_site"), func.coalesce(_FOR_REPLY.by_mail, True).label("reply_mail"),
    func.coalesce(_FOR_WATCH.on_site, True).label("watch_site"), func.coalesce(_FOR_WATCH.by_mail, True).label("watch_mail"),
    func.coalesce(_FOR_MENTION.on_site, True).label("mention_site"), func.coalesce(_FOR_MENTION.by_mail, True).label("mention_mail"),
    func.coalesce(_FOR_QUOTE.on_site, True).label("quote_site"), func.coalesce(_FOR_QUOTE.by_mail, True).label("quote_mail"),
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
        .outerjoin(_FOR_MENTION, (_FOR_MENTION.member_id == Member.id) & (_FOR_MENTION.kind == kinds.MENTION.name))
        .outerjoin(_FOR_QUOTE, (_FOR_QUOTE.member_id == Member.id) & (_FOR_QUOTE.kind == kinds.QUOTE.name))
    )


_WANTING = union(
    select(ForumLevel.member_id).where(ForumLevel.forum_id == bindparam("forum"), ForumLevel.level == Level.EACH),
    select(Watch.member_id).where(Watch.thread_id == bindparam("thread"), Watch.level.in_((WatchLevel.WATCH, WatchLevel.EACH))),
    select(bindparam("starter", type_=Member.id.type)),
    mentions.named_in(bindparam("message")),
)
_ALL = _with_choices(access.hearers(*_COLUMNS)).where(Member.id != bindparam("author"))
_IS_TOLD = or_(Member.id.in_(select(_WANTING.subquery().c[0])), Member.id.in_(bindparam("quoted", expanding=True)))
_NEXT = _ALL.where(_IS_TOLD, Member.id > bindparam("after")).order_by(Member.id).limit(BATCH)
_THESE = _ALL.where(Member.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class _People:
    """To whom a message is more than one among others, also behind a mask: they are told or left out, and nobody is told who."""

    starter: int
    author: int
    named: frozenset[int]
    quoted: frozenset[int]


def hearers(conn: Connection, message: Any, site: Site) -> Iterator[list[Hearer]]:
    """All who hear of a message (a row of subject.py), some hundreds at a time."""
    people = _people(conn, message)
    values = {"thread": message.thread_id, "forum": message.forum_id, "starter": people.starter, "author": people.author}
    values |= {"message": message.id}
    after = 0
    while rows := conn.execute(_NEXT, {**values, "quoted": [*people.quoted, 0], "after": after}).all():
        after = rows[-1].id
        yield [_hearer(row, message, people, site) for row in rows]


def these(conn: Connection, message: Any, ids: Sequence[int], site: Site) -> dict[int, Hearer]:
    """Those of these members who may still be told of it."""
    people = _people(conn, message)
    rows = conn.execute(_THESE, {"thread": message.thread_id, "author": people.author, "ids": list(ids)}).all()
    return {row.id: _hearer(row, message, people, site) for row in rows}


def _people(conn: Connection, message: Any) -> _People:
    rows = mentions.mentions_of(conn, message.id)
    named = frozenset(row.member_id for row in rows if row.member_id is not None)
    quoted = frozenset(mentions.writers(conn, message.thread_id, [row.quoted for row in rows if row.quoted is not None]))
    if not message.mask and not message.starter_mask:
        return _People(message.starter, message.author_id, named, quoted)
    behind = masks.behind(conn, message.thread_id)
    return _People(behind.get(message.starter_mask, message.starter), behind.get(message.mask, message.author_id), named, quoted)


def _is_away(row: Row[Any], site: Site) -> bool:
    """As with the digest, the day is the one where they are."""
    if row.paused_until is None:
        return False
    return bool(clock.now().astimezone(schedule.zone(row.time_zone or site.time_zone)).date() < row.paused_until)


def _kinds_for(row: Row[Any], message: Any, people: _People) -> Iterator[tuple[kinds.Kind, bool, bool]]:
    """What a message is to somebody, and where they want to be told of that: what is nearest to them first."""
    if row.id in people.named:
        yield kinds.MENTION, row.mention_site, row.mention_mail
    if row.id in people.quoted:
        yield kinds.QUOTE, row.quote_site, row.quote_mail
    if message.position > 0 and row.id == people.starter:
        yield kinds.REPLY, row.reply_site, row.reply_mail
    elif message.position > 0 and row.watch in (WatchLevel.WATCH, WatchLevel.EACH):
        yield kinds.WATCHED, row.watch_site, row.watch_mail


def _hearer(row: Row[Any], message: Any, people: _People, site: Site) -> Hearer:
    mailed = row.takes_mail and not _is_away(row, site) and row.seen < message.position
    muted = row.watch == WatchLevel.MUTE
    at_once = row.watch == WatchLevel.EACH or (row.watch == "" and row.level == Level.EACH)
    wanted = () if muted else tuple(_kinds_for(row, message, people))
    kind, on_site, by_mail = next((one for one in wanted if one[1] or one[2]), wanted[0] if wanted else (None, False, False))
    whole = row.status == MemberStatus.ACTIVE and not row.confirm_first
    return Hearer(
        row.id, row.email, strictest(Detail(row.content), Detail(message.mail_most)) if whole else Detail.LINKS, row.serial,
        may_answer=may_answer(row.right, may_write=whole, locked=row.locked_at is not None),
        at_once=mailed and at_once and not muted, by_watch=row.watch == WatchLevel.EACH, kind=kind,
        on_site=on_site, by_mail=mailed and by_mail,
    )  # fmt: skip
