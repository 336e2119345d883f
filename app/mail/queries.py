"""What a member has chosen for their mail. Only one's own: everything here is asked for the actor."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from app.accounts.addresses.access import SECOND_EMAIL, with_second
from app.accounts.models import Account
from app.core.access import Actor
from app.core.site import Site
from app.forum import access
from app.forum.access import ME
from app.forum.models import Forum
from app.mail import defaults
from app.mail.models import Detail, DigestSettings, ForumLevel, Level


@dataclass(frozen=True, slots=True)
class Choice:
    """A forum the member sees, and its level."""

    id: int
    slug: str
    title: str
    marking_floor: int | None
    level: Level


@dataclass(frozen=True, slots=True)
class Subscriptions:
    on: bool
    hour: int
    weekday: int
    time_zone: str
    content: Detail
    quiet_weekend: bool
    paused_until: dt.date | None
    sent_to: str | None
    forums: list[Choice]

    def shape(self) -> dict[str, Any]:
        """As JSON gives it."""
        names = ("on", "hour", "weekday", "time_zone", "content", "quiet_weekend", "paused_until")
        return {"digest": {name: getattr(self, name) for name in names}, "forums": {f.slug: f.level.value for f in self.forums}}


_SETTINGS = with_second(
    select(DigestSettings, SECOND_EMAIL.label("sent_to")).where(DigestSettings.member_id == bindparam("me")),
    DigestSettings.address_id,
    DigestSettings.member_id,
)
_FORUMS = (
    access.visible_forums()
    .add_columns(ForumLevel.level)
    .outerjoin(ForumLevel, (ForumLevel.forum_id == Forum.id) & (ForumLevel.member_id == ME))
)


def subscriptions(conn: Connection, actor: Actor, site: Site) -> Subscriptions:
    """The member's choices, with the defaults where there are none."""
    ours = defaults.of_class(conn, actor.member_class)
    row: Any = conn.execute(_SETTINGS, {"me": actor.member_id}).first()
    forums = [
        Choice(f.id, f.slug, f.title, f.marking_floor, Level(f.level or ours.level)) for f in conn.execute(_FORUMS, {"me": actor.member_id})
    ]
    if row is None:
        return Subscriptions(ours.on, ours.hour, 0, site.time_zone, ours.content, ours.quiet_weekend, None, None, forums)
    return Subscriptions(
        row.on, row.hour, row.weekday, row.time_zone or site.time_zone, Detail(row.content), row.quiet_weekend, row.paused_until,
        row.sent_to, forums,
    )  # fmt: skip


_ADDRESS = select(Account.email).where(Account.id == bindparam("me"))


def address(conn: Connection, actor: Actor) -> str:
    """Where the member's mail goes."""
    return str(conn.execute(_ADDRESS, {"me": actor.member_id}).scalar_one())
