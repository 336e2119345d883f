"""Members and cases that are like a case, each found by one of its keys through an index: a few milliseconds among 100,000 of both.

`why` says what is the same: address, name, phone, network. Of members also: head (of the agency), supervisor (may be the one named).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, bindparam, literal, select, union_all

from app.accounts.addresses.access import holders_of
from app.core.access import Actor
from app.membership.actors import CURRENT
from app.membership.alike.keys import name_key, names_in, network_key, phone_key
from app.membership.applications.access import kept_for, visible_applications
from app.membership.models import Application, Member, MemberClass

MOST = 20  # of each kind
NETWORK_LIVES = dt.timedelta(days=90)  # addresses are handed on to others
_A = Application


def _any_of(legs: Iterable[Select[Any]], newest_first: ColumnElement[Any]) -> Select[Any]:
    """Each leg reads its own index; one condition with OR would read the table."""
    limited = (statement.order_by(newest_first).limit(MOST).subquery() for statement in legs)
    return select(union_all(*map(select, limited)).subquery())


def _cases(actor: Actor) -> Select[Any]:
    same = {
        "address": _A.email == bindparam("email"),
        "name": _A.name_key == bindparam("name_key"),
        "phone": (_A.phone_key == bindparam("phone_key")) & (_A.phone_key != ""),
        "network": (_A.network == bindparam("network")) & (_A.network != "") & (_A.created_at > bindparam("since")),
    }
    columns = (_A.id, _A.state, _A.email, _A.agency_id, _A.created_at, _A.decided_at)
    legs = (
        visible_applications(actor, literal(why, String).label("why"), *columns).where(where, _A.id != bindparam("id"))
        for why, where in same.items()
    )
    return _any_of(legs, _A.id.desc())


def _members() -> Select[Any]:
    at_agency = (Member.agency_id == bindparam("agency_id")) & Member.status.in_(CURRENT)
    same = {
        "address": Member.id.in_(holders_of(bindparam("email"))),
        "name": Member.name_key == bindparam("name_key"),
        "phone": (Member.phone_key == bindparam("phone_key")) & (Member.phone_key != ""),
        "head": at_agency & (Member.member_class == MemberClass.HEAD),
        "supervisor": at_agency & Member.name_key.in_(bindparam("supervisors", expanding=True)),
    }
    columns: tuple[Any, ...] = (Member.id, Member.name, Member.rank, Member.status)
    legs = (select(literal(why, String).label("why"), *columns).where(where) for why, where in same.items())
    return _any_of(legs, Member.id.desc())


_MEMBERS = _members()


def cases_like(conn: Connection, actor: Actor, case: Any, now: dt.datetime) -> list[Row[Any]]:
    """Other cases that this reviewer may see, the newest of each `why` first."""
    values = {"id": case.id, "email": case.email, "network": network_key(case.address), "since": now - NETWORK_LIVES}
    return list(conn.execute(kept_for(actor, _cases), values | _keys(case)))


def members_like(conn: Connection, case: Any) -> list[Row[Any]]:
    """For a reviewer who has reached the case. Not the member whom the case is about."""
    values = {"email": case.email, "agency_id": case.agency_id, "supervisors": names_in(case.supervisor)}
    found = conn.execute(_MEMBERS, values | _keys(case))
    return [member for member in found if member.id != case.member_id]


def _keys(case: Any) -> dict[str, str]:
    return {"name_key": name_key(case.name), "phone_key": phone_key(case.phone)}
