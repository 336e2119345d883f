"""What speaks for a member besides their own word. One such signal renews a membership at once; without any, a reviewer looks.

A member's word is worth little alone: whoever left an agency keeps their password and their phone. See docs/decisions.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.core.access import system
from app.membership.models import Member, MemberClass
from app.membership.roster import access as roster

ROSTER, MAILBOX = "roster", "mailbox"
NAMES = {ROSTER: "the agency's contact", MAILBOX: "the agency's mailbox", "": "nothing but the member's word"}
ROSTER_COUNTS = dt.timedelta(days=60)
BOUNCED, DISSOLVED = "bounce", "dissolved"


def other_signal(session: Session, member: Member, email: str, *, read_letter: bool, now: dt.datetime) -> str:
    """The signal that there is, or nothing. `read_letter`: they came by the link in a letter to `email`."""
    if is_at_no_agency(session, member):
        return ""
    said = roster.last_confirmed(session, member.id)
    if said is not None and now - said <= ROSTER_COUNTS:
        return ROSTER
    if read_letter and member.confirm_first != BOUNCED and speaks_for(session, member, email.rpartition("@")[2]):
        return MAILBOX
    return ""


def is_at_no_agency(session: Session, member: Member) -> bool:
    """Whether the agency where they work is dissolved: nobody is left there who could speak for them."""
    works_there = member.agency_id is not None and member.member_class != MemberClass.RETIRED
    return works_there and agencies.is_dissolved(session, member.agency_id)


def speaks_for(session: Session, member: Member, domain: str) -> bool:
    """Whether having this mailbox says that they are who they were: at an agency, that the agency still gives them one."""
    if member.agency_id is None or member.member_class == MemberClass.RETIRED:
        return True
    if member.agency_id in agencies.holders_of_domain(session, domain):
        return True
    has_domains = bool(agencies.domains_of(session, system("membership"), member.agency_id))
    return not has_domains and domain.endswith(".gov")
