"""A poll as pages and scripts show it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from app.core.access import Actor
from app.forum.polls import access
from app.forum.polls.access import Shown


class Bar(NamedTuple):
    """A choice on a page. `number` and `width` (of 300 units) only where results are seen."""

    id: int
    text: str
    is_mine: bool
    number: int | None
    width: int


def bars(shown: Shown) -> list[Bar]:
    votes = shown.votes or {}
    most = max(votes.values(), default=0)
    return [
        Bar(row.id, row.text, row.id in shown.mine, None if shown.votes is None else votes.get(row.id, 0),
            round(300 * votes.get(row.id, 0) / most) if most else 0)
        for row in shown.choices
    ]  # fmt: skip


def shape(shown: Shown | None) -> dict[str, Any] | None:
    """The contract's; `votes` and `voters` are null as long as results are not seen."""
    if shown is None:
        return None
    poll, votes = shown.poll, shown.votes
    choices = [{"id": row.id, "text": row.text, "votes": None if votes is None else votes.get(row.id, 0)} for row in shown.choices]
    return {
        "question": poll.question, "multiple": bool(poll.multiple), "by": poll.by, "results": poll.results, "closes_at": poll.closes_at,
        "closed": shown.is_closed, "choices": choices, "my_choices": shown.mine, "voters": shown.voters, "may_vote": shown.may_vote,
    }  # fmt: skip


def panel(conn: Connection, actor: Actor, thread: Row[Any], *, may_reply: bool) -> dict[str, Any]:
    """For the page of a thread that was reached through the actor; one without a poll asks nothing more."""
    shown = access.shown(conn, actor, thread.id, may_reply=may_reply) if thread.has_poll else None
    return {"poll": shown, "bars": bars(shown) if shown is not None else []}
