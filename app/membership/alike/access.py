"""Members and cases that are like a case, each found by one of its keys through an index: a few milliseconds among 100,000 of both.

`why` says what is the same: address, name, phone, network. Of members also: head (of the agency), supervisor (may be the one named). Their
`decided_at` is when they left.
"""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Row,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.accounts.addresses.access import holders_of
from app.core.access import Actor
from app.core.sql import constant, word
from app.membership.actors import CURRENT
from app.membership.alike.keys import NAMES, name_key, names_in, network_key, phone_key
from app.membership.applications.access import is_visible, kept_for
from app.membership.models import NO_PERSON, Application, Evidence, Member, MemberClass, MemberStatus
from app.membership.papers import Question

MOST = 20  # of each kind
FEW = 2  # where one is told, and the newest may be whom the case is about
MOST_SAID = 200
NETWORK_LIVES = dt.timedelta(days=90)  # addresses are handed on to others
Likes = dict[str, list[Row[Any]]]
_EMAIL, _NAME, _PHONE = (bindparam(name, type_=String()) for name in ("email", "name_key", "phone_key"))
_A, _M = aliased(Application, name="a"), aliased(Member, name="m")  # short names: see _like


def _cases(actor: Actor) -> Select[Any]:
    same = {
        "address": _A.email == _EMAIL,
        "name": _A.name_key == _NAME,
        "phone": _A.phone_key == _PHONE,
        "network": (_A.network == bindparam("network")) & (_A.created_at > bindparam("since")),
    }
    # Whom the reviewer may not see is left out before the newest are taken: else twenty of those would hide all others.
    may = is_visible(actor, _A) & (_A.id != bindparam("id"))
    found = _found([(why, select(_A.id).where(where, may).order_by(_A.id.desc())) for why, where in same.items()])
    columns = (_A.id, _A.state, _A.agency_id, _A.name, _A.rank, _A.created_at, _A.decided_at)
    return select(word("case").label("what"), found.c.why, *columns).join(found, found.c.id == _A.id)


def _members() -> Select[Any]:
    at_agency = (_M.agency_id == bindparam("agency_id")) & _M.status.in_(map(word, CURRENT))
    real = _M.status.not_in(map(word, NO_PERSON))
    same = {
        "address": _M.id.in_(holders_of(_EMAIL)) & real,
        "name": (_M.name_key == _NAME) & real,
        "phone": (_M.phone_key == _PHONE) & real,
        "head": at_agency & (_M.member_class == word(MemberClass.HEAD)),
        "supervisor": at_agency & _M.name_key.in_([bindparam(f"s{i}", type_=String()) for i in range(NAMES)]),
    }
    # The newest first, in an order that no index has: PostgreSQL would walk all members backwards for the few of an agency.
    found = _found([(why, select(_M.id).where(where).order_by(-_M.id)) for why, where in same.items()])
    standing = case((_M.status == word(MemberStatus.SEPARATED), _M.left_as), else_=_M.status)
    columns: tuple[Any, ...] = (_M.id, standing, _M.agency_id, _M.name, _M.rank, _M.approved_at)
    return select(word("member"), found.c.why, *columns, _M.gone_at).join(found, found.c.id == _M.id)


def _found(parts: list[tuple[str, Select[Any]]]) -> Subquery:
    """Ids, each by its own index: one condition with OR would read the tables."""
    limited = [(why, part.limit(constant(FEW if why in ("head", "supervisor") else MOST)).subquery("f")) for why, part in parts]
    return union_all(*(select(word(why).label("why"), part.c.id) for why, part in limited)).subquery("found")


def _like(actor: Actor) -> CompoundSelect[Any]:
    """Short on purpose: psycopg reads a statement of more than 4,096 characters or 50 values anew each time, which took longer than all
    else about it."""
    return union_all(_cases(actor), _members())


def like(conn: Connection, actor: Actor, case: Any, now: dt.datetime) -> tuple[Likes, Likes]:
    """Members (but for whom the case is about) and other cases that this reviewer may see, by `why`, the newest first."""
    values = {
        "id": case.id, "email": case.email, "agency_id": case.agency_id,
        "name_key": name_key(case.name), "phone_key": phone_key(case.phone) or None, "network": network_key(case.address) or None,
        "since": now - NETWORK_LIVES, **{f"s{i}": name for i, name in enumerate(names_in(case.supervisor))},
    }  # fmt: skip
    members: Likes = {}
    cases: Likes = {}
    for row in sorted(conn.execute(kept_for(actor, _like), values), key=attrgetter("id"), reverse=True):
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
    for row in session.execute(select(a.phone, a.supervisor, a.reach, a.agency_name, a.name, a.rank).where(a.id.in_(ids))):
        texts += filter(None, row)
    texts += session.execute(select(q.answer).where(q.application_id.in_(ids))).scalars()
    texts += session.execute(select(e.note).where(e.application_id.in_(ids), e.added_by.is_(None), e.source == "")).scalars()
    return texts
