"""Making a thread's poll, voting in it, and closing it early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, Invalid
from app.forum import access as forum
from app.forum.masks import access as masks
from app.forum.masks import byline
from app.forum.models import Thread
from app.forum.polls import access
from app.forum.polls.forms import PollForm
from app.forum.polls.models import Poll, PollChoice, PollVote, Results

LONGEST = dt.timedelta(days=366)


def make(session: Session, actor: Actor, thread_id: int, form: PollForm) -> None:
    """The thread's starter's to make; one a thread."""
    thread, _slug, right = forum.thread_for_act(session, actor, thread_id)
    if not masks.is_own(session, actor, thread_id, thread):
        raise Forbidden("Only who began the thread can put a poll to it.")
    forum.require_reply(actor, right, locked=thread.locked_at is not None)
    if access.exists_in(session, thread_id):
        raise Conflict("This thread has a poll already.")
    keep_first(session, actor, thread, form)
    thread.version += 1


def keep_first(session: Session, actor: Actor, thread: Thread, form: PollForm) -> None:
    """Of a thread of the actor's that has none."""
    _check(form)
    columns = {"question": form.question, "multiple": form.multiple, "by": form.by, "results": form.results, "closes_at": form.closes_at}
    session.add(Poll(thread_id=thread.id, **columns))
    session.flush()
    session.add_all(PollChoice(thread_id=thread.id, position=position, text=text) for position, text in enumerate(form.choices))
    session.flush()
    audit.record(session, byline.veiled(actor, thread), "poll.make", ("thread", thread.id), by=form.by, choices=len(form.choices))


def _check(form: PollForm) -> None:
    now = clock.now()
    if form.closes_at is None and form.results is Results.AFTER_CLOSE:
        raise Invalid(closes_at="Please say when it closes: its results are seen from then on.")
    if form.closes_at is not None and not now < form.closes_at <= now + LONGEST:
        raise Invalid(closes_at="Must be in the future, and within a year.")


def vote(session: Session, actor: Actor, thread_id: int, choices: Iterable[int]) -> None:
    """In place of what this voter chose before; nothing chosen takes the vote back. The log says that they voted, and not what."""
    thread = forum.thread_seen(session, actor, thread_id)
    poll = access.poll_for_act(session, thread_id)
    forum.require_reply(actor, thread.right, locked=thread.locked_at is not None)
    voter, chosen = access.require_vote(actor, poll), set(choices)
    if len(chosen) > 1 and not poll.multiple:
        raise Invalid(choices="Please choose one.")
    if not chosen <= access.choice_ids(session, thread_id):
        raise Invalid(choices="That is none of this poll's choices.")
    session.execute(delete(PollVote).where(PollVote.thread_id == thread_id, PollVote.voter_id == voter))
    if chosen:
        rows = [{"thread_id": thread_id, "voter_id": voter, "choice_id": choice} for choice in sorted(chosen)]
        session.execute(insert(PollVote), rows)
    audit.record(session, actor, "poll.vote", ("thread", thread_id))


def close(session: Session, actor: Actor, thread_id: int) -> None:
    """Before its time."""
    _thread, _slug, right = forum.thread_for_act(session, actor, thread_id)
    forum.require_moderate(actor, right)
    poll = access.poll_for_act(session, thread_id)
    if access.is_closed(poll, clock.now()):
        raise Conflict("The poll is closed.")
    poll.closes_at = clock.now()
    audit.record(session, actor, "poll.close", ("thread", thread_id))


def take_out(session: Session, thread_id: int) -> None:
    """With its thread, which its author takes back."""
    for table in (PollVote, PollChoice, Poll):
        session.execute(delete(table).where(table.thread_id == thread_id).execution_options(synchronize_session=False))


def merge(session: Session, source: int, target: int) -> int:
    """An agency that was written down twice has one vote: where both voted, the one that stays."""
    theirs = (PollVote.voter_id == source, PollVote.thread_id.in_(access.by_agency()))
    both = PollVote.thread_id.in_(access.voted_in(target))
    session.execute(delete(PollVote).where(*theirs, both).execution_options(synchronize_session=False))
    moved = session.connection().execute(update(PollVote).where(*theirs).values(voter_id=target))
    return int(moved.rowcount)
