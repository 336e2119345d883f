"""The second fence for mentions: only who may see the thread, or the forum where it is to be, can be named; and agencies, which every
member sees. Nobody learns whom they may not name: what leads to nobody stays as it was typed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, false, func, or_, select, true, union
from sqlalchemy.orm import Session, aliased

from app.agencies.models import Agency
from app.core.matching import position_in
from app.forum import access as forum
from app.forum.markings import Marking
from app.forum.masks import access as masks
from app.forum.mentions.models import Mention
from app.forum.models import Grant, Reply, Thread, ThreadReader
from app.membership.actors import CURRENT
from app.membership.models import GroupMember, Member

MOST_OFFERED = 8
Same = aliased(Member)
_WHO: tuple[Any, ...] = (Member.id, Member.name, Member.name_key, Member.rank, Agency.short_name.label("agency"))
_IN_FORUM: ColumnElement[bool] = (
    select(GroupMember.member_id)
    .join(Grant, Grant.group_id == GroupMember.group_id)
    .where(GroupMember.member_id == Member.id, Grant.forum_id == bindparam("forum"))
    .exists()
)


def _members(*columns: Any) -> Select[Any]:
    return select(*columns).outerjoin(Agency, Agency.id == Member.agency_id).where(Member.status.in_(CURRENT))


def _in_thread(statement: Select[Any]) -> Select[Any]:
    return statement.join(Thread, Thread.id == bindparam("thread")).where(forum.is_visible(Member.id))


# Which of several they are: only then the agency is written behind the name.
_NAMESAKES = select(func.count()).where(Same.name_key == Member.name_key, Same.status.in_(CURRENT)).scalar_subquery().label("namesakes")
_KEYED = Member.name_key.in_(bindparam("keys", expanding=True))
_NAMED_THERE = _in_thread(_members(*_WHO)).where(_KEYED)
_NAMED_IN_FORUM = _members(*_WHO).where(_IN_FORUM, _KEYED)
_AGENCIES: Any = select(Agency.id, Agency.name, Agency.short_name, Agency.state).where(
    Agency.merged_into.is_(None), Agency.dissolved_on.is_(None)
)
_AGENCIES_NAMED = _AGENCIES.where(
    or_(Agency.short_name.in_(bindparam("names", expanding=True)), Agency.name.in_(bindparam("names", expanding=True)))
)


def members_named(conn: Connection | Session, where: tuple[str, int], keys: Iterable[str]) -> list[Row[Any]]:
    """Members with these folded names who may see the thread ("thread", id), or the forum ("forum", id)."""
    kind, number = where
    statement = _NAMED_THERE if kind == "thread" else _NAMED_IN_FORUM
    return list(conn.execute(statement, {kind: number, "keys": list(keys)}).all())


def agencies_named(conn: Connection | Session, names: Iterable[str]) -> list[Row[Any]]:
    """By their name or short name as it is written."""
    return list(conn.execute(_AGENCIES_NAMED, {"names": list(names)}).all())


_LOW: Any = bindparam("low")


def _begins(column: Any) -> ColumnElement[bool]:
    """As a case: PostgreSQL takes an equality with a function for one row in two hundred, and then sorts thousands of names to find the
    first few, which an index gives in their order."""
    found: ColumnElement[bool] = case((position_in(column, _LOW) == 1, true()), else_=false())
    return found


def _beginning(column: Any) -> ColumnElement[bool]:
    """An index gives the names from what was typed on, up to the next letter; the rest is looked at one by one."""
    found: ColumnElement[bool] = (column >= _LOW) & (column < bindparam("high")) & _begins(column)
    return found


_OFFERED = _members(*_WHO, _NAMESAKES).limit(MOST_OFFERED)
_BY_NAME = [_OFFERED.where(_beginning(key)).order_by(key, Member.id) for key in (Member.name_key, Member.family_key)]
_BY_NAME_THERE = [_in_thread(statement) for statement in _BY_NAME]
_BY_NAME_IN_FORUM = [statement.where(_IN_FORUM) for statement in _BY_NAME]
# Where few may read, they are gone through one by one: the index would lead past thousands who may not.
_FEW = 2000
_FORUM_OF = select(Thread.forum_id).where(Thread.id == bindparam("thread")).scalar_subquery()
_MARKING = select(Thread.marking).where(Thread.id == bindparam("thread"))


def _readers_of(forum_id: Any) -> Select[Any]:
    return select(GroupMember.member_id).join(Grant, Grant.group_id == GroupMember.group_id).where(Grant.forum_id == forum_id)


_NAMED_READERS = union(
    select(ThreadReader.member_id).where(ThreadReader.thread_id == bindparam("thread")),
    select(Thread.author_id).where(Thread.id == bindparam("thread")),
)
_AMONG = _OFFERED.where(or_(_begins(Member.name_key), _begins(Member.family_key))).order_by(Member.name_key, Member.id)
_AMONG_NAMED = _in_thread(_AMONG.where(Member.id.in_(_NAMED_READERS)))
_AMONG_FEW_THERE = _in_thread(_AMONG.where(Member.id.in_(_readers_of(_FORUM_OF))))
_AMONG_FEW_IN_FORUM = _AMONG.where(Member.id.in_(_readers_of(bindparam("forum"))))
_HOW_MANY_THERE = select(func.count()).select_from(_readers_of(_FORUM_OF).limit(_FEW + 1).subquery())
_HOW_MANY_IN_FORUM = select(func.count()).select_from(_readers_of(bindparam("forum")).limit(_FEW + 1).subquery())


def offered(conn: Connection, where: tuple[str, int], typed: str) -> list[Row[Any]]:
    """Those whose name or family name begins so (folded), who may see the thread or the forum."""
    kind, number = where
    values = {kind: number, "low": typed, "high": _next(typed)}
    found: dict[int, Row[Any]] = {}
    for statement in _statements(conn, kind, number):
        if len(found) < MOST_OFFERED:
            found |= {row.id: row for row in conn.execute(statement, values)}
    return list(found.values())[:MOST_OFFERED]


def _statements(conn: Connection, kind: str, number: int) -> list[Any]:
    there = kind == "thread"
    if there and conn.execute(_MARKING, {"thread": number}).scalar_one() == Marking.RED:
        return [_AMONG_NAMED]
    if conn.execute(_HOW_MANY_THERE if there else _HOW_MANY_IN_FORUM, {kind: number}).scalar_one() <= _FEW:
        return [_AMONG_FEW_THERE if there else _AMONG_FEW_IN_FORUM]
    return _BY_NAME_THERE if there else _BY_NAME_IN_FORUM


def _next(typed: str) -> str:
    """A text after all that begin so, in any order that databases know: letters after z come after it in all of them."""
    last = typed[-1]
    return typed[:-1] + (chr(ord(last) + 1) if "a" <= last < "z" or "0" <= last < "9" else "\U00010330")


_OF: Any = select(Mention.member_id, Mention.agency_id, Mention.label, Mention.quoted).where(Mention.reply_id == bindparam("reply"))


def mentions_of(conn: Connection | Session, reply_id: int) -> list[Row[Any]]:
    """Of a message that was reached through the actor, or is told of to those who may see it."""
    return list(conn.execute(_OF, {"reply": reply_id}).all())


def named_in(reply: Any) -> Select[Any]:
    """The ids of the members that a message (an id or a bind) names."""
    return select(Mention.member_id).where(Mention.reply_id == reply, Mention.member_id.is_not(None))


_QUOTED = select(Reply.position, Reply.body).where(
    Reply.thread_id == bindparam("thread"), Reply.position.in_(bindparam("positions", expanding=True)), Reply.hidden_at.is_(None)
)
_WRITERS = select(Reply.author_id, Reply.mask).where(
    Reply.thread_id == bindparam("thread"), Reply.position.in_(bindparam("positions", expanding=True))
)


def bodies(conn: Connection | Session, thread_id: int, positions: list[int]) -> dict[int, str]:
    """What these messages of a thread that was reached through the actor say."""
    return {row.position: row.body for row in conn.execute(_QUOTED, {"thread": thread_id, "positions": positions})}


_WRITINGS: Any = (
    select(
        Reply.position, Reply.body, Reply.mask, Reply.author_rank, Reply.author_class, Reply.author_agency, Member.name.label("author"),
    )
    .join(Member, Member.id == Reply.author_id)
    .where(Reply.thread_id == bindparam("thread"), Reply.position.in_(bindparam("positions", expanding=True)), Reply.hidden_at.is_(None))
)  # fmt: skip


def writings(conn: Connection | Session, thread_id: int, positions: list[int]) -> dict[int, Row[Any]]:
    """The same with who stands beside them."""
    return {row.position: row for row in conn.execute(_WRITINGS, {"thread": thread_id, "positions": positions})}


def writers(conn: Connection, thread_id: int, positions: list[int]) -> set[int]:
    """Who wrote these messages, also behind a mask: for telling them that they are quoted, and never shown."""
    rows = conn.execute(_WRITERS, {"thread": thread_id, "positions": positions}).all() if positions else []
    behind = masks.behind(conn, thread_id) if any(row.mask for row in rows) else {}
    return {behind.get(row.mask, row.author_id) if row.mask else row.author_id for row in rows}
