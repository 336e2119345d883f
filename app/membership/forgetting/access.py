"""Which cases have ended their time, for the worker alone; each kind is found along an index."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.membership.applications.access import STATUS_LIVES
from app.membership.evidence.models import EvidenceFile
from app.membership.models import Application, ApplicationState, Evidence, Member

RECORD_KEPT = dt.timedelta(days=3 * 365 + 1)  # after the membership, or after a case that made no member
NEVER_CONFIRMED_KEPT = STATUS_LIVES  # after it ended: nobody knows whose address it was, so it is no decision's record

_NO_MEMBER = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN, ApplicationState.EXPIRED)
_A = Application


def _locked(session: Session, statement: Select[Any], limit: int) -> list[Application]:
    """Cases that no other worker has in hand, locked until the transaction ends."""
    return list(session.execute(statement.order_by(_A.id).limit(limit).with_for_update(of=_A, skip_locked=True)).scalars())


def never_confirmed(session: Session, now: dt.datetime, limit: int) -> list[Application]:
    ended = (_A.submitted_at.is_(None), _A.decided_at <= now - NEVER_CONFIRMED_KEPT)
    return _locked(session, select(_A).where(_A.state.in_(_NO_MEMBER), *ended), limit)


def without_a_member(session: Session, now: dt.datetime, limit: int) -> list[Application]:
    """Declined, withdrawn, lapsed: also where such a case was about a member."""
    return _locked(session, select(_A).where(_A.state.in_(_NO_MEMBER), _A.decided_at <= now - RECORD_KEPT), limit)


def of_who_is_gone(session: Session, now: dt.datetime, limit: int) -> list[Application]:
    """Approved cases of members who have been gone all that time. Who came back meanwhile is not gone."""
    statement = select(_A).join(Member, Member.id == _A.member_id)
    long_ago = now - RECORD_KEPT
    return _locked(session, statement.where(_A.state == ApplicationState.APPROVED, Member.gone_at <= long_ago), limit)


def stored_names(session: Session, case_ids: list[int]) -> list[str]:
    """What the evidence store calls the files of these cases."""
    return list(session.execute(select(EvidenceFile.stored_as).where(EvidenceFile.application_id.in_(case_ids))).scalars())


def lines_of(case_ids: list[int]) -> Select[Any]:
    return select(Evidence.id).where(Evidence.application_id.in_(case_ids))
