"""Mail domains of an agency's record: two people stand behind each, and one that waits counts for nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.agencies import access, domains
from app.agencies.forms import ApproveDomain, NewDomain
from app.agencies.models import AgencyDomain
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Invalid
from app.membership.models import MemberRole, Role
from tests.people import CAST
from tests.world import World

LISTED = "/admin/agencies"
WAITING = "/moderation/agencies"


def here(world: World) -> str:
    return f"/admin/agencies/{world.ids.agencies['alderwood']}"


def added(world: World, domain: str = "alderwoodpd.example", agency: str = "alderwood", by: str = "admin") -> int:
    with world.db.write() as session:
        domains.add_domain(session, world.actor(by), world.ids.agencies[agency], NewDomain(domain=domain, reason="On its website"))
    return int(world.one(select(AgencyDomain.id).where(AgencyDomain.domain == domain)).id)


def approve(world: World, key: str, domain_id: int) -> Any:
    path = f"{WAITING}/domains/{domain_id}/approve"
    return world.browser(key).post(path, {"how": "In the state directory"}, page=WAITING)


def counted(world: World, domain: str = "alderwoodpd.example") -> list[int]:
    with world.db.read() as conn:
        return access.holders_of_domain(conn, domain)


def row(world: World) -> Any:
    return world.one(select(AgencyDomain.__table__))


def second_admin(world: World) -> str:
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id("reviewer1"), role=Role.ADMIN))
    return "reviewer1"


def test_one_adds_and_another_approves(world: World) -> None:  # V5
    domain_id = added(world)
    assert (counted(world), row(world).approved_at) == ([], None)
    assert "Waits for a second person" in world.browser("admin").get(here(world)).text
    assert "alderwoodpd.example" in world.browser("admin").get(LISTED).text
    assert "On its website" in world.browser("reviewer1").get(WAITING).text
    answer = approve(world, "reviewer1", domain_id)
    assert (answer.status_code, answer.headers["location"]) == (303, WAITING + "?said=domain-approved")
    stands = row(world)
    assert (stands.added_by, stands.approved_by, stands.approved_name) == (world.id("admin"), world.id("reviewer1"), "Joan Whitlock")
    assert counted(world) == [world.ids.agencies["alderwood"]]
    page = world.browser("admin").get(here(world)).text
    assert "Added by Ray Fontaine" in page
    assert "Approved by Joan Whitlock" in page
    assert "alderwoodpd.example" not in world.browser("admin").get(LISTED).text
    logged = world.one(select(AuditEvent).where(AuditEvent.verb == "agency.approve_domain"))
    assert (logged.actor_id, logged.subject_id) == (world.id("reviewer1"), stands.agency_id)
    assert "In the state directory" in logged.detail
    assert approve(world, "reviewer2", domain_id).status_code == 409


def test_nobody_approves_what_they_added_themselves(world: World) -> None:  # V5
    second = second_admin(world)
    domain_id = added(world)
    page = world.browser("admin").get(here(world)).text
    assert f"/domains/{domain_id}/remove" in page
    assert f"/domains/{domain_id}/approve" not in page
    own = f"{here(world)}/domains/{domain_id}/approve"
    assert world.browser("admin").post(own, {"how": "I know it"}, page=here(world)).status_code == 403
    assert row(world).approved_at is None
    with pytest.raises(IntegrityError), world.db.write() as session:  # the database's own word
        session.execute(update(AgencyDomain).values(approved_by=world.id("admin"), approved_at=world.now))
    with pytest.raises(IntegrityError), world.db.write() as session:
        session.execute(update(AgencyDomain).values(approved_at=world.now))
    assert world.browser(second).post(own, {"how": "In the state directory"}, page=here(world)).status_code == 303
    assert counted(world) == [world.ids.agencies["alderwood"]]


def test_a_domain_that_waits_is_no_pass_for_a_case(world: World) -> None:  # V5
    from tests.membership.test_checks import checks, submitted

    case = submitted(world)
    domain_id = added(world, "larkspur.example", "corvane")
    assert checks(world, case)["agency_domain"] == "unknown"
    approve(world, "reviewer1", domain_id)
    assert checks(world, case)["agency_domain"] == "pass"


# What stands on a record only by two people: localities, and names that anyone can buy.
@pytest.mark.parametrize(
    "domain", ["ci.corvane.cs.us", "co.bexley.wa.us", "state.or.us", "corvanepd.org", "corvanepd.com", "corvane-so.net"]
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_localities_and_bought_names_count_by_two_people_alone(world: World, domain: str) -> None:  # V5
    domain_id = added(world, domain, "corvane")
    assert counted(world, domain) == []
    assert approve(world, "reviewer2", domain_id).status_code == 303
    assert counted(world, domain) == [world.ids.agencies["corvane"]]


@pytest.mark.parametrize("domain", ["gov", "a b.gov", "-x.gov", "x..gov", "http://x.gov/", "gmail.com", "1.2.3.4", "x" * 64 + ".gov", ""])
def test_what_is_no_agencys_domain_is_refused(domain: str) -> None:  # V5
    with pytest.raises(ValueError, match="domain"):
        NewDomain(domain=domain, reason="x")


def test_public_mail_is_refused_in_words() -> None:  # V5
    assert NewDomain(domain="post.example", reason="x").domain == "post.example"
    for domain in ("yopmail.com", "chief@abc.mailinator.com", "Yahoo.co.uk"):
        with pytest.raises(ValueError, match="public mail service"):
            NewDomain(domain=domain, reason="x")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_may(world: World) -> None:
    domain_id = added(world)
    assert "alderwoodpd.example" in world.browser("reviewer2").get(WAITING).text
    for key in CAST:
        if key not in ("suspended", "reviewer1", "reviewer2"):
            assert world.browser(key).get(WAITING).status_code == 404, key
    answer = world.browser("reviewer1", stepped_up=False).post(f"{WAITING}/domains/{domain_id}/approve", {"how": "x"}, page=WAITING)
    assert answer.headers["location"].startswith("/step-up")
    assert world.browser("reviewer1").post(f"{WAITING}/domains/{domain_id}/approve", {"how": " "}, page=WAITING).status_code == 422
    assert row(world).approved_at is None


def test_two_at_once_approve_once(world: World) -> None:  # L6
    domain_id, outcomes, barrier = added(world), [], threading.Barrier(4)
    actors = [world.actor("reviewer1"), world.actor("reviewer2")] * 2

    def sign(actor: Any) -> None:
        barrier.wait()
        try:
            with world.db.write() as session:
                domains.approve_domain(session, actor, domain_id, ApproveDomain(how="Seen"))
            outcomes.append("approved")
        except Conflict:
            outcomes.append("late")

    threads = [threading.Thread(target=sign, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved"] + ["late"] * 3
    assert world.count(AuditEvent, AuditEvent.verb == "agency.approve_domain") == 1


def test_a_mail_domain_is_added_and_removed_with_a_reason(world: World) -> None:
    admin = world.browser("admin")
    answer = admin.post(here(world) + "/domains", {"domain": "@AlderwoodPD.example", "reason": "On its website"}, page=here(world))
    assert answer.status_code == 303
    assert "alderwoodpd.example" in admin.get(here(world)).text
    stands = world.one(select(AgencyDomain.__table__))
    assert (stands.domain, stands.added_by, stands.approved_by) == ("alderwoodpd.example", world.id("admin"), None)
    twice = admin.post(here(world) + "/domains", {"domain": "alderwoodpd.example", "reason": "Again"}, page=here(world))
    assert (twice.status_code, "already listed" in twice.text) == (422, True)
    gone = f"{here(world)}/domains/{stands.id}/remove"
    assert admin.post(gone, {"why": " "}, page=here(world)).status_code == 422
    assert admin.post(gone, {"why": "It has lapsed"}, page=here(world)).status_code == 303
    assert world.count(AgencyDomain) == 0
    with world.db.read() as conn:
        verbs = conn.execute(
            select(AuditEvent.verb, AuditEvent.detail).where(AuditEvent.subject_kind == "agency").order_by(AuditEvent.id)
        ).all()
    assert [verb for verb, _ in verbs] == ["agency.add_domain", "agency.remove_domain"]
    assert "It has lapsed" in verbs[1].detail


def test_a_domain_of_another_agency_is_not_removed_through_this_one(world: World) -> None:
    with world.db.write() as session:
        domains.add_domain(session, world.actor("admin"), world.ids.agencies["bexley"], NewDomain(domain="b.example", reason="r"))
    domain_id = world.one(select(AgencyDomain.id)).id
    answer = world.browser("admin").post(f"{here(world)}/domains/{domain_id}/remove", {"why": "x"}, page=here(world))
    assert answer.status_code == 404
    assert world.count(AgencyDomain) == 1


def test_domains_need_a_fresh_second_factor_and_members_do_not_see_them(world: World) -> None:
    with world.db.write() as session:
        domains.add_domain(session, world.actor("admin"), world.ids.agencies["alderwood"], NewDomain(domain="seen.example", reason="r"))
    admin = world.browser("admin", stepped_up=False)
    assert "seen.example" in admin.get(here(world)).text
    answer = admin.post(here(world) + "/domains", {"domain": "alderwoodpd.example", "reason": "x"}, page=here(world))
    assert answer.headers["location"].startswith("/step-up")
    assert world.count(AgencyDomain) == 1
    assert "seen.example" not in world.browser("chief").get(f"/agencies/{world.ids.agencies['alderwood']}").text


def test_the_same_domain_at_once_is_added_once(world: World) -> None:  # L6
    barrier, outcomes = threading.Barrier(8), []
    actor = world.actor("admin")

    def add() -> None:
        barrier.wait()
        try:
            with world.db.write() as session:
                domains.add_domain(session, actor, world.ids.agencies["alderwood"], NewDomain(domain="a.example", reason="r"))
            outcomes.append("added")
        except Invalid:
            outcomes.append("refused")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added"] + ["refused"] * 7
    assert world.count(AgencyDomain) == 1
