"""Applies a roster: all of it in one transaction, by the same acts that pages use, with each row's before and after kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from app.core import audit, clock, jobs
from app.core.access import Actor
from app.core.signing import new_token, token_hash
from app.membership import access as members
from app.membership import groups, status
from app.membership.models import Application, ApplicationState, Evidence, Member, MemberClass, Role
from app.membership.roster import contacts
from app.membership.roster_file import access
from app.membership.roster_file.models import RosterChange, RosterImport
from app.membership.roster_file.planning import Plan, Step, plan
from app.membership.roster_file.reading import Roster
from app.membership.status import ClassForm, MoveForm, StatusForm

ANSWER_WITHIN = dt.timedelta(days=30)
CONTACT = "contact_of"


def apply(session: Session, actor: Actor, roster: Roster) -> tuple[int, Plan]:
    """The import's number, and the plan as it was carried out."""
    members.require_admin(actor)
    members.lock_role(session, Role.ADMIN)
    made = plan(session, roster)
    counts: dict[str, Any] = {"joins": len(made.of("join")), "moves": len(made.of("move")), "leaves": len(made.of("leave"))}
    done = RosterImport(file=roster.file, applied_at=clock.now(), conflicts=len(made.conflicts), **counts)
    session.add(done)
    session.flush()
    _open_cases(session, actor, done, made.of("join"))
    for step in made.steps:
        if step.kind != "join":
            _change(session, actor, done, step)
    audit.record(session, actor, "roster.apply", ("roster", done.id), file=roster.file, conflicts=len(made.conflicts), **counts)
    return done.id, made


def _open_cases(session: Session, actor: Actor, done: RosterImport, steps: list[Step]) -> None:
    """A submitted case for each who joins, with the roster as one kind of evidence. They hear of it by the worker's letter."""
    if not steps:
        return
    now = clock.now()
    cases = [_case(step, now) for step in steps]
    session.add_all(cases)
    session.flush()
    for step, case in zip(steps, cases, strict=True):
        note = f"Named in the roster {done.file}, line {step.row.line}, import {done.id}."
        session.add(Evidence(application_id=case.id, kind="roster", note=note, source=access.FROM_ROSTER, created_at=now))
        after = {"version": 1}
        session.add(_row(done, step, application_id=case.id, before={}, after=after))
        audit.record(session, actor, "roster.open_case", ("application", case.id), import_id=done.id)
    jobs.enqueue(session, "roster.write", {"id": done.id})
    jobs.enqueue(session, "roster.lapse", {"id": done.id}, run_at=now + ANSWER_WITHIN)
    session.flush()


def _case(step: Step, now: dt.datetime) -> Application:
    """No statement is accepted, and nobody knows its code: both come when the person answers the letter."""
    row = step.row
    return Application(
        state=ApplicationState.SUBMITTED, version=1, name=row.name, rank=row.rank, email=row.email,
        agency_id=step.agency.id if step.agency is not None else None,
        member_class=MemberClass.RETIRED if row.status == "retired" else row.member_class,
        confirm_token_hash=token_hash(new_token()), status_token_hash=token_hash(new_token()), enrolment_code_hash=token_hash(new_token()),
        created_at=now, submitted_at=now,
    )  # fmt: skip


def _row(done: RosterImport, step: Step, **values: Any) -> RosterChange:
    return RosterChange(import_id=done.id, line=step.row.line, kind=step.kind, email=step.row.email, **values)


def _change(session: Session, actor: Actor, done: RosterImport, step: Step) -> None:
    member = members.member_for_act(session, actor, step.member.id)
    before = snapshot(session, member)
    reason = f"Roster {done.file}, import {done.id}."
    if step.kind == "leave":
        status.set_status(session, actor, member.id, StatusForm(status=step.row.status, reason=reason))  # type: ignore[arg-type]
    else:
        _move(session, actor, member, step, reason)
    session.flush()
    session.add(_row(done, step, member_id=member.id, before=before, after=snapshot(session, member)))


def _move(session: Session, actor: Actor, member: Member, step: Step, reason: str) -> None:
    row, was = step.row, {"name": member.name, "rank": member.rank}
    if step.agency is not None and step.agency.id != member.agency_id and row.member_class in status.AT_AN_AGENCY:
        status.move(session, actor, member.id, MoveForm(ori=row.ori, member_class=row.member_class, reason=reason))
    elif row.member_class != member.member_class:
        form = ClassForm(member_class=row.member_class, reason=reason, version=member.version)
        status.set_class(session, actor, member.id, form)
    if step.agency is not None:
        member.agency_id = step.agency.id
    member.name, member.rank = row.name, row.rank or member.rank
    now = {"name": member.name, "rank": member.rank}
    if now != was:
        member.version += 1
        audit.record(session, actor, "member.edit", ("member", member.id), before=was, after=now, reason=reason)


def snapshot(session: Session, member: Member) -> dict[str, Any]:
    """All that an import may change of a member, to be compared and put back."""
    made = [row.id for row in session.execute(members.groups_of(member.id)) if row.member_class is None]
    values = {name: getattr(member, name) for name in access.FIELDS}
    held = {"roles": sorted(members.roles_of(session, member.id)), "groups": sorted(made)}
    return {**values, **held, CONTACT: contacts.agencies_of(session, member.id)}


def is_as_left(session: Session, member: Member, after: dict[str, Any]) -> bool:
    """Whether nobody has changed the member since. What was not written down by earlier programs is not asked; nor is of which agency they
    are the contact, as the daily work ends that by itself where somebody retired or moved."""
    now = snapshot(session, member)
    return all(now[name] == value for name, value in after.items() if name != CONTACT)


def put_back(session: Session, actor: Actor, member: Member, before: dict[str, Any]) -> list[str]:
    """Make a member what a snapshot says, roles, groups and their agency's contact too: as if the import had not been. What does not come
    back, as a sentence each. The dates of staying are as they were: an import changes none."""
    members.require_admin(actor)
    was, back_at = member.member_class, member.back_at
    for name in access.FIELDS:
        setattr(member, name, before.get(name, getattr(member, name)))
    member.back_at = back_at  # they were never gone: what was written meanwhile is theirs, too
    member.version += 1
    session.flush()
    if was != member.member_class:
        groups.move_built_in(session, member, was)
    groups.restore(session, actor, member, before["groups"])
    status.restore_roles(session, actor, member, before["roles"])
    return contacts.put_back(session, actor, member.id, before.get(CONTACT, []))
