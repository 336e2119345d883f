"""What agencies must ask of the packages above: which of them have members, and who works there. Said once, in main.py.

While nobody has said it, no agency has a member: a page shows less, never more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, false, select

from app.agencies.models import Agency
from app.core.access import Actor
from app.core.db import Database

People = Callable[[Connection, Actor, int], Sequence[Any]]
Section = Callable[[Connection, Actor, int], Any]
Waiting = Callable[[Connection, Actor], Any]
SeesRoster = Callable[[Connection, Actor, int], bool]
Listed = Callable[[Database, Actor, int, dt.datetime], None]

_NOBODY: Select[Any] = select(Agency.id).where(false())
_staffed: Select[Any] = _NOBODY
_people: People | None = None
_sections: dict[str, Section] = {}
_waiting: dict[str, Waiting] = {}
_sees_roster: SeesRoster | None = None
_listed: Listed | None = None


def register(staffed: Select[Any], people: People, listed: Listed) -> None:
    """`staffed`: SELECT of the ids of agencies with a current member. `people`: the rows to list at an agency, for this actor.
    `listed` counts so many that are about to be shown, and refuses where it is too many."""
    global _staffed, _people, _listed
    _staffed, _people, _listed = staffed, people, listed


def staffed() -> Select[Any]:
    return _staffed


def people_at(conn: Connection, actor: Actor, agency_id: int) -> Sequence[Any]:
    return _people(conn, actor, agency_id) if _people else ()


def register_section(template: str, rows: Section) -> None:
    """A package above adds to the administrator's page of an agency: `template` is drawn with `rows`, what it has to say there."""
    _sections[template] = rows


def sections(conn: Connection, actor: Actor, agency_id: int) -> dict[str, Any]:
    return {template: rows(conn, actor, agency_id) for template, rows in _sections.items()}


def register_waiting(template: str, rows: Waiting) -> None:
    """The same for the reviewers' page of what waits about agencies."""
    _waiting[template] = rows


def waiting(conn: Connection, actor: Actor) -> dict[str, Any]:
    return {template: rows(conn, actor) for template, rows in _waiting.items()}


def register_roster(sees: SeesRoster) -> None:
    """Who is shown the way to an agency's roster."""
    global _sees_roster
    _sees_roster = sees


def sees_roster(conn: Connection, actor: Actor, agency_id: int) -> bool:
    return _sees_roster is not None and _sees_roster(conn, actor, agency_id)


def show_people(db: Database, actor: Actor, count: int, now: dt.datetime) -> None:
    """Called with people who are about to be shown."""
    if _listed and count:
        _listed(db, actor, count, now)
