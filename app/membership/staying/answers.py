"""A member's answer, what it brings back, and what a reviewer makes of one that needs a second pair of eyes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Invalid
from app.core.signing import Signer
from app.membership.models import Member, MemberStatus
from app.membership.staying import access, calendar, daily, letters, signals
from app.membership.staying.calendar import Plan, Stage
from app.membership.staying.forms import ConfirmForm, SettleForm
from app.membership.staying.letters import Post
from app.membership.staying.models import Confirmation, ConfirmationState, Says

QUIET, BOUNCED, DISSOLVED, REVIEW = "quiet", signals.BOUNCED, signals.DISSOLVED, "review"  # why nothing opens: Member.confirm_first


def confirm(session: Session, actor: Actor, signer: Signer, form: ConfirmForm) -> ConfirmationState:
    """Take the member's answer. One more signal renews the membership at once; without any, or if something has changed, a reviewer
    looks."""
    member, email = access.member_locked(session, actor.member_id)
    access.own_standing(session, member.id)
    if form.says is not Says.SAME and not form.words:
        raise Invalid(words="Please write what has changed, and since when.")
    now = clock.now()
    has_read = bool(form.key) and form.key == letters.key_of(signer, member, email)
    signal = signals.other_signal(session, member, email, read_letter=has_read, now=now) if form.says is Says.SAME else ""
    state = _state_of(member, form.says, signal)
    _replace_earlier(session, member)
    session.add(Confirmation(member_id=member.id, says=form.says, words=form.words, signal=signal, state=state, created_at=now))
    _take_over(session, actor, member, form)
    _open(session, member, form.says, state, now)
    audit.record(session, actor, "member.confirm", ("member", member.id), says=form.says, signal=signal, state=state)
    return state


def _state_of(member: Member, says: Says, signal: str) -> ConfirmationState:
    if says is Says.SAME and signal:
        return ConfirmationState.RENEWED
    is_asked = member.verify_stage != Stage.CALM or member.confirm_first in (BOUNCED, DISSOLVED, REVIEW) or member.way_back
    return ConfirmationState.WAITING if is_asked or says is not Says.SAME else ConfirmationState.NOTED


def _replace_earlier(session: Session, member: Member) -> None:
    earlier = access.waiting_of(session, member.id)
    if earlier is not None:
        earlier.state = ConfirmationState.REPLACED
        session.flush()


def _take_over(session: Session, actor: Actor, member: Member, form: ConfirmForm) -> None:
    """Rank and phone as the member sees them now."""
    before = member.rank
    member.phone = form.phone
    if form.rank != before:
        member.rank = form.rank
        member.version += 1
        audit.record(session, actor, "member.edit_profile", ("member", member.id), fields=["rank"], rank=[before, form.rank])


def _open(session: Session, member: Member, says: Says, state: ConfirmationState, now: dt.datetime) -> None:
    """What the answer opens, or closes until a reviewer has looked."""
    if state is ConfirmationState.RENEWED:
        renew(session, member, now)
        return
    if says is not Says.SAME:
        member.confirm_first = "" if access.is_last_admin(session, member) else REVIEW
    elif member.confirm_first == QUIET:
        member.confirm_first = ""
    if not member.confirm_first:
        member.quiet_on, member.quiet_asked_on = now.date() + calendar.QUIET, None


def renew(session: Session, member: Member, now: dt.datetime) -> None:
    """All is as it was: the next date is a year away, and what the calendar took is given back."""
    if signals.is_at_no_agency(session, member):
        raise Invalid(verdict="Their agency is dissolved. First an administrator moves them to another, or makes them a retired member.")
    today = now.date()
    member.verified_at = now
    member.verify_by, member.verify_stage = calendar.next_due(member.verify_by, today), Stage.CALM
    member.verify_on = calendar.next_day(Plan(member.verify_by, Stage.CALM))
    member.quiet_on, member.quiet_asked_on, member.confirm_first = today + calendar.QUIET, None, ""
    if member.way_back:
        member.status, member.status_reason, member.way_back, member.left_as = MemberStatus.ACTIVE, "", False, ""
        member.version += 1
    session.flush()


def settle(session: Session, actor: Actor, answer_id: int, form: SettleForm) -> None:
    """A reviewer looked at an answer: it renews the membership, or access ends until the member comes back through a case."""
    answer = access.answer_for_act(session, actor, answer_id)
    member, email = access.member_locked(session, answer.member_id)
    now = clock.now()
    if member.status not in (MemberStatus.ACTIVE, MemberStatus.RESTRICTED):
        raise Conflict("This person is no current member any more.")
    post = Post(session, member, email)
    if form.verdict == "renew":
        answer.state = ConfirmationState.RENEWED
        renew(session, member, now)
        letters.renewed(post, answer.id)
    else:
        answer.state = ConfirmationState.PAUSED
        _pause(session, actor, member)
        letters.paused(post, answer.id)
    answer.settled_by, answer.settled_name, answer.settled_at, answer.note = actor.member_id, actor.name, now, form.note
    audit.record(session, actor, "member.settle_answer", ("member", member.id), answer=answer.id, state=answer.state)


def _pause(session: Session, actor: Actor, member: Member) -> None:
    if access.is_last_admin(session, member):
        raise Invalid(verdict="This is the last administrator. Make somebody else an administrator first.")
    daily.lower(session, actor, member, MemberStatus.SUSPENDED, daily.NOT_SURE)
    member.confirm_first = ""
