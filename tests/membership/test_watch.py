"""Who copies the directory is stopped and reported: by how much they take, and by opening somebody who does not exist (C14)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, insert, select

from app.accounts.models import Account
from app.core.access import Actor
from app.core.audit import AuditEvent
from app.mail.digest.run import queue_digests
from app.membership.access import may_sign_in
from app.membership.directory import visible_members
from app.membership.models import Member, MemberStatus
from app.membership.staying import daily
from app.membership.watch import counting
from app.membership.watch.models import DirectoryAlert
from tests.membership.cases import letters, submitted, text_of
from tests.people import CAST, LONG_AGO
from tests.world import World

BAIT = {"name": "Orrin Vexley", "rank": "Deputy Chief", "member_class": "sworn", "ori": "CS0020000", "about": "Ask me about boats."}


def many_members(world: World, count: int) -> None:
    with world.db.write() as session:
        accounts = [{"id": 1000 + n, "email": f"m{n}@x.example", "created_at": LONG_AGO} for n in range(count)]
        session.execute(insert(Account.__table__), accounts)
        rows = [
            {"id": 1000 + n, "name": f"Member Number{n:03}", "member_class": "sworn", "agency_id": world.ids.agencies["bexley"],
             "read_before": LONG_AGO, "approved_at": LONG_AGO}
            for n in range(count)
        ]  # fmt: skip
        session.execute(insert(Member.__table__), rows)


def alerts(world: World) -> list[tuple[str, str]]:
    with world.db.read() as conn:
        return [tuple(row) for row in conn.execute(select(DirectoryAlert.member_name, DirectoryAlert.reason).order_by(DirectoryAlert.id))]


def test_copying_the_lists_trips_the_alarm(world: World) -> None:  # C14
    many_members(world, 300)
    script, browser, admin = world.script("chief"), world.browser("chief"), CAST["admin"].email
    taken, pages = 0, 0
    while (answer := script.call("GET", "/members?limit=100")).status_code == 200:
        taken, pages = taken + len(answer.json()["items"]), pages + 1
    assert (answer.status_code, answer.headers["retry-after"], taken) == (429, "3600", counting.LISTED_AN_HOUR)
    assert "Number" not in answer.text
    assert browser.get("/members").status_code == 429  # pages and calls count together
    assert browser.get(f"/agencies/{world.ids.agencies['bexley']}").status_code == 429  # and so do the people of an agency
    assert browser.get("/agencies").status_code == 200
    assert world.browser("sheriff").get("/members").status_code == 200
    assert alerts(world) == [("Ellen Marchetti", "lists")]
    assert world.count(AuditEvent, AuditEvent.verb == "directory.alert", AuditEvent.actor_id == world.id("chief")) == 1
    assert len(letters(world, admin)) == 1
    assert "Marchetti" not in letters(world, admin)[0].as_string()
    assert "http://localhost:8000/admin/safety" in text_of(letters(world, admin)[0])
    page = world.browser("admin").get("/admin/safety").text
    assert "Ellen Marchetti" in page
    assert "Listed more than 2,000 members within an hour" in page
    world.later(minutes=61)
    assert world.browser("chief").get("/members").status_code == 200


def test_a_list_of_none_counts_too(world: World) -> None:  # C14
    actor = world.actor("chief")
    with world.db.write() as session:
        assert [counting.count_listed(session, actor, n, world.now) for n in (0, 25, 0)] == [1, 26, 27]


# Bait -----------------------------------------------------------------------------------------------------------------------


def add_bait(world: World) -> int:
    answer = world.browser("admin").post("/admin/safety/bait", BAIT, page="/admin/safety")
    assert answer.status_code == 303
    return int(world.one(select(Member.id).where(Member.name == BAIT["name"])).id)


def test_whoever_opens_an_invented_entry_is_reported_once_an_hour(world: World) -> None:  # C14
    bait, admin = add_bait(world), CAST["admin"].email
    browser, script = world.browser("chief"), world.script("chief")
    assert BAIT["name"] in browser.get("/members").text
    assert BAIT["name"] in browser.get(f"/agencies/{world.ids.agencies['bexley']}").text
    assert alerts(world) == []  # listing it is no alarm
    page, entry = browser.get(f"/members/{bait}"), script.call("GET", f"/members/{bait}").json()
    assert page.status_code == 200
    assert (BAIT["name"] in page.text, "invented" in page.text.lower(), "bait" in page.text.lower()) == (True, False, False)
    real = script.call("GET", f"/members/{world.id('sheriff')}").json()
    assert (entry.keys(), entry["about"], entry["email"]) == (real.keys(), BAIT["about"], None)
    assert alerts(world) == [("Ellen Marchetti", "bait")]
    assert len(letters(world, admin)) == 1
    world.later(minutes=61)
    world.browser("chief").get(f"/members/{bait}")
    assert len(alerts(world)) == len(letters(world, admin)) == 2


def test_an_invented_person_is_nobody_anywhere_else(world: World) -> None:  # C14
    bait, before = add_bait(world), world.count(Member)
    address = world.one(select(Account.email).where(Account.id == bait)).email
    admin = world.browser("admin")
    # No member of the administrator's: neither listed, nor counted, nor to be changed into one.
    assert BAIT["name"] not in admin.get("/admin/members").text
    assert f"{len([p for p in CAST.values() if p.status == MemberStatus.ACTIVE])} active" in admin.get("/admin").text
    assert admin.get(f"/admin/members/{bait}").status_code == 404
    change = {"status": "active", "reason": "x"}
    assert world.script("admin", "read,write,admin").call("POST", f"/members/{bait}/status", change).status_code == 404
    # Nobody who signs in.
    answer = world.outsider().post("/sign-in", {"email": address, "password": "x" * 20, "consent": "yes"}, page="/sign-in")
    assert "Orrin" not in answer.text
    with world.db.read() as conn:
        assert not may_sign_in(conn, bait)
    # No mail, no yearly question, and in no check of a case.
    queue_digests(world.db, world.settings, world.now + dt.timedelta(days=1))
    world.later(days=400)
    daily.run(world.db, world.settings)
    assert letters(world, address) == []
    case = submitted(world, name=BAIT["name"])
    page = world.browser("reviewer1").get(f"/moderation/applications/{case}").text
    assert "Deputy Chief Orrin Vexley" not in page
    assert world.count(Member) == before


def test_only_an_administrator_lays_bait_and_takes_it_away(world: World) -> None:
    bait = add_bait(world)
    for key in ("chief", "reviewer1", "moderator"):
        assert world.browser(key).get("/admin/safety").status_code == 404
    admin = world.browser("admin")
    wrong = admin.post("/admin/safety/bait", BAIT | {"ori": "ZZ0000000"}, page="/admin/safety")
    assert (wrong.status_code, "No agency has this ORI." in wrong.text, BAIT["about"] in wrong.text) == (422, True, True)
    real = f"/admin/safety/bait/{world.id('chief')}/remove"
    assert admin.post(real, page="/admin/safety").status_code == 404
    assert world.count(Member, Member.id == world.id("chief")) == 1
    assert admin.post(f"/admin/safety/bait/{bait}/remove", page="/admin/safety").status_code == 303
    assert world.browser("chief").get(f"/members/{bait}").status_code == 404
    assert world.count(Account, Account.id == bait) == 1  # so that nobody ever gets its number
    verbs = select(AuditEvent.verb).where(AuditEvent.subject_id == bait, AuditEvent.verb.like("bait.%")).order_by(AuditEvent.id)
    with world.db.read() as conn:
        assert list(conn.execute(verbs).scalars()) == ["bait.add", "bait.remove"]


# Drills ---------------------------------------------------------------------------------------------------------------------


def test_a_drill_and_its_result_are_kept(world: World) -> None:  # V14
    admin, page = world.browser("admin"), "/admin/safety"
    typed = {"held_on": "2026-11-20", "outcome": "stopped", "note": "Look-alike domain, spoofed caller: stopped at the call-back."}
    assert admin.post(f"{page}/drills", typed, page=page).status_code == 303
    seen = admin.get(page).text
    assert all(words in seen for words in ("Nov 20, 2026", "Stopped", "spoofed caller", "Ray Fontaine"))
    logged = world.one(select(AuditEvent.actor_id, AuditEvent.detail).where(AuditEvent.verb == "drill.record"))
    assert logged == (world.id("admin"), '{"held_on": "2026-11-20", "stopped": true}')
    for field, value in (("held_on", "2026-12-24"), ("held_on", "soon"), ("outcome", ""), ("note", " ")):
        answer = admin.post(f"{page}/drills", typed | {field: value}, page=page)
        assert (answer.status_code, f'id="{field}-error"' in answer.text) == (422, True), field


def test_every_public_page_says_that_no_emergency_request_comes_from_here(world: World) -> None:  # V14
    for path in ("/sign-in", "/apply", "/recover"):
        assert "never carries emergency requests for data" in world.outsider().get(path).text


def test_the_day_on_which_a_bait_was_verified_ages_no_more_than_a_members(world: World) -> None:  # C14
    bait = add_bait(world)
    world.later(days=400)
    for _ in range(2):
        daily.run(world.db, world.settings)
        assert world.one(_shown_as_verified(bait)).verified_at == world.now, "its list tells nobody which one to leave alone"
    world.later(days=300)
    daily.run(world.db, world.settings)
    assert world.one(_shown_as_verified(bait)).verified_at == world.now - dt.timedelta(days=300)


def _shown_as_verified(bait: int) -> Select[Any]:
    return visible_members(Actor(id=1, name="A member")).where(Member.id == bait)
