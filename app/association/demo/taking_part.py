"""What the demo's people do besides writing: what they know about, what they ask too, how they vote, and the searches they keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.association.demo import content
from app.core.access import Actor
from app.forum.own import also_asking
from app.forum.polls import access as polls
from app.forum.polls import operations as polling
from app.forum.polls.forms import PollForm
from app.forum.rounds import operations as rounds
from app.forum.rounds.forms import AskingForm
from app.search.saved import operations as saved_searches
from app.search.saved.forms import SaveForm

Who = Callable[[str], Actor]
POLL_LASTS = dt.timedelta(days=21)


def choose(session: Session, who: Who) -> None:
    """What each knows about, with consent to be asked, and what they look for again and again."""
    for row in content.people():
        if subjects := row.get("knows"):
            rounds.choose(session, who(row["key"]), AskingForm(may_ask=True, subjects=subjects))
        for search in row.get("searches", []):
            saved_searches.save(session, who(row["key"]), SaveForm(**search))


def poll_of(row: dict[str, Any], begun: dt.datetime) -> PollForm | None:
    """The poll that a thread begins with."""
    asked = row.get("poll")
    if asked is None:
        return None
    return PollForm(**{name: value for name, value in asked.items() if name != "votes"}, closes_at=begun + POLL_LASTS)


def ask_too(session: Session, who: Who, thread_id: int, row: dict[str, Any]) -> None:
    for key in row.get("also_ask", []):
        also_asking.ask_too(session, who(key), thread_id)


def vote(session: Session, who: Who, thread_id: int, row: dict[str, Any]) -> None:
    """`votes` are the places, from 0, of what each one chose."""
    choices = sorted(polls.choice_ids(session, thread_id))
    for key, place in row.get("poll", {}).get("votes", {}).items():
        polling.vote(session, who(key), thread_id, [choices[place]])
