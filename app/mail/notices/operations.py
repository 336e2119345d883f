"""Telling a member something that is about no message, and marking as read what they were told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.mail.notices import access
from app.mail.notices.kinds import Kind
from app.mail.notices.models import NoticeChoice, Notification
from app.mail.notices.putting import put

_CHOICE = select(NoticeChoice.on_site, NoticeChoice.by_mail).where(
    NoticeChoice.member_id == bindparam("me"), NoticeChoice.kind == bindparam("kind")
)


class Wants(NamedTuple):
    """Where a member is told of a kind."""

    on_site: bool
    by_mail: bool


def wants(session: Session, member_id: int, kind: Kind) -> Wants:
    """As they have chosen; everywhere where they have not, or can't."""
    chosen = None if kind.fixed else session.execute(_CHOICE, {"me": member_id, "kind": kind.name}).first()
    return Wants(*chosen) if chosen is not None else Wants(True, True)


@dataclass(frozen=True, slots=True)
class Line:
    """What is said in one line, and the path that it leads to. Under a key that the member was told already nothing happens."""

    kind: Kind
    text: str
    key: str
    path: str = ""


def tell(session: Session, member_id: int, line: Line) -> None:
    """A line on the member's page, unless they want none of its kind there."""
    if not wants(session, member_id, line.kind).on_site:
        return
    row = {
        "member_id": member_id, "kind": line.kind.name, "key": line.key[:80], "thread_id": None, "position": None,
        "text": line.text[:300], "path": line.path, "at": clock.now(), "read_at": None, "mail_at": None,
    }  # fmt: skip
    put(session, [row])


def note_seen(session: Session, actor: Actor, ids: list[int]) -> int:
    """These of one's own; how many were unread."""
    found = access.mine(session, actor.member_id, ids)
    for one in found:
        one.read_at = clock.now()
    return len(found)


def seen_up_to(session: Session, actor: Actor, up_to: int) -> None:
    """All of one's own up to this one: what came meanwhile stays unread."""
    n = Notification
    mine = update(n).where(n.member_id == actor.member_id, n.read_at.is_(None), n.id <= up_to).values(read_at=clock.now())
    session.execute(mine.execution_options(synchronize_session=False))


def mailed(session: Session, ids: list[int]) -> None:
    """They wait for no mail any more."""
    n = Notification
    session.execute(update(n).where(n.id.in_(ids)).values(mail_at=None).execution_options(synchronize_session=False))


def forget(session: Session, before: dt.datetime) -> None:
    """What is older than that and waits for nothing is nobody's news."""
    n = Notification
    session.execute(delete(n).where(n.at < before, n.mail_at.is_(None)).execution_options(synchronize_session=False))
