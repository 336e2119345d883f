"""The outbox: queued in the act's transaction, claimed by lease, closed when the message has left.

Two workers never hold the same message while the lease lasts; a dead worker's come back when it is over (L12). A message is sent
at least once: twice only if a worker dies between the server's answer and writing it down, and then under the same Message-ID.

`doubts` counts the copies of which nobody knows whether they left: it is written down before a copy's last line goes, and taken back when
the server refuses it. Of a message that has two a third is never sent, however often workers die (M12).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.core.ports.mail import Letter
from app.core.signing import Signer
from app.core.site import read as read_site
from app.core.sql import insert_into
from app.mail import transports
from app.mail.message import mailbox, message_bytes, plain_address, quoted
from app.mail.models import MailCount, MailState, OutboxMessage
from app.mail.notices import kinds, operations
from app.membership import access as members

LEASE = dt.timedelta(minutes=5)
AHEAD = dt.timedelta(hours=4)  # by which a letter to one person goes before the digests of thousands
GIVE_UP = dt.timedelta(days=4)
SETTLED = 60.0  # seconds that a command waits for messages which another worker has in hand
SECRET = ("account", "application")  # kinds whose links open something
WAITS = (0.5, 0.5, 1, 2, 4, 8, 12)  # hours before each further try; the last is repeated

MOVED = "#moved:"
Claimed = Row[Any]


def message_id(signer: Signer, domain: str, recipient: str, key: str) -> str:
    """The same for the same thing and recipient, whenever it is asked (M5)."""
    about = f"{recipient}\0{key}".encode()
    return f"<{signer.mac('message-id', about)[:16].hex()}@{domain}>"


def standing_headers(settings: Settings, association: str, letter: tuple[str, str, str], ident: str) -> list[tuple[str, str]]:
    """What every message carries. `letter` is (kind, to, subject)."""
    kind, to, subject = letter
    return [
        ("From", mailbox(association, settings.sender)), ("To", plain_address(to)), ("Subject", subject), ("Message-ID", ident),
        ("Auto-Submitted", "auto-generated"), ("X-Squadroom-Kind", kind),
    ]  # fmt: skip


class OutboxMail:
    """The mail port: a letter is rendered when it is queued, and leaves after the commit."""

    def __init__(self, settings: Settings) -> None:
        transports.check(settings)
        self._settings = settings
        self._signer = Signer(settings.keys)

    def queue(self, session: Session, letter: Letter) -> None:
        if members.is_silent(session, letter.to, letter.member_id):
            return
        _tell_on_the_site(session, letter)
        if not _is_wanted(session, letter):
            return
        from app.mail import templates  # late: who queues no letter needs no templates

        now, settings = clock.now(), self._settings
        site = read_site(session, settings)
        values = {"site": site, "origin": settings.origin, "subject": letter.subject, "to": letter.to, **letter.values}
        name = letter.template if letter.template.startswith("mail/") else f"mail/{letter.template}"
        text, html = templates.render(name, **values)
        ident = message_id(self._signer, settings.mail_domain, letter.to, letter.key)
        headers = standing_headers(settings, site.name, (letter.kind, letter.to, letter.subject), ident)
        row = row_of(letter.kind, letter.to, letter.key, ident, now)
        put(session, [{**row, "member_id": letter.member_id, "raw": message_bytes(headers, quoted(text), quoted(html), now)}])


_TOLD = {"account": kinds.SECURITY, "application": kinds.APPLICATION}


def _kind_of(letter: Letter) -> kinds.Kind | None:
    return kinds.named(letter.topic) if letter.topic else _TOLD.get(letter.kind)


def _tell_on_the_site(session: Session, letter: Letter) -> None:
    """A letter to a member stands among their notifications, too: once, however many of their addresses it goes to."""
    kind = _kind_of(letter) if letter.on_site else None
    if kind is not None and letter.member_id is not None and members.is_member(session, letter.member_id):
        operations.tell(session, letter.member_id, operations.Line(kind, letter.subject, f"letter:{letter.key}", letter.page))


def _is_wanted(session: Session, letter: Letter) -> bool:
    """A member may do without the letters of a kind that can be switched off: what waits for them as a reviewer."""
    kind = _kind_of(letter)
    return kind is None or letter.member_id is None or operations.wants(session, letter.member_id, kind).by_mail


def row_of(kind: str, recipient: str, key: str, ident: str, now: dt.datetime) -> dict[str, Any]:
    """A queued row, without its bytes."""
    due = now if kind == "digest" else now - AHEAD
    return {
        "kind": kind, "recipient": recipient, "key": key, "message_id": ident, "about": {}, "state": MailState.QUEUED.value,
        "attempts": 0, "doubts": 0,
        "created_at": now, "next_try_at": due, "leased_until": None, "lease": "", "sent_at": None, "error": "", "member_id": None,
    }  # fmt: skip


def put(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Queue rows; what is queued already for that recipient under that key stays as it is."""
    session.connection().execute(insert_into(session, OutboxMessage.__table__).on_conflict_do_nothing(), list(rows))


_COLUMNS = (
    OutboxMessage.id, OutboxMessage.kind, OutboxMessage.recipient, OutboxMessage.member_id, OutboxMessage.key, OutboxMessage.message_id,
    OutboxMessage.raw, OutboxMessage.about, OutboxMessage.attempts, OutboxMessage.created_at, OutboxMessage.doubts,
)  # fmt: skip


def claim(db: Database, lease: str, limit: int = 20) -> list[Claimed]:
    """Lease up to `limit` due messages, the oldest first."""
    now = clock.now()
    table = OutboxMessage
    due = (
        select(table.id)
        .where(table.state == MailState.QUEUED, table.next_try_at <= now, table.leased_until.is_(None) | (table.leased_until <= now))
        .order_by(table.next_try_at, table.id)
        .limit(limit)
    )
    if not db.is_sqlite:
        due = due.with_for_update(skip_locked=True)
    # A CTE, so that PostgreSQL locks these rows once and no others.
    chosen = due.cte("due")
    taken = (
        update(table)
        .where(table.id.in_(select(chosen.c.id)))
        .values(leased_until=now + LEASE, lease=lease)
        .returning(*_COLUMNS)
        .execution_options(synchronize_session=False)
    )
    with db.write() as session:
        rows = session.execute(taken).all()
    return sorted(rows, key=lambda row: row.id)


def renew(db: Database, lease: str) -> None:
    """Hold on to all that this worker has in hand: a slow server must not make it another's."""
    held = update(OutboxMessage).where(OutboxMessage.lease == lease, OutboxMessage.state == MailState.QUEUED)
    with db.write() as session:
        session.execute(held.values(leased_until=clock.now() + LEASE).execution_options(synchronize_session=False))


def leaving(db: Database, lease: str, ids: Sequence[int]) -> set[int]:
    """Write down that a copy of each leaves now; those of which it may not are left out, because another worker has them by now."""
    table = OutboxMessage
    held = update(table).where(table.id.in_(ids), table.lease == lease, table.state == MailState.QUEUED)
    with db.write() as session:
        return set(session.connection().execute(held.values(doubts=table.doubts + 1).returning(table.id)).scalars())


def release(db: Database, lease: str) -> None:
    """Give back all that this worker still holds."""
    with db.write() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.lease == lease, OutboxMessage.state == MailState.QUEUED)
            .values(leased_until=None, lease="")
            .execution_options(synchronize_session=False)
        )


def close(session: Session, ids: Sequence[int], state: MailState, error: str = "") -> None:
    """The message has left, or never will. Its bytes are kept only where it may be sent once more, and no secret link is in it."""
    table = OutboxMessage
    kept = case((table.kind.in_(SECRET), b""), else_=table.raw) if state is MailState.FAILED else b""
    values: dict[str, Any] = {"state": state, "raw": kept, "leased_until": None, "lease": "", "error": error[:500]}
    if state is MailState.SENT:
        values |= {"sent_at": clock.now(), "attempts": table.attempts + 1}
    session.execute(update(table).where(table.id.in_(ids)).values(**values).execution_options(synchronize_session=False))


def count(session: Session, ended: Mapping[MailState, int]) -> None:
    """Add to the day's figures. The last statement of a transaction, since all workers write these few rows."""
    for state in sorted(ended):
        if ended[state]:
            more = insert_into(session, MailCount.__table__).values(day=clock.now().date(), outcome=state.value, count=ended[state])
            total = MailCount.count + more.excluded.count
            session.connection().execute(more.on_conflict_do_update(index_elements=["day", "outcome"], set_={"count": total}))


def later(session: Session, row: Claimed, error: str) -> bool:
    """Try again later, or give up after four days: whether it was given up. The server has not taken this copy: it is in doubt no more."""
    now = clock.now()
    if now - row.created_at >= GIVE_UP:
        close(session, [row.id], MailState.FAILED, error)
        return True
    wait = dt.timedelta(hours=WAITS[min(row.attempts, len(WAITS) - 1)])
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row.id)
        .values(
            attempts=row.attempts + 1, next_try_at=now + wait, doubts=row.doubts, leased_until=None, lease="", error=error[:500],
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return False


def defer(session: Session, row: Claimed, until: dt.datetime) -> None:
    """Give a message back that has not been tried: its recipient's domain has had enough for now."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row.id)
        .values(next_try_at=until, leased_until=None, lease="")
        .execution_options(synchronize_session=False)
    )


def rewrite(session: Session, row_id: int, raw: bytes, about: dict[str, Any]) -> None:
    """The message says something else now; its Message-ID stays."""
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id == row_id).values(raw=raw, about=about).execution_options(synchronize_session=False)
    )


def readdress(session: Session, row_id: int, raw: bytes, about: dict[str, Any], to: tuple[str, str]) -> None:
    """The message goes to another address (`to`, with the Message-ID that it has there) and is due anew: that address is asked about like
    any other. Somebody else may have had it once, and the same thing there: hence another key."""
    m = OutboxMessage
    recipient, ident = to
    moved = case((m.key.contains(MOVED, autoescape=True), m.key), else_=m.key + f"{MOVED}{row_id}")
    values: dict[str, Any] = {"raw": raw, "about": about, "recipient": recipient, "message_id": ident, "key": moved}
    values |= {"next_try_at": clock.now(), "leased_until": None, "lease": ""}
    session.execute(update(m).where(m.id == row_id).values(**values).execution_options(synchronize_session=False))


def thing_of(row: Claimed) -> str:
    """The key of what it is about, whatever address it goes to."""
    return str(row.key).partition(MOVED)[0]


def wait_for_others(db: Database, kind: str = "") -> None:
    """Messages (of a kind) that another worker has claimed leave before the command that asked for them returns, too."""
    table = OutboxMessage
    held = select(func.count()).where(table.state == MailState.QUEUED, table.leased_until > clock.now())
    if kind:
        held = held.where(table.kind == kind)
    tick = Event()
    for _ in range(int(SETTLED / 0.05)):
        with db.read() as conn:
            if not conn.execute(held).scalar_one():
                return
        tick.wait(0.05)


_SENT = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.recipient, OutboxMessage.member_id, OutboxMessage.about,
               OutboxMessage.created_at).where(OutboxMessage.id == bindparam("id"))  # fmt: skip


def sent(session: Session, row_id: int) -> Claimed | None:
    """What is known of a message that left, or None."""
    return session.execute(_SENT, {"id": row_id}).first()


def drop_for(session: Session, email: str) -> None:
    """What waits for this address is not sent."""
    m = OutboxMessage
    waiting = update(m).where(m.recipient == email, m.state == MailState.QUEUED)
    values = {"state": MailState.DROPPED, "raw": b"", "error": "mail to this address comes back"}
    session.execute(waiting.values(**values).execution_options(synchronize_session=False))
