"""Who may let a case go on without a call-back: never the applicant's sponsor, and nobody where the call is all there is (V1, V2, A9)."""

from __future__ import annotations

import httpx
import pytest
import sqlalchemy as sa

from app.accounts.addresses.models import AccountAddress
from app.membership.models import Application, ApplicationState, Evidence, Waiver
from app.membership.triggers import WORD
from tests.accounts.person import person
from tests.membership.cases import REVIEW, act, state_of, submitted, version_of
from tests.membership.test_call_back import approve, bare, signed
from tests.membership.test_recovery_new_address import MINE, opened
from tests.world import World

REASON = {"reason": "The agency lost its phones in the flood."}


def waive(world: World, number: int) -> httpx.Response:
    path = f"/moderation/applications/{number}/waiver"
    fields = REASON | {"version": str(version_of(world, number))}
    return world.browser("admin").post(path, fields, page="/settings/sign-in")


def with_papers(world: World, number: int, *more: object) -> int:
    """Two kinds of evidence, and no call."""
    common = {"application_id": number, "created_at": world.now, "note": "Seen.", "added_by": world.id("reviewer1")}
    with world.db.write() as session:
        session.add_all([Evidence(**common, kind=kind) for kind in ("letter", "dues")] + list(more))
    return number


def a_waiver(world: World, number: int) -> Waiver:
    return Waiver(application_id=number, admin_id=world.id("admin"), admin_name="Ray Fontaine", reason="x", created_at=world.now)


def becomes_sponsor(world: World, address: str) -> None:
    """The administrator confirms the address that the applicant named."""
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("admin"), email=address, confirmed_at=world.now))


@pytest.mark.parametrize("sponsor", ["", "admin@association.example"])
def test_a_sponsor_waives_nothing(world: World, sponsor: str) -> None:  # V1 V2
    number = submitted(world, sponsor=sponsor)
    answer = waive(world, number)
    assert (answer.status_code, world.count(Waiver)) == ((403, 0) if sponsor else (303, 1))
    assert ("applicant's sponsor" in answer.text.replace("&#39;", "'")) == bool(sponsor)


@pytest.mark.parametrize("is_sponsor", [False, True])
def test_the_waiver_of_who_turns_out_to_be_the_sponsor_counts_for_nothing(world: World, is_sponsor: bool) -> None:  # V1 V2
    number = with_papers(world, submitted(world, sponsor="ray@home.example"))
    assert waive(world, number).status_code == 303
    if is_sponsor:
        becomes_sponsor(world, "ray@home.example")
    assert approve(world, "reviewer1", number) == (422 if is_sponsor else 201)
    page = world.browser("reviewer2").get(f"/moderation/applications/{number}").text
    assert ("Not counted: who waived it is the sponsor" in page) == is_sponsor
    missing = world.script("reviewer2", REVIEW).call("GET", f"/applications/{number}").json()["missing"]
    assert ("Call the agency back, at a number that you found yourself." in missing) == is_sponsor


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("is_sponsor", [False, True])
def test_the_database_counts_no_sponsors_waiver(world: World, is_sponsor: bool, looks: bool) -> None:  # V1 V2 V7
    number = submitted(world)
    with_papers(world, number, a_waiver(world, number))
    with world.db.write() as session:
        who = world.id("admin" if is_sponsor else "moderator")
        session.execute(sa.update(Application).where(Application.id == number).values(sponsor_id=who))
    rows = signed(world, number, "reviewer1", "reviewer2")
    if is_sponsor:
        with pytest.raises(sa.exc.DBAPIError, match=WORD):
            bare(world, number, *rows, look_alike=looks)
    else:
        bare(world, number, *rows, look_alike=looks)
    assert state_of(world, number) == (ApplicationState.SUBMITTED if is_sponsor else ApplicationState.APPROVED)


def own_address(world: World) -> None:
    with world.db.write() as session:
        session.add(AccountAddress(account_id=world.id("chief"), email=MINE, confirmed_at=world.now))


@pytest.mark.parametrize("is_new", [False, True])
def test_no_call_is_waived_for_a_member_at_a_new_address(world: World, is_new: bool) -> None:  # V2 A9
    number, _, _ = opened(world, person(world).email)
    if not is_new:
        own_address(world)
    looked = world.browser("admin").get(f"/moderation/applications/{number}/waiver")
    answer = waive(world, number)
    case = world.browser("reviewer1").get(f"/moderation/applications/{number}").text
    if is_new:
        assert (looked.status_code, answer.status_code, world.count(Waiver)) == (403, 403, 0)
        assert "none of theirs" in answer.text
        assert "nobody can waive it" in case
        assert "Send an administrator" not in case
    else:
        assert (looked.status_code, answer.status_code, world.count(Waiver)) == (200, 303, 1)
        assert "Waived by Ray Fontaine" in case


@pytest.mark.parametrize("is_new", [False, True])
def test_one_that_stands_there_all_the_same_counts_for_nothing(world: World, is_new: bool) -> None:  # V2 A9
    number, _, _ = opened(world, person(world).email)
    with_papers(world, number, a_waiver(world, number))
    if not is_new:
        own_address(world)
    assert act(world, "reviewer1", number, "claim").status_code == 200
    assert approve(world, "reviewer1", number) == (422 if is_new else 201)
    page = world.browser("reviewer2").get(f"/moderation/applications/{number}").text
    assert ("Not counted: the call is all that ties the member" in page) == is_new


@pytest.mark.parametrize("is_new", [False, True])
def test_the_database_counts_none_for_a_member_at_a_new_address(world: World, is_new: bool) -> None:  # V2 A9
    number, _, _ = opened(world, person(world).email)
    with_papers(world, number, a_waiver(world, number))
    if not is_new:
        own_address(world)
    rows = signed(world, number, "reviewer1", "reviewer2")
    if is_new:
        with pytest.raises(sa.exc.DBAPIError, match=WORD):
            bare(world, number, *rows)
    else:
        bare(world, number, *rows)
    assert state_of(world, number) == (ApplicationState.SUBMITTED if is_new else ApplicationState.APPROVED)
