"""The fence for the search. Its index is made of all messages and decides nothing: what it finds is asked again here, through the rule
of visible threads, before it is counted or shown; and a hidden message is none, for its author and moderators too."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, literal, literal_column, null, or_, select, union_all
from sqlalchemy.orm import Session

from app.agencies.models import Agency
from app.attachments import access as attachments
from app.core.hot import Hot
from app.core.sql import constant, is_one_of
from app.forum import access
from app.forum.access import ME
from app.forum.adoptions import access as adoptions
from app.forum.adoptions.models import AdoptionState
from app.forum.attached.access import MESSAGE
from app.forum.masks import access as masks
from app.forum.models import Forum, ReadMark, Reply, Thread, ThreadKind
from app.forum.practices import access as practices
from app.forum.practices.models import Practice
from app.forum.queries.threads import READ_BEFORE
from app.membership.models import Member

# For the index --------------------------------------------------------------------------------------------------------------

_WRITTEN: Any = (
    select(
        Reply.id, Reply.thread_id, Reply.position, Reply.author_id, Reply.author_class, Reply.author_agency, Reply.author_agency_id,
        Reply.mask, Reply.body, Reply.created_at, Thread.title, Thread.kind, Thread.marking, Thread.forum_id,
        attachments.has_any(MESSAGE, Reply.id, not_refused=True).label("files"), *practices.RECORD_TEXTS,
    )
    .join(Thread, Thread.id == Reply.thread_id)
    .outerjoin(Practice, (Practice.thread_id == Reply.thread_id) & (Reply.position == 0))
    .where(is_one_of(Reply.id, "ids"), Reply.hidden_at.is_(None))
)  # fmt: skip
_AFTER = select(Reply.id).where(Reply.id > bindparam("after")).order_by(Reply.id).limit(bindparam("limit"))
_OF_THREAD = select(Reply.id).where(Reply.thread_id == bindparam("thread"), Reply.position > bindparam("after")).order_by(Reply.position)
_FORUM = select(Thread.forum_id).where(Thread.id == bindparam("thread"))

_FORUMS_OF: Any = (
    select(Thread.forum_id).join(Reply, Reply.thread_id == Thread.id).where(is_one_of(Reply.id, "ids")).distinct().order_by(Thread.forum_id)
)


def written(session: Session, ids: str) -> list[Row[Any]]:
    """Messages (a JSON list of ids) that are not hidden, with all that the index says of them: work of the system's."""
    return list(session.connection().execute(_WRITTEN, {"ids": ids}))


def ids_after(conn: Connection | Session, after: int, limit: int) -> list[int]:
    return list(conn.execute(_AFTER, {"after": after, "limit": limit}).scalars())


def ids_of_thread(conn: Connection | Session, thread_id: int) -> list[int]:
    return list(conn.execute(_OF_THREAD, {"thread": thread_id, "after": -1}).scalars())


def forums_of(session: Session, ids: list[int]) -> list[int]:
    """Of which forums these messages are, each once, in order."""
    return list(session.connection().execute(_FORUMS_OF, {"ids": json.dumps(ids)}).scalars())


def subjects_of_threads(session: Session, ids: str) -> list[Row[Any]]:
    """(thread_id, subject_id) of these threads."""
    return list(session.connection().execute(practices.SUBJECTS_OF_THREADS, {"ids": ids}))


# For who asks ---------------------------------------------------------------------------------------------------------------

_ADOPTED = case(
    ((Thread.kind == literal_column("'lesson'")) & (Reply.position == 0), adoptions.number_of(Thread.id, AdoptionState.ADOPTED)), else_=0
).label("adopted")
_FOUND: Any = (
    Reply.id, Reply.thread_id, Reply.position, Thread.title, Thread.kind, Thread.forum_id, Thread.answer_position, Agency.state, _ADOPTED,
)  # fmt: skip
_SHOWN: Any = (
    Reply.id, Reply.thread_id, Reply.position, Reply.created_at, Reply.version, Reply.body, Reply.mask, Reply.author_id, Reply.author_rank,
    Reply.author_class, Reply.author_agency, Reply.author_agency_id, Member.name.label("author"), Agency.state, Thread.title, Thread.kind,
    Thread.marking, Thread.answer_position, Thread.last_position, Forum.slug.label("forum"), Forum.title.label("forum_title"),
    Practice.version.label("practice_version"), *practices.RECORD_TEXTS,
)  # fmt: skip
_SWORN = func.coalesce(Practice.sworn, Agency.sworn)
_MARK = func.coalesce(ReadMark.position, Thread.read_to)
_IN_TIME = {"at_least": Reply.created_at >= bindparam("at_least", type_=Reply.created_at.type)}
FILTERS: dict[str, ColumnElement[bool]] = {
    **_IN_TIME,
    "before": Reply.created_at < bindparam("before", type_=Reply.created_at.type),
    "forums": is_one_of(Thread.forum_id, "forums"),
    "kinds": Thread.kind.in_(bindparam("kinds", expanding=True)),
    "states": Agency.state.in_(bindparam("states", expanding=True)),
    "agencies": is_one_of(Reply.author_agency_id, "agencies"),
    "subjects": Thread.id.in_(practices.about_any("subjects")),
    "sworn": _SWORN.between(bindparam("least"), bindparam("most")),
    "attachment": attachments.has_any(MESSAGE, Reply.id, not_refused=True),
    "unanswered": (Thread.kind == ThreadKind.QUESTION) & Thread.answer_position.is_(None),
    "unread": (Reply.position > _MARK) & or_(ReadMark.position.is_not(None), Thread.last_reply_at > READ_BEFORE),
    "others": (Reply.author_id != ME) & ~masks.is_number_of(Thread.id, Reply.mask, ME),
    "among": Reply.id.between(bindparam("first"), bindparam("last")),
}
"""What can be asked of a message beside its words. Where a masked message would be told by its author, it is not found: it has none."""


def _visible(columns: Any, name: str) -> Any:
    statement = access.visible_threads(*columns).join(Reply, Reply.thread_id == Thread.id)
    statement = statement.outerjoin(Agency, Agency.id == Reply.author_agency_id)
    return statement.where(is_one_of(Reply.id, name), Reply.hidden_at.is_(None))


@lru_cache(maxsize=300)
def visible_messages(filters: frozenset[str]) -> Hot:
    """Those of the messages `ids` (a JSON list) that `me` may see now and that these FILTERS let through."""
    statement = _visible(_FOUND, "ids")
    if "sworn" in filters:
        statement = statement.outerjoin(Practice, (Practice.thread_id == Thread.id) & (Reply.position == 0))
    if "unread" in filters:
        statement = statement.outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == ME))
    return Hot(statement.where(*[FILTERS[name] for name in sorted(filters)]))


VISIBLE = Hot(
    _visible(_SHOWN, "ids")
    .join(Forum, Forum.id == Thread.forum_id)
    .join(Member, Member.id == Reply.author_id)
    .outerjoin(Practice, (Practice.thread_id == Thread.id) & (Reply.position == 0))
)
"""The same without filters, with all that a hit shows."""

_NEW: Any = select(Reply.id, Reply.created_at).where(Reply.id > bindparam("after")).order_by(Reply.id).limit(bindparam("limit"))


def written_after(conn: Connection, after: int, limit: int) -> list[Row[Any]]:
    """(id, created_at) of the next messages: work of the system's."""
    return list(conn.execute(_NEW, {"after": after, "limit": limit}))


def newest_id(session: Session) -> int:
    return int(session.execute(select(func.max(Reply.id))).scalar_one() or 0)


SUBJECTS = practices.EVERY_SUBJECT

_SIMILAR = Hot(
    access.visible_threads(
        Thread.id, Thread.title, Thread.kind, Thread.last_position, Thread.answer_position, Thread.created_at, Reply.id.label("reply_id"),
        Forum.slug.label("forum"), Forum.title.label("forum_title"),
    )
    .select_from(Thread)
    .join(Reply, (Reply.thread_id == Thread.id) & (Reply.position == constant(0)))
    .join(Forum, Forum.id == Thread.forum_id)
    .where(is_one_of(Reply.id, "ids"), Reply.hidden_at.is_(None))
)  # fmt: skip


def visible_openings(conn: Connection, member_id: int, ids: str) -> list[Row[Any]]:
    """Threads by their opening messages (a JSON list of ids), of those that a member may see."""
    return _SIMILAR.all(conn, {"me": member_id, "ids": ids})


# One statement for both: each search begins with it. `red` is the forum of a TLP:RED thread, and NULL for a forum.
_FORUMS = access.readable_forums().order_by(None).add_columns(Forum.sort, null().label("red"))
_RED = access.visible_red_threads().subquery()
_READABLE = Hot(union_all(_FORUMS, select(_RED.c.id, literal(""), literal(""), constant(0), constant(0), _RED.c.forum_id)))


def readable(conn: Connection, member_id: int) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """The forums that a member may read, in their order, and the TLP:RED threads in them (`red`: in which) that are open to them."""
    rows = _READABLE.all(conn, {"me": member_id})
    forums = sorted((row for row in rows if row.red is None), key=lambda row: (row.sort, row.id))
    return forums, [row for row in rows if row.red is not None]


def forum_of(session: Session, thread_id: int) -> int:
    return int(session.connection().execute(_FORUM, {"thread": thread_id}).scalar_one())
