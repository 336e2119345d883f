"""`/settings/profile`: what a member may say of themself, and what is kept of a change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.membership.models import Member, MemberStatus, SeenBy
from tests.world import World

PAGE = "/settings/profile"
TYPED = {"name": "Ellen Marchetti", "rank": "Chief", "about": "", "phone": "", "time_zone": "", "about_seen_by": "everyone"}


def save(world: World, key: str = "chief", **values: str) -> Any:
    return world.browser(key).post(PAGE, {**TYPED, **values}, page=PAGE)


def row(world: World, key: str = "chief") -> Any:
    return world.one(select(Member.__table__).where(Member.id == world.id(key)))


def test_the_form_shows_what_stands(world: World) -> None:
    page = world.browser("chief").get(PAGE).text
    assert 'value="Ellen Marchetti"' in page
    assert "chief@alderwood.example" in page
    assert "Head of agency, Alderwood PD" in page
    assert page.count('<option value="nobody" selected>') == 2  # address and number


def test_a_new_name_and_rank_are_kept_in_the_log_and_refresh_messages(world: World) -> None:
    answer = save(world, name="Ellen Marchetti-Roy", rank="Chief of Police")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=saved")
    now = row(world)
    assert (now.name, now.rank, now.version) == ("Ellen Marchetti-Roy", "Chief of Police", 2)
    logged = world.one(select(AuditEvent).where(AuditEvent.verb == "member.edit_profile"))
    assert (logged.actor_id, logged.subject_id) == (now.id, now.id)
    assert '"name": ["Ellen Marchetti", "Ellen Marchetti-Roy"]' in logged.detail
    assert world.script("sheriff").call("GET", "/members?q=roy").json()["items"][0]["id"] == now.id


def test_the_rest_is_saved_without_its_text_in_the_log(world: World) -> None:
    save(
        world, about="Ask me about\n\nbody-worn cameras.", phone="503-555-0142 x12", phone_seen_by="agency", time_zone="America/Los_Angeles"
    )
    now = row(world)
    assert (now.about, now.phone, now.phone_seen_by, now.email_seen_by) == (
        "Ask me about\n\nbody-worn cameras.",
        "503-555-0142 x12",
        "agency",
        "nobody",
    )
    assert (now.time_zone, now.version) == ("America/Los_Angeles", 1)
    logged = world.one(select(AuditEvent).where(AuditEvent.verb == "member.edit_profile"))
    assert logged.detail == '{"fields": ["about", "phone", "phone_seen_by", "time_zone"]}'
    assert '<option value="agency" selected>' in world.browser("chief").get(PAGE).text


def test_a_choice_can_be_taken_back(world: World) -> None:
    save(world, email_seen_by="everyone")
    assert world.script("sheriff").call("GET", f"/members/{world.id('chief')}").json()["email"] == "chief@alderwood.example"
    save(world)
    assert row(world).email_seen_by == SeenBy.NOBODY
    assert world.script("sheriff").call("GET", f"/members/{world.id('chief')}").json()["email"] is None


def test_saving_what_stands_changes_nothing(world: World) -> None:
    assert save(world).status_code == 303
    assert row(world).version == 1
    assert world.count(AuditEvent, AuditEvent.verb == "member.edit_profile") == 0


REFUSED = (
    ("name", "  ", "Can&#39;t be empty."),
    ("name", "x" * 201, "at most 200 characters"),
    ("name", "Ellen\nMarchetti", "Must be one line."),
    ("rank", "x" * 101, "at most 100 characters"),
    ("about", "x" * 1001, "at most 1,000 characters"),
    ("about", "a\x00b", "can&#39;t be shown"),
    ("phone", "call me", "Must be a phone number"),
    ("phone", "1" * 41, "at most 40 characters"),
    ("time_zone", "Mars/Olympus", "Is not a time zone."),
    ("time_zone", "../../etc/passwd", "Is not a time zone."),
    ("email_seen_by", "perhaps", "Must be one of"),
)


def test_what_cannot_be_taken_comes_back_as_typed(world: World) -> None:
    for field, value, said in REFUSED:
        answer = save(world, **{"about": "Kept text", field: value})
        assert answer.status_code == 422, field
        assert said in answer.text
        assert f'id="{field}-error"' in answer.text
        assert field == "about" or "Kept text" in answer.text
    assert (row(world).about, row(world).version) == ("", 1)


def test_any_zone_of_the_database_is_taken_and_offered_again(world: World) -> None:
    assert save(world, time_zone="America/Indiana/Indianapolis").status_code == 303
    assert '<option value="America/Indiana/Indianapolis" selected>' in world.browser("chief").get(PAGE).text


def test_nobody_changes_another_members_entry_or_their_own_class(world: World) -> None:
    save(world, id=str(world.id("sheriff")), member_class="staff", agency_id="2", status="active", version="9", rank="Chief of Police")
    assert row(world, "sheriff").rank == "Sheriff"
    now = row(world)
    assert (now.member_class, now.agency_id, now.rank, now.version) == ("head", world.ids.agencies["alderwood"], "Chief of Police", 2)


def test_a_restricted_member_may_hide_but_not_write(world: World) -> None:
    with world.db.write() as session:
        session.execute(
            update(Member).where(Member.id == world.id("chief")).values(status=MemberStatus.RESTRICTED, email_seen_by=SeenBy.EVERYONE)
        )
    for refused in ({"name": "Someone Else"}, {"rank": "Emperor"}, {"about": "Buy now"}):
        assert save(world, **refused).status_code == 403
    assert save(world).status_code == 303
    now = row(world)
    assert (now.email_seen_by, now.name, now.about) == ("nobody", "Ellen Marchetti", "")


def test_a_form_without_the_token_changes_nothing(world: World) -> None:  # A14
    answer = world.browser("chief").request("POST", PAGE, data={**TYPED, "rank": "Emperor"})
    assert answer.status_code == 403
    assert row(world).rank == "Chief"


def test_every_class_has_a_profile(world: World) -> None:
    for key in ("vendor", "admin", "retired", "reviewer1"):
        assert world.browser(key).get(PAGE).status_code == 200
        assert world.browser(key).get(f"/members/{world.id(key)}").status_code == 200
