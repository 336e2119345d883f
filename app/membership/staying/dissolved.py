"""An agency is over, and those who worked there are members of nothing: so each is asked at once where they are now (V11).

Nothing that the agency left behind speaks for them any more: neither its mailbox nor its contact. A reviewer looks at each answer, and
confirms nobody at an agency that is dissolved; an administrator moves them, or makes them retired members, first.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.addresses import access as addresses
from app.core import audit, clock
from app.core.access import Actor
from app.core.config import Settings
from app.core.site import read as read_site
from app.membership.staying import access, asking, calendar, letters
from app.membership.staying.letters import Post
from app.membership.staying.signals import DISSOLVED

_LIGHTER = ("", "quiet")  # what closes for another reason goes on saying so


def ask_all(session: Session, actor: Actor, settings: Settings, agency_id: int) -> None:
    """In the transaction that dissolves the agency: at their next request one page opens. Retired members work nowhere."""
    today = calendar.today_of(clock.now(), ZoneInfo(read_site(session, settings).time_zone))
    for member, _, _ in access.at_work_at(session, agency_id):
        is_closed = member.confirm_first in _LIGHTER and asking.close(session, member, DISSOLVED)
        asking.bring_forward(member, today + calendar.NOTICE)
        for address in addresses.confirmed(session, member.id):
            letters.dissolved(Post(session, member, address), today, closed=is_closed)
        audit.record(
            session, actor, "member.agency_dissolved", ("member", member.id), agency=agency_id, by=member.verify_by, closed=is_closed
        )


def open_all(session: Session, actor: Actor, agency_id: int) -> None:
    """It was a mistake: nothing is closed for it any more. The letters went out, so the day to answer by stays, and any answer will do."""
    for member, _, _ in access.at_work_at(session, agency_id):
        if member.confirm_first == DISSOLVED:
            member.confirm_first, member.verify_on = "", None  # the daily pass plans anew
            audit.record(session, actor, "member.agency_revived", ("member", member.id), agency=agency_id)
