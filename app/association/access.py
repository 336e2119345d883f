"""What the administrator's pages reach: the founding's row, whether there is a forum yet, and the drills."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.hooks import CastMember
from app.accounts.models import Account
from app.agencies.models import Agency
from app.association.models import Drill, Founding, SiteText
from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.forum.administering import access as forums
from app.forum.models import Forum
from app.membership.actors import CURRENT
from app.membership.models import Member


def lock_founding(session: Session) -> Founding | None:
    """The founding's row, locked: two who found at once wait for each other here. None where there never was one."""
    statement = select(Founding).where(Founding.id == 1).with_for_update().execution_options(populate_existing=True)
    return session.execute(statement).scalar_one_or_none()


def is_founding_open(conn: Connection) -> bool:
    return conn.execute(select(Founding.id).where(Founding.id == 1, Founding.closed_at.is_(None))).first() is not None


def visible_texts(actor: Actor) -> Select[Any]:
    """What the association's texts said, the newest first: for administrators. What they say now all members read."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    columns: tuple[Any, ...] = (SiteText.name, SiteText.version, SiteText.text, SiteText.written_by, SiteText.written_at)
    return select(*columns).order_by(SiteText.written_at.desc(), SiteText.name, SiteText.version.desc()).limit(200)


def last_version(session: Session, name: str) -> int:
    return session.execute(select(func.max(SiteText.version)).where(SiteText.name == name)).scalar() or 0


def visible_drills(actor: Actor) -> Select[Any]:
    """How earlier drills went: for administrators."""
    if not actor.may(Right.ADMIN):
        raise NotFound
    columns: tuple[Any, ...] = (Drill.held_on, Drill.was_stopped, Drill.note, Drill.recorded_name)
    return select(*columns)


def last_drill(conn: Connection | Session) -> dt.date | None:
    """The day of the newest drill, for reminding administrators."""
    return conn.execute(select(func.max(Drill.held_on))).scalar()


def begun_on(conn: Connection | Session) -> dt.date | None:
    """Since when there is somebody here: the first account's day."""
    first = conn.execute(select(func.min(Account.created_at))).scalar()
    return first.date() if first is not None else None


def any_forum(actor: Actor) -> Select[Any]:
    return forums.all_forums(actor, Forum.id).limit(1)


_CAST = (
    select(Member.id, Member.name, Member.rank, Agency.short_name, Member.organization)
    .join(Account, Account.id == Member.id)
    .outerjoin(Agency, Agency.id == Member.agency_id)
    .where(Account.password_hash.is_not(None), Account.disabled_at.is_(None), Member.status.in_(CURRENT))
    .order_by(Member.id)
)


def demo_cast(conn: Connection) -> list[CastMember]:
    """Who can be signed in as with one click: ENV=demo alone asks, of a database that the demo made."""
    return [CastMember(row.id, row.name, row.rank, row.short_name or row.organization) for row in conn.execute(_CAST)]
