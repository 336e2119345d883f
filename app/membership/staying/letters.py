"""The letters of staying: fixed words and dates, nothing that a member wrote. Each is queued once, whoever asks how often."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.ports import mail
from app.core.ports.mail import Letter
from app.core.signing import Signer
from app.membership.models import Member
from app.membership.staying.calendar import QUIET_ANSWER, Plan, Stage, day_of

YEARLY = "Once a year every member confirms that they are still where our records say. It takes a minute."
BACK = "You can come back without a new application: sign in with your password and your code, and say so on the page that opens."
ONE_PAGE = "Until then your sign-in opens one page, on which you do so."


@dataclass(frozen=True, slots=True)
class Post:
    """Writes to one member. `key` goes into the link, so that who opens it is known to read this very mailbox."""

    session: Session
    member: Member
    email: str
    signer: Signer | None = None  # needed for links to confirm by

    def send(self, what: str, subject: str, lines: list[str], link: tuple[str, str]) -> None:
        """`what` names the occasion: the same one is written about once. `link` is (path, words)."""
        values = {"lines": lines, "path": link[0], "action": link[1]}
        key, to = f"staying:{self.member.id}:{what}", self.member.id
        mail.queue(self.session, Letter("account", self.email, "staying", subject, key, values, to, page="/verify"))

    @property
    def confirm(self) -> tuple[str, str]:
        assert self.signer is not None
        return f"/verify?key={key_of(self.signer, self.member, self.email)}", "Confirm that nothing has changed"


def key_of(signer: Signer, member: Member, email: str) -> str:
    """Shows that a letter to this address was read. It opens nothing: the page it leads to asks for a sign-in."""
    about = f"{member.id}\0{email}\0{member.verified_at or member.approved_at:%Y-%m-%dT%H:%M:%S}".encode()
    return base64.urlsafe_b64encode(signer.mac("verify", about)[:18]).decode()


def said(day: dt.date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def tell_stage(post: Post, plan: Plan) -> None:
    """What the stage that was reached today means, and what comes next if nobody answers."""
    subject, lines = _STAGES[plan.stage](plan.by)
    link = ("/return", "Ask to come back") if plan.stage is Stage.SUSPENDED else post.confirm
    post.send(f"{plan.stage.name.lower()}:{plan.by}", subject, lines, link)


def _reminder(by: dt.date) -> tuple[str, list[str]]:
    return f"Please confirm your membership by {said(by)}", [
        YEARLY,
        f"Please do it by {said(by)}: open the page, sign in, and look at what stands there.",
        f"Without an answer you can read but not post from {said(day_of(by, Stage.RESTRICTED))}, and your access ends on "
        f"{said(day_of(by, Stage.SUSPENDED))}.",
    ]


def _grace(by: dt.date) -> tuple[str, list[str]]:
    until = said(day_of(by, Stage.RESTRICTED))
    return f"Your membership is not confirmed: nothing changes until {until}", [
        YEARLY,
        f"We asked you, and there is no answer yet. Until {until} nothing changes. From then on you can read but not post, and mail "
        "holds links only.",
    ]


def _restricted(by: dt.date) -> tuple[str, list[str]]:
    return "You can read, but not post, until you confirm your membership", [
        "We asked you to confirm your membership, and there is no answer. So from today you can read but not post, and mail holds links "
        "only. Confirming takes a minute and ends this at once.",
        f"Without an answer your access ends on {said(day_of(by, Stage.SUSPENDED))}.",
    ]


def _warned(by: dt.date) -> tuple[str, list[str]]:
    on = said(day_of(by, Stage.SUSPENDED))
    return f"Your access ends on {on}", [
        f"We asked you to confirm your membership, and there is no answer. On {on} your access ends.",
        "Confirming takes a minute.",
    ]


def _suspended(by: dt.date) -> tuple[str, list[str]]:
    return "Your access has ended, because your membership was not confirmed", [
        "We asked you several times to confirm your membership, and there was no answer. So your access has ended. What you wrote stays.",
        BACK,
    ]


_STAGES = {
    Stage.ASKED: _reminder, Stage.AGAIN: _reminder, Stage.LAST: _reminder, Stage.GRACE: _grace, Stage.RESTRICTED: _restricted,
    Stage.WARNED: _warned, Stage.SUSPENDED: _suspended,
}  # fmt: skip


def renewed(post: Post, answer_id: int) -> None:
    lines = ["A reviewer looked at your answer. Your membership is confirmed for another year."]
    post.send(f"renewed:{answer_id}", "Your membership is confirmed", lines, ("/", "Open the forum"))


def paused(post: Post, answer_id: int) -> None:
    lines = [
        "A reviewer looked at your answer and could not confirm your membership. So your access has ended. What you wrote stays.",
        BACK,
    ]
    post.send(f"paused:{answer_id}", "Your membership could not be confirmed", lines, ("/return", "Ask to come back"))


def returned(post: Post, case_id: int) -> None:
    lines = ["Two reviewers decided that you are a member again. Sign in as you always did: all that you wrote is still there."]
    post.send(f"returned:{case_id}", "Welcome back: your membership is active again", lines, ("/sign-in", "Sign in"))


def _by(post: Post, today: dt.date) -> str:
    """Until when there is time, for the middle of a sentence; nothing where that is past."""
    by = post.member.verify_by
    return f" by {said(by)}" if by is not None and by >= today else ""


def bounced(post: Post, today: dt.date, *, closed: bool) -> None:
    """To the addresses that are left. The link has no key: reading one's own mail says nothing about the agency's."""
    when = _by(post, today)
    lines = [
        "A letter to another of your addresses here came back: there is no such mailbox any more.",
        f"So please confirm your membership{when}, and tell us if something has changed.",
        *([f"{ONE_PAGE} If the mailbox is yours, ask your agency why it is closed."] if closed else []),
    ]
    subject = f"Please confirm your membership{when}: a letter to you came back"
    post.send(f"bounced:{today}", subject, lines, ("/verify", "Sign in and confirm"))


def moved_mail(post: Post, today: dt.date) -> None:
    """To all addresses that are there now; one that was taken away is told that it was."""
    when = _by(post, today)
    lines = [
        "The address of yours that we know as your agency's is another one now, or none.",
        f"So please confirm your membership{when}, and tell us if something has changed. It takes a minute.",
    ]
    subject = f"Please confirm your membership{when}: your agency's address changed"
    post.send(f"moved-mail:{today}", subject, lines, ("/verify", "Sign in and confirm"))


def dissolved(post: Post, today: dt.date, *, closed: bool) -> None:
    """To all addresses: the agency's mailbox may be gone tomorrow."""
    when = _by(post, today)
    lines = [
        "The agency where you work stands in our records as dissolved, or as a part of another one by now.",
        f"So please tell us{when} where you work today, or that you have retired or left. A reviewer looks at your answer.",
        *([ONE_PAGE] if closed else []),
    ]
    post.send(f"dissolved:{today}", f"Please tell us{when} where you work now", lines, ("/verify", "Sign in and answer"))


def ask_quiet(post: Post, today: dt.date) -> None:
    until = said(today + QUIET_ANSWER)
    lines = [
        "You have not signed in for 90 days. If you read by mail alone, that is fine: one sign-in tells us that it is still you.",
        f"Without it, from {until} on mail holds links only, and at your next visit we ask you to confirm your membership first.",
    ]
    post.send(f"quiet:{today}", "Are you still there? One sign-in is enough", lines, ("/verify", "Yes, sign in"))


def tell_quiet(post: Post, today: dt.date) -> None:
    lines = [
        "You have not signed in for more than 90 days, and our letter had no answer. So from today mail holds links only, and your next "
        "sign-in opens one page: there you confirm your membership, and all is as before.",
    ]
    post.send(f"unheard:{today}", "Please confirm your membership at your next visit", lines, ("/verify", "Sign in and confirm"))


def tell_quiet_suspended(post: Post, today: dt.date) -> None:
    lines = ["You have not signed in for more than 90 days, and our letter had no answer. So your access has ended.", BACK]
    post.send(f"unheard:{today}", "Your access has ended, because you were away for long", lines, ("/return", "Ask to come back"))


def warn_last_admin(post: Post, today: dt.date) -> None:
    lines = [
        "You are the association's only administrator, and your membership is not confirmed. Anyone else would be asked out by now. "
        "You are not, because nobody could run the association then.",
        "Please confirm your membership, and make somebody else an administrator too.",
    ]
    post.send(f"last-admin:{today}", "The only administrator is not confirmed", lines, post.confirm)
