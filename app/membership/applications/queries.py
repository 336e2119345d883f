"""Reads of applications: the queue, the lists by state, and everything that one case's page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam
from sqlalchemy.orm import aliased

from app.agencies.dotgov import registry
from app.agencies.models import Agency
from app.core.access import Actor
from app.core.errors import Forbidden, NotFound
from app.membership.applications import access, checks, policy, timeline, unanswered
from app.membership.folder import access as papers
from app.membership.folder.access import Asked, Call, Note, Shown, Signed, Waived
from app.membership.models import Application, Member, Purpose
from app.membership.recovery import access as recovery
from app.membership.sponsors import access as sponsors
from app.membership.statements import access as statements

claimer = aliased(Member)
_AGENCY = (
    Agency.name.label("agency_full_name"),
    Agency.short_name.label("agency_short_name"),
    Agency.ori.label("agency_ori"),
    Agency.state.label("agency_record_state"),
    Agency.county.label("agency_county"),
    Agency.city.label("agency_city"),
    Agency.agency_type.label("agency_type"),
    Agency.sworn.label("agency_sworn"),
)
_CASE = (
    Application.id, Application.purpose, Application.state, Application.version, Application.name, Application.rank, Application.email,
    Application.agency_id, Application.agency_name, Application.agency_state, Application.member_class, Application.supervisor,
    Application.reach, Application.phone, Application.address, Application.founding,
    Application.claimed_by, Application.claimed_until, Application.member_id, Application.created_at, Application.submitted_at,
    Application.decided_at, Application.statement_version, claimer.name.label("claimer"), Agency.region.label("agency_region"),
    *sponsors.SHOWN, *statements.SHOWN, *_AGENCY,
)  # fmt: skip
LISTED = (
    Application.id, Application.state, Application.version, Application.name, Application.rank, Application.agency_id,
    Application.agency_name, Application.agency_state, Application.member_class, Application.claimed_by, Application.claimed_until,
    Application.created_at, Application.submitted_at, Application.decided_at, Application.purpose, claimer.name.label("claimer"), *_AGENCY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One case as of now. `refusal` says why this reviewer can't decide; empty: they can."""

    row: Row[Any]
    checks: list[checks.Check]
    evidence: tuple[Shown, ...]
    files: dict[int, Row[Any]]  # by the line of evidence that shows them
    call_backs: tuple[Call, ...]
    waiver: Waived | None
    questions: tuple[Asked, ...]
    notes: tuple[Note, ...]
    decisions: tuple[Signed, ...]
    earlier: list[Row[Any]]
    refusal: str
    is_held: bool  # by another reviewer
    record: Row[Any] | None = None  # the member whom the case is about, where it is not about joining

    def made_of(self, now: dt.datetime) -> Hashable:
        """All that a page about it says of it, as of now."""
        is_claimed = self.row.claimed_until is not None and self.row.claimed_until > now
        alone = (self.row, self.record, self.waiver, self.refusal, self.is_held, is_claimed)
        put_down = (*self.evidence, *self.files.values(), *self.call_backs, *self.questions, *self.notes, *self.decisions)
        return (alone, tuple(self.checks), put_down, tuple(self.earlier))

    @property
    def todo(self) -> list[str]:
        """What an approval still takes."""
        flagged = any(check.key == "look_alike" and check.state == "attention" for check in self.checks)
        calls = policy.Calls.of([call.number for call in self.call_backs], is_waived=self.is_waived, is_flagged=flagged)
        forbidden = [check.forbids for check in self.checks if check.forbids]
        held = checks.counted(policy.kinds(self.evidence), self.row)
        return forbidden + policy.unanswered(self.row, self.evidence) + policy.missing(held, calls)

    @property
    def is_at_new_address(self) -> bool:
        """A member who lost their sign-in asks at an address that is none of theirs."""
        return self.row.purpose == Purpose.RECOVER and self.record is not None and not self.record.has_address

    @property
    def is_waived(self) -> bool:
        return policy.is_waived(self.row, self.waiver, is_at_new_address=self.is_at_new_address)

    @property
    def to_take_up(self) -> list[tuple[int, str]]:
        """The applicant's files that are still there, each once: id and name."""
        return list({f.id: f.name for f in self.files.values() if f.added_by is None and f.deleted_at is None}.items())

    @property
    def to_mark(self) -> list[tuple[int, str]]:
        """Files that are kept with the case, and may show an identity document all the same."""
        return list({f.id: f.name for f in self.files.values() if f.deleted_at is None and not f.shows_identity}.items())

    @property
    def to_unmark(self) -> list[tuple[int, str]]:
        """Reviewers' files that were marked. What the applicant sent is deleted, whatever it shows."""
        marked = (f for f in self.files.values() if f.deleted_at is None and f.shows_identity and f.added_by is not None)
        return list({f.id: f.name for f in marked}.items())

    def happened(self, kinds: Mapping[str, str]) -> list[timeline.Event]:
        """The timeline, the newest first. `kinds`: what kinds of evidence are called."""
        people = timeline.signed(self.decisions), timeline.called(self.call_backs, self.waiver)
        return timeline.newest_first(*people, timeline.added(self.evidence, kinds), timeline.asked(self.questions), timeline.came(self.row))

    @property
    def agency(self) -> str:
        return self.row.agency_full_name or self.row.agency_name or ""

    @property
    def answer_by(self) -> dt.datetime | None:
        return unanswered.answer_by(self.row, self.questions)

    @property
    def is_open(self) -> bool:
        return self.row.state in access.OPEN


def _facts(actor: Actor) -> Select[Any]:
    statement = access.with_agency(access.visible_applications(actor, *_CASE, *papers.STATE)).where(Application.id == bindparam("id"))
    statement = statement.outerjoin(claimer, claimer.id == Application.claimed_by)
    return registry.with_state(statements.with_text(sponsors.with_sponsor(statement)), Application.agency_id)


def facts_for(conn: Connection, actor: Actor, application_id: int) -> Row[Any]:
    """What the applicant said, beside their agency's record, and what tells whether all that is kept is still so (the registry's state
    and the papers'), for a reviewer; NotFound for everybody else."""
    row = conn.execute(access.kept_for(actor, _facts), {"id": application_id}).first()
    if row is None:
        raise NotFound
    return row


def case_for(conn: Connection, actor: Actor, application_id: int, now: dt.datetime) -> Case:
    """Everything about a case, for a reviewer; NotFound for everybody else."""
    row = facts_for(conn, actor, application_id)
    checked, earlier = checks.run(conn, actor, row, now)
    folder = papers.folder_of(conn, row)
    return Case(
        row=row, checks=checked, evidence=folder.evidence, files=folder.files, call_backs=folder.call_backs, waiver=folder.waiver,
        questions=folder.questions, notes=folder.notes, decisions=folder.decisions, earlier=earlier,
        refusal=access.may_decide(actor, row, [d.reviewer_id for d in folder.decisions], now),
        is_held=access.is_held_by_another(actor, row, now),
        record=None if row.purpose == Purpose.JOIN else conn.execute(recovery.record_of(row.member_id, row.email)).first(),
    )  # fmt: skip


def to_waive(conn: Connection, actor: Actor, application_id: int) -> Row[Any]:
    row = conn.execute(access.waivable_application(actor, application_id)).first()
    if row is None:
        raise NotFound
    if not row.may_be_waived:
        raise Forbidden(access.NO_WAIVER)
    return row


def applications(conn: Connection, actor: Actor, state: str, limit: int, after: int = 0) -> list[Row[Any]]:
    """Cases in a state, oldest first, from after this id; one more than `limit`, if there are more."""
    statement = access.with_agency(access.visible_applications(actor, *LISTED)).outerjoin(claimer, claimer.id == Application.claimed_by)
    statement = statement.where(Application.state == state, Application.id > after).order_by(Application.id).limit(limit + 1)
    return list(conn.execute(statement).all())
