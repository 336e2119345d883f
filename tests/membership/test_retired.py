"""What retired members write, and what is theirs (V12). What they sign in with: tests/accounts/test_retired.py."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.association import presets
from app.forum.models import Grant, GrantRight, Reply
from app.membership.models import MemberClass
from tests.membership.test_leaving import a_thread, leave
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
