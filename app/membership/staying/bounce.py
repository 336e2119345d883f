"""A letter came back for good: the mailbox is gone, and perhaps the job with it. So the member is asked at once (V11).

They are told where they still read: at their other confirmed addresses, and on the one page that opens at the next visit. There the
mailbox counts for nothing any more, so that without the agency's word a reviewer looks.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.site import read as read_site
from app.membership.models import Member
from app.membership.staying import access, calendar, letters, signals
from app.membership.staying.calendar import Plan, Stage
from app.membership.staying.letters import Post


def ask_now(session: Session, settings: Settings, address: str, queued_at: dt.datetime) -> bool:
    """Ask whose mailbox this was, once; whether something changed. Of an address that is no current member's, or that is only kept
    beside, it says nothing. Neither does a letter from before the member's last confirmation."""
    member = access.whose_mailbox(session, address)
    if member is None or (member.verified_at is not None and queued_at <= member.verified_at):
        return False
    today = calendar.today_of(clock.now(), ZoneInfo(read_site(session, settings).time_zone))
    is_closed, is_moved = _close(session, member), _bring_forward(member, today + calendar.NOTICE)
    if not (is_closed or is_moved):
        return False
    for other in others(session, member, address):
        letters.bounced(Post(session, member, other), today, closed=is_closed)
    audit.record(session, system("mail"), "member.mail_came_back", ("member", member.id), by=member.verify_by, closed=is_closed)
    return True


def _close(session: Session, member: Member) -> bool:
    """Nothing opens before they confirm. Only the last administrator goes on, or nobody could run the association."""
    if member.confirm_first == signals.BOUNCED or access.is_last_admin(session, member):
        return False
    member.confirm_first = signals.BOUNCED
    member.quiet_on = member.quiet_asked_on = None  # whether they sign in is no question while this one is open
    return True


def _bring_forward(member: Member, by: dt.date) -> bool:
    """The day to answer by, unless it is nearer already, or over."""
    is_over = Stage.GRACE <= member.verify_stage < Stage.SUSPENDED
    if is_over or (member.verify_stage < Stage.GRACE and member.verify_by is not None and member.verify_by <= by):
        return False
    member.verify_by, member.verify_stage = by, Stage.AGAIN
    member.verify_on = calendar.next_day(Plan(by, Stage.AGAIN))
    return True


def others(session: Session, member: Member, address: str) -> list[str]:
    """The member's confirmed addresses but this one."""
    return [one for one in addresses.confirmed(session, member.id) if one != address]
