"""The letters to whom a roster names: fixed words, and no code in any of them. Who was asked to answer hears when that is over."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter
from app.membership.models import Application


def named(session: Session, case: Application, token: str) -> None:
    _send(session, case, "application-roster", "You are named for membership: please answer", path=f"/apply/confirm/{token}")


def lapsed(session: Session, case: Application) -> None:
    _send(session, case, "roster-lapsed", "What the roster began for you has lapsed")


def undone(session: Session, case: Application) -> None:
    _send(session, case, "roster-undone", "You need not answer: the roster was taken back")


def _send(session: Session, case: Application, template: str, subject: str, **values: str) -> None:
    mail.queue(session, Letter("application", case.email, template, subject, f"{template}:{case.id}", values))
