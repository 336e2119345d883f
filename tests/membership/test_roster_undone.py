"""Undoing a roster: all that applying it changed comes back, or it is said what does not; and who was asked to answer hears of it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.core import jobs
from app.membership.models import Member
from app.membership.roster.models import AgencyContact
from app.membership.roster_file.models import RosterChange
from tests.membership.cases import letters, link_in, text_of
from tests.membership.test_roster_file import JOINS, applied, case_of, undone
from tests.membership.test_staying import change
from tests.world import World

CONTACT_LEAVES = "colleague@alderwood.example,Tom Reyes,Sergeant,CS0010100,sworn,separated"
ZOE = "zoe.rowe@bexley.example"


def in_office(world: World) -> list[int]:
    statement = select(AgencyContact.member_id).where(AgencyContact.ended_at.is_(None))
    with world.db.read() as conn:
        return list(conn.execute(statement).scalars())


def whole(world: World, key: str) -> dict[str, object]:
    row = world.one(select(*Member.__table__.c).where(Member.id == world.id(key)))
    return {name: value for name, value in row._mapping.items() if name not in ("version", "read_version", "former_roles")}


def test_the_contact_and_what_waits_for_them_come_back(world: World) -> None:
    change(world, "colleague", confirm_first="bounced", verify_stage=3, verify_by=world.now.date())
    before = whole(world, "colleague")
    number = applied(world, CONTACT_LEAVES)
    assert (whole(world, "colleague") == before, in_office(world)) == (False, []), "there is something to put back"
    assert undone(world, number).left == []
    assert whole(world, "colleague") == before
    assert in_office(world) == [world.id("colleague")]


def test_a_contact_who_was_appointed_meanwhile_stays_and_it_is_said(world: World) -> None:
    number = applied(world, CONTACT_LEAVES)
    with world.db.write() as session:
        session.add(AgencyContact(agency_id=world.ids.agencies["alderwood"], member_id=world.id("chief"), appointed_at=world.now))
    done = undone(world, number)
    assert (done.members, [one.reason for one in done.left]) == (
        1, ["Tom Reyes is back, but another is the contact of their agency by now, and stays it"],
    )  # fmt: skip
    assert in_office(world) == [world.id("chief")]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_import_of_an_earlier_program_is_undone_as_well(world: World) -> None:
    number = applied(world, CONTACT_LEAVES)
    row = world.one(select(RosterChange.id, RosterChange.before, RosterChange.after))
    less = [{k: v for k, v in said.items() if k not in ("confirm_first", "contact_of")} for said in (row.before, row.after)]
    with world.db.write() as session:
        session.execute(update(RosterChange).where(RosterChange.id == row.id).values(before=less[0], after=less[1]))
    assert undone(world, number).members == 1


@pytest.mark.parametrize("how", ["undone", "lapsed"])
def test_who_was_asked_to_answer_is_told_that_it_is_over(world: World, how: str) -> None:  # V9
    number = applied(world, JOINS)
    jobs.run_due(world.db)
    link = link_in(letters(world, ZOE)[-1], "/apply/confirm/")
    if how == "undone":
        undone(world, number)
    else:
        world.later(days=30, minutes=1)
        jobs.run_due(world.db)
    (_asked, over) = letters(world, ZOE)
    assert ("taken back" if how == "undone" else "has lapsed") in text_of(over)
    assert "Rowe" not in over.as_string()
    assert link not in text_of(over)
    assert case_of(world).decided_at is not None


def test_who_was_never_written_to_is_not_told(world: World) -> None:
    undone(world, applied(world, JOINS))
    assert case_of(world).state == "withdrawn"
    assert letters(world, ZOE) == []
