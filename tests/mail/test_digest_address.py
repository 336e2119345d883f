"""The digest at a second address of the member's: whole at the agency's own domain, links only elsewhere, answered from either."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select, update

from app.accounts.addresses.models import AccountAddress
from app.agencies.models import AgencyDomain
from app.forum.models import Reply
from app.mail.health.models import AddressHealth, HealthState
from app.mail.inbound.envelope import Answer
from app.mail.models import DigestSettings
from app.membership.models import Member
from tests.mail.helpers import SLOT, digests, mails, text, thread, whole
from tests.mail.letters import bring, letter, proof
from tests.people import CAST
from tests.world import World

HOME, DESK, SHERIFF = "dale@home.example", "desk@bexley.example", CAST["sheriff"].email
SETTINGS = {"on": "yes", "hour": "7", "weekday": "0", "time_zone": "America/Los_Angeles", "content": "full"}


def confirm(world: World, email: str, key: str = "sheriff") -> None:
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id(key), email=email, confirmed_at=world.now))


@pytest.fixture(autouse=True)
def agency(world: World) -> None:
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=world.ids.agencies["bexley"], domain="bexley.example", approved_at=world.now))


def send_to(world: World, email: str) -> int:
    return world.browser("sheriff").post("/settings/mail", {**SETTINGS, "sent_to": email}, page="/settings/mail").status_code


def digest_of(world: World) -> tuple[list[str], str]:
    """Whom the sheriff's digest went to, and all it says."""
    digests(world)
    found = [m for m in mails(world) if m["To"] in (HOME, DESK, SHERIFF)]
    return [str(m["To"]) for m in found], "\n".join(whole(m) for m in found)


def test_at_the_agency_s_own_domain_it_is_whole(world: World) -> None:
    confirm(world, DESK)
    thread(world, "A lesson for all", body="Words of the lesson.")
    assert send_to(world, DESK) == 303
    assert f'value="{DESK}" selected' in world.browser("sheriff").get("/settings/mail").text
    to, said = digest_of(world)
    assert to == [DESK]
    assert "Words of the lesson." in said


@pytest.mark.parametrize("where", ["elsewhere", "a domain that waits", "the agency of before"])
def test_elsewhere_it_holds_links_only(world: World, where: str) -> None:
    """What could leak is in the test above: the same thread, at the agency's own domain."""
    email = DESK if where != "elsewhere" else HOME
    confirm(world, email)
    thread(world, "A lesson for all", body="Words of the lesson.")
    assert send_to(world, email) == 303
    with world.db.write() as session:
        if where == "a domain that waits":
            session.execute(delete(AgencyDomain).where(AgencyDomain.domain == "bexley.example"))
        elif where == "the agency of before":
            session.execute(update(Member).where(Member.id == world.id("sheriff")).values(agency_id=world.ids.agencies["corvane"]))
    to, said = digest_of(world)
    assert to == [email]
    assert "lesson" not in said.lower()
    assert "http://localhost:8000" in said


def test_only_one_s_own_confirmed_address_can_be_chosen(world: World) -> None:
    confirm(world, "ellen@home.example", "chief")
    for email in ("ellen@home.example", CAST["chief"].email, "nobody@nowhere.example"):
        assert send_to(world, email) == 422, email
    assert world.count(DigestSettings, DigestSettings.address_id.is_not(None)) == 0


def test_an_address_that_is_gone_or_takes_no_mail_leaves_it_at_the_first(world: World) -> None:
    confirm(world, HOME)
    assert send_to(world, HOME) == 303
    thread(world, "First")
    with world.db.write() as session:
        session.add(AddressHealth(email=HOME, state=HealthState.SUPPRESSED, said="no", cause="bounce", first_at=SLOT, last_at=SLOT))
    assert digest_of(world)[0] == [SHERIFF]
    with world.db.write() as session:
        session.execute(delete(AccountAddress).where(AccountAddress.email == HOME))
    assert world.one(select(DigestSettings.address_id)).address_id is None
    world.now = SLOT + dt.timedelta(hours=2)
    thread(world, "Second")
    digests(world, SLOT + dt.timedelta(days=1, minutes=1))
    assert [m["To"] for m in mails(world) if "Second" in whole(m) and m["To"] in (HOME, SHERIFF)] == [SHERIFF]


@pytest.mark.parametrize("sender", [DESK, SHERIFF])
def test_an_answer_is_taken_from_either(world: World, sender: str) -> None:  # M7
    confirm(world, DESK)
    number = thread(world, "A question for all", kind="question")
    send_to(world, DESK)
    digests(world)
    said = text(next(m for m in mails(world) if m["To"] == DESK))
    to = next(word.strip("<>().,") for word in said.split() if "reply+" in word).removeprefix("mailto:")
    message = letter("sheriff", to, "From either.", From=sender, Authentication_Results=proof(sender))
    with world.db.read() as conn:
        before = len(conn.execute(select(Reply.id).where(Reply.thread_id == number)).all())
    assert bring(world, message, to, sender) is Answer.TAKEN
    assert world.count(Reply, Reply.thread_id == number) == before + 1
