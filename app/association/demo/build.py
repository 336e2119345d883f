"""Builds the demo association in an empty database: `squadroom demo`. What people wrote goes through the same operations as anyone's,
each at its own time, so that rights, counts, history and the log are as they would be."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.association.demo import content, writing
from app.association.demo.people import People
from app.association.models import Drill
from app.core import audit, clock, markup
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import Conflict
from app.core.signing import Signer
from app.core.site import SiteRow
from app.forum.markings import Marking
from app.forum.models import Forum, Grant, GrantRight
from app.forum.practices import subjects
from app.forum.practices.subjects import SubjectForm
from app.membership.actors import actor_of
from app.membership.models import Group, GroupMember

MADE_BY = "demo"
RULES = """Squadroom is for the association's vetted members.

- **No criminal-justice information, no names of suspects, victims or juveniles, no detail of open cases.** Report it if you see it.
- Respect the marking on each thread. Sharing wider needs the source's permission.
- Write as you would in a letter that may be read out in a hearing: what you post may be a public record.
- Vendors post in their own forum.
"""
WELCOME = """Good to have you here. Say which agency you are with and what you are working on; somebody has tried it before."""


def build_demo(db: Database, settings: Settings) -> list[dict[str, Any]]:
    """The cast, with new passwords and authenticator secrets; Conflict where the database has people already."""
    now = clock.now()
    with db.write() as session:
        if session.execute(select(func.count()).select_from(Account)).scalar_one():
            raise Conflict("This database has people in it; the demo goes into an empty one.")
        _site(session, settings)
        people = People(session, Signer(settings.keys), now)
        people.build()
        forums = _forums(session, people)
        for name in content.subjects():
            subjects.add(session, system("demo"), SubjectForm(name=name))
        writing.write_all(session, people, forums, now)
        people.note_digests()
        _drill(session, people, now)
        audit.record(session, system("demo"), "demo.make", people=len(people.ids), forums=len(forums))
    return people.cast()


def _site(session: Session, settings: Settings) -> None:
    session.add(
        SiteRow(
            id=1, name=settings.association_name, address=settings.association_address, time_zone=settings.time_zone, rules=RULES,
            rules_html=markup.render(RULES).html, welcome=WELCOME, welcome_html=markup.render(WELCOME).html, made_by=MADE_BY,
        )
    )  # fmt: skip


def _drill(session: Session, people: People, now: dt.datetime) -> None:
    """The last one was this quarter."""
    note = "A chief's real name, an address one letter from the town's, and two calls that pressed for haste. Stopped at the call-back."
    day, admin = now - dt.timedelta(days=20), people.ids["admin"]
    drill = Drill(held_on=day.date(), was_stopped=True, note=note, recorded_by=admin, recorded_at=day)
    drill.recorded_name = actor_of(session, admin).name
    session.add(drill)


def _forums(session: Session, people: People) -> list[str]:
    """The forums with their grants and their moderators' groups; their slugs in order."""
    since = beginning(people.now)
    for sort, row in enumerate(content.forums()):
        forum = Forum(
            slug=row["slug"], title=row["title"], description=row["description"], sort=sort,
            marking_floor=Marking.of(row["marking_floor"]), anonymous_ok=row["anonymous_ok"], export_ok=row.get("export_ok", False),
        )  # fmt: skip
        moderators = Group(slug=f"moderators-{row['slug']}", name=f"Moderators of {row['title']}")
        session.add_all([forum, moderators])
        session.flush()
        people.groups[moderators.slug] = moderators.id
        session.add_all(GroupMember(member_id=people.ids[key], group_id=moderators.id, since=since) for key in row["moderators"])
        session.add_all(
            Grant(group_id=people.groups[g["group"]], forum_id=forum.id, right=GrantRight[g["right"].upper()], since=since)
            for g in row["grants"]
        )
    session.flush()
    return [row["slug"] for row in content.forums()]


def beginning(now: dt.datetime) -> dt.datetime:
    """When the demo's members joined: before anything they wrote."""
    return now - dt.timedelta(days=400)
