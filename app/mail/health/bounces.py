"""What came back (M10): which message it was stands, signed, in the address that it came to; nothing else is believed.

Gone for good: nothing is sent there any more, at once, and the member is asked where they are. Refused for good three times: the same.
Not now: a ladder. A complaint: what it complains of is switched off."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import audit
from app.core.access import system
from app.core.config import Settings
from app.core.db import Database
from app.core.signing import Signer
from app.mail import envelope as envelopes
from app.mail import outbox, stopping
from app.mail.health import ladder, reports
from app.mail.health.reports import Failure, Report
from app.mail.inbound.envelope import Answer, Envelope
from app.mail.inbound.parsing import parse
from app.mail.inbound.refusals import NotTaken
from app.mail.lists import List
from app.mail.unsubscribe import Link

STOPPABLE = ("digest", "reply", "notification")


def take(db: Database, settings: Settings, envelope: Envelope) -> Answer:
    """Read a report and act on it. What isn't ours, or says nothing, changes nothing."""
    number = envelopes.outbox_id(Signer(settings.keys), envelope.local)
    if number is None:
        return Answer.NO_SUCH_ADDRESS
    try:
        report = reports.read(parse(reports.bounded(envelope.raw)))
    except NotTaken:
        return Answer.TAKEN
    with db.write() as session:
        sent = outbox.sent(session, number)
        if sent is None:
            return Answer.NO_SUCH_ADDRESS
        if report.is_complaint:
            _complained(session, sent)
        elif report.failure is not None:
            _failed(session, settings, sent, report)
    return Answer.TAKEN


def _failed(session: Session, settings: Settings, sent: outbox.Claimed, report: Report) -> None:
    about = ladder.About(settings, sent.recipient, sent.created_at, report.said)
    if report.failure is Failure.GONE:
        ladder.gone(session, about)
    elif report.failure is Failure.REFUSED:
        ladder.refused(session, about)
    else:
        ladder.soft(session, about)


def _complained(session: Session, sent: outbox.Claimed) -> None:
    """The kind that was complained of stops. What concerns the account can't be stopped: an administrator sees it in the log."""
    if sent.kind in STOPPABLE and sent.member_id is not None:
        of, number = sent.about.get("stop", (List.DIGEST, 0))
        stopping.end(session, Link(List(of), number, sent.member_id), by="complaint")
    audit.record(session, system("mail"), "mail.complaint", ("outbox", sent.id), kind=sent.kind, member=sent.member_id)
