"""Is a lesson still true? Its author is asked on the day they chose, and it says so where nobody answers."""

from __future__ import annotations

from sqlalchemy import delete

from app.forum.models import Grant
from app.forum.practices import reviews
from app.forum.practices.models import Practice, PracticeRevision
from app.mail.delivery import Delivery
from tests.forum.steps import open_thread
from tests.mail.helpers import mails, whole
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.world import World

DAY = "2027-01-10"
STALE = "May be out of date"


def lesson(world: World, **fields: object) -> int:
    return open_thread(world, "chief", practice={"problem": "Slow", "review_by": DAY}, **fields)


def work(world: World, **later: float) -> None:
    world.later(**later)
    reviews.run(world.db)


def test_the_author_is_asked_on_the_day_and_says_so_with_one_tap(world: World) -> None:
    thread = lesson(world, title="canary-title")
    at = f"/threads/{thread}/practice/review"
    work(world, days=47)  # January 9
    assert letters(world, CAST["chief"].email) == []
    work(world, days=1)
    work(world, days=10)
    [letter] = letters(world, CAST["chief"].email)
    Delivery(world.db, world.settings).run()
    assert [at in whole(sent) for sent in mails(world, "chief", "notification")] == [True]
    assert at in text_of(letter)
    assert "canary-title" not in str(letter)
    assert [n["kind"] for n in world.script("chief").call("GET", "/notifications").json()["items"]] == ["lesson"]
    assert [world.browser(who).get(at).status_code for who in ("colleague", "vendor")] == [403, 404]
    chief = world.browser("chief")
    assert "Yes, still true" in chief.get(at).text
    assert chief.post(at, page=at).status_code == 303
    got = world.script("sheriff").call("GET", f"/threads/{thread}").json()["practice"]
    assert (got["review_by"], got["version"], got["may_be_out_of_date"]) == ("2028-01-20", 2, False)
    assert world.count(PracticeRevision) == 1
    work(world, days=366)
    assert len(letters(world, CAST["chief"].email)) == 2  # and again a year later


def test_a_lesson_that_nobody_confirms_says_so_after_thirty_days(world: World) -> None:
    thread = lesson(world)
    world.later(days=48 + 30)
    assert STALE not in world.browser("sheriff").get(f"/threads/{thread}").text + world.browser("sheriff").get("/forums/patrol").text
    world.later(days=1)
    for path in (f"/threads/{thread}", "/forums/patrol"):
        assert STALE in world.browser("sheriff").get(path).text
    assert world.script("sheriff").call("GET", f"/threads/{thread}").json()["practice"]["may_be_out_of_date"] is True
    at = f"/threads/{thread}/practice"
    assert world.script("chief").call("PUT", at, {"problem": "Slow", "review_by": "2028-01-01", "version": 1}).status_code == 200
    assert STALE not in world.browser("sheriff").get(f"/threads/{thread}").text + world.browser("sheriff").get("/forums/patrol").text


def test_nobody_is_asked_who_can_no_longer_change_it(world: World) -> None:
    thread = lesson(world)
    with world.db.write() as session:
        session.execute(delete(Grant).where(Grant.group_id == world.ids.groups["head"]))
    work(world, days=50)
    assert letters(world, CAST["chief"].email) == []
    assert world.count(Practice, Practice.thread_id == thread, Practice.asked_for.is_not(None)) == 1
