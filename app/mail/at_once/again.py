"""Right before such a mail leaves: does the message stand, as it was, and may and does this member still want it (M13)?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.core.config import Settings
from app.core.db import Database
from app.core.site import read as read_site
from app.mail import reply_tokens
from app.mail.at_once import hearers, subject
from app.mail.at_once.hearers import Hearer
from app.mail.at_once.letter import KIND, Sheet
from app.mail.at_once.posted import opening_of
from app.mail.delivery import Rewritten, Verdict, asks_again
from app.mail.models import MailState
from app.mail.outbox import Claimed


@asks_again(KIND)
def ask_again(db: Database, settings: Settings, rows: Sequence[Claimed]) -> dict[int, Verdict]:
    by_message: dict[tuple[int, int], list[Claimed]] = defaultdict(list)
    for row in rows:
        by_message[row.about["thread"], row.about["position"]].append(row)
    verdicts: dict[int, Verdict] = {row.id: MailState.DROPPED for row in rows}
    for (thread_id, position), some in by_message.items():
        verdicts |= _of_one(db, settings, (thread_id, position), some)
    return verdicts


def _of_one(db: Database, settings: Settings, where: tuple[int, int], rows: Sequence[Claimed]) -> dict[int, Verdict]:
    with db.read() as conn:
        site, message = read_site(conn, settings), subject.message(conn, *where)
        if message is None:
            return {}
        found = hearers.these(conn, message, [row.member_id for row in rows if row.member_id is not None], site)
        sheet = Sheet(settings, site, message, opening_of(conn, message))
    still = {row.id: (row, found[row.member_id]) for row in rows if row.member_id in found}
    verdicts: dict[int, Verdict] = {}
    for row_id, (row, to) in still.items():
        if to.at_once:
            same = row.about["print"] == subject.print_of(message) and row.about["detail"] == to.detail and to.email == row.recipient
            verdicts[row_id] = MailState.QUEUED if same else _anew(db, sheet, row, to, message)
    return verdicts


def _anew(db: Database, sheet: Sheet, row: Claimed, to: Hearer, message: Any) -> Rewritten:
    """The same mail with what the message says now, and a new address to answer to; to the address that its member has now."""
    token = reply_tokens.new() if to.may_answer else ""
    if token:
        with db.write() as session:
            reply_tokens.keep(session, [reply_tokens.row_of(token, to.id, [message.thread_id])])
    about = {**row.about, "print": subject.print_of(message), "detail": to.detail}
    moved = (to.email, sheet.ident(to.email)) if to.email != row.recipient else ("", "")
    return Rewritten(sheet.made(to, token), about, *moved)
