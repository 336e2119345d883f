"""Invented entries and alerts: the second fence for both. They are the administrators'; in the directory a bait looks like a member."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.agencies.models import Agency
from app.core.access import Actor, Right
from app.core.errors import NotFound
from app.membership.access import require_admin
from app.membership.models import Member, MemberStatus
from app.membership.watch.models import DirectoryAlert


def visible_alerts(actor: Actor) -> Select[Any]:
    if not actor.may(Right.ADMIN):
        raise NotFound
    columns: tuple[Any, ...] = (DirectoryAlert.member_id, DirectoryAlert.member_name, DirectoryAlert.reason, DirectoryAlert.raised_at)
    return select(*columns)


def visible_bait(actor: Actor) -> Select[Any]:
    if not actor.may(Right.ADMIN):
        raise NotFound
    columns: tuple[Any, ...] = (Member.id, Member.name, Member.rank, Member.member_class, Agency.short_name.label("agency"))
    return select(*columns).outerjoin(Agency, Agency.id == Member.agency_id).where(Member.status == MemberStatus.BAIT)


def bait_for_act(session: Session, actor: Actor, member_id: int) -> Member:
    require_admin(actor)
    found = session.execute(select(Member).where(Member.id == member_id, Member.status == MemberStatus.BAIT).with_for_update())
    bait: Member | None = found.scalar_one_or_none()
    if bait is None:
        raise NotFound
    return bait
