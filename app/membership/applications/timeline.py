"""What happened in a case, in the order in which it did: what the applicant did, and what reviewers put down and signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Row

from app.membership.folder.access import Asked, Call, Shown, Signed, Waived
from app.membership.models import Purpose


class Event(NamedTuple):
    at: dt.datetime
    said: str


def newest_first(*parts: Iterable[Event]) -> list[Event]:
    """Of what happened at the same moment, what is named first stands above."""
    return sorted((event for part in parts for event in part), key=lambda event: event.at, reverse=True)


def signed(decisions: Iterable[Signed]) -> Iterator[Event]:
    return (Event(d.created_at, f"{d.reviewer_name} signed: {d.verdict}") for d in reversed(list(decisions)))


def called(calls: Iterable[Call], waiver: Waived | None) -> Iterator[Event]:
    if waiver is not None:
        yield Event(waiver.created_at, f"{waiver.admin_name} waived the call-back")
    yield from (Event(call.created_at, f"{call.caller_name} called back") for call in calls)


def added(evidence: Iterable[Shown], kinds: Mapping[str, str]) -> Iterator[Event]:
    for e in evidence:
        by_applicant = e.added_by is None and not e.source
        yield Event(
            e.created_at, "The applicant added evidence" if by_applicant else f"Evidence added: {kinds.get(e.kind, e.kind).lower()}"
        )


def asked(questions: Iterable[Asked]) -> Iterator[Event]:
    for q in questions:
        if q.answered_at is not None:
            yield Event(q.answered_at, "The applicant answered")
        yield Event(q.asked_at, f"{q.asked_name} asked the applicant")


def came(case: Row[Any]) -> Iterator[Event]:
    """How it reached the reviewers."""
    if case.submitted_at and not case.founding and case.purpose == Purpose.JOIN:
        yield Event(case.submitted_at, "Applicant confirmed the address")
    first = "Application received" if case.purpose == Purpose.JOIN else "Request received"
    yield Event(case.created_at, "Invited by the administrator" if case.founding else first)
