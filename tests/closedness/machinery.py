"""What stands beside the forum: agencies, texts, sign-in things, and what only the program reads."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.addresses.models import AccountAddress, AddressRequest
from app.accounts.disavow.models import Disavowal
from app.accounts.models import Authenticator, BearerToken, KeptForm, SignInSession
from app.accounts.recover.models import Recovery
from app.accounts.terms.models import TermsAcceptance
from app.agencies.models import Agency, AgencyDomain
from app.association.models import Drill
from app.core import audit
from app.core.access import Actor, Origin, system
from app.core.jobs import Job
from app.core.site import SiteRow
from app.mail.models import MailState, OutboxMessage
from app.membership.roster.models import AgencyContact, RosterAnswer, RosterRound
from app.membership.watch.models import DirectoryAlert
from app.web.idempotency import IdempotencyKey
from tests.closedness.audiences import MEMBERS, NOT_PARTNERS

if TYPE_CHECKING:
    from tests.closedness.scene import Scene


def machinery(scene: Scene, session: Session) -> None:
    """Agencies, the association's texts, sign-in things, and what only the program itself reads."""
    me, now = scene.id("colleague"), scene.world.now
    agency = scene.world.ids.agencies["alderwood"]
    session.execute(update(Agency).where(Agency.id == agency).values(region=scene.word("agency region", *NOT_PARTNERS)))
    who = ("admin", "reviewer1", "reviewer2")
    domain, reason = scene.word("agency domain", *who) + ".example", scene.word("domain reason", *who)
    adder = {"added_by": scene.id("admin"), "added_name": scene.word("domain adder", *who)}
    waits = AgencyDomain(agency_id=agency, domain=domain, reason=reason, **adder)
    session.add(waits)
    session.flush()
    scene.ids["domain_id"] = [waits.id]
    rules, welcome = scene.word("rules", *MEMBERS), scene.word("welcome", *MEMBERS)
    session.add(
        SiteRow(
            id=1,
            name="The Association",
            address="1 Street",
            time_zone="America/Los_Angeles",
            rules=rules,
            rules_html=f"<p>{rules}</p>",
            welcome=welcome,
            welcome_html=f"<p>{welcome}</p>",
        )
    )
    later = now + dt.timedelta(days=30)
    token = BearerToken(
        account_id=me, name=scene.word("token name", "colleague"), token_hash=b"t" * 32, scopes="read", created_at=now, expires_at=later
    )
    totp = Authenticator(
        account_id=me, kind="totp", name=scene.word("authenticator", "colleague"), sealed_secret=b"x", confirmed_at=now, created_at=now
    )
    kept = KeptForm(account_id=me, path="/threads/1/replies", fields=[("body", scene.word("kept form", "colleague"))], created_at=now)
    browser = SignInSession(
        account_id=me,
        token_hash=b"s" * 32,
        level="full",
        created_at=now,
        last_seen_at=now,
        expires_at=later,
        browser=scene.word("browser"),
        address=scene.word("address", "colleague"),
    )
    session.add_all([token, totp, kept, browser])
    session.flush()
    scene.ids |= {"form_id": [kept.id], "authenticator_id": [totp.id], "agency": list(scene.world.ids.agencies.values())}
    session.add(AccountAddress(account_id=me, email=scene.word("second address", "colleague") + "@home.example", confirmed_at=now))
    _roster(scene, session)
    who = {"member_id": scene.id("vendor"), "member_name": scene.word("who alarmed", "admin")}
    session.add(DirectoryAlert(**who, reason="bait", raised_at=now))
    by = {"recorded_by": scene.id("admin"), "recorded_name": scene.word("who drilled", "admin")}
    session.add(Drill(**by, held_on=now.date(), was_stopped=True, note=scene.word("drill", "admin"), recorded_at=now))
    _unseen(scene, session)


def _roster(scene: Scene, session: Session) -> None:
    """Bexley's contact is its sheriff, who was asked and said that somebody is not known there."""
    agency, now = scene.world.ids.agencies["bexley"], scene.world.now
    lookers, sheriff = ("admin", "reviewer1", "reviewer2"), scene.id("sheriff")
    appointed = scene.word("contact appointed by", "admin")
    contact = AgencyContact(
        agency_id=agency, member_id=sheriff, appointed_name=appointed, appointed_at=now, ended_why=scene.word("contact ended why")
    )
    asked = RosterRound(agency_id=agency, asked_at=now, asked_name=scene.word("roster asked by", "sheriff", *lookers), overdue_at=now)
    session.add_all([contact, asked])
    session.flush()
    by = {"by_id": sheriff, "by_name": scene.word("roster answered by", "reviewer1", "reviewer2")}
    note = scene.word("roster note", "reviewer1", "reviewer2")
    about = {"round_id": asked.id, "agency_id": agency, "member_id": scene.id("suspended"), "at": now}
    session.add(RosterAnswer(**about, **by, word="unknown", note=note))


def _unseen(scene: Scene, session: Session) -> None:
    """Rows that no page shows to anyone."""
    now = scene.world.now
    audit.record(session, system("test"), "test.act", reason=scene.word("audit detail"))
    session.add(Job(kind="test", payload={"word": scene.word("job payload")}, run_at=now, state="failed", error=scene.word("job error")))
    _links(scene, session, now + dt.timedelta(days=1))
    session.add(
        OutboxMessage(
            kind="account",
            recipient="a@b.example",
            key="k",
            message_id="<1@b>",
            raw=scene.word("mail").encode(),
            state=MailState.SENT,
            created_at=now,
            next_try_at=now,
            error=scene.word("mail error"),
        )
    )
    session.add(
        IdempotencyKey(
            key=b"k" * 32,
            account_id=scene.id("colleague"),
            body_hash=b"b" * 32,
            status=200,
            answer=scene.word("answer").encode(),
            created_at=now,
        )
    )


def _links(scene: Scene, session: Session, later: dt.datetime) -> None:
    """What waits for a link or a code from a mailbox: whoever holds neither meets none of it, the owner's other sessions included."""
    me = scene.id("colleague")
    asked = AddressRequest(account_id=me, email=scene.word("address asked") + "@b.example", code_hash=b"c" * 32, session_id=0)
    asked.expires_at = later
    lost = Recovery(account_id=me, email=scene.word("recovery address") + "@b.example", token_hash=b"r" * 32, code_hash=b"c" * 32)
    lost.created_at, lost.expires_at = scene.world.now, later
    told = Disavowal(account_id=me, token_hash=b"d" * 32, what=scene.word("told of"), expires_at=later)
    session.add_all([asked, lost, told, TermsAcceptance(account_id=me, version=1, accepted_at=later)])
    refused = Actor(id=None, name="x", origin=Origin(address=scene.word("refused try", "colleague")))
    audit.record(session, refused, "sign_in.refuse", ("account", me), outcome="refused", reason="password")
