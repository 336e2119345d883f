"""A digest run: for each member whose slot is due, choose, render and queue, and mark the slot as done, in one transaction.

The done slot is the guard against a second mail: two runs at once write it, and one of them is told that it is there already. A digest that
was asked for has another slot than the one of the hour: there it is the time that both are about which only one of them may have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from threading import Event
from typing import Any

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer
from app.core.site import read as read_site
from app.core.sql import insert_into
from app.mail import outbox, reply_tokens
from app.mail.delivery import Delivery, Rewritten, Verdict, asks_again
from app.mail.digest import readers as reading
from app.mail.digest.choose import Choice, choose
from app.mail.digest.readers import Reader
from app.mail.digest.render import Press
from app.mail.digest.window import Window, window
from app.mail.models import DigestSlot, MailState
from app.mail.outbox import Claimed

KIND = "digest"
_SLOTS = select(DigestSlot.member_id, DigestSlot.slot_at).where(
    DigestSlot.member_id.in_(bindparam("ids", expanding=True)), DigestSlot.slot_at > bindparam("since")
)
_ALONE = f"LOCK TABLE {DigestSlot.__tablename__} IN SHARE ROW EXCLUSIVE MODE"
"""Nobody else closes a slot meanwhile: one that was asked for has a slot of its own, which collides with none. SQLite has one writer."""
TOGETHER = 500  # messages that are rendered and queued in one transaction: all of them are in memory, at 30 KB each
ANEW = 4  # batches that are read on one connection


class Run:
    """What one run keeps from batch to batch: the messages of the period and the fragments made of them."""

    def __init__(self, db: Database, settings: Settings, at: dt.datetime) -> None:
        self._db, self._settings, self._at = db, settings, at
        self._signer = Signer(settings.keys)
        with db.read() as conn:
            self.site = read_site(conn, settings)
        self._press = Press(settings, self.site)
        self._window: Window | None = None

    def queue(self, batch: Sequence[Reader]) -> int:
        """Queue the digests of these readers and close their slots; how many have one."""
        if not batch:
            return 0
        with self._db.read() as conn:
            choices = choose(conn, self._seen(conn, batch), batch)
            self._press.prepare(conn, choices)
        return sum(self._put(choices[n : n + TOGETHER]) for n in range(0, len(choices), TOGETHER))

    def _put(self, choices: Sequence[Choice]) -> int:
        """Render and queue, in one transaction, for those whose slot nobody else closed meanwhile."""
        tokens = {choice.reader.id: _token(choice) for choice in choices if not choice.is_empty}
        rows = {choice.reader.id: self._row(choice, tokens[choice.reader.id]) for choice in choices if not choice.is_empty}
        with self._db.write() as session:
            won = self._done(session, choices)
            letters = [row for member_id, row in rows.items() if member_id in won]
            if letters:
                outbox.put(session, letters)
                reply_tokens.keep(session, [row for c in choices if c.reader.id in won for row in _kept(c, tokens)])
                audit.record(session, system("digest"), "digest.queue", members=len(letters), slots=len(won))
        return len(letters)

    def _seen(self, conn: Any, batch: Sequence[Reader]) -> Window:
        since = min(reader.begins for reader in batch)
        if self._window is None or since < self._window.since:
            self._window = window(conn, since, self._at)
        return self._window

    def _done(self, session: Session, choices: Sequence[Choice]) -> set[int]:
        """Mark the slots as done, also those with nothing to send; the members for whom this run did it."""
        values = [
            {
                "member_id": c.reader.id, "slot_at": c.reader.slot, "weekly_at": c.reader.weekly_at,
                "class_at": c.reader.class_at, "messages": c.messages, "made_at": clock.now(),
            }
            for c in choices
        ]  # fmt: skip
        if not self._db.is_sqlite and any(c.reader.asked for c in choices):
            session.execute(text(_ALONE))
        statement = insert_into(session, DigestSlot.__table__).on_conflict_do_nothing().returning(DigestSlot.member_id)
        return set(session.connection().execute(statement, values).scalars()) - _had_another(session, choices)

    def _row(self, choice: Choice, token: str) -> dict[str, Any]:
        reader = choice.reader
        key = f"digest:{reader.slot.isoformat()}"
        ident = outbox.message_id(self._signer, self._settings.mail_domain, reader.email, key)
        row = outbox.row_of(KIND, reader.email, key, ident, clock.now())
        return {**row, "member_id": reader.id, "raw": self._press.message(choice, ident, token), "about": _about(choice)}

    def again(self, readers: Sequence[Reader], rows: dict[int, Claimed]) -> dict[int, Verdict]:
        """Choose again for messages about to be sent (`rows` by member), and make those anew that would say something else or go to another
        address."""
        with self._db.read() as conn:
            choices = choose(conn, self._seen(conn, readers), readers)
            changed = [c for c in choices if c.print() != rows[c.reader.id].about["print"] or _has_moved(c, rows[c.reader.id])]
            self._press.prepare(conn, changed)
        tokens = {c.reader.id: _token(c) for c in changed}
        if any(tokens.values()):
            with self._db.write() as session:
                reply_tokens.keep(session, [row for choice in changed for row in _kept(choice, tokens)])
        verdicts: dict[int, Verdict] = {row.id: MailState.QUEUED for row in rows.values()}
        for choice in changed:
            row = rows[choice.reader.id]
            verdicts[row.id] = MailState.DROPPED
            if not choice.is_empty:
                verdicts[row.id] = self._anew(choice, row, tokens[choice.reader.id])
        return verdicts

    def _anew(self, choice: Choice, row: Claimed, token: str) -> Rewritten:
        if not _has_moved(choice, row):
            return Rewritten(self._press.message(choice, row.message_id, token), _about(choice))
        to = choice.reader.email
        ident = outbox.message_id(self._signer, self._settings.mail_domain, to, outbox.thing_of(row))
        return Rewritten(self._press.message(choice, ident, token), _about(choice), to, ident)


def _has_moved(choice: Choice, row: Claimed) -> bool:
    """Whether their digest goes to another address than when it was queued."""
    return bool(choice.reader.email != row.recipient)


def _had_another(session: Session, choices: Sequence[Choice]) -> set[int]:
    """Who has had another digest of this time since it was chosen: the one that they asked for, or the one of their hour."""
    slots = {c.reader.id: (c.reader.slot, c.reader.since) for c in choices}
    first = min(since for _, since in slots.values())
    rows = session.connection().execute(_SLOTS, {"ids": list(slots), "since": first})
    return {member for member, at in rows if at != slots[member][0] and at > slots[member][1]}


def _token(choice: Choice) -> str:
    """One for all threads of a mail that may be answered; nothing where none may."""
    return reply_tokens.new() if any(pick.may_answer for pick in choice.picks) else ""


def _kept(choice: Choice, tokens: dict[int, str]) -> list[dict[str, Any]]:
    """What is kept of a choice's token, if it has one."""
    token = tokens.get(choice.reader.id)
    threads = [pick.item.subject.id for pick in choice.picks if pick.item is not None and pick.may_answer]
    return [reply_tokens.row_of(token, choice.reader.id, threads)] if token else []


def _about(choice: Choice) -> dict[str, Any]:
    reader = choice.reader
    threads = [pick.item.subject.id for pick in choice.picks if pick.item is not None]
    return {
        "slot": reader.slot.isoformat(),
        "since": reader.since.isoformat(),
        "weekly": reader.weekly_since and reader.weekly_since.isoformat(),
        "class": reader.class_since and reader.class_since.isoformat(),
        "threads": threads,
        "print": choice.print(),
        "asked": reader.asked,
    }


def _period(about: dict[str, Any]) -> reading.Period:
    slot, since = (dt.datetime.fromisoformat(about[name]) for name in ("slot", "since"))
    # One that was queued before `class` was kept was of a class that had its forums daily.
    weekly, of_class = (dt.datetime.fromisoformat(said) if said else None for said in (about["weekly"], about.get("class", about["since"])))
    return reading.Period(slot, since, weekly, of_class)


@asks_again(KIND)
def _ask_again(db: Database, settings: Settings, rows: Sequence[Claimed]) -> dict[int, Verdict]:
    """Right before sending: is the digest still on, the member current, each thread visible, each message as it was (M13)?"""
    verdicts: dict[int, Verdict] = {row.id: MailState.DROPPED for row in rows}
    left = {row.member_id: row for row in rows if row.member_id is not None}
    others = [row for row in rows if left.get(row.member_id) is not row]
    if left:
        periods = {member_id: _period(row.about) for member_id, row in left.items()}
        run = Run(db, settings, max(period[0] for period in periods.values()))
        with db.read() as conn:
            found = reading.these(conn, periods, run.site)
        still = [reading.who_asked(reader) if left[member_id].about.get("asked") else reader for member_id, reader in found.items()]
        if still:
            verdicts |= run.again(still, {reader.id: left[reader.id] for reader in still})
    if others:  # two slots of one member at once
        verdicts |= _ask_again(db, settings, others)
    return verdicts


def queue_digests(db: Database, settings: Settings, at: dt.datetime, member: str | None = None, stop: Event | None = None) -> int:
    """Queue every digest that is due at `at` (for one member's address, if given); how many."""
    run, queued = Run(db, settings, at), 0
    for n, batch in enumerate(reading.due(db, at, run.site, member), 1):
        queued += run.queue(batch)
        if stop and stop.is_set():
            break
        if db.is_sqlite and not n % ANEW:
            db.read_anew()
    return queued


def run_digests(db: Database, settings: Settings, at: dt.datetime, member: str | None = None) -> int:
    """What the worker would do at `at`: choose, render and send, all before it returns. How many digests there were."""
    with clock.at(clock.running_from(at)):
        queued = queue_digests(db, settings, at, member)
        Delivery(db, settings).run()
        outbox.wait_for_others(db, KIND)
    return queued


def mark_done(session: Session, members: Sequence[int], slot: dt.datetime) -> None:
    """Say that these members have had their digests up to `slot`: for an association that begins with history."""
    rows = [{"member_id": m, "slot_at": slot, "weekly_at": slot, "class_at": slot, "messages": 0, "made_at": slot} for m in members]
    if rows:
        session.connection().execute(insert(DigestSlot.__table__), rows)  # type: ignore[arg-type]
