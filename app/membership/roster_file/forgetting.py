"""What a roster's rows keep of people whose case has ended its time: nothing but which case it was (membership/forgetting/)."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.membership.roster_file.models import RosterChange


def forget(session: Session, case_ids: list[int]) -> None:
    rows = update(RosterChange).where(RosterChange.application_id.in_(case_ids))
    session.execute(rows.values(email="").execution_options(synchronize_session=False))
