"""Start here: what a new member is led through on the first page, until it is done or put away. Packages above add their steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy.orm import Session

from app.core.access import Actor
from app.core.errors import NotFound
from app.core.site import Site
from app.forum import access
from app.forum.own import access as own
from app.forum.rounds import access as rounds

HELLO = "hello"


@dataclass(frozen=True, slots=True)
class Step:
    """`is_done` asks it of the database for the member `me`; `keep` is what a button does for whom all is well as it is."""

    key: str
    title: str
    text: str
    path: str
    is_done: ColumnElement[bool]
    keep: Callable[[Session, Actor], None] | None = None


class Shown(NamedTuple):
    step: Step
    is_done: bool


_steps: dict[str, Step] = {}
_statements: dict[tuple[str, ...], Select[Any]] = {}


def register(step: Step) -> None:
    """Called at start-up; they are shown in this order, the hello last."""
    _steps[step.key] = step
    _statements.clear()


register(
    Step(
        "profile", "Say what you know about", "Your subjects, and whether others may ask you about them: two questions a week at the most.",
        "/settings/profile", rounds.has_chosen(),
    )
)  # fmt: skip


def hello_in(forums: Sequence[Any], actor: Actor, site: Site) -> Any | None:
    """The forum that the association chose for hellos, among those that the actor sees, if they may post there."""
    found = next((forum for forum in forums if forum.id == site.hello_forum), None)
    return found if found is not None and access.may_open_thread(actor, found.right) else None


def _hello(forum: Any) -> Step:
    text = f"A draft is ready in {forum.title}. Change it as you like."
    return Step(HELLO, "Say hello", text, f"/forums/{forum.slug}/new?hello=1", own.has_begun_in(forum.id))


def shown(conn: Connection, actor: Actor, forums: Sequence[Any], site: Site) -> list[Shown]:
    """The steps, each with whether it is done, from one statement."""
    hello = hello_in(forums, actor, site)
    steps = [*_steps.values(), *([_hello(hello)] if hello is not None else [])]
    row = conn.execute(select(*[step.is_done.label(step.key) for step in steps]), {"me": actor.member_id}).one()
    return [Shown(step, bool(done)) for step, done in zip(steps, row, strict=True)]


def keep(session: Session, actor: Actor, key: str) -> None:
    """All is well as it is with this step."""
    step = _steps.get(key)
    if step is None or step.keep is None:
        raise NotFound
    step.keep(session, actor)


def first_words(actor: Actor, subjects: Sequence[str]) -> dict[str, str]:
    """A hello to begin with."""
    who = f"{actor.rank} {actor.name}".strip()
    place = f", {actor.agency}" if actor.agency else ""
    size = f" ({actor.agency_sworn:,} sworn)" if actor.agency and actor.agency_sworn else ""
    about = f"You can ask me about: {', '.join(subjects)}.\n\n" if subjects else ""
    body = f"I am {who}{place}{size}.\n\n{about}What we are working on: \n\nWhat I would like to learn from you: \n"
    return {"kind": "discussion", "title": f"Hello from {actor.agency or who}"[:200], "body": body}
