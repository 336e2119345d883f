"""The contact of an agency: who becomes it, and when it ends."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from app.core import audit
from app.core.audit import AuditEvent
from app.mail.models import OutboxMessage
from app.membership import status as verbs
from app.membership.models import Member
from app.membership.roster import jobs
from app.membership.roster.models import AgencyContact
from app.membership.status import StatusForm
from tests.membership.cases import letters
from tests.membership.test_roster import ON_SQLITE, asked, due, page, path
from tests.world import World


def appoint(world: World, key: str, agency: str = "alderwood", by: str = "admin") -> Any:
    form = f"/admin/agencies/{world.ids.agencies[agency]}/contact"
    return world.browser(by).post(form, {"member": str(world.id(key))}, page=form)


def test_an_administrator_appoints_somebody_who_works_there(world: World) -> None:  # V10
    assert appoint(world, "chief").status_code == 303
    assert asked(world) == []
    assert [letter["Subject"] for letter in letters(world, "chief@alderwood.example")] == ["You are the contact of Alderwood PD"]
    assert world.browser("chief").get(path(world)).status_code == 200
    assert page(world).get(path(world)).status_code == 404
    assert world.count(AgencyContact) == 2
    for key in ("sheriff", "retired", "vendor", "suspended"):
        answer = appoint(world, key)
        assert (answer.status_code, "works at this agency" in answer.text) == (422, True), key
    assert world.count(AuditEvent, AuditEvent.verb == "agency.appoint_contact") == 1
    form = f"/admin/agencies/{world.ids.agencies['alderwood']}/contact"
    assert world.browser("admin").post(form + "/end", {"reason": "On leave"}, page=form).status_code == 303
    assert world.browser("chief").get(path(world)).status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("change", [{"status": "suspended"}, {"agency_id": 2}, {"member_class": "retired"}])
def test_it_ends_with_the_work(world: World, change: dict[str, Any]) -> None:
    assert page(world).get(path(world)).status_code == 200
    browser = page(world)
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("colleague")).values(**change))
    assert browser.get(path(world)).status_code != 200
    due(world)
    jobs.run(world.db)
    assert asked(world) == []
    assert world.count(AgencyContact, AgencyContact.ended_at.is_(None)) == 0
    assert world.count(audit.AuditEvent, audit.AuditEvent.verb == "agency.end_contact") == 1


@ON_SQLITE
def test_it_does_not_come_back_with_the_access(world: World) -> None:
    admin = world.script("admin", "read,write,moderate,admin")
    for word in ("suspended", "active"):
        with world.db.write() as session:
            verbs.set_status(session, world.actor("admin"), world.id("colleague"), StatusForm(status=word, reason="r"))
    assert admin.call("GET", f"/agencies/{world.ids.agencies['alderwood']}/roster").status_code == 200
    assert page(world).get(path(world)).status_code == 404


@ON_SQLITE
def test_a_waiting_question_goes_to_the_new_contact(world: World) -> None:
    world.browser("reviewer1").post(path(world) + "/ask", page=path(world))
    appoint(world, "chief")
    said = [letter["Subject"] for letter in letters(world, "chief@alderwood.example")]
    assert said == ["You are the contact of Alderwood PD", "Who still works at Alderwood PD?"]
    assert world.count(OutboxMessage, OutboxMessage.member_id == world.id("chief")) == 2
