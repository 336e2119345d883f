"""A named sponsor is told by a letter with fixed words, and answers on a page of their own. Their word is what evidence of this kind
rests on (V3): naming a member takes nothing but their address."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from app.accounts.throttle import counted
from app.core import audit, clock
from app.core.access import Actor, system
from app.core.fields import Form
from app.core.ports import mail
from app.core.ports.mail import Letter
from app.membership.applications.limits import DAY
from app.membership.models import Application
from app.membership.sponsors import access
from app.membership.sponsors.models import SponsorAnswer

LETTERS = 5  # to one sponsor in a day; what more is asked stands on their page
SUBJECT = "An applicant named you as their sponsor"


class WordForm(Form):
    word: Literal["yes", "no"]


def ask(session: Session, application: Application) -> None:
    """Once a case is before the reviewers: an address that nobody confirmed bothers no member."""
    access.settle(session, application)
    to = access.current_sponsor(session, application)
    if to is None or access.is_asked(session, application):
        return
    sponsor_id, now = application.sponsor_id, clock.now()
    session.add(SponsorAnswer(application_id=application.id, sponsor_id=sponsor_id, asked_at=now))
    session.flush()
    if counted(session, f"sponsor letter {sponsor_id}", DAY, now) <= LETTERS:
        key = f"sponsor-asked:{application.id}"
        mail.queue(session, Letter("account", to, "sponsor-asked", SUBJECT, key, {"path": "/sponsored"}, sponsor_id, page="/sponsored"))
    audit.record(session, system("membership"), "sponsor.ask", ("application", application.id), sponsor=sponsor_id)


def answer(session: Session, actor: Actor, application_id: int, form: WordForm) -> None:
    """The sponsor's word. It moves the case's version: what a reviewer is about to sign rests on it. The same word again moves nothing."""
    application, asked = access.to_answer(session, actor, application_id)
    stands_by = form.word == "yes"
    if asked.stands_by is stands_by:
        return
    asked.stands_by, asked.answered_at = stands_by, clock.now()
    application.version += 1
    audit.record(session, actor, "sponsor.answer", ("application", application.id), stands_by=asked.stands_by)
