"""`/admin/agencies`: who may, what is kept, and two at once."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import select

from app.agencies import operations
from app.agencies.forms import EditAgency
from app.agencies.models import Agency
from app.core.audit import AuditEvent
from app.core.errors import Conflict
from tests.people import CAST
from tests.world import Client, World

FACTS = {"short_name": "Alderwood PD", "agency_type": "city", "region": "", "sworn": "38", "civilian": "", "population": ""}


def here(world: World) -> str:
    return f"/admin/agencies/{world.ids.agencies['alderwood']}"


def save(admin: Client, path: str, **facts: str) -> Any:
    return admin.post(path, {**FACTS, "version": "1", **facts}, page=path)


def row(world: World, key: str = "alderwood") -> Any:
    return world.one(select(Agency.__table__).where(Agency.id == world.ids.agencies[key]))


def test_only_an_administrator_finds_the_pages(world: World) -> None:
    paths = ("/admin/agencies", "/admin/agencies/new", here(world))
    assert [world.browser("admin").get(path).status_code for path in paths] == [200, 200, 200]
    for key in CAST:
        if key not in ("admin", "suspended"):
            assert {world.browser(key).get(path).status_code for path in paths} == {404}, key


def test_facts_are_kept_and_logged(world: World) -> None:
    admin = world.browser("admin")
    answer = save(admin, here(world), region="North Coast", sworn="41", population="22,900")
    assert answer.status_code == 422
    answer = save(admin, here(world), region="North Coast", sworn="41", population="22900")
    assert (answer.status_code, answer.headers["location"]) == (303, here(world) + "?said=saved")
    now = row(world)
    assert (now.region, now.sworn, now.population, now.version, now.source) == ("North Coast", 41, 22900, 2, "")
    logged = world.one(select(AuditEvent).where(AuditEvent.verb == "agency.edit"))
    assert (logged.actor_id, logged.subject_id) == (world.id("admin"), now.id)
    assert '"sworn": 38' in logged.detail
    assert world.script("chief").call("GET", "/agencies?q=north+coast").json()["items"][0]["name"] == "Alderwood Police Department"


def test_saving_what_stands_changes_nothing(world: World) -> None:
    save(world.browser("admin"), here(world))
    assert row(world).version == 1
    assert world.count(AuditEvent, AuditEvent.verb == "agency.edit") == 0


def test_the_slower_of_two_gets_its_text_back_and_can_save_again(world: World) -> None:
    admin = world.browser("admin")
    assert save(admin, here(world), region="North Coast").status_code == 303
    answer = save(admin, here(world), region="River Valley", sworn="40")
    assert answer.status_code == 409
    assert "Somebody else changed this agency meanwhile" in answer.text
    assert 'value="River Valley"' in answer.text
    assert "Now saved: North Coast" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert row(world).region == "North Coast"
    assert save(admin, here(world), region="River Valley", version="2").status_code == 303


def test_two_at_once_have_one_winner(world: World) -> None:  # L6
    barrier, outcomes = threading.Barrier(8), []
    actor = world.actor("admin")

    def edit(number: int) -> None:
        form = EditAgency(short_name="Alderwood PD", agency_type="city", sworn=100 + number, version=1)
        barrier.wait()
        try:
            with world.db.write() as session:
                operations.edit_agency(session, actor, world.ids.agencies["alderwood"], form)
            outcomes.append("saved")
        except Conflict:
            outcomes.append("stale")

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved"] + ["stale"] * 7
    assert row(world).version == 2


REFUSED = (
    ("short_name", " ", "Can&#39;t be empty."),
    ("short_name", "x" * 101, "at most 100 characters"),
    ("agency_type", "village", "Must be one of"),
    ("sworn", "many", "Must be a whole number."),
    ("sworn", "-1", "Must be 0 or more."),
    ("sworn", "9" * 30, "Must be"),
    ("region", "a\x07b", "can&#39;t be shown"),
)


def test_what_cannot_be_taken_comes_back_with_the_error_beside_it(world: World) -> None:
    admin = world.browser("admin")
    for field, value, said in REFUSED:
        answer = save(admin, here(world), **{field: value, "civilian": "7"})
        assert answer.status_code == 422, field
        assert said in answer.text
        assert f'id="{field}-error"' in answer.text
        assert 'value="7"' in answer.text
    assert row(world).version == 1


def test_an_agency_that_is_in_no_file_can_be_added(world: World) -> None:
    admin = world.browser("admin")
    typed = {
        **FACTS,
        "short_name": "",
        "name": "Dunmore Police Department",
        "state": "cs",
        "ori": "cs0090100",
        "county": "Alder",
        "city": "Dunmore",
    }
    answer = admin.post("/admin/agencies/new", typed, page="/admin/agencies/new")
    assert answer.status_code == 303
    found = world.script("chief").call("GET", "/agencies?q=dunmore+pd").json()["items"][0]
    assert (found["short_name"], found["ori"], found["state"], found["sworn"]) == ("Dunmore PD", "CS0090100", "CS", 38)
    assert world.count(AuditEvent, AuditEvent.verb == "agency.create") == 1
    again = admin.post("/admin/agencies/new", typed, page="/admin/agencies/new")
    assert (again.status_code, "Another agency has this ORI." in again.text) == (422, True)
    assert 'value="Dunmore Police Department"' in again.text


def test_an_ori_that_does_not_fit_is_told_at_its_field(world: World) -> None:  # V8
    admin = world.browser("admin")
    told = {"CA0010100": "one of California", "CS00901": "Did you mean CS0090100?", "nothing": "two letters", "12": "two letters"}
    for ori, said in told.items():
        typed = {**FACTS, "name": "Dunmore Police Department", "state": "CS", "ori": ori}
        answer = admin.post("/admin/agencies/new", typed, page="/admin/agencies/new")
        assert answer.status_code == 422
        assert said in answer.text
        assert 'id="ori-error"' in answer.text
