"""Applications in number, with the members that they may be duplicates of; and how long it takes to find these."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update

from app.core import clock
from app.core.access import Actor, Right
from app.core.signing import token_hash
from app.membership.alike.access import like
from app.membership.models import Application, ApplicationState, Member, MemberRole, Role
from bench.places import READER, Place

CHUNK = 2000
AGENCIES = 500
SEARCHES = 300
_STATES = (ApplicationState.EXPIRED, ApplicationState.DECLINED, ApplicationState.WITHDRAWN, ApplicationState.SUBMITTED)
_MEMBERS: Any = Member.__table__
_CASES: Any = Application.__table__
_CALLED = update(_MEMBERS).where(_MEMBERS.c.id == bindparam("row")).values(phone=bindparam("new"), phone_key=bindparam("new"))


def fill(place: Place, size: int) -> None:
    """As many applications as members, if that was not done before. One name in ten is a member's, one phone in five another case's,
    and a hundred cases share a network."""
    note = place.folder / "filled"
    if note.exists():
        return
    now = clock.now()
    with place.database() as db, db.write() as session:
        _in_chunks(session, _CALLED, ({"row": i, "new": _phone(i)} for i in range(1, size + 1)))
        _in_chunks(session, insert(_CASES), (_application(i, now) for i in range(1, size + 1)))
        session.add(MemberRole(member_id=READER, role=Role.REVIEWER))
        session.flush()
        session.execute(text("ANALYZE"))
    note.touch()


def _in_chunks(session: Any, statement: Any, values: Iterable[dict[str, Any]]) -> None:
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        session.connection().execute(statement, chunk)


def _phone(i: int) -> str:
    return f"276{i:07d}"


def _application(i: int, now: dt.datetime) -> dict[str, Any]:
    state = _STATES[i % len(_STATES)]
    came = now - dt.timedelta(minutes=i)
    return {
        "state": state, "name": f"Member {i:05d}" if i % 10 == 0 else f"Applicant {i:06d}", "rank": "Chief",
        "email": f"a{i}@town{i}.example",
        "agency_id": i % AGENCIES + 1, "member_class": "sworn",
        "supervisor": f"Chief Member {i % 900:05d}", "phone": _phone(i - i % 5),
        "status_token_hash": token_hash(f"status {i}"), "confirm_token_hash": token_hash(f"confirm {i}"),
        "address": f"10.{i // 100 // 256}.{i // 100 % 256}.1", "created_at": came, "submitted_at": came,
        "decided_at": None if state == ApplicationState.SUBMITTED else came,
    }  # fmt: skip


def searches(place: Place, size: int) -> list[float]:
    """Milliseconds that finding members and cases like one took, for some hundred cases; the fastest first. The first few are left out:
    they make the statements."""
    reviewer = Actor(id=READER, name="bench", rights=frozenset({Right.REVIEW}))
    times = []
    with place.database() as db, db.read() as conn:
        rows = conn.execute(select(_CASES).where(_CASES.c.id.in_(range(1, size, max(1, size // (SEARCHES + 10)))))).all()
        for row in rows:
            began = time.perf_counter()
            like(conn, reviewer, row, clock.now())
            times.append((time.perf_counter() - began) * 1000)
    return sorted(times[10:])
