"""What retired members write, and what is theirs (V12). What they sign in with: tests/accounts/test_retired.py."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row, select, update

from app.association import presets
from app.forum.models import Grant, GrantRight, Reply
from app.mail.at_once import subject
from app.mail.words import by_line
from app.membership.models import MemberClass
from tests.mail.helpers import digests, mails, reply, thread, whole
from tests.membership.test_leaving import a_thread, leave
from tests.people import AGENCIES, CAST
from tests.world import World

SWORN = {MemberClass.HEAD, MemberClass.SWORN}


def test_what_they_write_is_labelled_so_and_what_they_wrote_in_service_is_not(world: World) -> None:  # V12
    old = a_thread(world, "colleague")
    leave(world, "colleague", "retired")
    with world.db.write() as session:
        theirs = update(Grant).where(Grant.group_id == world.ids.groups["retired"], Grant.forum_id == world.ids.forums["patrol"])
        session.execute(theirs.values(right=GrantRight.POST))
    new = a_thread(world, "colleague")
    chief = world.browser("chief")
    pages = [chief.get(f"/threads/{number}").text for number in (old, new)]
    assert ["Retired" in page for page in pages] == [False, True]
    assert ["Sworn" in page for page in pages] == [True, False]
    assert world.one(select(Reply.author_class).where(Reply.thread_id == new)) == ("retired",)


def test_the_label_stands_wherever_their_name_does(world: World) -> None:  # V12
    """A script, a list, a digest, a letter at once and a notice say it; of the same rank in service they say nothing."""
    retired, served = thread(world, "Of old", by="retired"), thread(world, "Of now", by="chief")
    reply(world, served, "I did that once.", by="retired")
    script = world.script("analyst")
    authors = [reply["author"] for reply in script.call("GET", f"/threads/{served}/replies").json()["items"]]
    assert [author["member_class"] for author in authors] == ["head", "retired"]
    name, other = CAST["retired"].name, CAST["chief"].name
    browser = world.browser("analyst")
    digests(world)
    told = [browser.get("/forums/patrol").text, browser.get(f"/threads/{retired}").text, whole(mails(world, "sheriff")[0])]
    for text in told:
        assert f"{name} (Retired)" in text
        assert f"{other} (Retired)" not in text
    line = by_line(message(world, served, 1), name)
    assert line == f"{CAST['retired'].rank} {name} (Retired), {AGENCIES[CAST['retired'].agency][2]}"


def message(world: World, number: int, position: int) -> Row[Any]:
    """As letters at once and notices read it."""
    with world.db.read() as conn:
        found = subject.message(conn, number, position)
    assert found is not None
    return found


def test_the_first_forums_give_them_one_of_their_own_and_none_of_the_sworn() -> None:  # V12
    own = [p for p in presets.PRESETS if p.rights.get(MemberClass.RETIRED) == GrantRight.POST and not SWORN & set(p.rights)]
    assert [preset.title for preset in own] == ["Retired Members"]
    sworn = [p for p in presets.PRESETS if set(p.rights) <= SWORN | {MemberClass.CIVILIAN}]
    assert sworn, "there are forums that only those in service read"
    assert all(MemberClass.RETIRED not in preset.rights for preset in sworn)


@pytest.mark.parametrize("way", ["status", "roster"])
def test_who_retires_reads_the_sworns_forum_to_that_moment_and_never_after(world: World, way: str) -> None:  # V12
    script = world.script("chief")
    assert script.call("GET", "/forums/command-staff/threads").status_code == 200
    if way == "status":
        assert leave(world, "chief", "retired").status_code == 200
    else:
        body = {"member": world.id("chief"), "still_here": False, "what": "retired"}
        path = f"/agencies/{world.ids.agencies['alderwood']}/roster"
        assert world.script("colleague").call("POST", path, body).status_code == 200
    assert script.call("GET", "/forums/command-staff/threads").status_code == 401, "tokens from the time in service end"
    assert world.script("chief").call("GET", "/forums/command-staff/threads").status_code == 404
    assert world.script("chief").call("GET", "/forums").status_code == 200
