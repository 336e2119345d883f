"""Running the association: its first administrator, its founding reviewers, its first forums, its name and texts."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from sqlalchemy.orm import Session

from app.accounts import notices
from app.accounts import operations as accounts
from app.accounts.codes import code_hash, new_enrolment_code
from app.accounts.disavow.links import Undo
from app.accounts.models import Account
from app.association import access, presets
from app.association.models import Founding, SiteText
from app.core import audit, clock
from app.core.access import Actor, Right, system
from app.core.email import Email, normalise
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.fields import Form, Id, Line, Name, Text
from app.core.markup import render
from app.core.signing import new_token, token_hash
from app.core.site import SiteRow
from app.forum.administering import access as forums
from app.forum.administering import operations as administration
from app.forum.models import Forum, Grant, GrantRight
from app.membership import access as members
from app.membership import admission, groups
from app.membership.applications import letters
from app.membership.models import Application, ApplicationState, Decision, MemberClass, Role, Verdict
from app.membership.statements import access as statements


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("must be a time zone such as America/Los_Angeles") from None
    return name


class SiteForm(Form):
    name: Name
    address: Annotated[Line, StringConstraints(max_length=300)]
    time_zone: Annotated[Name, StringConstraints(max_length=60), AfterValidator(_zone)]
    rules: Text = ""
    welcome: Text = ""
    statement: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=2000)] = ""  # that applicants accept
    hides_own_agency: bool = False
    mail_most: Literal["full", "headlines", "links"] = "full"  # the most a mail may hold, whatever a forum or a member allows
    hello_forum: Annotated[Id | None, BeforeValidator(lambda value: value or None)] = None  # where new members say hello
    rules_must_accept: bool = False  # members accept this version before they go on


class FounderForm(Form):
    name: Name
    rank: Annotated[Line, StringConstraints(max_length=100)] = ""
    email: Email
    member_class: MemberClass


def create_admin(session: Session, email: str, name: str) -> str:
    """The token of the enrolment link of an administrator made from the console; founding opens with the first of them."""
    try:
        address = normalise(email)
    except ValueError as error:
        raise Invalid(email=f"The address {error}.") from None
    actor = system("commands")
    groups.ensure_groups(session)
    person = admission.Person(email=address, name=" ".join(name.split()) or address, member_class=MemberClass.STAFF)
    member = admission.admit(session, actor, person, [Role.ADMIN])
    if session.get(Founding, 1) is None:
        session.add(Founding(id=1, opened_at=clock.now()))
    audit.record(session, actor, "admin.create", ("member", member.id))
    return accounts.invite(session, actor, member.id)


def recover_admin(session: Session, email: str) -> str:
    """The token of a link by which an administrator who lost everything sets up their sign-in anew, from the server's console. For the
    last one: others are brought back by two reviewers (A9)."""
    actor = system("commands")
    account_id = members.account_by_email(session, normalise(email))
    if account_id is None or Role.ADMIN not in members.roles_of(session, account_id) or not members.may_sign_in(session, account_id):
        raise Conflict("Nobody with this address is an administrator. Everybody else asks on the page /recover.")
    token = accounts.invite(session, actor, account_id)
    audit.record(session, actor, "admin.recover", ("member", account_id))
    notices.tell(session, actor, account_id, "A link to set up your sign-in anew was made on the server’s console.", Undo("password"))
    return token


def save_site(session: Session, actor: Actor, form: SiteForm) -> None:
    """Name, address, zone and texts. Markdown is rendered when it is written."""
    _require_admin(actor)
    row = session.get(SiteRow, 1)
    if row is None:
        row = SiteRow(id=1, rules="", rules_version=0, rules_required=0)
        session.add(row)
    row.name, row.address, row.time_zone = form.name, form.address, form.time_zone
    if row.rules is not None and row.rules != form.rules:
        row.rules_version += 1
        _keep_text(session, actor, SiteText(name="rules", version=row.rules_version, text=form.rules))
    if row.welcome is None or row.welcome != form.welcome:
        _keep_text(session, actor, SiteText(name="welcome", version=access.last_version(session, "welcome") + 1, text=form.welcome))
    row.hello_forum = _forum_for_hellos(session, actor, form.hello_forum)
    if form.rules_must_accept and form.rules.strip():
        row.rules_required = row.rules_version
    row.rules, row.rules_html = form.rules, render(form.rules).html if form.rules.strip() else ""
    row.welcome, row.welcome_html = form.welcome, render(form.welcome).html if form.welcome.strip() else ""
    row.statement = "" if form.statement == statements.BUILT_IN else form.statement
    row.hides_own_agency, row.mail_most = form.hides_own_agency, form.mail_most
    said = form.model_dump(include={"name", "address", "time_zone", "hides_own_agency", "mail_most", "hello_forum"})
    audit.record(session, actor, "site.edit", ("site", 1), rules_version=row.rules_version, rules_required=row.rules_required,
                 statement=row.statement, **said)  # fmt: skip


def _keep_text(session: Session, actor: Actor, text: SiteText) -> None:
    text.written_by, text.written_at = actor.name, clock.now()
    session.add(text)


def _forum_for_hellos(session: Session, actor: Actor, forum_id: int | None) -> int | None:
    if forum_id is not None and session.execute(forums.all_forums(actor, Forum.id).where(Forum.id == forum_id)).first() is None:
        raise Invalid(hello_forum="There is no such forum.")
    return forum_id


def make_first_forums(session: Session, actor: Actor) -> int:
    """The preset's forums with their grants, where there is none yet; how many. The group that moderates them is empty at first."""
    _require_admin(actor)
    access.lock_founding(session)
    if session.execute(access.any_forum(actor)).first() is not None:
        raise Conflict("There are forums already. Add more on the forums page.")
    by_class = groups.ensure_groups(session)
    moderators = groups.create_group(
        session, actor, groups.GroupForm(name=presets.MODERATORS, description="They moderate the first forums.")
    )
    for preset in presets.PRESETS:
        form = administration.ForumForm(title=preset.title, description=preset.description, marking_floor=preset.floor.label)
        forum: Forum = administration.create_forum(session, actor, form)
        session.add_all(Grant(group_id=by_class[c], forum_id=forum.id, right=right) for c, right in preset.rights.items())
        session.add(Grant(group_id=moderators.id, forum_id=forum.id, right=GrantRight.MODERATE))
    session.flush()
    audit.record(session, actor, "forum.preset", detail=[preset.title for preset in presets.PRESETS])
    return len(presets.PRESETS)


def invite_founder(session: Session, actor: Actor, form: FounderForm) -> str:
    """A founding reviewer, a member at once: recorded as an application with the administrator's decision. The code that is handed
    over in person; the link goes by mail."""
    _require_admin(actor)
    founding = access.lock_founding(session)
    if founding is None or founding.closed_at is not None:
        raise Forbidden("The founding is closed: new reviewers apply like everybody else, and get the role afterwards.")
    now, code = clock.now(), new_enrolment_code()
    application = Application(
        state=ApplicationState.APPROVED, name=form.name, rank=form.rank, email=form.email, member_class=form.member_class, founding=True,
        confirm_token_hash=token_hash(new_token()), status_token_hash=token_hash(new_token()), enrolment_code_hash=code_hash(code),
        created_at=now, submitted_at=now, decided_at=now,
    )  # fmt: skip
    session.add(application)
    session.flush()
    _decide_founding(session, actor, application)
    person = admission.Person(email=form.email, name=form.name, rank=form.rank, member_class=form.member_class)
    member = admission.admit(session, actor, person, [Role.REVIEWER])
    application.member_id = member.id
    token = accounts.invite(session, actor, member.id, code_hash=application.enrolment_code_hash)
    letters.invited(session, application, token)
    audit.record(session, actor, "founding.invite", ("member", member.id), application_id=application.id)
    close_if_founded(session, actor)
    return code


def invite_again(session: Session, actor: Actor, member_id: int) -> tuple[str, str]:
    """A new link by mail and a new code, for a current member who never enrolled: name and code, which is handed over in person.
    Whoever has enrolled recovers like everybody else: this is no way around the second factor (A9)."""
    _require_admin(actor)
    member = members.member_for_act(session, actor, member_id)
    account = session.get(Account, member.id)
    if account is None or account.password_set_at is not None or not members.may_sign_in(session, member.id):
        raise Conflict("A new link is for current members who have not enrolled yet.")
    code = new_enrolment_code()
    token = accounts.invite(session, actor, member.id, code_hash=code_hash(code))
    letters.invite_again(session, account.email, member.id, token)
    audit.record(session, actor, "member.invite_again", ("member", member.id))
    return member.name, code


def _decide_founding(session: Session, actor: Actor, application: Application) -> None:
    session.add(
        Decision(
            application_id=application.id, step=1, reviewer_id=actor.member_id, reviewer_name=actor.name, verdict=Verdict.APPROVE,
            reason="Founding reviewer, invited by the administrator.", created_at=clock.now(),
        )
    )  # fmt: skip


def close_if_founded(session: Session, actor: Actor) -> None:
    """With two reviewers the founding is over, for good: one of them leaving does not open it again."""
    founding = access.lock_founding(session)
    if founding is not None and founding.closed_at is None and members.count_holders(session, Role.REVIEWER) >= 2:
        founding.closed_at = clock.now()
        audit.record(session, actor, "founding.close")


def _require_admin(actor: Actor) -> None:
    actor.require(Right.ADMIN)
    if not actor.may_write:
        raise Forbidden
