"""What accounts asks of membership about a person who signs in: their name, and the words their password may not lean on."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from app.accounts.hooks import Person
from app.agencies.models import Agency
from app.membership.models import Member

_STATEMENT = (
    select(Member.name, Member.rank, Member.organization, Agency.name.label("agency"), Agency.short_name)
    .outerjoin(Agency, Agency.id == Member.agency_id)
    .where(Member.id == bindparam("id"))
)


def describe(conn: Connection, account_id: int) -> Person | None:
    row = conn.execute(_STATEMENT, {"id": account_id}).first()
    if row is None:
        return None
    return Person(row.name, tuple(word for word in (row.organization, row.agency, row.short_name) if word))
