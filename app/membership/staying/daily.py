"""The daily pass: plans a day for who has none, asks who is due, and lets follow what was announced. A batch is one transaction, with the
letters in it: a process that is killed leaves whole batches, and the next one goes on behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor, system
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer
from app.core.site import read as read_site
from app.membership import departures
from app.membership.models import Member, MemberStatus
from app.membership.staying import access, bounce, calendar, letters, signals
from app.membership.staying.access import Found
from app.membership.staying.calendar import DAY, Plan, Stage
from app.membership.staying.letters import Post
from app.membership.watch import bait

BATCH = 100
_LOWERED = {Stage.RESTRICTED: MemberStatus.RESTRICTED, Stage.SUSPENDED: MemberStatus.SUSPENDED}
WAIT_FOR_REVIEWERS = 7 * DAY
WARN_AGAIN = 30 * DAY  # the last administrator
NOT_CONFIRMED, NOT_SEEN = "The membership was not confirmed in time.", "Not seen for more than 90 days."
NOT_SURE = "A reviewer could not confirm the membership."
_ACTOR = system("membership")


@dataclass(frozen=True, slots=True)
class Day:
    """What a pass needs to know: the date, the zone, and how strict the association is."""

    today: dt.date
    zone: dt.tzinfo
    signer: Signer
    is_strict: bool


def run(db: Database, settings: Settings, stop: Event | None = None, batch: int = BATCH) -> int:
    """Do all that is due today; how many members it was about. Doing it again finds nothing."""
    with db.read() as conn:
        where = ZoneInfo(read_site(conn, settings).time_zone)
    day = Day(calendar.today_of(clock.now(), where), where, Signer(settings.keys), settings.profile == "strict")
    count = 0
    for find, act in _STEPS:
        while not (stop and stop.is_set()):
            with db.write() as session:
                rows = find(session, day.today, batch)
                for row in rows:
                    act(session, day, row)
            count += len(rows)
            if len(rows) < batch:
                break
    with db.write() as session:
        bait.keep_fresh(session)
    return count


def _plan(session: Session, day: Day, row: Found) -> None:
    member, _, seen = row
    if member.verify_by is None:
        since = member.verified_at or member.approved_at
        member.verify_by, member.verify_stage = calendar.first_due(since.astimezone(day.zone).date(), day.today), Stage.CALM
    elif member.verify_stage == Stage.SUSPENDED:  # somebody let them in again without an answer: they are asked once more
        member.verify_by, member.verify_stage = day.today + calendar.FIRST_NOTICE, Stage.CALM
    member.verify_on = calendar.next_day(Plan(member.verify_by, Stage(member.verify_stage)))
    if member.quiet_on is None and not member.confirm_first:
        member.quiet_on = max(_quiet_on(member, seen, day), day.today + calendar.FIRST_NOTICE)


def _quiet_on(member: Member, seen: dt.datetime | None, day: Day) -> dt.date:
    """When they will not have been heard of for too long."""
    heard = max(moment for moment in (seen, member.heard_at, member.verified_at, member.approved_at) if moment is not None)
    return heard.astimezone(day.zone).date() + calendar.QUIET


def _verify(session: Session, day: Day, row: Found) -> None:
    member, email, _ = row
    plan = Plan(member.verify_by or day.today, Stage(member.verify_stage))
    reached = calendar.due(plan, day.today)
    if reached is None:
        member.verify_on = calendar.next_day(plan)
        return
    if access.waiting_of(session, member.id) is not None:  # they answered: it is the reviewers' turn, not theirs
        member.verify_on = day.today + WAIT_FOR_REVIEWERS
        return
    post = Post(session, member, email, day.signer)
    if reached.stage in _LOWERED and access.is_last_admin(session, member):
        member.verify_on = day.today + WARN_AGAIN
        letters.warn_last_admin(post, day.today)
        return
    member.verify_by, member.verify_stage, member.verify_on = reached.by, reached.stage, calendar.next_day(reached)
    if reached.stage in _LOWERED:
        lower(session, _ACTOR, member, _LOWERED[reached.stage], NOT_CONFIRMED)
    for each in (post, *_beside(post)):
        letters.tell_stage(each, reached)
    audit.record(session, _ACTOR, "member.ask_to_verify", ("member", member.id), stage=reached.stage.name.lower(), by=reached.by)


def _beside(post: Post) -> list[Post]:
    """Where else to write: after a letter came back, to the addresses that are left."""
    if post.member.confirm_first != signals.BOUNCED:
        return []
    return [replace(post, email=other) for other in bounce.others(post.session, post.member, post.email)]


def lower(session: Session, actor: Actor, member: Member, to: MemberStatus, reason: str) -> None:
    """What the calendar takes, an answer gives back: unlike a status that somebody decided."""
    before = member.status
    is_lower = to is MemberStatus.SUSPENDED or before == MemberStatus.ACTIVE
    if not is_lower:
        return
    member.status, member.status_reason, member.way_back = to, reason, True
    member.version += 1
    session.flush()
    if to is MemberStatus.SUSPENDED:
        departures.shut_out(session, _ACTOR, member)  # the rule's consequence, whoever applied it: the next row names them
    audit.record(session, actor, "member.status", ("member", member.id), before=before, after=to, reason=reason)


def _look_for(session: Session, day: Day, row: Found) -> None:
    """Ask who was not heard of for 90 days; who leaves that unanswered confirms first at their next visit."""
    member, email, seen = row
    on = _quiet_on(member, seen, day)
    if on > day.today:
        member.quiet_on, member.quiet_asked_on = on, None
        return
    post = Post(session, member, email, day.signer)
    if member.quiet_asked_on is None:
        member.quiet_asked_on, member.quiet_on = day.today, day.today + calendar.QUIET_ANSWER
        letters.ask_quiet(post, day.today)
        audit.record(session, _ACTOR, "member.ask_if_there", ("member", member.id))
    else:
        _unheard(session, day, post)


def _unheard(session: Session, day: Day, post: Post) -> None:
    member = post.member
    member.quiet_on = member.quiet_asked_on = None
    if access.is_last_admin(session, member):
        member.quiet_on = day.today + calendar.QUIET
        letters.warn_last_admin(post, day.today)
    elif day.is_strict:
        lower(session, _ACTOR, member, MemberStatus.SUSPENDED, NOT_SEEN)
        letters.tell_quiet_suspended(post, day.today)
    else:
        member.confirm_first = member.confirm_first or "quiet"  # what needs a reviewer goes on needing one
        letters.tell_quiet(post, day.today)
    audit.record(session, _ACTOR, "member.unheard", ("member", member.id), strict=day.is_strict)


_Find = Callable[[Session, dt.date, int], list[Found]]
_Act = Callable[[Session, Day, Found], None]
_STEPS: tuple[tuple[_Find, _Act], ...] = (
    (lambda session, _, limit: access.unplanned(session, limit), _plan),
    (access.to_verify, _verify),
    (access.to_look_for, _look_for),
)
