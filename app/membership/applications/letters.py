"""The letters of an application: fixed words, of which the applicant supplies none, not even a name (V9). Codes are never in one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.signing import token_hash
from app.membership.models import Application, Purpose

# What a case is about changes its letters' words: template and subject by purpose.
_APPROVED = {
    Purpose.JOIN: ("application-approved", "Your membership is approved"),
    Purpose.RECOVER: ("recovery-approved", "Set up your sign-in anew"),
}
_ASKED = {
    Purpose.JOIN: ("application-asked", "A question about your application"),
    Purpose.RECOVER: ("recovery-asked", "A question about your sign-in"),
    Purpose.RETURN: ("return-asked", "A question about your way back"),
}
_DECLINED = {
    Purpose.JOIN: ("application-declined", "Your application for membership was decided"),
    Purpose.RECOVER: ("recovery-declined", "Your request about your sign-in was decided"),
    Purpose.RETURN: ("return-declined", "Your request to come back was decided"),
}
_WITHDRAWN = {
    Purpose.JOIN: ("application-withdrawn", "Your application for membership was withdrawn"),
    Purpose.RECOVER: ("recovery-withdrawn", "Your request about your sign-in was withdrawn"),
    Purpose.RETURN: ("return-withdrawn", "Your request to come back was withdrawn"),
}
# The steps between have one wording for all purposes, with what it is about from here.
_ABOUT = {
    Purpose.JOIN: "application for membership",
    Purpose.RECOVER: "request about your sign-in",
    Purpose.RETURN: "request to come back",
}


def confirm(session: Session, application: Application, token: str) -> None:
    _send(session, application, "application-confirm", "Confirm your application for membership", path=f"/apply/confirm/{token}")


def submitted(session: Session, application: Application, status: str) -> None:
    """The address is confirmed, so the way to the status page may be mailed to it: the link that confirmed led there, too."""
    _send(session, application, "application-submitted", "Reviewers have your application for membership", path=f"/applications/{status}")


def withdrawn(session: Session, application: Application) -> None:
    _send(session, application, *_WITHDRAWN[Purpose(application.purpose)])


def recovery_closed(session: Session, application: Application) -> None:
    """Neither withdrawn by who asked nor decided: another one was approved, or the member says that they never asked."""
    _send(session, application, "recovery-closed", "A request about your sign-in was closed")


def lapsed(session: Session, application: Application) -> None:
    _send(session, application, "application-lapsed", "An application for membership has lapsed")


def already_member(session: Session, application: Application) -> None:
    """For an address that has a member: nothing to confirm, so that nobody can make a second one of them."""
    _send(session, application, "application-member", "You are already a member")


def approved(session: Session, application: Application, token: str) -> None:
    _send(session, application, *_APPROVED[Purpose(application.purpose)], path=f"/enrol/{token}")


def asked(session: Session, application: Application, question_id: int) -> None:
    """That there is a question: its words stand on the status page alone."""
    template, subject = _ASKED[Purpose(application.purpose)]
    mail.queue(session, Letter("application", application.email, template, subject, f"application-asked:{question_id}", {}))


def begun(session: Session, application: Application) -> None:
    """A reviewer claimed it: told once, however often claims lapse. Whom a roster named answers that letter first."""
    if application.purpose == Purpose.JOIN and not application.statement_version:
        return
    _step(session, application, "case-begun", "A reviewer has begun on your", str(application.id))


def answered(session: Session, application: Application, question_id: int) -> None:
    """Whoever answered, the owner of the mailbox hears of it."""
    _step(session, application, "case-answered", "Reviewers have your answer about your", str(question_id))


def signed(session: Session, application: Application) -> None:
    """The first of two approved; not who, and not why."""
    _step(session, application, "case-signed", "The first of two reviewers has signed your", str(application.id))


def reminded(session: Session, application: Application, question_id: int, after_days: int, left_days: int) -> None:
    """A question waits for its answer, and for how long the case does."""
    about = _ABOUT[Purpose(application.purpose)]
    key, values = f"case-waits:{question_id}:{after_days}", {"about": about, "days": left_days, "purpose": application.purpose}
    mail.queue(session, Letter("application", application.email, "case-waits", f"We wait for your answer about your {about}", key, values))


def unanswered(session: Session, application: Application) -> None:
    _step(session, application, "case-lapsed", "No answer came, so we closed your", str(application.id))


def _step(session: Session, application: Application, template: str, subject: str, once: str) -> None:
    about = _ABOUT[Purpose(application.purpose)]
    letter = Letter("application", application.email, template, f"{subject} {about}", f"{template}:{once}", {"about": about})
    mail.queue(session, letter)


def declined(session: Session, application: Application) -> None:
    _send(session, application, *_DECLINED[Purpose(application.purpose)])


def invited(session: Session, application: Application, token: str) -> None:
    """A founding reviewer's: they did not apply, so it says who asks."""
    _send(session, application, "application-invited", "You are invited to review applications", path=f"/enrol/{token}")


def invite_again(session: Session, to: str, member_id: int, token: str) -> None:
    """A new enrolment link for a member who did not enrol in time. Its key is new each time: it is another link."""
    values = {"path": f"/enrol/{token}"}
    key = f"enrol-again:{member_id}:{token_hash(token).hex()[:16]}"
    mail.queue(session, Letter("application", to, "application-again", "A new link to set up your sign-in", key, values))


def _send(session: Session, application: Application, template: str, subject: str, path: str = "") -> None:
    values = {"path": path} if path else {}
    mail.queue(session, Letter("application", application.email, template, subject, f"{template}:{application.id}", values))
