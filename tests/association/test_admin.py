"""The administrator's pages: who may open them, what they show before they save, and what is saved then."""

from __future__ import annotations

import html
import re

import httpx
import pytest
from sqlalchemy import select

from app.accounts.models import SignInSession
from app.forum.models import Forum, Grant, GrantRight
from app.membership.models import Group, GroupMember, Member, MemberRole
from tests.world import Client, World

PAGES = ("/admin", "/admin/settings", "/admin/first-steps", "/admin/forums", "/admin/groups", "/admin/members")


def said(page: httpx.Response) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.text))


def confirm(client: Client, page: httpx.Response) -> httpx.Response:
    """Press the button of the page that shows the effect."""
    assert page.status_code == 200, page.text[:500]
    form = page.text.partition("<form")[2]
    form = next(f for f in page.text.split("<form") if 'name="confirmed"' in f)
    action = re.search(r'action="([^"]+)"', form)
    assert action
    fields = {m[1]: html.unescape(m[2]) for m in re.finditer(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)}
    return client.request("POST", action[1], data=fields, headers={"origin": "http://localhost:8000"})


def test_the_pages_are_the_administrators_alone(world: World) -> None:
    paths = (
        *PAGES,
        f"/admin/forums/{world.ids.forums['patrol']}",
        f"/admin/groups/{world.ids.groups['sworn']}",
        f"/admin/members/{world.id('chief')}",
    )
    for path in paths:
        page = world.browser("admin").get(path)
        assert page.status_code == 200, path
        assert "Administration" in page.text
    for key in ("chief", "reviewer1", "moderator", "vendor"):
        browser = world.browser(key)
        none = browser.get("/admin/nothing")
        for path in paths:
            answer = browser.get(path)
            assert (answer.status_code, len(answer.content)) == (404, len(none.content)), (key, path)
    assert world.outsider().get("/admin").status_code == 303


def test_changes_ask_for_the_second_factor(world: World) -> None:
    browser = world.browser("admin", stepped_up=False)
    for path, fields in (
        ("/admin/forums", {"title": "New"}),
        ("/admin/groups", {"name": "New"}),
        ("/admin/settings", {"name": "x"}),
        (f"/admin/members/{world.id('chief')}/sessions/end", {}),
    ):
        answer = browser.post(path, fields, page="/admin/forums")
        assert answer.headers["location"].startswith("/step-up"), path
    assert world.count(Forum) == 3


def test_a_forum_is_made_and_shown_to_nobody_until_granted(world: World) -> None:
    admin = world.browser("admin")
    made = admin.post(
        "/admin/forums", {"title": "Grants & Budgets", "description": "Money.", "marking_floor": "TLP:AMBER"}, page="/admin/forums"
    )
    assert made.status_code == 303
    forum = world.one(select(Forum.id, Forum.slug, Forum.marking_floor, Forum.version).where(Forum.title == "Grants & Budgets"))
    assert (forum.slug, forum.marking_floor) == ("grants-and-budgets", 2)
    assert "Grants &amp; Budgets" not in world.browser("chief").get("/forums").text
    path = f"/admin/forums/{forum.id}"
    fields = {"version": str(forum.version), f"right-{world.ids.groups['head']}": "2", f"right-{world.ids.groups['retired']}": "1"}
    asked = admin.post(path + "/grants", fields, page=path)
    assert "4 members will see this forum." in said(asked)
    assert "3 members may post in it." in said(asked)
    assert world.count(Grant, Grant.forum_id == forum.id) == 0  # nothing is saved by asking
    assert confirm(admin, asked).status_code == 303
    assert world.count(Grant, Grant.forum_id == forum.id) == 2
    assert "Grants &amp; Budgets" in world.browser("chief").get("/forums").text
    assert "Grants &amp; Budgets" not in world.browser("colleague").get("/forums").text


def test_a_stale_forum_page_changes_nothing_and_keeps_what_was_typed(world: World) -> None:
    admin, path = world.browser("admin"), f"/admin/forums/{world.ids.forums['patrol']}"
    assert admin.post(path, {"version": "1", "title": "Patrol", "description": "A.", "marking_floor": ""}, page=path).status_code == 303
    answer = admin.post(path, {"version": "1", "title": "Patrolling", "description": "B.", "marking_floor": ""}, page=path)
    assert answer.status_code == 409
    assert 'value="Patrolling"' in answer.text
    assert world.one(select(Forum.title, Forum.slug).where(Forum.slug == "patrol")) == ("Patrol", "patrol")
    group = f"right-{world.ids.groups['partner']}"
    asked = admin.post(path + "/grants", {"version": "1", group: "1"}, page=path)
    assert confirm(admin, asked).status_code == 409
    assert world.count(Grant, Grant.group_id == world.ids.groups["partner"], Grant.forum_id == world.ids.forums["patrol"]) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "x", "marking_floor": "TLP:RED"},
        {"title": "x", "marking_floor": "TLP:WHITE"},
        {"title": "!!!"},
        {"title": "Patrol"},
    ],
)
def test_a_forum_that_can_not_be_made_says_why(world: World, fields: dict[str, str]) -> None:
    answer = world.browser("admin").post("/admin/forums", fields, page="/admin/forums")
    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.text
    assert world.count(Forum) == 3


def test_forums_change_places(world: World) -> None:
    admin = world.browser("admin")

    def order() -> list[str]:
        with world.db.read() as conn:
            return list(conn.execute(select(Forum.slug).order_by(Forum.sort, Forum.id)).scalars())

    assert order() == ["patrol", "command-staff", "notices"]
    admin.post(f"/admin/forums/{world.ids.forums['notices']}/up", page="/admin/forums")
    assert order() == ["patrol", "notices", "command-staff"]
    admin.post(f"/admin/forums/{world.ids.forums['patrol']}/down", page="/admin/forums")
    assert order() == ["notices", "patrol", "command-staff"]
    admin.post(f"/admin/forums/{world.ids.forums['notices']}/up", page="/admin/forums")
    assert order() == ["notices", "patrol", "command-staff"]


def test_a_group_shows_what_its_members_gain_before_they_are_in(world: World) -> None:
    admin = world.browser("admin")
    made = admin.post("/admin/groups", {"name": "Task Force"}, page="/admin/groups")
    path = made.headers["location"].partition("?")[0]
    group = int(path.rpartition("/")[2])
    with world.db.write() as session:
        session.add(Grant(group_id=group, forum_id=world.ids.forums["command-staff"], right=GrantRight.POST))
    page = admin.get(path + "?q=nair")
    assert "Priya Nair" in page.text
    asked = admin.post(path + "/members", {"member": str(world.id("analyst"))}, page=path)
    assert "Priya Nair will see 1 forum more: Command Staff." in said(asked)
    assert world.count(GroupMember, GroupMember.group_id == group) == 0
    assert confirm(admin, asked).status_code == 303
    assert "Command Staff" in world.browser("analyst").get("/forums").text
    asked = admin.post(path + "/members/remove", {"member": str(world.id("analyst"))}, page=path)
    assert "Priya Nair will no longer see 1 forum: Command Staff." in said(asked)
    confirm(admin, asked)
    assert "Command Staff" not in world.browser("analyst").get("/forums").text
    assert admin.post(path, {"version": "1", "name": "Force"}, page=path).status_code == 409
    assert world.one(select(Group.name).where(Group.id == group)).name == "Task Force"


def test_members_are_found_by_word_address_and_status(world: World) -> None:
    admin = world.browser("admin")
    for query, there, gone in (
        ("q=marchetti", "Ellen Marchetti", "Dale Okafor"),
        ("q=sheriff@bexley.example", "Dale Okafor", "Ellen Marchetti"),
        ("status=suspended", "Owen Marsh", "Dale Okafor"),
        ("", "Dale Okafor", "Nobody found"),
    ):
        page = admin.get(f"/admin/members?{query}").text
        assert there in page, query
        assert gone not in page, query


def test_suspending_is_shown_first_and_then_acts_at_once(world: World) -> None:  # A17
    admin, chief = world.browser("admin"), world.browser("chief")
    path = f"/admin/members/{world.id('chief')}"
    asked = admin.post(path + "/status", {"version": "1", "status": "suspended", "reason": "Left the agency."}, page=path)
    assert "signed out everywhere at once" in said(asked)
    assert chief.get("/forums").status_code == 200
    assert confirm(admin, asked).status_code == 303
    assert chief.get("/forums").status_code == 303
    assert "Left the agency." in admin.get(path).text


def test_a_class_change_shows_the_forums_gained_and_lost(world: World) -> None:
    admin, path = world.browser("admin"), f"/admin/members/{world.id('chief')}"
    asked = admin.post(path + "/class", {"version": "1", "member_class": "retired", "reason": "Retired."}, page=path)
    assert "Ellen Marchetti will no longer see 1 forum: Command Staff." in said(asked)
    assert confirm(admin, asked).status_code == 303
    assert world.one(select(Member.member_class, Member.former_class).where(Member.id == world.id("chief"))) == ("retired", "head")


def test_roles_are_shown_then_given(world: World) -> None:
    admin, path = world.browser("admin"), f"/admin/members/{world.id('chief')}"
    asked = admin.post(path + "/roles", {"version": "1", "roles": "reviewer", "reason": "Elected."}, page=path)
    assert "decides who becomes a member" in said(asked)
    assert world.count(MemberRole, MemberRole.member_id == world.id("chief")) == 0
    assert confirm(admin, asked).status_code == 303
    assert world.count(MemberRole, MemberRole.member_id == world.id("chief")) == 1


def test_the_last_administrator_is_told_why_not(world: World) -> None:
    admin, path = world.browser("admin"), f"/admin/members/{world.id('admin')}"
    answer = confirm(admin, admin.post(path + "/roles", {"version": "1", "reason": "x"}, page=path))
    assert answer.status_code == 422
    assert "last administrator" in answer.text


def test_all_sessions_of_one_member_are_ended(world: World) -> None:  # A17
    chief, other = world.browser("chief"), world.browser("chief")
    path = f"/admin/members/{world.id('chief')}"
    world.browser("admin").post(path + "/sessions/end", page=path)
    assert chief.get("/forums").status_code == other.get("/forums").status_code == 303
    assert world.count(SignInSession, SignInSession.account_id == world.id("chief"), SignInSession.ended_at.is_(None)) == 0


def test_lists_take_the_same_queries_for_one_and_three(world: World) -> None:
    admin = world.browser("admin")
    counts = []
    for query in ("q=marchetti", ""):
        admin.get(f"/admin/members?{query}")
        with world.count_queries() as queries:
            admin.get(f"/admin/members?{query}")
        counts.append(queries.count)
    assert counts[0] == counts[1] <= 4
