"""Leaving and changing: each way out closes every way in at once, what they wrote stays, and coming back is the same person."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from app.accounts import notices
from app.accounts.models import Account, Enrolment
from app.core.access import system
from app.core.signing import new_token, token_hash
from app.forum.models import Reply
from app.mail.models import OutboxMessage
from app.membership.left_as import LeftAs
from app.membership.models import Application, GroupMember, Member, MemberRole, MemberStatus
from tests.membership.cases import act, case_id, letters, submitted, text_of
from tests.world import ORIGIN, World

ADMIN = "read,write,moderate,admin"
OUT = {
    "suspended": {"status": "suspended"},
    "separated": {"status": "separated"},
    "moved": {"ori": "CS0030100", "member_class": "sworn"},
    "deceased": {"status": "separated", "left_as": "deceased"},
    "removed": {"status": "separated", "left_as": "removed"},
}


def leave(world: World, key: str, way: str, by: str = "admin") -> httpx.Response:
    body = (OUT | {"active": {"status": "active"}, "retired": {"status": "retired"}})[way] | {"reason": "For the test."}
    verb = "move" if way == "moved" else "status"
    return world.script(by, ADMIN).call("POST", f"/members/{world.id(key)}/{verb}", body)


def member(world: World, key: str):
    return world.one(select(*Member.__table__.c).where(Member.id == world.id(key)))


def holds(world: World, key: str) -> set[str]:
    with world.db.read() as conn:
        return set(conn.execute(select(MemberRole.role).where(MemberRole.member_id == world.id(key))).scalars())


def groups_of(world: World, key: str) -> set[int]:
    with world.db.read() as conn:
        return set(conn.execute(select(GroupMember.group_id).where(GroupMember.member_id == world.id(key))).scalars())


def an_enrolment(world: World, key: str) -> str:
    token = new_token()
    row = {"token_hash": token_hash(token), "created_at": world.now, "expires_at": world.now.replace(year=2027)}
    with world.db.write() as session:
        session.add(Enrolment(account_id=world.id(key), **row))
    return f"/enrol/{token}"


def ways_in(world: World, key: str) -> dict[str, Callable[[], bool]]:
    """Every way into the forum that this member has, each as a question whether it is open at this moment."""
    browser, script, enrolment = world.browser(key), world.script(key), an_enrolment(world, key)
    path = f"/threads/{a_thread(world, key)}"
    waits = (OutboxMessage.key == f"digest of {key}", OutboxMessage.state == "queued")
    with world.db.write() as session:
        row = {"recipient": "x@alderwood.example", "member_id": world.id(key), "message_id": "<x>", "raw": b"x"}
        session.add(OutboxMessage(kind="digest", key=f"digest of {key}", created_at=world.now, next_try_at=world.now, **row))
    outsider = world.outsider()
    return {
        "session": lambda: browser.get("/forums").status_code == 200,
        "a thread of their own": lambda: browser.get(path).status_code == 200,
        "token": lambda: script.call("GET", "/me").status_code == 200,
        "enrolment link": lambda: outsider.get(enrolment).status_code == 200,
        "mail that waits": lambda: world.count(OutboxMessage, *waits) == 1,
        "directory": lambda: world.script("sheriff").call("GET", f"/members/{world.id(key)}").status_code == 200,
    }


def a_thread(world: World, key: str) -> int:
    body = {"kind": "discussion", "title": "Night rotation", "body": "See below."}
    made = world.script(key).call("POST", "/forums/patrol/threads", body)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


@pytest.mark.parametrize("way", OUT)
def test_every_way_in_is_dead_by_the_next_request(world: World, way: str) -> None:  # V11
    before = ways_in(world, "colleague")
    assert {name: is_open() for name, is_open in before.items()} == dict.fromkeys(before, True)
    assert leave(world, "colleague", way).status_code == 200
    assert {name: is_open() for name, is_open in before.items()} == dict.fromkeys(before, False)
    after = member(world, "colleague")
    assert (after.status, after.left_as) == {
        "suspended": ("suspended", ""), "separated": ("separated", "separated"), "moved": ("suspended", "moved"),
        "deceased": ("separated", "deceased"), "removed": ("separated", "removed"),
    }[way]  # fmt: skip


def test_what_they_wrote_stays_with_the_class_of_that_day(world: World) -> None:  # V12
    thread = a_thread(world, "colleague")
    leave(world, "colleague", "retired")
    page = world.browser("chief").get(f"/threads/{thread}").text
    assert "Tom Reyes" in page
    assert "Sworn" in page
    assert "Retired" not in page
    assert world.one(select(Reply.author_class, Reply.author_agency).where(Reply.thread_id == thread)) == ("sworn", "Alderwood PD")
    leave(world, "colleague", "removed")
    kept = world.script("chief").call("GET", f"/threads/{thread}/replies").json()["items"][0]
    assert kept["author"]["name"] == "Tom Reyes"


def test_retired_members_see_what_is_theirs_and_nothing_of_the_sworn(world: World) -> None:  # V12
    seen = {f["slug"] for f in world.script("colleague").call("GET", "/forums").json()["items"]}
    theirs = {f["slug"] for f in world.script("retired").call("GET", "/forums").json()["items"]}
    assert "command-staff" in seen - theirs
    answer = leave(world, "colleague", "retired")
    assert (answer.json()["member_class"], answer.json()["former_class"], answer.json()["status"]) == ("retired", "sworn", "active")
    script = world.script("colleague")
    assert {f["slug"] for f in script.call("GET", "/forums").json()["items"]} == theirs
    assert script.call("GET", "/forums/command-staff/threads").status_code == 404


def test_the_letter_to_who_retires_leads_to_the_page_of_addresses(world: World) -> None:  # V12
    leave(world, "colleague", "retired")
    told = letters(world, "colleague@alderwood.example")[-1]
    assert "an address of their own" in " ".join(text_of(told).split())
    assert f"{ORIGIN}/settings/sign-in/addresses\r\n" in text_of(told)
    shown = told.get_body(("html",))
    assert shown is not None
    assert f'href="{ORIGIN}/settings/sign-in/addresses"' in shown.get_content()
    browser, page = world.browser("colleague"), "/settings/sign-in/addresses"
    assert browser.post(page, {"email": "tom@home.example"}, page=page).status_code == 303
    assert letters(world, "tom@home.example")


def test_what_was_given_to_them_in_service_is_not_inherited(world: World) -> None:  # V12
    assert world.ids.groups["patrol-moderators"] in groups_of(world, "moderator")
    leave(world, "moderator", "retired")
    assert groups_of(world, "moderator") == {world.ids.groups["retired"]}
    browser = world.browser("reviewer1")
    leave(world, "reviewer1", "retired")
    assert holds(world, "reviewer1") == set()
    assert browser.get("/forums").status_code == 303


def test_coming_back_is_the_same_person_without_the_old_roles(world: World) -> None:
    thread, before = a_thread(world, "moderator"), member(world, "moderator")
    leave(world, "reviewer1", "suspended")
    leave(world, "moderator", "suspended")
    for key in ("reviewer1", "moderator"):
        assert leave(world, key, "active").status_code == 200
    after = member(world, "moderator")
    assert (after.id, after.name, after.read_before, after.left_as) == (before.id, before.name, before.read_before, "")
    browser = world.browser("moderator")
    assert browser.get(f"/threads/{thread}").status_code == 200
    assert world.ids.groups["patrol-moderators"] not in groups_of(world, "moderator")
    assert (holds(world, "reviewer1"), member(world, "reviewer1").former_roles) == (set(), "reviewer")
    page = world.browser("admin").get(f"/admin/members/{world.id('reviewer1')}").text
    assert "Roles held before: Reviewer." in page


def test_a_suspended_committee_member_stays_on_the_committee(world: World) -> None:
    with world.db.write() as session:
        from app.membership import groups

        made = groups.create_group(session, world.actor("admin"), groups.GroupForm(name="Training Committee"))
        groups.add_to_group(session, world.actor("admin"), made.id, world.id("colleague"))
    leave(world, "colleague", "suspended")
    assert made.id in groups_of(world, "colleague")
    leave(world, "colleague", "separated")
    assert made.id not in groups_of(world, "colleague")


def test_a_case_they_had_claimed_waits_for_others_at_once(world: World) -> None:
    number = submitted(world)
    assert act(world, "reviewer1", number, "claim").status_code == 200
    assert act(world, "reviewer2", number, "claim").status_code == 409
    leave(world, "reviewer1", "suspended")
    assert world.one(select(Application.claimed_by, Application.claimed_until).where(Application.id == number)) == (None, None)
    assert act(world, "reviewer2", number, "claim").status_code == 200
    assert case_id(world) == number


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_to_the_dead_no_letter_goes(world: World) -> None:
    def write(what: str) -> int:
        with world.db.write() as session:
            notices.tell(session, system("test"), world.id("colleague"), what)
        return world.count(OutboxMessage, OutboxMessage.recipient == "colleague@alderwood.example", OutboxMessage.state == "queued")

    assert write("before") == 1
    leave(world, "colleague", "deceased")
    assert write("after") == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_why_somebody_was_removed_is_for_administrators_alone(world: World) -> None:
    body = {"status": "separated", "left_as": "removed", "reason": "Sold the directory."}
    world.script("admin", ADMIN).call("POST", f"/members/{world.id('colleague')}/status", body)
    assert "Sold the directory." in world.browser("admin").get(f"/admin/members/{world.id('colleague')}").text
    for key in ("chief", "moderator", "reviewer1"):
        answer = world.browser(key).get(f"/admin/members/{world.id('colleague')}")
        assert (answer.status_code, "Sold" in answer.text) == (404, False)
    assert leave(world, "colleague", "active", by="reviewer1").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "active", "left_as": "removed"}, ""),
        ({"status": "gone"}, "status"),
        ({"ori": "CS0099999", "member_class": "sworn"}, "ori"),
        ({"ori": "CS0010100", "member_class": "sworn"}, "ori"),
        ({"ori": "CS0030100", "member_class": "partner"}, "member_class"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_wrong_change_is_refused_at_its_field(world: World, body: dict[str, str], field: str) -> None:
    verb = "move" if "ori" in body else "status"
    answer = world.script("admin", ADMIN).call("POST", f"/members/{world.id('colleague')}/{verb}", body | {"reason": "x"})
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert member(world, "colleague").status == "active"


def test_a_move_changes_agency_and_class_and_waits(world: World) -> None:
    assert leave(world, "chief", "moved").status_code == 200
    after = member(world, "chief")
    assert (after.agency_id, after.member_class, after.former_class) == (world.ids.agencies["corvane"], "sworn", "head")
    leave(world, "chief", "active")
    assert world.script("chief").call("GET", "/me").json()["agency"]["name"] == "Corvane Police Department"


PAGES = {
    "leaving": [("way", "retired"), ("way", "separated"), ("way", "deceased"), ("way", "removed")],
    "move": [("ori", "cs0030100")],
}


@pytest.mark.parametrize(("form", "field", "value"), [(form, *one) for form, some in PAGES.items() for one in some])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_page_says_what_ends_before_it_does(world: World, form: str, field: str, value: str) -> None:
    browser, page = world.browser("admin"), f"/admin/members/{world.id('colleague')}"
    fields = {field: value, "new_class": "sworn", "reason": "For the test.", "version": "1"}
    asked = browser.post(f"{page}/{form}", fields, page=page)
    assert asked.status_code == 200
    assert "Nothing is saved yet" in asked.text
    assert member(world, "colleague").version == 1
    assert browser.post(f"{page}/{form}", fields | {"confirmed": "yes"}, page=page).status_code == 303
    assert member(world, "colleague").version > 1
    assert "For the test." in browser.get(page).text or value == "retired"


# The last administrator -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [*OUT, "retired"])
def test_the_last_administrator_is_not_let_go(world: World, way: str) -> None:
    answer = leave(world, "admin", way)
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    assert (member(world, "admin").status, holds(world, "admin")) == ("active", {"admin"})
    assert world.script("admin", ADMIN).call("GET", "/me").status_code == 200


def test_two_administrators_let_each_other_go_at_once_and_one_stays(world: World) -> None:  # L6
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id("chief"), role="admin"))
    scripts = {key: world.script(key, ADMIN) for key in ("admin", "chief")}
    barrier, answers = threading.Barrier(12), []

    def go(n: int) -> None:
        by, whom = ("admin", "chief") if n % 2 else ("chief", "admin")
        body = list(OUT.values())[n % 5] | {"reason": "At once."}
        barrier.wait()
        verb = "move" if "ori" in body else "status"
        answers.append(scripts[by].call("POST", f"/members/{world.id(whom)}/{verb}", body).status_code)

    threads = [threading.Thread(target=go, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 401, 404, 403, 409, 422}
    left = select(Member.id).join(MemberRole, MemberRole.member_id == Member.id)
    with world.db.read() as conn:
        found = conn.execute(left.where(MemberRole.role == "admin", Member.status == MemberStatus.ACTIVE)).scalars().all()
    assert len(found) == 1
    assert world.count(Account, Account.disabled_at.is_not(None)) == 0
    assert world.count(Member, Member.left_as.in_(list(LeftAs)), Member.id.in_(found)) == 0
