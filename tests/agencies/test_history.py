"""Agencies that were renamed, dissolved or here twice: what moves, what stays, what is found."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.agencies import merging, operations
from app.agencies.forms import MergeForm, NewAgency
from app.agencies.importing import import_file
from app.agencies.models import Agency, AgencyDomain, FormerOri
from app.core.audit import AuditEvent
from app.core.db import Base
from app.core.errors import Conflict
from app.membership.models import Application, Member
from app.membership.roster.models import AgencyContact
from tests.membership.cases import apply, case_id, submitted
from tests.world import World

ON_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def number(world: World, key: str) -> int:
    return int(world.ids.agencies[key])


def row(world: World, key: str) -> Any:
    return world.one(select(Agency.__table__).where(Agency.id == number(world, key)))


def send(world: World, key: str, what: str, **values: str) -> Any:
    here = f"/admin/agencies/{number(world, key)}/history"
    fields = {"version": str(row(world, key).version), **values}
    return world.browser("admin").post(here.replace("history", what), fields, page=here + "?q=county")


def merge(world: World, gone: str, stays: str) -> Any:
    return send(world, gone, "merge", into=str(number(world, stays)), reason="The same department")


def found(world: World, words: str) -> list[int]:
    return [one["id"] for one in world.script("sheriff").call("GET", f"/agencies?q={words}").json()["items"]]


def leading_to_agencies() -> list[tuple[Any, Any]]:
    """Every column that holds an agency's number, but those that are history: what stood beside a message, and where a merged one leads."""
    columns = [(table, column) for table in Base.metadata.sorted_tables for column in table.columns]
    history = {("agencies", "merged_into"), ("replies", "author_agency_id")}
    led = [(t, c) for t, c in columns if any(key.column.table.name == "agencies" for key in c.foreign_keys)]
    assert len(led) >= 8
    return [(t, c) for t, c in led if (t.name, c.name) not in history]


def test_a_merge_moves_everything_and_the_old_page_leads_on(world: World) -> None:
    case = submitted(world, agency=str(number(world, "alderwood")))
    with world.db.write() as session:
        session.add(AgencyDomain(agency_id=number(world, "alderwood"), domain="a.example", approved_at=world.now))
        session.add(AgencyDomain(agency_id=number(world, "alderwood"), domain="both.example", approved_at=world.now))
        session.add(AgencyDomain(agency_id=number(world, "corvane"), domain="both.example"))
    people = world.count(Member, Member.agency_id.in_([number(world, "alderwood"), number(world, "corvane")]))
    answer = merge(world, "alderwood", "corvane")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/agencies/{number(world, 'corvane')}?said=agency-merged")
    gone, stays = number(world, "alderwood"), number(world, "corvane")
    assert world.count(Member, Member.agency_id == stays) == people
    assert world.one(select(Application.agency_id).where(Application.id == case)).agency_id == stays
    assert world.one(select(AgencyContact.agency_id)).agency_id == stays
    with world.db.read() as conn:
        domains = {(d.domain, d.approved_at is not None) for d in conn.execute(select(AgencyDomain.__table__))}
    assert domains == {("a.example", True), ("both.example", True)}
    for table, column in leading_to_agencies():  # nothing is forgotten, whoever adds a table
        assert world.count(table, column == gone) == 0, f"{table.name}.{column.name}"
    old = world.browser("sheriff").get(f"/agencies/{gone}")
    assert (old.status_code, old.headers["location"]) == (303, f"/agencies/{stays}")
    assert "Formerly Alderwood Police Department" in world.browser("sheriff").get(f"/agencies/{stays}").text
    assert world.script("sheriff").call("GET", f"/agencies/{gone}").json()["id"] == stays
    assert found(world, "alderwood") == found(world, "CS0010100") == [stays]
    assert world.browser("chief").get("/").status_code == 200
    assert world.browser("colleague").get(f"/agencies/{stays}/roster").status_code == 200
    logged = world.one(select(AuditEvent).where(AuditEvent.verb == "agency.merge"))
    assert (logged.subject_id, '"applications": 1' in logged.detail, '"members": 3' in logged.detail) == (gone, True, True)
    assert world.browser("vendor").get(f"/agencies/{gone}").status_code == 404


def test_what_cannot_be_merged(world: World) -> None:
    answer = merge(world, "alderwood", "alderwood")
    assert (answer.status_code, "merged into itself" in answer.text) == (422, True)
    assert merge(world, "alderwood", "corvane").status_code == 303
    again = {"into": str(number(world, "bexley")), "reason": "r"}
    page = f"/admin/agencies/{number(world, 'bexley')}/history?q=corvane"
    assert world.browser("admin").post(f"/admin/agencies/{number(world, 'alderwood')}/merge", again, page=page).status_code in (303, 409)
    assert row(world, "alderwood").merged_into == number(world, "corvane")
    assert send(world, "bexley", "merge", into=str(number(world, "alderwood")), reason="r").status_code == 409
    assert send(world, "bexley", "merge", into="999999", reason="r").status_code == 404
    stale = world.browser("admin", stepped_up=False).post(f"/admin/agencies/{number(world, 'bexley')}/merge", again, page=page)
    assert stale.headers["location"].startswith("/step-up")


def test_two_merges_at_once_have_one_winner(world: World) -> None:  # L6
    barrier, outcomes, actor = threading.Barrier(6), [], world.actor("admin")
    ways = [("alderwood", "corvane"), ("corvane", "alderwood"), ("alderwood", "bexley")] * 2

    def run(gone: str, stays: str) -> None:
        barrier.wait()
        try:
            with world.db.write() as session:
                merging.merge(session, actor, number(world, gone), MergeForm(into=number(world, stays), reason="r"))
            outcomes.append((gone, stays))
        except Conflict:
            pass

    threads = [threading.Thread(target=run, args=way) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({gone for gone, _ in outcomes}) == len(outcomes)
    assert 1 <= len(outcomes) <= 2
    kept = {key: row(world, key).merged_into for key in ("alderwood", "corvane", "bexley")}
    assert sum(into is not None for into in kept.values()) == len(outcomes)
    for into in kept.values():  # nothing leads to what leads on
        assert into is None or world.one(select(Agency.merged_into).where(Agency.id == into)).merged_into is None


@ON_SQLITE
def test_an_import_does_not_make_the_merged_one_anew(world: World, tmp_path: Path) -> None:
    file = tmp_path / "agencies.csv"
    file.write_text("ori9,state,agency_name,agency_type,county\nWA0010100,WA,Alder Town Police Department,City,ALDER\n"
                    "WA0010200,WA,Alder Village Police Department,City,ALDER\n")  # fmt: skip
    import_file(world.db, file)
    first, second = (world.one(select(Agency.id).where(Agency.ori == ori)).id for ori in ("WA0010100", "WA0010200"))
    with world.db.write() as session:
        merging.merge(session, world.actor("admin"), first, MergeForm(into=second, reason="r"))
    count = world.count(Agency)
    assert (import_file(world.db, file).added, world.count(Agency)) == (0, count)
    assert world.one(select(FormerOri)).agency_id == second
    with world.db.write() as session:  # one without an ORI takes it
        bare = operations.create_agency(session, world.actor("admin"), NewAgency(name="Alder Police", agency_type="city", state="WA"))
        merging.merge(session, world.actor("admin"), second, MergeForm(into=bare.id, reason="r"))
    assert world.one(select(Agency.ori).where(Agency.id == bare.id)).ori == "WA0010200"
    assert world.one(select(Agency.merged_into).where(Agency.id == first)).merged_into == bare.id
    assert (import_file(world.db, file).added, world.one(select(Agency.name).where(Agency.id == bare.id)).name) == (0, "Alder Police")


@ON_SQLITE
def test_a_renamed_agency_is_found_by_both_names(world: World) -> None:
    post = {"kind": "discussion", "title": "A title", "body": "A line."}
    thread = world.script("chief").call("POST", "/forums/patrol/threads", post).json()
    new = {"name": "Alder Valley Police Department", "short_name": "Alder Valley PD", "until": "2026-10-31", "reason": "Voted"}
    assert send(world, "alderwood", "rename", **new).status_code == 303
    assert found(world, "alder+valley") == found(world, "alderwood") == [number(world, "alderwood")]
    page = world.browser("sheriff").get(f"/agencies/{number(world, 'alderwood')}").text
    assert "Formerly Alderwood Police Department (until 2026)" in page
    # what stood beside a message stays, what is written now says the new name
    now = world.script("chief").call("POST", "/forums/patrol/threads", post).json()
    before = world.script("sheriff").call("GET", f"/threads/{thread['id']}").json()
    assert (before["starter"]["agency"], now["starter"]["agency"]) == ("Alderwood PD", "Alder Valley PD")
    saved = {"short_name": "Alder Valley PD", "agency_type": "city", "sworn": "40", "region": "", "civilian": "", "population": ""}
    here = f"/admin/agencies/{number(world, 'alderwood')}"
    assert world.browser("admin").post(here, {**saved, "version": "2"}, page=here).status_code == 303
    assert found(world, "alderwood") == [number(world, "alderwood")]
    assert send(world, "alderwood", "rename", **new).status_code == 422
    late = send(world, "alderwood", "rename", **{**new, "name": "X", "until": "2027-01-01"})
    assert (late.status_code, "still to come" in late.text) == (422, True)


@ON_SQLITE
def test_nobody_applies_to_a_dissolved_agency(world: World) -> None:
    end = {"dissolved_on": "2026-06-30", "successor": "CS0020000", "why": "The county took over"}
    alderwood = number(world, "alderwood")
    assert f'value="{alderwood}"' in world.outsider().get("/apply?agency_q=alderwood").text
    assert send(world, "alderwood", "dissolve", **{**end, "successor": "CS9999999"}).status_code == 422
    assert send(world, "alderwood", "dissolve", **end).status_code == 303
    assert row(world, "alderwood").dissolved_on == dt.date(2026, 6, 30)
    assert f'value="{alderwood}"' not in world.outsider().get("/apply?agency_q=alderwood").text
    assert apply(world, agency=str(alderwood)).status_code == 422
    assert case_id(world) == 0
    page = world.browser("sheriff").get(f"/agencies/{alderwood}").text
    assert "Dissolved on June 30, 2026" in page
    assert f'href="/agencies/{number(world, "bexley")}"' in page
    assert found(world, "alderwood") == [alderwood]
    assert "2 members. Dissolved Jun 30, 2026" in world.browser("reviewer1").get("/moderation/agencies").text
    assert merge(world, "corvane", "alderwood").status_code == 422
    assert send(world, "alderwood", "revive", why="A mistake").status_code == 303
    assert f'value="{alderwood}"' in world.outsider().get("/apply?agency_q=alderwood").text


@ON_SQLITE
def test_applicants_see_the_public_register_ten_at_a_time(world: World) -> None:
    with world.db.write() as session:
        admin = world.actor("admin")
        for count in range(12):
            form = NewAgency(name=f"Quarry {count} Police Department", agency_type="city", state="CS", ori=f"CS9{count:06}")
            operations.create_agency(session, admin, form)
        own = operations.create_agency(session, admin, NewAgency(name="Quarry Campus Police", agency_type="university", state="CS"))
    page = world.outsider().get("/apply?agency_q=quarry").text
    assert page.count('type="radio" name="agency"') == 11  # and "Not listed here"
    assert "Quarry Campus" not in world.outsider().get("/apply?agency_q=quarry+campus").text
    assert apply(world, agency=str(own.id)).status_code == 422
    assert own.id in found(world, "quarry+campus")
    # no sign of who is a member: with and without people, the same row in the same order
    rows = world.outsider().get("/apply?agency_q=cs").text.partition('id="agency-choices"')[2].partition("</fieldset>")[0]
    with world.db.write() as session:
        session.execute(Member.__table__.update().values(agency_id=None))
    assert world.outsider().get("/apply?agency_q=cs").text.partition('id="agency-choices"')[2].partition("</fieldset>")[0] == rows
