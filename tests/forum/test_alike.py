"""Agencies like mine, as a filter of lists: who is among them, why, and who never is."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from app.forum.models import Forum
from app.membership.models import Member
from tests.forum.steps import open_thread, titles
from tests.forum.test_rounds import join
from tests.world import World


def test_lists_narrow_to_agencies_like_mine_and_never_to_who_is_masked(world: World) -> None:
    [near] = join(world, 1, 40)
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
        session.execute(
            update(Member)
            .where(Member.id == world.id("moderator"))
            .values(agency_id=world.one(select(Member.agency_id).where(Member.id == near)).agency_id)
        )
    open_thread(world, "moderator", title="From one like us")
    for who, fields in (("chief", {}), ("sheriff", {}), ("moderator", {"kind": "question", "anonymous": True})):
        open_thread(world, who, title=f"Of {who}", **fields)
    colleague = world.browser("colleague")
    whole = colleague.get("/forums/patrol")
    assert len(titles(whole.text)) == 4
    assert "Agencies like mine" in whole.text
    for path in ("/forums/patrol?like=mine", "/forums/patrol?like=mine&sort=newest&tab=lessons", "/lessons?like=mine"):
        page = colleague.get(path).text
        assert titles(page) == ["From one like us"], path
        assert "38 sworn, city or town, CS" in page
    listed = world.script("colleague").call("GET", "/forums/patrol/threads?like=mine").json()["items"]
    assert [row["title"] for row in listed] == ["From one like us"]
    people = colleague.get("/members?like=mine").text
    listed = re.findall(r'href="/members/(\d+)">', people.partition('id="found"')[2])
    assert set(listed) == {str(near), str(world.id("moderator"))}
    found = colleague.get("/agencies?like=mine").text
    assert "Town " in found
    assert "Bexley" not in found.partition('id="found"')[2]
    for path in ("/forums/patrol", "/lessons", "/members", "/agencies"):
        assert colleague.get(f"{path}?like=theirs").status_code == 404, path
    # Who has no agency is offered none, and who asks for it all the same finds nothing.
    admin = world.browser("admin")
    assert "Agencies like mine" not in admin.get("/forums/patrol").text + admin.get("/members").text
    assert titles(admin.get("/forums/patrol?like=mine").text) == []
