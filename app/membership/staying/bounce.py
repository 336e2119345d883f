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
from app.membership.staying import access, asking, calendar, letters, signals
from app.membership.staying.letters import Post


def ask_now(session: Session, settings: Settings, address: str, queued_at: dt.datetime) -> bool:
    """Ask whose mailbox this was, once; whether something changed. Of an address that is no current member's, or that is only kept
    beside, it says nothing. Neither does a letter from before the member's last confirmation."""
    member = access.whose_mailbox(session, address)
    if member is None or (member.verified_at is not None and queued_at <= member.verified_at):
        return False
    today = calendar.today_of(clock.now(), ZoneInfo(read_site(session, settings).time_zone))
    is_closed, is_moved = asking.close(session, member, signals.BOUNCED), asking.bring_forward(member, today + calendar.NOTICE)
    if not (is_closed or is_moved):
        return False
    for other in others(session, member, address):
        letters.bounced(Post(session, member, other), today, closed=is_closed)
    audit.record(session, system("mail"), "member.mail_came_back", ("member", member.id), by=member.verify_by, closed=is_closed)
    return True


def others(session: Session, member: Member, address: str) -> list[str]:
    """The member's confirmed addresses but this one."""
    return [one for one in addresses.confirmed(session, member.id) if one != address]
