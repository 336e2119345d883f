"""Where a member and an administrator see that mail came back, and say that it may go there again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.mail.delivery import Delivery
from app.mail.health.models import AddressHealth, HealthState
from app.mail.models import MailState, OutboxMessage
from tests.mail.helpers import change
from tests.mail.test_delivery import letter
from tests.people import CAST
from tests.world import World

SHERIFF = CAST["sheriff"].email
SAID = "550 5.1.1 <no such user> & gone"


@pytest.fixture
def off(world: World) -> None:
    """Nothing is sent to the sheriff any more."""
    with world.db.write() as session:
        session.add(
            AddressHealth(
                email=SHERIFF, account_id=world.ids.members["sheriff"], state=HealthState.SUPPRESSED, said=SAID, cause="bounce",
                first_at=world.now, last_at=world.now, suppressed_at=world.now,
            )
        )  # fmt: skip


def left(world: World, to: str) -> str:
    """What becomes of a letter to that address."""
    letter(world, f"letter {world.count(OutboxMessage)}", to)
    Delivery(world.db, world.settings).run()
    return str(world.one(select(OutboxMessage.state).order_by(OutboxMessage.id.desc()).limit(1)).state)


def test_a_member_sees_it_and_lifts_it(world: World, off: None) -> None:  # M10
    sheriff = world.browser("sheriff")
    assert "Mail that came back" not in world.browser("chief").get("/settings/mail").text
    page = sheriff.get("/settings/mail").text
    assert "Nothing is sent there" in page
    assert "550 5.1.1 &lt;no such user&gt; &amp; gone" in page
    assert left(world, SHERIFF) == MailState.DROPPED
    assert sheriff.post("/settings/mail/lift", {"email": SHERIFF.upper()}, page="/settings/mail").status_code == 303
    assert left(world, SHERIFF) == MailState.SENT
    assert "Mail that came back" not in sheriff.get("/settings/mail").text


def test_an_address_is_whose_it_is_now(world: World, off: None) -> None:
    """Mail came back before it was the sheriff's: to an applicant, or to who had it before."""
    for before in (None, world.id("chief")):
        change(world, AddressHealth, AddressHealth.email == SHERIFF, account_id=before)
        assert "Nothing is sent there" in world.browser("sheriff").get("/settings/mail").text
        assert "Mail that came back" not in world.browser("chief").get("/settings/mail").text
    assert world.browser("chief").post("/settings/mail/lift", {"email": SHERIFF}, page="/settings/mail").status_code == 404
    assert world.browser("sheriff").post("/settings/mail/lift", {"email": SHERIFF}, page="/settings/mail").status_code == 303


def test_what_came_back_and_still_is_sent_to_has_nothing_to_lift(world: World, off: None) -> None:
    change(world, AddressHealth, AddressHealth.email == SHERIFF, state=HealthState.FAILING)
    page = world.browser("sheriff").get("/settings/mail").text
    assert "Came back lately" in page
    assert "Send there again" not in page


def test_nobody_lifts_another_s_or_learns_of_it(world: World, off: None) -> None:
    for one in (SHERIFF, "nobody@nowhere.example"):
        assert world.browser("chief").post("/settings/mail/lift", {"email": one}, page="/settings/mail").status_code == 404, one
    assert world.browser("chief").post("/settings/mail/lift", {"email": "no address"}, page="/settings/mail").status_code == 422
    assert world.browser("chief").post("/admin/mail/addresses/lift", {"email": SHERIFF}, page="/settings/mail").status_code == 404
    assert world.count(AddressHealth) == 1


def test_an_administrator_lifts_any(world: World, off: None) -> None:
    admin = world.browser("admin")
    assert SHERIFF in admin.get("/admin/mail/addresses").text
    assert admin.post("/admin/mail/addresses/lift", {"email": SHERIFF}, page="/settings/mail").status_code == 303
    assert SHERIFF not in admin.get("/admin/mail/addresses").text
    assert left(world, SHERIFF) == MailState.SENT
