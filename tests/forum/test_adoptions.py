"""What agencies say of a lesson: one word each, the latest; who may say it; who is asked how it went."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.forum.adoptions import asking
from app.forum.adoptions.models import Adoption
from app.membership.models import Member
from tests.forum.steps import open_thread
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.races import at_once
from tests.world import World


def say(world: World, who: str, thread: int, state: str = "adopted", **more: Any) -> int:
    return world.script(who).call("PUT", f"/threads/{thread}/adoption", {"state": state, "note": f"Says {who}.", **more}).status_code


def counts(world: World, thread: int) -> dict[str, int]:
    return world.script("chief").call("GET", f"/threads/{thread}").json()["adoption"]


def listed(world: World, thread: int, query: str = "") -> dict[str, Any]:
    return world.script("colleague").call("GET", f"/threads/{thread}/adoptions{query}").json()


def test_an_agency_counts_once_however_many_say_it(world: World) -> None:  # L6
    thread = open_thread(world)
    assert counts(world, thread) == {"considering": 0, "adopted": 0, "declined": 0}
    said = at_once([lambda who=who: say(world, who, thread) for who in ("sheriff", "analyst") * 3])
    assert said == [200] * 6
    assert counts(world, thread) == {"considering": 0, "adopted": 1, "declined": 0}
    world.later(minutes=1)
    assert say(world, "sheriff", thread, "declined", note="Stopped.") == 200
    assert counts(world, thread) == {"considering": 0, "adopted": 0, "declined": 1}
    [row] = listed(world, thread)["items"]
    assert (row["agency"]["name"], row["agency"]["size"]) == ("Bexley County Sheriff's Office", "100-249 sworn")
    assert (row["state"], row["note"], row["by"]["name"]) == ("declined", "Stopped.", CAST["sheriff"].name)
    assert world.count(AuditEvent, AuditEvent.verb == "adoption.say") == 7


def test_who_may_say_it(world: World) -> None:
    thread = open_thread(world)
    assert [say(world, who, thread) for who in ("vendor", "retired", "admin", "colleague")] == [404, 403, 403, 200]
    assert world.browser("retired").get(f"/threads/{thread}/adoption").status_code == 403
    page = world.browser("retired").get(f"/threads/{thread}").text
    assert "1 in use" in page
    assert "My agency" not in page
    red = open_thread(world, marking="TLP:RED", readers=[world.id("colleague")])
    assert [say(world, who, red) for who in ("sheriff", "colleague")] == [404, 200]
    assert world.script("sheriff").call("GET", f"/threads/{red}/adoptions").status_code == 404
    question = open_thread(world, kind="question")
    assert say(world, "sheriff", question) == 409
    assert world.script("chief").call("GET", f"/threads/{question}").json()["adoption"] is None
    bad = ({"state": "maybe"}, {"state": "adopted", "note": "x" * 1001}, {"state": "adopted", "stars": 5})
    assert [world.script("sheriff").call("PUT", f"/threads/{thread}/adoption", fields).status_code for fields in bad] == [422] * 3


def test_the_page_shows_a_chart_and_takes_the_agencys_word(world: World) -> None:  # X1
    thread = open_thread(world, practice={"problem": "Slow"})
    at = f"/threads/{thread}/adoption"
    sheriff = world.browser("sheriff")
    wrong = sheriff.post(at, {"state": "", "note": "Since <June>"}, page=f"/threads/{thread}")
    assert wrong.status_code == 422
    assert "Since &lt;June&gt;" in wrong.text
    assert sheriff.post(at, {"state": "adopted", "note": "Since <June>"}, page=f"/threads/{thread}").status_code == 303
    say(world, "moderator", thread, "considering")
    page = sheriff.get(f"/threads/{thread}").text
    assert 'role="img" aria-label="1 in use, 1 considering"' in page
    assert re.findall(r'<rect class="(\w+)" x="(\d+)" y="0" width="(\d+)"', page) == [
        ("adopted", "0", "148"),
        ("considering", "150", "148"),
    ]
    assert "In use since Nov 2026" in page
    assert "Since &lt;June&gt;" in page
    assert "100-249 sworn" in page
    assert "My agency: We adopted it" in page
    assert " style=" not in page
    # Its own page says how it went, and the short form beside the lesson leaves that as it is.
    assert sheriff.post(at, {"state": "adopted", "note": "", "how_it_went": "Well, mostly."}, page=at).status_code == 303
    assert sheriff.post(at, {"state": "adopted", "note": "Still"}, page=f"/threads/{thread}").status_code == 303
    every = world.browser("colleague").get(f"/threads/{thread}/adoptions").text
    assert "Well, mostly." in every
    assert "Take away" not in every


def test_a_moderator_takes_away_what_should_not_stand_there(world: World) -> None:
    thread = open_thread(world)
    say(world, "sheriff", thread, note="canary-suspect")
    at = f"/threads/{thread}/adoptions/{world.ids.agencies['bexley']}/remove"
    assert [world.browser(who).get(at).status_code for who in ("chief", "vendor", "moderator")] == [403, 404, 200]
    moderator = world.browser("moderator")
    assert moderator.post(at, {"reason": " "}, page=at).status_code == 422
    assert moderator.post(at, {"reason": "Names a suspect."}, page=at).status_code == 303
    assert listed(world, thread)["items"] == []
    assert moderator.get(at).status_code == 404


def test_the_list_goes_on_where_it_ended(world: World) -> None:
    thread = open_thread(world)
    for who in ("chief", "sheriff", "moderator"):
        say(world, who, thread)
    first = listed(world, thread, "?limit=2")
    rest = listed(world, thread, f"?limit=2&cursor={first['next']}")
    names = [row["agency"]["short_name"] for row in first["items"] + rest["items"]]
    assert sorted(names) == ["Alderwood PD", "Bexley County SO", "Corvane PD"]
    assert rest["next"] is None
    assert world.script("chief").call("GET", f"/threads/{thread}/adoptions?cursor=x").status_code == 422
    assert world.browser("chief").get(f"/threads/{thread}/adoptions?after=x").status_code == 422


def test_a_page_asks_the_same_number_of_times_for_one_agency_and_for_three(world: World) -> None:
    thread, asked = open_thread(world), []
    for who in ("chief", "sheriff", "moderator"):
        say(world, who, thread)
        browser = world.browser("colleague")
        browser.get(f"/threads/{thread}")
        with world.count_queries() as queries:
            assert browser.get(f"/threads/{thread}").status_code == 200
        asked.append(queries.count)
    assert asked[0] == asked[2]


def work(world: World, **later: float) -> None:
    world.later(**later)
    asking.run(world.db)


def test_a_year_later_who_said_so_is_asked_once_how_it_went(world: World) -> None:
    thread = open_thread(world, title="canary-title")
    say(world, "sheriff", thread)
    say(world, "moderator", thread, "considering")
    work(world, days=300)
    say(world, "sheriff", thread, note="Still.")  # nothing new: the year runs on
    work(world, days=64)
    assert letters(world, CAST["sheriff"].email) == []
    work(world, days=1, minutes=1)
    work(world, days=30)
    [letter] = letters(world, CAST["sheriff"].email)
    assert f"/threads/{thread}/adoption" in text_of(letter)
    assert "canary-title" not in str(letter)
    assert letters(world, CAST["moderator"].email) == []
    told = world.script("sheriff").call("GET", "/notifications").json()["items"]
    assert [item["kind"] for item in told] == ["lesson"]


def test_nobody_is_asked_who_has_left_the_agency_or_reads_the_lesson_no_more(world: World) -> None:
    moved, red = open_thread(world), open_thread(world, marking="TLP:RED", readers=[world.id("colleague")])
    say(world, "sheriff", moved)
    say(world, "colleague", red)
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("sheriff")).values(agency_id=world.ids.agencies["corvane"]))
    form = {"marking": "TLP:RED", "readers": str(world.id("moderator"))}
    assert world.browser("chief").post(f"/threads/{red}/marking", form, page=f"/threads/{red}/marking").status_code == 303
    work(world, days=366)
    assert [letters(world, CAST[who].email) for who in ("sheriff", "colleague")] == [[], []]
    assert world.count(Adoption, Adoption.asked_at.is_(None)) == 0


def test_when_two_agencies_turn_out_to_be_one_the_later_word_stays(world: World) -> None:
    both, one = open_thread(world), open_thread(world)
    say(world, "sheriff", both, "adopted")
    say(world, "sheriff", one, "considering")
    world.later(minutes=1)
    say(world, "moderator", both, "declined")
    bexley, corvane = world.ids.agencies["bexley"], world.ids.agencies["corvane"]
    admin, at = world.browser("admin"), f"/admin/agencies/{bexley}/history"
    answer = admin.post(f"/admin/agencies/{bexley}/merge", {"into": str(corvane), "reason": "Written down twice."}, page=at)
    assert answer.status_code == 303, answer.text
    with world.db.read() as conn:
        rows = conn.execute(select(Adoption.thread_id, Adoption.agency_id, Adoption.state).order_by(Adoption.thread_id)).all()
    assert [tuple(row) for row in rows] == [(both, corvane, "declined"), (one, corvane, "considering")]
