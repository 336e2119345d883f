"""An agency's contact and its roster: who is asked, who answers, and what an answer does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.membership import status as verbs
from app.membership.models import Member, MemberRole, MemberStatus, Role
from app.membership.roster import access, asking, jobs
from app.membership.roster.models import RosterAnswer, RosterRound
from app.membership.status import StatusForm
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.world import Client, World

CONTACT = "colleague@alderwood.example"
ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def path(world: World, agency: str = "alderwood") -> str:
    return f"/agencies/{world.ids.agencies[agency]}/roster"


def page(world: World) -> Client:
    return world.browser("colleague")


def send(world: World, here: tuple[str, ...] = (), browser: Client | None = None, **said: str) -> Any:
    """The contact's form: of the chief and another officer, those in `here` are ticked."""
    fields = [("listed", str(world.id(key))) for key in ("chief", "moderator")]
    fields += [("here", str(world.id(key))) for key in here]
    fields += [(f"{name.split('_')[0]}-{world.id(name.split('_')[1])}", value) for name, value in said.items()]
    return (browser or page(world)).post(path(world), fields, page=path(world))


def two_people(world: World) -> None:
    """Besides the contact and the chief, somebody else works at Alderwood."""
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("moderator")).values(agency_id=world.ids.agencies["alderwood"]))


def status(world: World, key: str) -> Any:
    return world.one(select(Member.status, Member.member_class, Member.status_reason).where(Member.id == world.id(key)))


def due(world: World) -> None:
    """The agency's month has come."""
    month = asking.month_of(world.ids.agencies["alderwood"])
    world.now = dt.datetime(2027, month, 2, 12, tzinfo=dt.UTC)


def asked(world: World) -> list[str]:
    return [letter["Subject"] for letter in letters(world, CONTACT)]


# Reading --------------------------------------------------------------------------------------------------------------------


def test_the_contact_sees_who_works_there_and_no_address(world: World) -> None:  # V10
    assert f'href="{path(world)}"' in page(world).get(path(world).removesuffix("/roster")).text
    assert f'href="{path(world)}"' not in world.browser("chief").get(path(world).removesuffix("/roster")).text
    text = page(world).get(path(world)).text
    assert "Ellen Marchetti" in text
    assert "Ruth Halvorsen" not in text  # retired: works there no more
    assert "Sergeant Tom Reyes</b>" not in text  # nobody answers for themself
    assert "chief@alderwood.example" not in text
    found = world.script("colleague").call("GET", f"/agencies/{world.ids.agencies['alderwood']}/roster").json()
    assert {one["id"] for one in found["items"]} == {world.id("chief"), world.id("colleague")}
    assert set(found["items"][0]) == {"id", "name", "rank", "member_class", "confirmed_at"}


def test_another_agencys_roster_is_not_there(world: World) -> None:  # C3
    mine, theirs = world.ids.agencies["alderwood"], world.ids.agencies["bexley"]
    assert world.script("colleague").call("GET", f"/agencies/{mine}/roster").status_code == 200
    for key in CAST:
        if key in ("suspended", "colleague", "reviewer1", "reviewer2", "admin"):
            continue
        script = world.script(key)
        answers = [script.call("GET", f"/agencies/{number}/roster") for number in (mine, theirs, 999_999)]
        assert {a.status_code for a in answers} == {404}, key
        assert len({a.json()["title"] for a in answers}) == 1
        assert script.call("POST", f"/agencies/{mine}/roster", {"member": world.id("chief"), "still_here": False}).status_code == 404
        assert world.browser(key).get(path(world)).status_code == 404
    assert world.script("colleague").call("GET", f"/agencies/{theirs}/roster").status_code == 404
    assert status(world, "chief").status == "active"


def test_reviewers_look_on_and_may_not_answer(world: World) -> None:
    number = world.ids.agencies["alderwood"]
    for key in ("reviewer1", "admin"):
        assert "Ellen Marchetti" in world.browser(key).get(path(world)).text
        script = world.script(key, "read,write,moderate,admin")
        assert script.call("GET", f"/agencies/{number}/roster").status_code == 200
        assert script.call("POST", f"/agencies/{number}/roster", {"member": world.id("chief"), "still_here": False}).status_code == 403
    assert status(world, "chief").status == "active"


# Answering ------------------------------------------------------------------------------------------------------------------


def test_left_ends_access_at_once_and_an_administrator_undoes_it(world: World) -> None:  # V10 V11
    two_people(world)
    chief, script = world.browser("chief"), world.script("chief")
    assert (chief.get("/").status_code, script.call("GET", "/me").status_code) == (200, 200)
    answer = send(world, here=("moderator",), what_chief="left", month_chief="2026-10", note_chief="Took a post in Bexley")
    assert (answer.status_code, answer.headers["location"]) == (303, path(world) + "?said=roster-answered")
    assert (chief.get("/").status_code, script.call("GET", "/me").status_code) == (303, 401)
    assert (status(world, "chief").status, status(world, "moderator").status) == ("separated", "active")
    assert "Tom Reyes, says that this member left the agency. Took a post in Bexley" in status(world, "chief").status_reason
    said = world.one(select(RosterAnswer).where(RosterAnswer.member_id == world.id("chief")))
    assert (said.word, said.month, said.by_name) == ("left", "2026-10", "Tom Reyes")
    logged = world.one(select(AuditEvent).where(AuditEvent.verb == "roster.answer"))
    assert (logged.actor_id, f'"gone": [{world.id("chief")}]' in logged.detail) == (world.id("colleague"), True)
    with world.db.write() as session:
        verbs.set_status(session, world.actor("admin"), world.id("chief"), StatusForm(status="active", reason="It was a mistake."))
    assert world.browser("chief").get("/").status_code == 200


@ON_SQLITE
def test_all_ticked_is_one_click_and_a_sign_for_the_year(world: World) -> None:  # V10
    two_people(world)
    with world.db.read() as conn:
        assert access.last_confirmed(conn, world.id("chief")) is None
    assert send(world, here=("chief", "moderator")).status_code == 303
    with world.db.read() as conn:
        assert access.last_confirmed(conn, world.id("chief")) == world.now
        assert access.last_confirmed(conn, world.id("colleague")) is None
    assert world.count(RosterRound, RosterRound.answered_at.is_not(None)) == 1
    assert "You are done: last answered on" in page(world).get(path(world)).text
    with world.db.write() as session:  # what another agency said does not count here
        session.execute(update(Member).where(Member.id == world.id("chief")).values(agency_id=world.ids.agencies["bexley"]))
    with world.db.read() as conn:
        assert access.last_confirmed(conn, world.id("chief")) is None


@ON_SQLITE
def test_a_tick_taken_away_needs_a_word(world: World) -> None:
    two_people(world)
    answer = send(world, here=("moderator",), note_chief="Gone fishing")
    assert answer.status_code == 422
    assert f'id="what-{world.id("chief")}-error"' in answer.text
    assert "Please choose one." in answer.text
    assert 'value="Gone fishing"' in answer.text
    assert f'name="here" value="{world.id("chief")}">' in answer.text  # still unticked
    assert f'name="here" value="{world.id("moderator")}" checked' in answer.text
    answer = send(world, here=("moderator",), what_chief="left", month_chief="2027-01")
    assert (answer.status_code, "This month is still to come." in answer.text) == (422, True)
    assert world.count(RosterAnswer) == 0
    assert status(world, "chief").status == "active"


@ON_SQLITE
def test_retired_and_unknown(world: World) -> None:  # V12
    two_people(world)
    assert send(world, what_chief="retired", what_moderator="unknown").status_code == 303
    assert (status(world, "chief").status, status(world, "chief").member_class) == ("active", "retired")
    assert status(world, "moderator").status == "separated"
    waiting = world.browser("reviewer1").get("/moderation/agencies").text
    assert "Teresa Bohannon" in waiting
    assert "Ellen Marchetti" not in waiting


@ON_SQLITE
def test_nobody_answers_for_themself_nor_for_others_people(world: World) -> None:
    number, script = world.ids.agencies["alderwood"], world.script("colleague")
    own = script.call("POST", f"/agencies/{number}/roster", {"member": world.id("colleague"), "still_here": False})
    assert (own.status_code, "yourself" in own.text) == (422, True)
    for key in ("sheriff", "admin", "retired", "suspended"):
        other = script.call("POST", f"/agencies/{number}/roster", {"member": world.id(key), "still_here": False})
        assert other.status_code == 404, key
    page(world).post(path(world), [("listed", str(world.id("sheriff"))), (f"what-{world.id('sheriff')}", "left")], page=path(world))
    assert {status(world, key).status for key in ("sheriff", "admin", "colleague", "retired")} == {"active"}
    assert world.count(RosterAnswer) == 0


def test_the_last_administrator_stays(world: World) -> None:  # L6
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id("chief"), role=Role.ADMIN))
        session.execute(update(Member).where(Member.id == world.id("admin")).values(status=MemberStatus.SUSPENDED))
    answer = send(world, what_chief="left", here=("moderator",))
    assert (answer.status_code, "last administrator" in answer.text) == (422, True)
    assert status(world, "chief").status == "active"


@ON_SQLITE
def test_a_script_answers_one_by_one(world: World) -> None:
    number, script = world.ids.agencies["alderwood"], world.script("colleague")
    answer = script.call("POST", f"/agencies/{number}/roster", {"member": world.id("chief"), "still_here": True})
    assert answer.status_code == 200
    confirmed = {one["id"]: one["confirmed_at"] for one in answer.json()["items"]}
    assert confirmed == {world.id("chief"): "2026-11-23T16:00:00Z", world.id("colleague"): None}
    answer = script.call("POST", f"/agencies/{number}/roster", {"member": world.id("chief"), "still_here": False})
    assert (answer.status_code, [one["id"] for one in answer.json()["items"]]) == (200, [world.id("colleague")])
    assert world.one(select(RosterAnswer.month).where(RosterAnswer.word == "left")).month == "2026-11"
    assert script.call("POST", f"/agencies/{number}/roster", {"member": 1, "still_here": False, "agency": 2}).status_code == 422


@ON_SQLITE
def test_the_answer_needs_a_fresh_second_factor_and_a_member_who_may_write(world: World) -> None:
    old = world.browser("colleague", stepped_up=False)
    assert send(world, here=("chief",), browser=old).headers["location"].startswith("/step-up")
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("colleague")).values(status=MemberStatus.RESTRICTED))
    assert send(world, here=("chief",)).status_code == 403
    assert world.count(RosterAnswer) == 0


# Asking ---------------------------------------------------------------------------------------------------------------------


def test_once_a_year_then_reminders_then_the_reviewers(world: World) -> None:  # V10
    due(world)
    jobs.run(world.db)
    jobs.run(world.db)
    assert asked(world) == ["Who still works at Alderwood PD?"]
    assert f"http://localhost:8000{path(world)}" in text_of(letters(world, CONTACT)[0])
    for days, count in ((13, 1), (1, 2), (15, 2), (1, 3), (6, 3)):
        world.later(days=days)
        jobs.run(world.db)
        assert len(asked(world)) == count, days
    assert asked(world)[1:] == ["Reminder: who still works at Alderwood PD?"] * 2
    reviewer = world.browser("reviewer1")
    assert "Alderwood PD" not in reviewer.get("/moderation/agencies").text
    world.later(days=1)
    jobs.run(world.db)
    assert "Contact: Tom Reyes" in world.browser("reviewer1").get("/moderation/agencies").text
    assert world.count(AuditEvent, AuditEvent.verb == "roster.overdue") == 1
    assert send(world, here=("chief", "moderator")).status_code == 303
    assert "Alderwood PD" not in world.browser("reviewer1").get("/moderation/agencies").text
    world.later(days=320)
    jobs.run(world.db)
    assert len(asked(world)) == 3
    world.later(days=40)
    jobs.run(world.db)
    assert len(asked(world)) == 4


@ON_SQLITE
def test_a_reviewer_asks_and_the_contact_may_not(world: World) -> None:
    ask = path(world) + "/ask"
    assert world.browser("reviewer1").post(ask, page=path(world)).status_code == 303
    assert asked(world) == ["Who still works at Alderwood PD?"]
    assert "by Joan Whitlock" in page(world).get(path(world)).text
    assert world.browser("admin").post(ask, page=path(world)).status_code == 409
    assert page(world).post(ask, page=path(world)).status_code == 403
    assert world.browser("chief").post(ask, page="/settings/profile").status_code == 404
    world.later(days=2)
    assert world.browser("admin").post(ask, page=path(world)).status_code == 303
    assert len(asked(world)) == 2
    other = path(world, "bexley")
    assert world.browser("reviewer1").post(other + "/ask", page="/moderation").status_code == 409
