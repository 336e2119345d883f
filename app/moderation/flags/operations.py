"""Reporting a message, and deciding about it. A report of CJI takes the message out of view at once: lists, mail that has not left and the
digest ask again, and a hidden message is none (R10). What it said is kept for the record."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, TooMany
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.forum import access as forum
from app.forum import listening
from app.forum.masks import access as masks
from app.forum.models import Reply, Thread
from app.forum.operations import moderating
from app.membership import access as members
from app.moderation.flags import access
from app.moderation.flags.forms import FlagForm, ResolutionForm
from app.moderation.flags.models import Flag, FlagReason, FlagState

MOST_TAKEN_OUT, WITHIN = 5, dt.timedelta(days=1)
BY_REPORT = "A member's report"
CJI_SAID = "Reported as criminal-justice information. A moderator looks at it."
NO_TITLE = "Title out of view: reported as criminal-justice information"


def flag(session: Session, actor: Actor, thread_id: int, position: int, form: FlagForm) -> Flag:
    """One report of each member's for each message. Its author is told nothing of it; what they see is what all see."""
    thread, _slug, _right = forum.thread_for_act(session, actor, thread_id)
    message = forum.reply_for_act(session, thread, position)
    _require_flag(session, actor, thread, message, form)
    made = Flag(
        reply_id=message.id, thread_id=thread_id, position=position, reason=form.reason, note=form.note, flagged_by=actor.member_id,
        at=clock.now(), took_out=form.reason is FlagReason.CJI and message.hidden_at is None,
    )  # fmt: skip
    if made.took_out:
        _take_out(session, actor, thread, message, made)
    session.add(made)
    session.flush()
    audit.record(session, actor, "flag.make", ("thread", thread_id), position=position, reason=form.reason, took_out=made.took_out)
    _tell_moderators(session, thread, made)
    return made


def _require_flag(session: Session, actor: Actor, thread: Thread, message: Reply, form: FlagForm) -> None:
    if not actor.may_write:
        raise Forbidden("You can read this, but not report it.")
    if masks.is_own(session, actor, thread.id, message):
        raise Forbidden("This message is your own: you can edit it.")
    if access.flagged(session, actor, message.id):
        raise Conflict("You have reported this message already.")
    if form.reason is FlagReason.CJI and access.taken_out_by(session, actor, clock.now() - WITHIN) >= MOST_TAKEN_OUT:
        raise TooMany("Your reports took five messages out of view today. Call the association's office about any other.", 3600)


def _take_out(session: Session, actor: Actor, thread: Thread, message: Reply, made: Flag) -> None:
    moderating.take_out(session, thread, message, by=BY_REPORT, reason=CJI_SAID)
    if message.position == 0:
        made.kept_title, thread.title = thread.title, NO_TITLE
        thread.version += 1


def resolve(session: Session, actor: Actor, flag_id: int, form: ResolutionForm) -> Flag:
    """Hide the message, or dismiss the report, and with it every other open report of that message. Each reporter hears of it."""
    found = access.flag_for_act(session, actor, flag_id)
    if found.state != FlagState.OPEN:
        raise Conflict("This report is decided already.")
    thread, _slug, right = forum.thread_for_act(session, actor, found.thread_id)
    forum.require_moderate(actor, right)
    message = forum.reply_for_act(session, thread, found.position)
    every = [found, *access.others_of(session, found)]
    if form.resolution == "hide":
        moderating.take_out(session, thread, message, by=moderating.signed(actor), reason=form.reason)
    elif any(one.took_out for one in every):
        moderating.bring_back(session, thread, message)
        _restore_title(thread, every)
        listening.messages_changed(session, [message.id])
    for one in every:
        _close(session, actor, one, form)
    return found


def _restore_title(thread: Thread, every: list[Flag]) -> None:
    title = next((one.kept_title for one in every if one.kept_title), "")
    if title and thread.title == NO_TITLE:
        thread.title, thread.version = title, thread.version + 1


def _close(session: Session, actor: Actor, one: Flag, form: ResolutionForm) -> None:
    one.state = FlagState.HIDDEN if form.resolution == "hide" else FlagState.DISMISSED
    one.resolved_by, one.resolved_name = actor.member_id, moderating.signed(actor)
    one.resolved_at, one.resolution = clock.now(), form.reason
    audit.record(session, actor, "flag.resolve", ("thread", one.thread_id), position=one.position, state=one.state, reason=form.reason)
    to = members.address_of_current(session, one.flagged_by)
    if to is not None:
        said = "was hidden" if one.state == FlagState.HIDDEN else "stays"
        path, subject = f"/threads/{one.thread_id}/replies/{one.position}", f"The message that you reported {said}"
        values = {"path": path, "hidden": one.state == FlagState.HIDDEN}
        letter = Letter("notification", to, "flag-resolved", subject, f"flag:{one.id}", values, one.flagged_by, topic="flag", page=path)
        mail.queue(session, letter)


def _tell_moderators(session: Session, thread: Thread, made: Flag) -> None:
    """Neither title nor words: a report may be about either."""
    subject = "A message was reported as CJI and is out of view" if made.took_out else "A message was reported"
    for member in access.moderators_of(session, thread.forum_id):
        to = members.address_of_current(session, member)
        if to is not None and member != made.flagged_by:
            values, page = {"took_out": made.took_out}, "/moderation/flags"
            mail.queue(
                session, Letter("notification", to, "flagged", subject, f"flagged:{made.id}", values, member, topic="flag", page=page)
            )


def move_up(session: Session, thread_id: int, position: int) -> None:
    """Messages from this position on are each one before now: one was taken back."""
    there = (Flag.thread_id == thread_id, Flag.position > position)
    session.execute(update(Flag).where(*there).values(position=Flag.position - 1).execution_options(synchronize_session=False))
