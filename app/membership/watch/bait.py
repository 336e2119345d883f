"""Bait: an entry of the directory for a person whom nobody could know, because there is none. Whoever opens it is walking through the
entries. It is no member: its status is in none of the lists that let anyone in, mail, count, check or remind."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import Connection, Row, func, update
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.agencies import access as agencies
from app.agencies.models import Agency
from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Invalid
from app.core.fields import Form, Line, Name, Text
from app.membership.access import require_admin
from app.membership.models import Member, MemberClass, MemberStatus
from app.membership.watch import access
from app.membership.watch.models import DirectoryAlert

LATEST = 20
YEAR = dt.timedelta(days=365)


class BaitForm(Form):
    name: Name
    rank: Annotated[Line, StringConstraints(max_length=100)] = ""
    member_class: MemberClass = MemberClass.SWORN
    ori: Annotated[Line, StringConstraints(max_length=9)] = ""
    about: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


def add(session: Session, actor: Actor, form: BaitForm) -> Member:
    """An account that is shut from the start keeps the number; its address is of a domain that can't exist."""
    require_admin(actor)
    agency = session.execute(agencies.public_agencies().where(Agency.ori == form.ori.upper())).first() if form.ori else None
    if form.ori and agency is None:
        raise Invalid(ori="No agency has this ORI.")
    now = clock.now()
    account = Account(email=f"{secrets.token_hex(12)}@bait.invalid", created_at=now, disabled_at=now)
    session.add(account)
    session.flush()
    bait = Member(
        id=account.id, name=form.name, rank=form.rank, member_class=form.member_class, agency_id=agency.id if agency else None,
        about=form.about, status=MemberStatus.BAIT, read_before=now, approved_at=now,
    )  # fmt: skip
    session.add(bait)
    session.flush()
    audit.record(session, actor, "bait.add", ("member", bait.id), name=form.name)
    return bait


def remove(session: Session, actor: Actor, member_id: int) -> None:
    """The entry goes; its shut account stays, so that nobody ever gets the number."""
    bait = access.bait_for_act(session, actor, member_id)
    session.delete(bait)
    audit.record(session, actor, "bait.remove", ("member", member_id))


def keep_fresh(session: Session) -> None:
    """The day on which a member was verified stands in lists, and no member's is older than a year and some weeks: nor is an invented
    one's, which would be told by it."""
    now = clock.now()
    verified = func.coalesce(Member.verified_at, Member.approved_at)
    stale = update(Member).where(Member.status == MemberStatus.BAIT, verified <= now - YEAR)
    session.execute(stale.values(verified_at=now).execution_options(synchronize_session=False))


def all_bait(conn: Connection, actor: Actor) -> list[Row[Any]]:
    return list(conn.execute(access.visible_bait(actor).order_by(Member.id)).all())


def latest_alerts(conn: Connection, actor: Actor) -> list[Row[Any]]:
    return list(conn.execute(access.visible_alerts(actor).order_by(DirectoryAlert.raised_at.desc()).limit(LATEST)).all())
