"""The letters to an agency's contact: fixed words, with the agency's name and the way to its roster. Nobody acts by the link alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter


def appointed(session: Session, contact: Any, agency: Any) -> None:
    _send(
        session,
        contact,
        agency,
        "roster-contact",
        key=f"roster-contact:{contact.id}",
        subject=f"You are the contact of {agency.short_name}",
    )


def asked(session: Session, contact: Any, agency: Any, number: int, reminder: int) -> None:
    """`number` is the round's. `reminder`: how many there were before; the same letter is queued once."""
    subject = f"Who still works at {agency.short_name}?"
    subject = f"Reminder: {subject[0].lower()}{subject[1:]}" if reminder else subject
    key = f"roster-ask:{number}:{contact.member_id}:{reminder}"
    _send(session, contact, agency, "roster-ask", key=key, subject=subject, is_reminder=reminder > 0)


def _send(session: Session, contact: Any, agency: Any, template: str, **more: Any) -> None:
    subject, key = more.pop("subject"), more.pop("key")
    values = {**more, "agency": agency.short_name, "path": f"/agencies/{agency.id}/roster"}
    mail.queue(session, Letter("account", contact.email, template, subject, key, values, contact.member_id, page=values["path"]))
