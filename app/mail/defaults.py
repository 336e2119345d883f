"""What holds for a member who chose nothing about their mail: what the association said for their class, or else the digest each day at
seven, with full texts, of every forum."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor, Right
from app.core.site import Site
from app.mail.digest import schedule
from app.mail.forms import DefaultForm
from app.mail.models import Detail, DigestSettings, Level, MailDefault
from app.membership import access as members
from app.membership.models import MemberClass


@dataclass(frozen=True, slots=True)
class Defaults:
    on: bool = True
    hour: int = 7
    level: Level = Level.DAILY
    content: Detail = Detail.FULL
    quiet_weekend: bool = False


OURS = Defaults()


def settled(name: str) -> Any:
    """A setting of the digest as it holds for a member, for a statement that has both tables outer joined."""
    return func.coalesce(getattr(DigestSettings, name), getattr(MailDefault, name), getattr(OURS, name)).label(name)


def since_when(name: str) -> Any:
    """`changed_at` or `counts_from` as it holds for a member, in such a statement: the class's for who has no settings of their own."""
    return case((DigestSettings.member_id.is_(None), getattr(MailDefault, name)), else_=getattr(DigestSettings, name)).label(name)


def of_class(conn: Connection | Session, member_class: str) -> Defaults:
    row = conn.execute(_columns().where(MailDefault.member_class == member_class)).first()
    return OURS if row is None else Defaults(row.on, row.hour, Level(row.level), Detail(row.content), row.quiet_weekend)


def of_member(conn: Connection | Session, member_id: int) -> Defaults:
    return of_class(conn, members.class_of(conn, member_id))


def moments_of(conn: Connection | Session, member_class: str) -> dict[str, dt.datetime | None]:
    """Since when what holds for a class does: `changed_at` and `counts_from`."""
    row = conn.execute(select(MailDefault.changed_at, MailDefault.counts_from).where(MailDefault.member_class == member_class)).first()
    return dict(row._mapping) if row is not None else {"changed_at": None, "counts_from": None}


def of_all(conn: Connection) -> dict[str, Defaults]:
    """By class, also of those for which the association said nothing."""
    said = {row.member_class: row for row in conn.execute(_columns())}
    return {
        one.value: Defaults(row.on, row.hour, Level(row.level), Detail(row.content), row.quiet_weekend) if (row := said.get(one)) else OURS
        for one in MemberClass
    }


def _columns() -> Any:
    d = MailDefault
    return select(d.member_class, d.on, d.hour, d.level, d.content, d.quiet_weekend)


def save(session: Session, actor: Actor, site: Site, forms: dict[str, DefaultForm]) -> None:
    """For members who chose nothing, from their next slot on: what they chose themselves stays."""
    actor.require(Right.ADMIN)
    before, where = of_all(session.connection()), schedule.zone(site.time_zone)
    for name, form in forms.items():
        new = Defaults(form.on == "yes", form.hour, Level(form.level), form.content, form.quiet_weekend == "yes")
        if new != before[name]:
            row = session.merge(MailDefault(member_class=name, **asdict(new)))
            _note_when(row, before[name], new, where)
            audit.record(session, actor, "mail.default", ("site", 1), member_class=name, before=asdict(before[name]), after=asdict(new))


def _note_when(row: MailDefault, before: Defaults, new: Defaults, where: dt.tzinfo) -> None:
    """From which moment on slots and messages count for who follows it, in the association's zone: who has another chose for themselves."""
    now = clock.now()
    if (before.on, before.hour, before.quiet_weekend) != (new.on, new.hour, new.quiet_weekend):
        row.changed_at = schedule.nothing_up_to(now, before.hour, new.hour, where) if before.on else now
    if new.on and not before.on:
        row.counts_from = now  # what was posted while it was off is not sent
