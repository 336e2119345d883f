"""The second fence for saved searches: one's own alone. What they found is asked again through the forum's rule before it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.errors import NotFound
from app.forum.access import visible_threads
from app.forum.models import Forum, ReadMark, Reply, Thread
from app.search.models import Deliver, SavedHit, SavedSearch, SearchMark

MARK = "saved"
_S, _H = SavedSearch, SavedHit


def visible_searches(actor: Actor) -> Select[Any]:
    """The actor's own, the newest first."""
    columns: tuple[Any, ...] = (_S.id, _S.q, _S.deliver, _S.created_at)
    return select(*columns).where(_S.member_id == actor.member_id).order_by(_S.id.desc())


def search_for_act(session: Session, actor: Actor, search_id: int) -> SavedSearch:
    found = session.execute(select(_S).where(_S.id == search_id, _S.member_id == actor.member_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def own(session: Session, actor: Actor) -> list[SavedSearch]:
    return list(session.execute(select(_S).where(_S.member_id == actor.member_id)).scalars())


# For the worker -------------------------------------------------------------------------------------------------------------


def that_may_match(conn: Connection | Session, words: list[str]) -> list[Row[Any]]:
    """Searches that are delivered and whose key word is among these, or which have none."""
    columns: tuple[Any, ...] = (_S.id, _S.member_id, _S.q, _S.deliver, _S.created_at)
    statement = select(*columns).where(_S.deliver != Deliver.NONE).order_by(_S.id)
    found = list(conn.execute(statement.where(_S.key_word == "")))
    for start in range(0, len(words), 500):
        found += conn.execute(statement.where(_S.key_word.in_(words[start : start + 500])))
    return found


def mark(conn: Connection | Session) -> int | None:
    return conn.execute(select(SearchMark.reply_id).where(SearchMark.name == MARK)).scalar_one_or_none()


_FOUND = (
    visible_threads(
        _H.member_id, _S.id, _S.q, Thread.id.label("thread_id"), Thread.title, Thread.marking, Reply.position, Forum.mail_most,
        member=_H.member_id,
    )
    .select_from(_H)
    .join(_S, _S.id == _H.saved_id)
    .join(Reply, Reply.id == _H.reply_id)
    .join(Thread, Thread.id == Reply.thread_id)
    .join(Forum, Forum.id == Thread.forum_id)
    .outerjoin(ReadMark, (ReadMark.thread_id == Thread.id) & (ReadMark.member_id == _H.member_id))
    .where(
        _H.member_id.in_(bindparam("ids", expanding=True)), Reply.hidden_at.is_(None), _S.deliver == Deliver.DIGEST,
        _H.found_at > bindparam("since", type_=_H.found_at.type), _H.found_at <= bindparam("until", type_=_H.found_at.type),
        func.coalesce(ReadMark.position, -1) < Reply.position,
    )
    .order_by(_S.id, _H.reply_id.desc())
)  # fmt: skip


def found_between(conn: Connection, member_ids: Iterable[int], since: dt.datetime, until: dt.datetime) -> list[Row[Any]]:
    """What saved searches of these members found then, of what they may see and have not read now; for their digests."""
    return list(conn.execute(_FOUND, {"ids": list(member_ids), "since": since, "until": until}))
