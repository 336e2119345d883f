"""The job that follows a posted message: its mails are queued and its notifications written, some hundreds of members a transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from app.core import clock, jobs
from app.core.config import Settings
from app.core.db import Database
from app.core.site import read as read_site
from app.forum.models import Reply
from app.forum.operations.writing import NAMED, POSTED
from app.forum.telling import access
from app.mail import outbox, reply_tokens
from app.mail.at_once import hearers, subject
from app.mail.at_once.hearers import Hearer
from app.mail.at_once.letter import KIND, Sheet, key_of, stopped_by
from app.mail.models import MailedAtOnce
from app.mail.notices.kinds import MENTION
from app.mail.notices.putting import put

BUNDLE = dt.timedelta(minutes=10)
"""How long a notification waits for more of the same member's before they are mailed together."""


_MAILED = insert(MailedAtOnce.__table__)  # type: ignore[arg-type]


def register(settings: Settings) -> None:
    jobs.handler(NAMED)(lambda db, payload: tell_named(db, settings, payload["message"], payload["members"]))
    jobs.handler(POSTED)(lambda db, payload: tell(db, settings, payload["thread"], payload["position"], payload.get("message")))


def tell(db: Database, settings: Settings, thread_id: int, position: int, message_id: int | None = None) -> None:
    """Tell everyone who wants to hear of a message. Done twice, it tells nobody twice. By its id it is found also where it moved up,
    because one before it was taken back."""
    with db.read() as conn:
        if message_id is not None:
            thread_id, position = access.place_of(conn, message_id) or (thread_id, position)
        site, message = read_site(conn, settings), subject.message(conn, thread_id, position)
        if message is None:
            return
        sheet = Sheet(settings, site, message, opening_of(conn, message))
        batches = hearers.hearers(conn, message, site)
        for batch in batches:
            with db.write() as session:
                _mail(session, sheet, message, [one for one in batch if one.at_once])
                _note(session, message, [one for one in batch if one.kind and (one.on_site or (one.by_mail and not one.at_once))])


def tell_named(db: Database, settings: Settings, message_id: int, members: list[int]) -> None:
    """Those whom an edit named: on the site and by mail as they chose, and nobody who was told of the message already."""
    with db.read() as conn:
        place = access.place_of(conn, message_id)
        message = subject.message(conn, *place) if place is not None else None
        if message is None:
            return
        found = hearers.these(conn, message, members, read_site(conn, settings))
    with db.write() as session:
        _note(session, message, [one for one in found.values() if one.kind is MENTION and (one.on_site or one.by_mail)])


_OPENING = access.message_at(Reply.id)


def opening_of(conn: Any, message: Row[Any]) -> int:
    """The id of the thread's opening message, which mail programs hang its replies on."""
    found = conn.execute(_OPENING, {"thread": message.thread_id, "position": 0}).scalar_one_or_none()
    return int(found or message.id)


def _mail(session: Session, sheet: Sheet, message: Row[Any], to: list[Hearer]) -> None:
    """Queue a mail for each of these who has none yet, with an address of their own to answer to."""
    had = select(MailedAtOnce.member_id).where(MailedAtOnce.reply_id == message.id, MailedAtOnce.member_id.in_([one.id for one in to]))
    done = set(session.execute(had).scalars()) if to else set()
    left = [one for one in to if one.id not in done]
    if not left:
        return
    now, tokens = clock.now(), {one.id: reply_tokens.new() for one in left if one.may_answer}
    rows = [
        {
            **outbox.row_of(KIND, one.email, key_of(message.id), sheet.ident(one.email), now), "member_id": one.id,
            "raw": sheet.made(one, tokens.get(one.id, "")),
            "about": {
                "thread": message.thread_id, "position": message.position, "print": subject.print_of(message), "detail": one.detail,
                "stop": stopped_by(one, message),
            },
        }
        for one in left
    ]  # fmt: skip
    outbox.put(session, rows)
    reply_tokens.keep(session, [reply_tokens.row_of(token, member, [message.thread_id]) for member, token in tokens.items()])
    session.connection().execute(_MAILED, [{"member_id": one.id, "reply_id": message.id, "at": now} for one in left])


def _note(session: Session, message: Row[Any], to: list[Hearer]) -> None:
    """A notification for each of these. One that only waits to be mailed counts as read on the site."""
    now = clock.now()
    rows = [
        {
            "member_id": one.id, "kind": one.kind.name, "key": key_of(message.id), "thread_id": message.thread_id,
            "position": message.position, "text": "", "path": "", "at": now, "read_at": None if one.on_site else now,
            "mail_at": now + BUNDLE if one.by_mail and not one.at_once else None,
        }
        for one in to if one.kind
    ]  # fmt: skip
    put(session, rows)
