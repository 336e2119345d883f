"""The second fence for sponsors: who is one, what reviewers see of them, and which cases a sponsor sees of: those that name them, while
they are open."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.addresses.access import addresses_of
from app.agencies import access as agencies
from app.agencies.models import Agency
from app.core.access import Actor
from app.core.errors import Forbidden, NotFound
from app.core.signing import token_hash
from app.membership import access as members
from app.membership.actors import CURRENT
from app.membership.models import Application, Member
from app.membership.sponsors.models import Invitation, SponsorAnswer

_member, _agency, _asked = aliased(Member), agencies.another(), SponsorAnswer
# Who is named as the sponsor: as it was when they applied, else as of now. They may be a member only since, or have confirmed that very
# address since (V1).
SPONSOR = func.coalesce(Application.sponsor_id, members.named_by(Application.sponsor_named).correlate(Application).scalar_subquery())
SHOWN: tuple[Any, ...] = (
    _member.id.label("sponsor_id"), Application.sponsor_named, _member.name.label("sponsor"), _member.rank.label("sponsor_rank"),
    _member.status.label("sponsor_status"), _member.agency_id.label("sponsor_agency_id"), _agency.state.label("sponsor_state"),
    _agency.county.label("sponsor_county"), _agency.region.label("sponsor_region"), _asked.asked_at.label("sponsor_asked_at"),
    _asked.stands_by.label("sponsor_stands_by"),
)  # fmt: skip


def with_sponsor(statement: Select[Any]) -> Select[Any]:
    """Joins what SHOWN names to a statement over visible cases."""
    statement = statement.outerjoin(_member, _member.id == SPONSOR).outerjoin(_agency, _agency.id == _member.agency_id)
    return statement.outerjoin(_asked, (_asked.application_id == Application.id) & (_asked.sponsor_id == _member.id))


def is_not_sponsor(actor: Actor) -> ColumnElement[bool]:
    """That the case of the statement around it does not name this reviewer, by any of their addresses."""
    return func.coalesce(Application.sponsor_id != actor.member_id, True) & Application.sponsor_named.not_in(addresses_of(actor.member_id))


def settle(session: Session, application: Application) -> None:
    """Written down before anything is decided: the database's own rule reads it."""
    if application.sponsor_id is None and application.sponsor_named:
        application.sponsor_id = session.execute(members.named_by(application.sponsor_named)).scalar_one_or_none()


# What a sponsor is asked ----------------------------------------------------------------------------------------------------

_IS_OPEN = (Application.submitted_at.is_not(None), Application.decided_at.is_(None))
# Of the applicant no more than it takes to know them by.
_CASE: tuple[Any, ...] = (
    Application.id, Application.name, Application.rank, Application.member_class, Application.agency_name, Agency.name.label("agency"),
    _asked.asked_at, _asked.stands_by, _asked.answered_at,
)  # fmt: skip


def asked_of(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """The open cases that name this member, the newest first."""
    statement = select(*_CASE).join(_asked, _asked.application_id == Application.id).outerjoin(Agency, Agency.id == Application.agency_id)
    statement = statement.where(_asked.sponsor_id == actor.member_id, *_IS_OPEN)
    return list(conn.execute(statement.order_by(Application.id.desc()).limit(50)))


def to_answer(session: Session, actor: Actor, application_id: int) -> tuple[Application, SponsorAnswer]:
    """An open case that names this member, locked, with what they were asked; NotFound for everybody else."""
    statement = select(Application, _asked).join(_asked, _asked.application_id == Application.id)
    statement = statement.where(Application.id == application_id, _asked.sponsor_id == actor.member_id, *_IS_OPEN)
    found = session.execute(statement.with_for_update(of=Application)).first()
    if found is None:
        raise NotFound
    if not actor.may_write:
        raise Forbidden
    return found[0], found[1]


def current_sponsor(session: Session, application: Application) -> str | None:
    """The address of a case's sponsor who is a current member."""
    return members.address_of_current(session, application.sponsor_id) if application.sponsor_id is not None else None


def is_asked(session: Session, application: Application) -> bool:
    where = (_asked.application_id == application.id, _asked.sponsor_id == application.sponsor_id)
    return session.execute(select(_asked.application_id).where(*where)).first() is not None


# Invitations ----------------------------------------------------------------------------------------------------------------

INVITED_WITHIN = dt.timedelta(days=30)


def inviter(conn: Connection | Session, token: str, now: dt.datetime) -> int | None:
    """The current member whose invitation this link is, while it is good."""
    live = (Invitation.token_hash == token_hash(token), Invitation.sent_at > now - INVITED_WITHIN)
    statement = select(Invitation.member_id).join(Member, Member.id == Invitation.member_id).where(*live, Member.status.in_(CURRENT))
    return conn.execute(statement).scalar_one_or_none() if token else None


def invited_by(conn: Connection, actor: Actor) -> list[Row[Any]]:
    """Whom this member invited, the newest first."""
    mine = select(Invitation.email, Invitation.sent_at).where(Invitation.member_id == actor.member_id)
    return list(conn.execute(mine.order_by(Invitation.id.desc()).limit(20)))
