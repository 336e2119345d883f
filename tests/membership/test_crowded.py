"""Twenty are taken of each kind of likeness. What a reviewer may not see, or is nobody, takes none of their places."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.accounts.models import Account
from app.core.site import SiteRow
from app.membership.alike.access import MOST
from app.membership.models import Application, Member, MemberStatus, Purpose
from tests.membership.cases import FIELDS
from tests.membership.test_twice import apart, duplicate, other
from tests.people import CAST
from tests.world import World

MANY = MOST + 5
NAMED = "Case {} is of somebody with the same name."


def crowd(world: World, **values: object) -> None:
    """Newer cases of the same name."""
    common = {"name": FIELDS["name"], "email": "c@crowd.example", "member_class": "sworn", "state": "in_review", "created_at": world.now}
    common |= {"submitted_at": world.now}
    with world.db.write() as session:
        for n in range(MANY):
            tokens = {"status_token_hash": b"s%031d" % n, "confirm_token_hash": b"c%031d" % n}
            session.add(Application(**common, **tokens, **values))


def older_and_asked(world: World) -> tuple[int, int]:
    """A case of somebody with the same name elsewhere, and the one that is looked at."""
    older = other(world, name=FIELDS["name"], agency=str(world.ids.agencies["bexley"]))
    return apart(world, older), apart(world, other(world, name=FIELDS["name"], email="n@n.example"))


def about_the_reviewer(world: World) -> None:
    crowd(world, purpose=Purpose.RETURN, member_id=world.id("reviewer2"))


def of_their_own_agency(world: World) -> None:
    site = {"name": "The Association", "address": "1 Street", "time_zone": "America/Los_Angeles"}
    with world.db.write() as session:
        session.add(SiteRow(id=1, hides_own_agency=True, **site))
    crowd(world, agency_id=world.ids.agencies["corvane"])


def forgotten(world: World) -> None:
    crowd(world, agency_id=world.ids.agencies["alderwood"])
    with world.db.write() as session:
        session.execute(update(Application).where(Application.email == "c@crowd.example").values(state="forgotten"))


@pytest.mark.parametrize("hidden", [about_the_reviewer, of_their_own_agency, forgotten])
def test_cases_that_a_reviewer_may_not_see_hide_none_that_they_may(world: World, hidden) -> None:  # V1
    older, asked = older_and_asked(world)
    with world.db.write() as session:  # at an agency of its own, so that its reviewers see it
        session.execute(update(Application).where(Application.id == asked).values(agency_id=world.ids.agencies["alderwood"]))
    hidden(world)
    assert NAMED.format(older) in duplicate(world, asked, "reviewer2")[1]


def test_the_newest_of_those_that_may_be_seen_are_told(world: World) -> None:
    older, asked = older_and_asked(world)
    crowd(world, agency_id=world.ids.agencies["bexley"])
    said = duplicate(world, asked, "reviewer2")[1]
    assert "is of somebody with the same name" in said
    assert NAMED.format(older) not in said, "others are newer: what is not seen takes no place, what is seen does"


@pytest.mark.parametrize("nobody", [MemberStatus.BAIT, MemberStatus.ARCHIVE])
def test_rows_that_are_no_person_hide_no_member(world: World, nobody: MemberStatus) -> None:
    chief = CAST["chief"]
    with world.db.write() as session:
        for n in range(MANY):
            account = Account(email=f"bait{n}@bait.example", created_at=world.now)
            session.add(account)
            session.flush()
            row = Member(id=account.id, name=chief.name, rank="Chief", member_class="head", status=nobody)
            row.read_before = row.approved_at = world.now
            session.add(row)
    asked = apart(world, other(world, name=chief.name))
    said = f"A member has the same name: {chief.rank} {chief.name}, active."
    assert said in duplicate(world, asked)[1]
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("chief")).values(name_key="another"))
    assert "A member has the same name" not in duplicate(world, asked)[1], "nor is any of them told"
