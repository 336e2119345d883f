"""The second fence for polls. One is its thread's: who reads the thread reads it, unless a moderator has hidden the opening message. Who
may reply there votes. What a voter chose is shown to that voter alone, and of a vote by agency to that agency's members."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.access import Actor
from app.core.errors import Conflict, Forbidden, NotFound
from app.forum.adoptions import access as agencies
from app.forum.models import Reply
from app.forum.polls.models import Poll, PollChoice, PollVote, Results, VoteBy

_OF: Any = bindparam("thread")
_POLL: Any = select(Poll.thread_id, Poll.question, Poll.multiple, Poll.by, Poll.results, Poll.closes_at).where(
    Poll.thread_id == _OF, exists().where(Reply.thread_id == _OF, Reply.position == 0, Reply.hidden_at.is_(None))
)
_CHOICES: Any = select(PollChoice.id, PollChoice.text).where(PollChoice.thread_id == _OF).order_by(PollChoice.position)
_COUNTS: Any = select(PollVote.choice_id, func.count()).where(PollVote.thread_id == _OF).group_by(PollVote.choice_id)
_VOTERS: Any = select(func.count(PollVote.voter_id.distinct())).where(PollVote.thread_id == _OF)
_MINE: Any = select(PollVote.choice_id).where(PollVote.thread_id == _OF, PollVote.voter_id == bindparam("voter"))
_LOCKED: Any = select(Poll).where(Poll.thread_id == _OF).with_for_update()


@dataclass(frozen=True, slots=True)
class Shown:
    """A poll as one reader sees it. `votes`: by choice, None as long as they don't see results; `voters`: how many voted, likewise."""

    poll: Row[Any]
    choices: list[Row[Any]]
    mine: list[int]
    is_closed: bool
    may_vote: bool
    votes: dict[int, int] | None
    voters: int | None


def has_poll(thread_id: Any) -> ColumnElement[bool]:
    """For a statement about threads."""
    return exists().where(Poll.thread_id == thread_id)


def is_closed(poll: Any, now: dt.datetime) -> bool:
    return poll.closes_at is not None and poll.closes_at <= now


def voter_of(actor: Actor, poll: Any) -> int | None:
    """Under which id the actor's vote counts; None: they have none in this poll."""
    if poll.by == VoteBy.MEMBER:
        return actor.member_id
    return actor.agency_id if agencies.may_adopt(actor) else None


def shown(conn: Connection, actor: Actor, thread_id: int, *, may_reply: bool) -> Shown | None:
    """The poll of a thread that was reached through the actor."""
    poll = conn.execute(_POLL, {"thread": thread_id}).first()
    if poll is None:
        return None
    voter, closed = voter_of(actor, poll), is_closed(poll, clock.now())
    mine = list(conn.execute(_MINE, {"thread": thread_id, "voter": voter}).scalars()) if voter is not None else []
    sees = closed or (poll.results == Results.AFTER_VOTE and bool(mine))
    votes = {row[0]: row[1] for row in conn.execute(_COUNTS, {"thread": thread_id})} if sees else None
    voters = int(conn.execute(_VOTERS, {"thread": thread_id}).scalar_one()) if sees else None
    choices = list(conn.execute(_CHOICES, {"thread": thread_id}))
    return Shown(poll, choices, sorted(mine), closed, may_reply and voter is not None and not closed, votes, voters)


def require_vote(actor: Actor, poll: Poll) -> int:
    """The voter's id."""
    voter = voter_of(actor, poll)
    if voter is None:
        raise Forbidden("Agencies vote here, and you don't speak for one.")
    if is_closed(poll, clock.now()):
        raise Conflict("The poll is closed.")
    return voter


def poll_for_act(session: Session, thread_id: int) -> Poll:
    """Of a thread that was reached through the actor, locked, so that votes come one after the other; NotFound where it is out of view."""
    if session.execute(_POLL, {"thread": thread_id}).first() is None:
        raise NotFound
    found: Poll = session.execute(_LOCKED.execution_options(populate_existing=True), {"thread": thread_id}).scalar_one()
    return found


def exists_in(session: Session, thread_id: int) -> bool:
    return session.execute(select(Poll.thread_id).where(Poll.thread_id == thread_id)).first() is not None


def choice_ids(session: Session, thread_id: int) -> set[int]:
    return {row.id for row in session.execute(_CHOICES, {"thread": thread_id})}


def form_of(conn: Connection, thread_id: int) -> tuple[Row[Any], list[str]] | None:
    """What its author asked, for the composer."""
    poll = conn.execute(_POLL, {"thread": thread_id}).first()
    return (poll, [row.text for row in conn.execute(_CHOICES, {"thread": thread_id})]) if poll is not None else None


def by_agency() -> Select[Any]:
    """The threads in whose polls agencies vote."""
    return select(Poll.thread_id).where(Poll.by == VoteBy.AGENCY)


def voted_in(voter_id: int) -> Select[Any]:
    """The threads in whose polls this voter chose something."""
    return select(PollVote.thread_id).where(PollVote.voter_id == voter_id)
