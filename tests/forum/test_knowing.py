"""Members by what they say they know about, within what the directory shows to whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from app.forum.practices.models import Subject
from app.membership.models import Member, MemberStatus
from tests.forum.test_rounds import agree, subjects
from tests.mail.helpers import change
from tests.people import CAST
from tests.world import World


def names(world: World, who: str, **asked: Any) -> set[str]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    items = world.script(who).call("GET", f"/members?{query}").json()["items"]
    page = world.browser(who).get(f"/members?{query}").text
    listed = set(re.findall(r'<li><a href="/members/(\d+)">', page))
    assert listed == {str(item["id"]) for item in items}
    by_name = {person.name: key for key, person in CAST.items()}
    return {by_name[item["name"]] for item in items}


def test_the_directory_narrows_to_who_knows_about_a_subject(world: World) -> None:
    subjects(world)
    agree(world, "sheriff", "records", "pursuits")
    agree(world, "analyst", "records")
    agree(world, "vendor", "records", may_ask=False)
    agree(world, "colleague", "pursuits", may_ask=False)  # may not be asked, and says so all the same
    everybody = names(world, "chief")
    assert len(everybody) > 8
    assert names(world, "chief", subject="records") == {"sheriff", "analyst", "vendor"}
    assert names(world, "chief", subject="pursuits") == {"sheriff", "colleague"}
    assert names(world, "chief", subject="records", q="nair") == {"analyst"}
    assert names(world, "chief", subject="no-such") == names(world, "chief", subject="records", q="reyes") == set()
    page = world.browser("chief").get("/members?subject=pursuits").text
    assert re.findall(r'<option value="([a-z]*)"( selected)?>', page) == [("", ""), ("records", ""), ("pursuits", " selected")]
    assert world.script("chief").call("GET", f"/members?subject={'x' * 201}").status_code == 422
    shown = world.browser("chief").get(f"/members/{world.id('sheriff')}").text
    assert '<a href="/members?subject=records">Records</a>' in shown


def test_a_subject_finds_nobody_whom_the_directory_does_not_show(world: World) -> None:
    """A partner sees neither who works at an agency nor, by a subject, that there is somebody."""
    subjects(world)
    for who in ("sheriff", "vendor", "admin"):
        agree(world, who, "records", may_ask=False)
    assert names(world, "chief", subject="records") == {"sheriff", "vendor", "admin"}
    assert names(world, "vendor", subject="records") == {"vendor", "admin"}
    for status in (MemberStatus.SUSPENDED, MemberStatus.SEPARATED):
        change(world, Member, Member.id == world.id("sheriff"), status=status)
        assert names(world, "chief", subject="records") == {"vendor", "admin"}


def test_more_than_a_page_of_them_go_on_with_the_same_question(world: World) -> None:
    subjects(world)
    for who in ("sheriff", "analyst", "colleague"):
        agree(world, who, "records")
    script, found, cursor = world.script("chief"), [], ""
    for _ in range(3):
        answer = script.call("GET", f"/members?subject=records&limit=1&cursor={cursor}").json()
        found += [item["name"] for item in answer["items"]]
        cursor = answer["next"] or ""
    assert found == sorted(CAST[who].name for who in ("sheriff", "analyst", "colleague"))
    assert cursor == ""


@pytest.mark.parametrize("slugs", [(), ("records",)])
def test_the_page_asks_as_often_with_a_subject_as_without(world: World, slugs: tuple[str, ...]) -> None:
    subjects(world)
    agree(world, "sheriff", "records")
    with world.db.write() as session:
        session.execute(update(Subject).values(retired=not slugs))
    browser = world.browser("chief")
    browser.get("/members")
    counts = []
    for address in ("/members", "/members?subject=records"):
        with world.count_queries() as queries:
            assert browser.get(address).status_code == 200
        counts.append(queries.count)
    assert counts[0] == counts[1]
