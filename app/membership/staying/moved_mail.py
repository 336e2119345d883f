"""The mailbox that vetting saw is no longer said to be the agency's. That may be a new name, or a new job, so the member is asked to
confirm in the time that a bounce leaves, too (V11). Nothing closes: they are signed in, and proved themselves a moment ago.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.site import read as read_site
from app.membership.actors import CURRENT
from app.membership.models import MemberClass
from app.membership.staying import access, asking, calendar, letters, signals
from app.membership.staying.letters import Post


def ask(session: Session, settings: Settings, member_id: int) -> None:
    """In the transaction of the change. Not whoever is retired, as they work nowhere, nor where the agency gives the address marked now."""
    member, _ = access.member_locked(session, member_id)
    mine = addresses.my_addresses(session.connection(), member_id)
    speaks = any(row.is_agency and signals.speaks_for(session, member, row.email.rpartition("@")[2]) for row in mine)
    if member.status not in CURRENT or member.member_class == MemberClass.RETIRED or speaks:
        return
    today = calendar.today_of(clock.now(), ZoneInfo(read_site(session, settings).time_zone))
    if not asking.bring_forward(member, today + calendar.NOTICE):
        return
    for row in mine:
        letters.moved_mail(Post(session, member, row.email), today)
    audit.record(session, system("membership"), "member.mailbox_changed", ("member", member.id), by=member.verify_by)
