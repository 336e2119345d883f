"""What a roster is compared with, and what one has done: for the system's work on the command line alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.core.access import Actor, Right
from app.core.errors import Conflict, NotFound
from app.core.signing import token_hash
from app.membership.actors import CURRENT
from app.membership.applications.access import OPEN
from app.membership.models import Application, ApplicationState, Evidence, Member, MemberRole, Role
from app.membership.roster_file.models import RosterChange, RosterImport

FIELDS = (
    "name", "rank", "agency_id", "organization", "member_class", "former_class", "status", "status_reason", "left_as", "former_roles",
    "way_back", "confirm_first",
)  # fmt: skip
CHUNK = 500
FROM_ROSTER = "roster"


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    whole = list(values)
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]


def members_by_email(session: Session, emails: Iterable[str]) -> dict[str, Row[Any]]:
    columns = (Account.email, Member.id, *(getattr(Member, name) for name in FIELDS))
    statement = select(*columns).select_from(Account).outerjoin(Member, Member.id == Account.id)
    return {row.email: row for some in chunks(emails) for row in session.execute(statement.where(Account.email.in_(some)))}


def open_cases_of(session: Session, emails: Iterable[str]) -> dict[str, int]:
    waiting = (*OPEN, ApplicationState.UNCONFIRMED)
    statement = select(Application.email, Application.id).where(Application.state.in_(waiting))
    return {row.email: row.id for some in chunks(emails) for row in session.execute(statement.where(Application.email.in_(some)))}


def not_named(session: Session, agency_ids: Iterable[int], named: set[int]) -> list[Row[Any]]:
    """Current members of these agencies whom the file does not name."""
    columns = (Member.id, Member.name, Member.rank, Account.email)
    statement = select(*columns).join(Account, Account.id == Member.id).where(Member.status.in_(CURRENT)).order_by(Member.name, Member.id)
    found: list[Any] = [row for some in chunks(agency_ids) for row in session.execute(statement.where(Member.agency_id.in_(some)))]
    return [row for row in found if row.id not in named]


def administrators(session: Session) -> set[int]:
    statement = select(MemberRole.member_id).join(Member, Member.id == MemberRole.member_id)
    return set(session.execute(statement.where(MemberRole.role == Role.ADMIN, Member.status == "active")).scalars())


def import_for_undo(session: Session, actor: Actor, import_id: int) -> RosterImport:
    """The import, locked: two who undo it at once undo it once."""
    actor.require(Right.ADMIN)
    found = session.get(RosterImport, import_id, with_for_update=True) if 0 < import_id < 2**31 else None
    if found is None:
        raise NotFound(f"There is no import with the number {import_id}.")
    if found.undone_at is not None:
        raise Conflict(f"Import {import_id} was undone already, on {found.undone_at:%Y-%m-%d}.")
    return found


def imports(actor: Actor) -> Select[Any]:
    actor.require(Right.ADMIN)
    return select(RosterImport).order_by(RosterImport.id.desc())


def changes_of(session: Session, import_id: int) -> list[RosterChange]:
    statement = select(RosterChange).where(RosterChange.import_id == import_id).order_by(RosterChange.id.desc())
    return list(session.execute(statement).scalars())


def case_of(session: Session, application_id: int | None) -> Application | None:
    return session.get(Application, application_id, with_for_update=True)


def to_write_to(session: Session, import_id: int, limit: int) -> list[tuple[RosterChange, Application]]:
    """Cases of an import whose people have no letter yet, and are not closed."""
    statement = (
        select(RosterChange, Application)
        .join(Application, Application.id == RosterChange.application_id)
        .where(RosterChange.import_id == import_id, RosterChange.written_at.is_(None), Application.state.in_(OPEN))
        .order_by(RosterChange.id)
        .limit(limit)
        .with_for_update()
    )
    return [(change, case) for change, case in session.execute(statement)]


def unanswered(session: Session, import_id: int, limit: int) -> list[tuple[Application, dt.datetime | None]]:
    """Cases of an import whose people never answered the letter, and when it was written."""
    statement = select(Application, RosterChange.written_at).join(RosterChange, RosterChange.application_id == Application.id)
    statement = statement.where(RosterChange.import_id == import_id, Application.statement_version == "", Application.state.in_(OPEN))
    rows = session.execute(statement.order_by(Application.id).limit(limit).with_for_update(of=Application))
    return [(case, written_at) for case, written_at in rows]


def named_case(session: Session, confirm_token: str) -> Application | None:
    """The open case behind a letter to somebody whom a roster named, who has not answered it yet; locked."""
    by_roster = select(Evidence.application_id).where(Evidence.source == FROM_ROSTER)
    statement = select(Application).where(
        Application.confirm_token_hash == token_hash(confirm_token), Application.statement_version == "",
        Application.state.in_(OPEN), Application.id.in_(by_roster),
    )  # fmt: skip
    return session.execute(statement.with_for_update()).scalar_one_or_none()
