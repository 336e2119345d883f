"""Asking a member at once, out of their month: nothing opens before they confirm, and the day to answer by comes near (V11)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.membership.models import Member
from app.membership.staying import access, calendar
from app.membership.staying.calendar import Plan, Stage


def close(session: Session, member: Member, why: str) -> bool:
    """Nothing opens before they confirm. Only the last administrator goes on, or nobody could run the association."""
    if member.confirm_first == why or access.is_last_admin(session, member):
        return False
    member.confirm_first = why
    member.quiet_on = member.quiet_asked_on = None  # whether they sign in is no question while this one is open
    return True


def bring_forward(member: Member, by: dt.date) -> bool:
    """The day to answer by, unless it is nearer already, or over."""
    is_over = Stage.GRACE <= member.verify_stage < Stage.SUSPENDED
    if is_over or (member.verify_stage < Stage.GRACE and member.verify_by is not None and member.verify_by <= by):
        return False
    member.verify_by, member.verify_stage = by, Stage.AGAIN
    member.verify_on = calendar.next_day(Plan(by, Stage.AGAIN))
    return True
