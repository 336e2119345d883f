"""Threads written straight into the tables, and the mail that came of them."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select, update

from app.core import markup
from app.forum.markings import Marking
from app.forum.models import Reply, Thread
from app.mail.digest.run import run_digests
from app.mail.models import OutboxMessage
from tests.people import AGENCIES, CAST
from tests.world import World

UTC = dt.UTC
SLOT = dt.datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # Tuesday, 7:00 in Los Angeles: the slot after people.NOW


def thread(world: World, title: str, *, by: str = "chief", forum: str = "patrol", marking: Marking = Marking.GREEN, **other: Any) -> int:
    """A thread with its opening message; `body`, `at` and `kind` have defaults."""
    at = other.get("at", world.now)
    with world.db.write() as session:
        row = Thread(
            forum_id=world.ids.forums[forum], kind=other.get("kind", "lesson"), title=title, marking=marking, author_id=world.id(by),
            author_rank=CAST[by].rank, author_class=CAST[by].member_class, author_agency=_agency(by), created_at=at, last_reply_at=at,
            last_reply_by=world.id(by),
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(_message(world, row.id, 0, by, other.get("body", f"The body of {title}."), at))
        return row.id


def reply(world: World, thread_id: int, body: str, *, by: str = "sheriff", at: dt.datetime | None = None) -> int:
    at = at or world.now
    with world.db.write() as session:
        position = session.execute(select(Thread.last_position).where(Thread.id == thread_id)).scalar_one() + 1
        session.add(_message(world, thread_id, position, by, body, at))
        session.execute(
            update(Thread).where(Thread.id == thread_id).values(last_position=position, last_reply_at=at, last_reply_by=world.id(by))
        )
        return position


def _message(world: World, thread_id: int, position: int, by: str, body: str, at: dt.datetime) -> Reply:
    return Reply(
        thread_id=thread_id, position=position, author_id=world.id(by), author_rank=CAST[by].rank, author_class=CAST[by].member_class,
        author_agency=_agency(by), body=body, html=markup.render(body).html, created_at=at,
    )  # fmt: skip


def _agency(key: str) -> str:
    return AGENCIES[CAST[key].agency][2] if CAST[key].agency else ""


def change(world: World, model: Any, where: Any, **values: Any) -> None:
    with world.db.write() as session:
        session.execute(update(model).where(where).values(**values))


def mails(world: World, key: str = "", kind: str = "digest") -> list[EmailMessage]:
    """What was written to files, oldest first; of one of the cast, if named."""
    found = [parsed(path.read_bytes()) for path in sorted((world.folder / "data" / "mail").glob("*.eml"))]
    return [m for m in found if m["X-Squadroom-Kind"] == kind and (not key or m["To"] == CAST[key].email)]


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def text(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def whole(message: EmailMessage) -> str:
    return "\n".join([str(message["Subject"]), text(message), text(message, "html")])


def digests(world: World, at: dt.datetime = SLOT + dt.timedelta(minutes=1)) -> int:
    return run_digests(world.db, world.settings, at)


def states(world: World) -> list[str]:
    with world.db.read() as conn:
        return list(conn.execute(select(OutboxMessage.state).order_by(OutboxMessage.id)).scalars())
