"""Who wants to hear nothing now, for packages below that choose whom to tell."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, exists, false, or_

from app.mail.models import DigestSettings, ForumLevel, Level
from app.mail.notices.kinds import ASKED
from app.mail.notices.models import NoticeChoice


def is_away(member: Any) -> ColumnElement[bool]:
    """Whether a member has paused their mail until after `today`."""
    return exists().where(DigestSettings.member_id == member, DigestSettings.paused_until > bindparam("today", type_=Date))


def is_quiet(member: Any, forum: Any) -> ColumnElement[bool]:
    """Whether a member (a column) is away until after `today`, takes nothing of the forum (a column) by mail, or has switched questions
    for them off, on the site and by mail."""
    none = exists().where(ForumLevel.member_id == member, ForumLevel.forum_id == forum, ForumLevel.level == Level.NONE)
    off = (NoticeChoice.on_site == false(), NoticeChoice.by_mail == false())
    return or_(is_away(member), none, exists().where(NoticeChoice.member_id == member, NoticeChoice.kind == ASKED.name, *off))
