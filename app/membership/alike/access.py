"""Members and cases that are like a case, each found by one of its keys through an index: a few milliseconds among 100,000 of both.

`why` says what is the same: address, name, phone, network. Of members also: head (of the agency), supervisor (may be the one named).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, Select, String, bindparam, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from app.accounts.addresses.access import holders_of
from app.core.access import Actor
from app.core.db import UtcDateTime
from app.membership.actors import CURRENT
from app.membership.alike.keys import name_key, names_in, network_key, phone_key
from app.membership.applications.access import kept_for, visible_applications
from app.membership.models import NO_PERSON, Application, Evidence, Member, MemberClass
from app.membership.papers import Question

MOST = 20  # of each kind
MOST_SAID = 200
NETWORK_LIVES = dt.timedelta(days=90)  # addresses are handed on to others
Likes = dict[str, list[Row[Any]]]
_A = Application


def _cases(actor: Actor) -> list[Select[Any]]:
    same = {
        "address": _A.email == bindparam("email"),
        "name": _A.name_key == bindparam("name_key"),
        "phone": (_A.phone_key == bindparam("phone_key")) & (_A.phone_key != ""),
        "network": (_A.network == bindparam("network")) & (_A.network != "") & (_A.created_at > bindparam("since")),
    }
    columns = (_A.id, _A.state, _A.agency_id, _A.name, _A.rank, _A.created_at, _A.decided_at)
    return [
        visible_applications(actor, literal("case", String).label("what"), literal(why, String).label("why"), *columns)
        .where(where, _A.id != bindparam("id"))
        .order_by(_A.id.desc())
        for why, where in same.items()
    ]


def _members() -> list[Select[Any]]:
    at_agency = (Member.agency_id == bindparam("agency_id")) & Member.status.in_(CURRENT)
    same = {
        "address": Member.id.in_(holders_of(bindparam("email"))),
        "name": Member.name_key == bindparam("name_key"),
        "phone": (Member.phone_key == bindparam("phone_key")) & (Member.phone_key != ""),
        "head": at_agency & (Member.member_class == MemberClass.HEAD),
        "supervisor": at_agency & Member.name_key.in_(bindparam("supervisors", expanding=True)),
    }
    columns: tuple[Any, ...] = (
        Member.id,
        Member.status,
        Member.agency_id,
        Member.name,
        Member.rank,
        Member.approved_at,
        cast(null(), UtcDateTime),
    )
    real = Member.status.not_in(NO_PERSON)
    return [
        select(literal("member", String), literal(why, String), *columns).where(where, real).order_by(Member.id.desc())
        for why, where in same.items()
    ]


def _like(actor: Actor) -> Select[Any]:
    """Each part reads its own index; one condition with OR would read the tables."""
    return select(union_all(*(select(part.limit(MOST).subquery()) for part in (*_cases(actor), *_members()))).subquery())


def like(conn: Connection, actor: Actor, case: Any, now: dt.datetime) -> tuple[Likes, Likes]:
    """Members (but for whom the case is about) and other cases that this reviewer may see, by `why`, the newest first."""
    values = {
        "id": case.id, "email": case.email, "agency_id": case.agency_id, "supervisors": names_in(case.supervisor),
        "name_key": name_key(case.name), "phone_key": phone_key(case.phone), "network": network_key(case.address),
        "since": now - NETWORK_LIVES,
    }  # fmt: skip
    members: Likes = {}
    cases: Likes = {}
    for row in conn.execute(kept_for(actor, _like), values):
        if row.what == "case":
            cases.setdefault(row.why, []).append(row)
        elif row.id != case.member_id:
            members.setdefault(row.why, []).append(row)
    return members, cases


def said_by(session: Session, application: Application) -> list[str]:
    """All that whoever applies wrote where a phone number may stand: in this case, and in others of the same address or name (V2)."""
    a, e, q = Application, Evidence, Question
    same = or_(a.email == application.email, (a.name_key == application.name_key) & (a.name_key != ""))
    ids = {application.id, *session.execute(select(a.id).where(same).order_by(a.id.desc()).limit(MOST_SAID)).scalars()}
    texts: list[str] = []
    for row in session.execute(select(a.phone, a.supervisor, a.agency_name, a.name, a.rank).where(a.id.in_(ids))):
        texts += filter(None, row)
    texts += session.execute(select(q.answer).where(q.application_id.in_(ids))).scalars()
    texts += session.execute(select(e.note).where(e.application_id.in_(ids), e.added_by.is_(None), e.source == "")).scalars()
    return texts
