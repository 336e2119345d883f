"""The address of the agency is another one now, or none: the member is asked to confirm, unless the agency gives the new one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.addresses.models import AccountAddress
from app.agencies.models import AgencyDomain
from app.core.audit import AuditEvent
from app.membership.models import Member, MemberClass
from tests.mail.helpers import change
from tests.world import World

PAGE = "/settings/sign-in/addresses"
HOME, DESK = "ellen@home.example", "desk@alderwood.example"


@pytest.fixture(autouse=True)
def record(world: World) -> None:
    """The agency's own domain, and a day to answer by that lies far ahead."""
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=world.ids.agencies["alderwood"], domain="alderwood.example", approved_at=world.now))
    change(world, Member, Member.id == world.id("chief"), verify_by=world.now.date() + dt.timedelta(days=200), verify_stage=0)


def mark(world: World, email: str) -> int:
    with world.db.write() as session:
        row = AccountAddress(account_id=world.id("chief"), email=email, confirmed_at=world.now)
        session.add(row)
        session.flush()
        number = row.id
    return world.browser("chief").post(f"{PAGE}/{number}/agency", {}, page=PAGE).status_code


def chief(world: World) -> Any:
    return world.one(select(Member.verify_by, Member.confirm_first).where(Member.id == world.id("chief")))


def test_another_mailbox_asks_at_once_and_closes_nothing(world: World) -> None:  # V11
    assert mark(world, HOME) == 303
    assert chief(world).verify_by - world.now.date() <= dt.timedelta(days=31)
    assert chief(world).confirm_first == ""
    assert world.count(AuditEvent, AuditEvent.verb == "member.mailbox_changed") == 1
    assert world.browser("chief").get("/").status_code == 200


def test_another_mailbox_at_the_agency_asks_nothing(world: World) -> None:
    assert mark(world, DESK) == 303
    assert chief(world).verify_by == world.now.date() + dt.timedelta(days=200)


def test_a_retired_member_works_nowhere(world: World) -> None:
    change(world, Member, Member.id == world.id("chief"), member_class=MemberClass.RETIRED)
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("chief"), email="own@private.example", confirmed_at=world.now))
    assert mark(world, HOME) in (303, 409)
    assert chief(world).verify_by == world.now.date() + dt.timedelta(days=200)
