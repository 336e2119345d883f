"""Who is due: current members whose digest is on, a few hundred at a time, with their settings and the slot that is theirs now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, exists, func, select

from app.accounts.addresses.access import SECOND_EMAIL, with_second
from app.accounts.models import Account
from app.agencies.models import AgencyDomain
from app.core.db import Database
from app.core.site import Site
from app.mail.defaults import settled, since_when
from app.mail.digest import schedule, told
from app.mail.digest.told import CLASS_LEVEL, DONE, Turn, class_done
from app.mail.health.access import takes_mail
from app.mail.models import Detail, DigestSettings, Level, MailDefault, strictest
from app.membership.actors import CURRENT
from app.membership.models import Member, MemberStatus

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Reader:
    """A member as a digest needs them. Messages count in (`since`, `slot`], those of weekly forums in (`weekly_since`, `slot`];
    None on other days than theirs; those of forums that they said nothing of in (`class_since`, `slot`], None where their class gets
    none or it is not the day. `weekly_at` and `class_at` are the slots in which they had these last."""

    id: int
    email: str
    called: str  # "Chief Ellen Marchetti"
    content: Detail
    hour: int
    zone: str
    serial: int
    read_before: dt.datetime
    slot: dt.datetime
    since: dt.datetime
    weekly_since: dt.datetime | None
    weekly_at: dt.datetime | None
    is_away: bool  # paused: the slot is done, and nothing is sent
    may_write: bool
    quiet_weekend: bool
    class_since: dt.datetime | None
    class_at: dt.datetime | None = None
    turns: Mapping[int, Turn] = field(default_factory=dict)  # forums whose level was changed since they were told of them, by id
    asked: bool = False  # for it, ahead of its hour: then nobody is away

    @property
    def begins(self) -> dt.datetime:
        """Nothing older is in their digest."""
        found = (self.since, self.weekly_since, self.class_since, *(turn.told_until for turn in self.turns.values()))
        return min(moment for moment in found if moment is not None)


# Exact, and the member's own agency: somebody who moved may still hold, or no longer hold, a mailbox at the last one.
_AT_THE_AGENCY = exists().where(
    AgencyDomain.agency_id == Member.agency_id, AgencyDomain.approved_at.is_not(None), SECOND_EMAIL.like("%@" + AgencyDomain.domain)
)
_CURRENT: Any = (
    select(
        Member.id, func.coalesce(SECOND_EMAIL, Account.email).label("email"), Member.name, Member.rank, Member.status, Member.confirm_first,
        Member.approved_at, Member.back_at,
        Member.read_before,
        settled("hour"), settled("content"), settled("quiet_weekend"), CLASS_LEVEL,
        func.coalesce(DigestSettings.weekday, 0).label("weekday"), func.coalesce(DigestSettings.time_zone, "").label("zone"),
        func.coalesce(DigestSettings.serial, 0).label("serial"), since_when("changed_at"), since_when("counts_from"),
        DigestSettings.paused_until, (SECOND_EMAIL.is_not(None) & ~_AT_THE_AGENCY).label("is_elsewhere"),
        *DONE,
    )
    .join(Account, Account.id == Member.id)
    .outerjoin(DigestSettings, DigestSettings.member_id == Member.id)
    .outerjoin(MailDefault, MailDefault.member_class == Member.member_class)
    .where(
        Member.status.in_(CURRENT), Account.disabled_at.is_(None), settled("on"), SECOND_EMAIL.is_not(None) | takes_mail(Account.email)
    )
)  # fmt: skip
# A second address that takes no mail any more is passed by: the digest goes to the first.
_READERS = with_second(_CURRENT, DigestSettings.address_id, Member.id, Account.email != SECOND_EMAIL, takes_mail(SECOND_EMAIL))
_NEXT = _READERS.where(Member.id > bindparam("after")).order_by(Member.id).limit(BATCH)
_ONE = _READERS.where(Account.email == bindparam("email"))
_THESE = _READERS.where(Member.id.in_(bindparam("ids", expanding=True)))


def due(db: Database, at: dt.datetime, site: Site, email: str | None = None) -> Iterator[list[Reader]]:
    """Batches of readers with a slot that is due at `at`. With `email`, that member alone."""
    if email is not None:
        with db.read() as conn:
            yield _turned(conn, _due(conn.execute(_ONE, {"email": email}).all(), at, site))
        return
    after, left = 0, list[Reader]()
    while True:
        with db.read() as conn:
            rows = conn.execute(_NEXT, {"after": after}).all()
            left += _due(rows, at, site)
            full = BATCH if rows else 1  # what is left at the end is a batch, too
            batches = [_turned(conn, left[n : n + BATCH]) for n in range(0, len(left) - full + 1, BATCH)]
        yield from batches
        if not rows:
            return
        after, left = rows[-1].id, left[sum(map(len, batches)) :]


def _turned(conn: Connection, readers: list[Reader]) -> list[Reader]:
    """With what they changed since they were told: one statement."""
    if not readers:
        return readers
    begins = {reader.id: min(reader.since, reader.weekly_since or reader.since) for reader in readers}
    found = told.turns(conn, begins, min(begins.values()))
    return [replace(reader, turns=found[reader.id]) if reader.id in found else reader for reader in readers]


def _due(rows: Sequence[Row[Any]], at: dt.datetime, site: Site) -> list[Reader]:
    latest: dict[tuple[str, int], dt.datetime] = {}
    found: list[Reader] = []
    for row in rows:
        name = row.zone or site.time_zone
        moment = latest.get((name, row.hour))
        if moment is None:
            moment = latest[name, row.hour] = schedule.latest_slot(at, row.hour, schedule.zone(name))
        slot = schedule.due_slot(moment, row.done, max(row.approved_at, row.changed_at or row.approved_at))
        if slot is not None and not (row.quiet_weekend and schedule.is_weekend(slot, schedule.zone(name))):
            found.append(_reader(row, slot, site))
    return found


def _reader(row: Row[Any], slot: dt.datetime, site: Site, day_of: dt.datetime | None = None) -> Reader:
    """`day_of`: the slot whose day decides whether the weekly forums join, if it is not this one."""
    floor = max(row.approved_at, row.counts_from or row.approved_at)
    week, where = schedule.WEEK, schedule.zone(row.zone or site.time_zone)
    weekly = None
    if schedule.is_weekly(day_of or slot, schedule.quiet_weekday(row.weekday) if row.quiet_weekend else row.weekday, where):
        weekly = schedule.counts_since(slot, row.weekly_done, floor, week)
    since, class_since = schedule.counts_since(slot, row.done, floor, week), None
    level, class_at = Level(row.level), class_done(row)
    if level is Level.DAILY or (level is Level.WEEKLY and weekly is not None):
        class_since = schedule.counts_since(slot, class_at, floor, week)
    weekly_at = slot if weekly is not None else row.weekly_done
    class_at = class_at if level is Level.WEEKLY and weekly is None else slot
    return replace(_made(row, site, Period(slot, since, weekly, class_since)), weekly_at=weekly_at, class_at=class_at)


class Period(NamedTuple):
    """What a digest is made of: messages in (…, slot], from one moment on for each kind of forums."""

    slot: dt.datetime
    since: dt.datetime
    weekly_since: dt.datetime | None
    class_since: dt.datetime | None


def _made(row: Row[Any], site: Site, period: Period) -> Reader:
    # A restricted member, and one who must confirm first, gets links only, whatever they chose.
    is_whole = row.status != MemberStatus.RESTRICTED and not row.confirm_first
    content = Detail.LINKS if row.is_elsewhere or not is_whole else strictest(Detail(row.content), Detail(site.mail_most))
    zone = row.zone or site.time_zone
    slot, since, weekly_since, class_since = period
    if row.back_at is not None:  # what was written while they had no access is none of theirs
        since, weekly_since = max(since, row.back_at), weekly_since and max(weekly_since, row.back_at)
        class_since = class_since and max(class_since, row.back_at)
    read_before = max(row.read_before, row.approved_at, row.back_at or row.approved_at)
    is_away = row.paused_until is not None and slot.astimezone(schedule.zone(zone)).date() < row.paused_until
    return Reader(
        row.id, row.email, f"{row.rank} {row.name}".strip(), content, row.hour, zone, row.serial, read_before, slot, since,
        weekly_since, None, is_away, is_whole, row.quiet_weekend, class_since,
    )  # fmt: skip


def at_this_moment(conn: Connection, member_id: int, at: dt.datetime, site: Site) -> Reader | None:
    """The reader of a digest that is made ahead of its hour: `at` is its slot, and it holds what the coming one would. None for who gets
    none, or has had a later one."""
    row = conn.execute(_THESE, {"ids": [member_id]}).first()
    if row is None or (row.done is not None and row.done >= at):
        return None
    where = schedule.zone(row.zone or site.time_zone)
    coming = schedule.coming_slot(at, row.hour, where, row.quiet_weekend)
    return who_asked(_turned(conn, [_reader(row, at, site, coming)])[0])


def who_asked(reader: Reader) -> Reader:
    return replace(reader, is_away=False, asked=True)


def these(conn: Connection, periods: dict[int, Period], site: Site) -> dict[int, Reader]:
    """Of these members those who may still be sent a digest, with the periods they were made for."""
    rows = conn.execute(_THESE, {"ids": list(periods)}).all()
    return {reader.id: reader for reader in _turned(conn, [_made(row, site, periods[row.id]) for row in rows])}
