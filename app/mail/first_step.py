"""A new member's step about their mail: done when they chose anything of it, or said that it may stay as it is."""

from __future__ import annotations

from sqlalchemy import exists, or_
from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import Actor
from app.forum.access import ME
from app.forum.starting import Step
from app.mail import operations
from app.mail.models import DigestSettings, ForumLevel
from app.mail.notices.models import NoticeChoice


def keep(session: Session, actor: Actor) -> None:
    """What holds for them now becomes their own choice."""
    operations.settings_of(session, actor.member_id)
    audit.record(session, actor, "subscriptions.keep", ("member", actor.member_id))


_CHOSEN = or_(*[exists().where(table.member_id == ME) for table in (DigestSettings, ForumLevel, NoticeChoice)])
STEP = Step(
    "mail", "Choose your mail", "One digest a day, unless you say otherwise: its hour, fewer forums, or none.", "/settings/mail",
    _CHOSEN, keep,
)  # fmt: skip
