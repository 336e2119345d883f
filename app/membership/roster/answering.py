"""The contact's answer. Who is said to be gone is out within the request; an administrator can undo that. A contact says nothing of
themself, of another agency's people, and can't take away the last administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.agencies import access as agencies
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.errors import Invalid, NotFound
from app.membership import access as members
from app.membership import status
from app.membership.models import Member, Role
from app.membership.roster import access, asking
from app.membership.roster.forms import SaidForm
from app.membership.roster.models import RosterAnswer, RosterRound, Word
from app.membership.status import StatusForm

_STATUS: dict[Word, Literal["separated", "retired"]] = {Word.LEFT: "separated", Word.UNKNOWN: "separated", Word.RETIRED: "retired"}
_MEANS = {Word.LEFT: "left the agency", Word.UNKNOWN: "is not known there", Word.RETIRED: "has retired"}


def answer(session: Session, actor: Actor, agency_id: int, said: Sequence[SaidForm]) -> RosterRound:
    """What the contact says of some or all. Of whom it isn't said, the question stays open."""
    access.require_answer(session, actor, agency_id)
    if not said:
        raise Invalid({"": "There was nobody on the page to answer for. Please open it again."})
    agencies.lock_agency(session, agency_id)
    members.lock_role(session, Role.ADMIN)  # before any member's row, as in all that may take an administrator away
    current = access.round_for_act(session, agency_id) or asking.begin(session, actor, agency_id)
    if any(one.member == actor.id for one in said):
        raise Invalid(member="You can't answer for yourself. The association asks you in another way.")
    for one in said:
        _take(session, actor, current, one)
    session.flush()
    _close_if_whole(session, actor, current)
    counts: dict[str, Any] = {word.value: sum(one.word == word for one in said) for word in Word}
    gone = [one.member for one in said if one.word != Word.HERE]
    audit.record(session, actor, "roster.answer", ("agency", agency_id), round=current.id, gone=gone, **counts)
    return current


def answer_one(session: Session, actor: Actor, agency_id: int, said: SaidForm) -> RosterRound:
    """NotFound for somebody who does not work there, whether there is such a member or not."""
    access.require_answer(session, actor, agency_id)
    if access.at_work(session, agency_id, said.member) is None:
        raise NotFound
    return answer(session, actor, agency_id, [said])


def _take(session: Session, actor: Actor, current: RosterRound, one: SaidForm) -> None:
    """One member's line. Who is no longer there by now needs no answer."""
    member = access.at_work(session, current.agency_id, one.member)
    if member is None:
        return
    now = clock.now()
    month = (one.month or f"{now:%Y-%m}") if one.word == Word.LEFT else ""
    if month > f"{now:%Y-%m}":
        raise Invalid({f"month-{member.id}": "This month is still to come."})
    session.add(
        RosterAnswer(
            round_id=current.id, agency_id=current.agency_id, member_id=member.id, word=one.word, month=month, note=one.note,
            by_id=actor.member_id, by_name=actor.name, at=now,
        )
    )  # fmt: skip
    if one.word != Word.HERE:
        _end(session, actor, member, one)


def _end(session: Session, actor: Actor, member: Member, one: SaidForm) -> None:
    """The rule of this act was asked above; what follows is the association's own, done at once."""
    reason = f"The agency's contact, {actor.name}, says that this member {_MEANS[one.word]}. {one.note}".strip()
    by = replace(system("roster"), origin=actor.origin)
    try:
        status.set_status(session, by, member.id, StatusForm(status=_STATUS[one.word], reason=reason))
    except Invalid as refused:
        raise Invalid({f"what-{member.id}": refused.message}) from None


def _close_if_whole(session: Session, actor: Actor, current: RosterRound) -> None:
    if not access.to_answer(session, current.agency_id, actor.member_id, current.id):
        current.closed_at = current.answered_at = clock.now()
