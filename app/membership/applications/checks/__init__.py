"""What can be checked without asking anybody. No check decides anything; one asks for a second call-back (V7)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection

from app.agencies.dotgov import registry
from app.core.access import Actor
from app.membership.applications.checks import domain, people, sponsor
from app.membership.applications.checks.check import Check
from app.membership.applications.checks.domain import not_evidence
from app.membership.applications.checks.sponsor import KIND as SPONSOR
from app.membership.applications.checks.sponsor import counted


def run(conn: Connection, actor: Actor, case: Any, now: dt.datetime) -> tuple[list[Check], list[Any]]:
    """All checks of a case (a row with its agency's columns) as of now, and the earlier cases of the same person."""
    about_people, earlier = people.checks(conn, actor, case, now)
    return [*domain.checks(conn, case, now), *about_people, *sponsor.check(case)], earlier


def is_look_alike(conn: Connection, email: str) -> bool:
    """Whether an address may be meant to be taken for another's."""
    return registry.known(conn, email.rpartition("@")[2]).look_alike is not None


def not_sponsored(case: Any) -> str:
    """Why the sponsor of a case (a row of queries.facts_for) is no evidence, as a sentence; nothing if they are one kind."""
    return sponsor.problem(case)


__all__ = ["SPONSOR", "Check", "counted", "is_look_alike", "not_evidence", "not_sponsored", "run"]
