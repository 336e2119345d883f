"""What saved searches find in new messages. Each message is looked at once, whoever keeps searches: its words name the searches that may
match, and only those are asked, of the new messages alone."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import NotFound
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.site import read as read_site
from app.core.sql import insert_into
from app.forum.operations.writing import SETTLES as WITHDRAWN_WITHIN
from app.forum.searching import access as forum
from app.membership import access as members
from app.membership.actors import actor_of
from app.search import asking, documents, finding
from app.search.models import Deliver, SavedHit, SearchMark
from app.search.saved import access
from app.search.words import words

BATCH, MOST_HITS = 200, 50
SETTLES = WITHDRAWN_WITHIN + dt.timedelta(seconds=5)
"""Those this young wait: their author may still take them back, and one with a lower id may still be on its way into the database."""
IS_NEWS = dt.timedelta(days=2)  # an old list's archive is none
TOPIC = "search"


def run(db: Database, settings: Settings) -> int:
    """Look through what is new; how many finds there were."""
    found = 0
    while (more := _piece(db, settings)) is not None:
        found += more
    return found


def _piece(db: Database, settings: Settings) -> int | None:
    """The next messages, in one transaction with what they make; None where there are none, or another worker has them."""
    with db.write() as session:
        after = access.mark(session)
        if after is None:
            session.add(SearchMark(name=access.MARK, reply_id=forum.newest_id(session)))
            return None
        new = _settled(forum.written_after(session.connection(), after, BATCH))
        if not new or not _moved(session, after, new[-1].id):
            return None
        news = [row.id for row in new if row.created_at > clock.now() - IS_NEWS]
        return _matched(session, settings, news) if news else 0


def _settled(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    limit = clock.now() - SETTLES
    young = next((at for at, row in enumerate(rows) if row.created_at > limit), len(rows))
    return list(rows[:young])


def _moved(session: Session, before: int, to: int) -> bool:
    statement = update(SearchMark).where(SearchMark.name == access.MARK, SearchMark.reply_id == before).values(reply_id=to)
    return bool(session.execute(statement.execution_options(synchronize_session=False)).rowcount)  # type: ignore[attr-defined]


def _matched(session: Session, settings: Settings, ids: list[int]) -> int:
    rows = forum.written(session, json.dumps(ids))
    texts = ["\n".join(filter(None, [row.title, row.body, *(getattr(row, name) for name in documents.PRACTICE)])) for row in rows]
    said = sorted({word for text in texts for word in words(text)})
    by_member: dict[int, list[Row[Any]]] = defaultdict(list)
    for saved in access.that_may_match(session, said):
        by_member[saved.member_id].append(saved)
    days = [row.created_at.date() for row in rows]
    zone = ZoneInfo(read_site(session.connection(), settings).time_zone)
    return sum(_of_member(session, member, mine, (ids, min(days), zone)) for member, mine in by_member.items() if days)


def _of_member(session: Session, member_id: int, searches: list[Row[Any]], new: tuple[list[int], dt.date, dt.tzinfo]) -> int:
    """Nothing for who is no member any more, and never what they wrote themself."""
    try:
        actor = actor_of(session, member_id)
    except NotFound:
        return 0
    ids, first_day, zone = new
    conn, found = session.connection(), 0
    for saved in searches:
        asked = finding.question(conn, actor, asking.read(saved.q), zone)
        low = max(asked.terms.low, documents.first_of(first_day))
        asked = replace(
            asked, terms=replace(asked.terms, low=low), filters=asked.filters | {"among", "others"},
            values=asked.values | {"first": ids[0], "last": ids[-1]},
        )  # fmt: skip
        hits = {hit.row.id: hit.row for hit in finding.newest(conn, asked, 1 << 62, MOST_HITS).hits}
        found += _kept(session, saved, hits)
    return found


def _kept(session: Session, saved: Row[Any], hits: dict[int, Any]) -> int:
    """Each find once; of those that are told at once one letter, which says no word of them."""
    now = clock.now()
    rows = [{"saved_id": saved.id, "reply_id": reply, "member_id": saved.member_id, "found_at": now} for reply in sorted(hits)]
    if not rows:
        return 0
    statement = insert_into(session, SavedHit.__table__).on_conflict_do_nothing().returning(SavedHit.reply_id)
    new = list(session.connection().execute(statement, rows).scalars())
    if new and saved.deliver == Deliver.EACH:
        _tell(session, saved, [hits[reply] for reply in new])
    return len(new)


def _tell(session: Session, saved: Row[Any], rows: list[Any]) -> None:
    """To whoever is a member still when it leaves; what it links to is asked for again when it is opened."""
    to = members.address_of_current(session, saved.member_id)
    if to is None:
        return
    page = f"/threads/{rows[0].thread_id}/replies/{rows[0].position}" if len(rows) == 1 else f"/saved-searches/{saved.id}"
    subject = "A search that you keep found something new"
    values = {"path": page, "count": len(rows), "q": saved.q}
    key = f"search:{saved.id}:{max(row.id for row in rows)}"
    mail.queue(session, Letter("notification", to, "search-found", subject, key, values, saved.member_id, topic=TOPIC, page=page))
