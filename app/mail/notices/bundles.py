"""Notifications by mail: what waits for a member goes out in one message, ten minutes after the first of it. What they read on the site
meanwhile is left out, and so is what they may no longer see; and it is asked again right before it leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.site import read as read_site
from app.mail import outbox, reply_tokens
from app.mail.at_once import subject
from app.mail.delivery import Rewritten, Verdict, asks_again
from app.mail.models import MailedAtOnce, MailState
from app.mail.notices import access, operations
from app.mail.notices.gathering import pieces
from app.mail.notices.letter import KIND, Bundle, Writer
from app.mail.outbox import Claimed

MEMBERS = 100  # a transaction


def run(db: Database, settings: Settings) -> int:
    """Queue what is due; how many mails that made."""
    made = 0
    while True:
        with db.read() as conn:
            due = access.due(conn, clock.now(), MEMBERS)
        if not due:
            return made
        taken, queued = _of(db, settings, due)
        made += queued
        if not taken:  # another worker has them
            return made


def _of(db: Database, settings: Settings, members: list[int]) -> tuple[int, int]:
    """These members' waiting ones, taken under a lock, so that two workers don't mail them twice: how many, and the mails they made."""
    with db.write() as session:
        waiting = access.waiting(session, members)
        mine: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in waiting:
            mine[row.member_id].append(row)
        conn = session.connection()
        site = read_site(conn, settings)
        found = pieces(conn, site, {member: [(row.thread_id, row.position) for row in rows] for member, rows in mine.items()})
        bundles = [Bundle(some, f"notices:{mine[member][-1].id}") for member, some in found.items()]
        _queue(session, Writer(settings, site), bundles)
        operations.mailed(session, [row.id for row in waiting])
    return len(waiting), len(bundles)


def _queue(session: Session, writer: Writer, bundles: Sequence[Bundle]) -> None:
    if not bundles:
        return
    rows = [_row(session, writer, bundle) for bundle in bundles]
    outbox.put(session, rows)
    mailed = [
        {"member_id": piece.hearer.id, "reply_id": piece.message.id, "at": clock.now()} for bundle in bundles for piece in bundle.pieces
    ]
    dialect = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    session.connection().execute(dialect(MailedAtOnce.__table__).on_conflict_do_nothing(), mailed)  # type: ignore[arg-type]


def _row(session: Session, writer: Writer, bundle: Bundle) -> dict[str, Any]:
    to = bundle.pieces[0].hearer
    row = outbox.row_of(KIND, to.email, bundle.key, writer.ident(to.email, bundle.key), clock.now())
    return {**row, "member_id": to.id, "raw": writer.made(bundle, _token(session, bundle)), "about": _about(bundle)}


def _token(session: Session, bundle: Bundle) -> str:
    """An address to answer to, where there is one thread to answer in."""
    if not bundle.may_answer or bundle.one_thread is None:
        return ""
    token = reply_tokens.new()
    reply_tokens.keep(session, [reply_tokens.row_of(token, bundle.pieces[0].hearer.id, [bundle.one_thread])])
    return token


def _about(bundle: Bundle) -> dict[str, Any]:
    items = [[*piece.where, *subject.print_of(piece.message), piece.hearer.detail] for piece in bundle.pieces]
    return {"items": items, "stop": list(bundle.stopped_by)}


@asks_again(KIND)
def ask_again(db: Database, settings: Settings, rows: Sequence[Claimed]) -> dict[int, Verdict]:
    """What was taken away, shut or stopped since is left out; with nothing left nothing is sent (M13). A letter of this kind that another
    package queued (an accepted answer, a lesson to look at) holds no member's words, and goes as it is."""
    bundles = [row for row in rows if "items" in row.about]
    verdicts: dict[int, Verdict] = {row.id: MailState.DROPPED for row in bundles}
    for row in bundles:  # seldom more than one of a member's, and few at a time
        with db.read() as conn:
            site = read_site(conn, settings)
            found = pieces(conn, site, {row.member_id: [(item[0], item[1]) for item in row.about["items"]]}).get(row.member_id, [])
        still = [piece for piece in found if piece.hearer.email == row.recipient]
        if not still:
            continue
        verdicts[row.id] = MailState.QUEUED
        bundle = Bundle(still, row.key)
        if not row.raw or _about(bundle)["items"] != row.about["items"]:
            with db.write() as session:
                verdicts[row.id] = Rewritten(Writer(settings, site).made(bundle, _token(session, bundle)), _about(bundle))
    return verdicts
