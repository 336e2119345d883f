"""Undoes an import, once and in one transaction: what nobody has touched since is put back; the rest is named and left."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.membership import access as members
from app.membership.models import ApplicationState, Role
from app.membership.roster_file import access, letters
from app.membership.roster_file.applying import is_as_left, put_back
from app.membership.roster_file.models import RosterChange
from app.membership.roster_file.reading import Conflict


@dataclass(slots=True)
class Undone:
    import_id: int
    members: int = 0
    cases: int = 0
    left: list[Conflict] = field(default_factory=list)


def undo(session: Session, actor: Actor, import_id: int) -> Undone:
    members.require_admin(actor)
    members.lock_role(session, Role.ADMIN)
    stands = access.import_for_undo(session, actor, import_id)
    done = Undone(import_id)
    for change in access.changes_of(session, import_id):
        problem = _withdraw(session, actor, change, done) if change.kind == "join" else _restore(session, actor, change, done)
        if problem:
            done.left.append(Conflict(change.line, change.email, problem))
    stands.undone_at = clock.now()
    audit.record(session, actor, "roster.undo", ("roster", import_id), members=done.members, cases=done.cases, left=len(done.left))
    return done


def _withdraw(session: Session, actor: Actor, change: RosterChange, done: Undone) -> str:
    case = access.case_of(session, change.application_id)
    if case is None or case.version != change.after["version"] or case.state != ApplicationState.SUBMITTED:
        return "the case has gone on since, and stays"
    case.state, case.decided_at = ApplicationState.WITHDRAWN, clock.now()
    case.version += 1
    if change.written_at is not None:
        letters.undone(session, case)
    audit.record(session, actor, "application.withdraw", ("application", case.id), import_id=change.import_id)
    done.cases += 1
    return ""


def _restore(session: Session, actor: Actor, change: RosterChange, done: Undone) -> str:
    assert change.member_id is not None
    member = members.member_for_act(session, actor, change.member_id)
    if not is_as_left(session, member, change.after):
        return f"{member.name} was changed since, and stays as they are now"
    not_back = put_back(session, actor, member, change.before)
    done.members += 1
    return f"{member.name} is back, but {'; '.join(not_back)}" if not_back else ""
