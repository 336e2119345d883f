"""Reads of staying: where a member stands in words, and the answers that wait for reviewers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from app.core.access import Actor
from app.core.errors import NotFound
from app.membership.applications import access as applications
from app.membership.applications import unanswered
from app.membership.left_as import LeftAs
from app.membership.models import Member, MemberStatus
from app.membership.staying import access, signals
from app.membership.staying.calendar import Stage, day_of
from app.membership.staying.daily import NOT_CONFIRMED, NOT_SEEN, NOT_SURE
from app.membership.staying.letters import said
from app.membership.staying.models import Confirmation, ConfirmationState, Says

SAYS = {
    Says.SAME: "Nothing has changed",
    Says.MOVED: "I work at another agency, or in another role",
    Says.RETIRED: "I have retired",
    Says.LEFT: "I have left",
}
SIGNALS = signals.NAMES
STATES = {
    ConfirmationState.RENEWED: "Confirmed",
    ConfirmationState.NOTED: "Noted",
    ConfirmationState.WAITING: "Waits for a reviewer",
    ConfirmationState.PAUSED: "Could not be confirmed",
    ConfirmationState.REPLACED: "Answered once more",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands. `says` is one sentence for people."""

    row: Row[Any]
    answered_at: dt.datetime | None = None  # when they sent an answer that waits for a reviewer

    @property
    def by(self) -> str:
        return said(self.row.verify_by) if self.row.verify_by else ""

    @property
    def is_asked(self) -> bool:
        return bool(self.row.verify_stage > Stage.CALM)

    @property
    def says(self) -> str:
        row = self.row
        if row.status == MemberStatus.SUSPENDED:
            return "Access has ended. They can ask to come back." if row.way_back else "Suspended by an administrator."
        if row.confirm_first:
            return _FIRST[row.confirm_first]
        if row.verify_by is None or row.verify_stage == Stage.CALM:
            return f"Confirmed. Asked again by {self.by}." if self.by else "Confirmed."
        if row.verify_stage < Stage.GRACE:
            return f"Asked to confirm by {self.by}."
        if row.verify_stage == Stage.GRACE:
            return f"Did not answer. Can only read from {said(day_of(row.verify_by, Stage.RESTRICTED))} on."
        return f"Did not answer, and can only read. Access ends on {said(day_of(row.verify_by, Stage.SUSPENDED))}."


_FIRST = {
    "quiet": "Away for more than 90 days. Confirms at the next visit, before anything opens.",
    "bounce": "Mail to the address came back. Confirms before anything opens.",
    "dissolved": "Their agency is dissolved. Says where they are now before anything opens.",
    "review": "Told us of a change. A reviewer looks before anything opens.",
}


def own(conn: Connection, member_id: int) -> Standing:
    """Where the member who asks stands."""
    return Standing(access.own_standing(conn, member_id), access.answered_at(conn, member_id))


def standing(conn: Connection, actor: Actor, member_id: int) -> Standing | None:
    """Where a member stands, for administrators; nothing of who has left."""
    row = conn.execute(access.standings(actor).where(Member.id == member_id, Member.status != MemberStatus.SEPARATED)).first()
    return Standing(row) if row is not None else None


def waiting(conn: Connection, actor: Actor, limit: int) -> list[Row[Any]]:
    """Answers that wait for a reviewer, the oldest first."""
    statement = access.visible_answers(actor).where(Confirmation.state == ConfirmationState.WAITING)
    return list(conn.execute(statement.order_by(Confirmation.id).limit(limit)).all())


def behind(conn: Connection, actor: Actor, limit: int, after: int) -> list[Standing]:
    """Members who did not answer in time, from after this id; one more than `limit`, if there are more."""
    rows = conn.execute(access.behind(actor).where(Member.id > after).limit(limit + 1))
    return [Standing(row) for row in rows]


def answer(conn: Connection, actor: Actor, answer_id: int) -> Row[Any]:
    row = conn.execute(access.visible_answers(actor).where(Confirmation.id == answer_id)).first()
    if row is None:
        raise NotFound
    return row


def earlier(conn: Connection, actor: Actor, row: Row[Any]) -> list[Row[Any]]:
    return [one for one in conn.execute(access.answers_of(actor, row.member_id)) if one.id != row.id]


@dataclass(frozen=True, slots=True)
class WayBack:
    """What a suspended member sees of their own way back."""

    member: Row[Any]
    case: Row[Any] | None
    questions: list[Any]
    reason: str  # why the case was declined

    @property
    def why(self) -> str:
        """Why access ended. What an administrator wrote stays among them."""
        said_to_members = (NOT_CONFIRMED, NOT_SEEN, NOT_SURE)
        if self.member.left_as == LeftAs.MOVED:
            return "You moved to another agency, and it has not been confirmed there yet."
        reason: str = self.member.status_reason
        return reason if reason in said_to_members else "The association suspended your membership."

    @property
    def is_open(self) -> bool:
        return self.case is not None and self.case.state in applications.OPEN

    @property
    def answer_by(self) -> dt.datetime | None:
        return unanswered.answer_by(self.case, self.questions) if self.case is not None else None


def way_back(conn: Connection, member_id: int) -> WayBack:
    member, case = access.returning_member(conn, member_id), access.last_return(conn, member_id)
    if case is None:
        return WayBack(member, None, [], "")
    questions = list(conn.execute(applications.questions_of(case.id)).all())
    return WayBack(member, case, questions, applications.reason_for_applicant(conn, case))
