"""What the demo's people wrote, in the order of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.association.demo import content, taking_part
from app.association.demo.people import People
from app.core import clock
from app.core.access import Actor
from app.core.jobs import Job
from app.forum.adoptions import operations as adopting
from app.forum.adoptions.forms import AdoptionForm
from app.forum.forms import EditReply, NewReply, NewThread
from app.forum.models import Forum, Thread
from app.forum.operations import answering, moderating, reading, writing
from app.forum.operations.writing import Posted
from app.forum.practices.forms import PracticeForm
from app.membership.actors import actor_of

Act = tuple[dt.datetime, int, Callable[[], None]]


class _Writer:
    def __init__(self, session: Session, people: People, now: dt.datetime) -> None:
        self.session, self.people, self.now = session, people, now
        self.acts: list[Act] = []
        self._actors: dict[str, Actor] = {}

    def actor(self, key: str) -> Actor:
        if key not in self._actors:
            self._actors[key] = actor_of(self.session, self.people.ids[key])
        return self._actors[key]

    def at(self, when: dt.datetime, act: Callable[[], None]) -> None:
        self.acts.append((when, len(self.acts), act))

    def plan(self, slug: str, row: dict[str, Any], moderator: str) -> None:
        begun = self.now - dt.timedelta(hours=row["age_hours"])
        made: list[Posted] = []
        readers = [self.people.ids[key] for key in row.get("readers", [])]
        form = NewThread(
            kind=row["kind"], title=row["title"], body=row["body"].strip(), marking=row["marking"], readers=readers,
            anonymous=row.get("anonymous", False),
            practice=_record(row["practice"], begun) if "practice" in row else None, poll=taking_part.poll_of(row, begun),
            subjects=row.get("subjects", []),
        )  # fmt: skip
        self.at(begun, lambda: made.append(writing.open_thread(self.session, self.actor(row["author"]), slug, form)))
        self._plan_agreeing(made, begun, row)
        for position, reply in enumerate(row.get("reply", []), 1):
            self._plan_reply(made, begun, position, reply)
        if answer := row.get("answer"):
            self.at(begun + dt.timedelta(hours=row["answered_after_hours"]), lambda: self._accept(made[0], row["author"], answer))
        for said in row.get("adoption", []):
            self._plan_adoption(made, begun, said)
        last = begun + dt.timedelta(hours=max([r["after_hours"] for r in row.get("reply", [])], default=0), minutes=5)
        if row.get("pinned"):
            self.at(begun, lambda: moderating.pin(self.session, self.actor(moderator), made[0].thread_id, pinned=True))
        if row.get("locked"):
            reason = "Settled. Open a new thread if something changes."
            self.at(last, lambda: moderating.lock(self.session, self.actor(moderator), made[0].thread_id, reason))

    def _plan_reply(self, made: list[Posted], begun: dt.datetime, position: int, row: dict[str, Any]) -> None:
        when, body = begun + dt.timedelta(hours=row["after_hours"]), row["body"].strip()
        form = NewReply(body=body, anonymous=row.get("anonymous", False))
        self.at(when, lambda: _void(writing.reply(self.session, self.actor(row["author"]), made[0].thread_id, form)))
        if "edited_after_hours" in row:
            edited = begun + dt.timedelta(hours=max(row["edited_after_hours"], row["after_hours"] + 0.3))
            change = EditReply(body=body, version=1)
            self.at(edited, lambda: writing.edit(self.session, self.actor(row["author"]), Posted(made[0].thread_id, position), change))
        if hidden := row.get("hidden"):
            later = when + dt.timedelta(hours=1)
            by, reason = hidden["by"], hidden["reason"]
            self.at(later, lambda: moderating.hide(self.session, self.actor(by), made[0].thread_id, position, reason))

    def _plan_agreeing(self, made: list[Posted], begun: dt.datetime, row: dict[str, Any]) -> None:
        if "also_ask" in row or "poll" in row:
            self.at(begun + dt.timedelta(hours=1), lambda: taking_part.ask_too(self.session, self.actor, made[0].thread_id, row))
            self.at(begun + dt.timedelta(hours=2), lambda: taking_part.vote(self.session, self.actor, made[0].thread_id, row))

    def _accept(self, thread: Posted, asker: str, position: int) -> None:
        answering.accept(self.session, self.actor(asker), thread.thread_id, position)

    def _plan_adoption(self, made: list[Posted], begun: dt.datetime, row: dict[str, Any]) -> None:
        form = AdoptionForm(state=row["state"], note=row.get("note", ""))
        when = begun + dt.timedelta(hours=row["after_hours"])
        self.at(when, lambda: adopting.say(self.session, self.actor(row["author"]), made[0].thread_id, form))

    def carry_out(self) -> None:
        for when, _, act in sorted(self.acts, key=lambda a: (a[0], a[1])):
            with clock.at(when):
                act()
        self.session.flush()
        # Of what is older than a day everyone was told long ago.
        self.session.execute(delete(Job).where(Job.run_at < self.now - dt.timedelta(days=1)))


def _record(row: dict[str, Any], begun: dt.datetime) -> PracticeForm:
    said = {name: value for name, value in row.items() if name != "review_after_days"}
    return PracticeForm(**said, review_by=begun.date() + dt.timedelta(days=row["review_after_days"]))


def _void(_: object) -> None:
    return None


def write_all(session: Session, people: People, slugs: list[str], now: dt.datetime) -> None:
    writer = _Writer(session, people, now)
    moderators = {row["slug"]: row["moderators"][0] for row in content.forums()}
    for slug in slugs:
        for row in content.threads(slug):
            writer.plan(slug, row, moderators[slug])
    writer.carry_out()
    taking_part.choose(session, writer.actor)
    _read_some(session, people, writer)


def _read_some(session: Session, people: People, writer: _Writer) -> None:
    """The cast has read about half of it, so that "new since your last visit" shows."""
    threads = session.execute(select(Thread.id, Thread.last_position, Thread.forum_id).order_by(Thread.id)).all()
    readers = [key for key in ("chief", "sheriff", "colleague", "analyst") if key in people.ids]
    for i, thread in enumerate(threads):
        if i % 2 == 0 and thread.last_position > 2:
            reading.mark_read(session, writer.actor(readers[i // 2 % len(readers)]), thread.id, thread.last_position - 2)
    session.execute(update(Forum).values(version=Forum.version + 1))
