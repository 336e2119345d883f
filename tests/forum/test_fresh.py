"""The first page: what is new for one, why it may matter, and what marks it as read."""

from __future__ import annotations

import re

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql

from app.forum.models import Forum
from app.forum.queries import fresh
from app.membership.models import Member
from app.worker import run_once
from tests.forum.steps import open_thread, reply, titles
from tests.forum.test_rounds import QUESTION, agree, join, subjects
from tests.world import Client, World

ROW = re.compile(r'class="row new-row">.*?<a href="[^"]*">([^<]+)</a>.*?class="why[^>]*>([^<]+)<', re.S)


def told(browser: Client, path: str = "/") -> dict[str, str]:
    """Title to reason, of the list of what is new."""
    return dict(ROW.findall(browser.get(path).text.partition('id="h-new"')[2]))


def test_each_thread_says_why_it_may_matter(world: World) -> None:
    subjects(world)
    [near] = join(world, 1, 40)
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
        theirs = select(Member.agency_id).where(Member.id == near).scalar_subquery()
        session.execute(update(Member).where(Member.id == world.id("moderator")).values(agency_id=theirs))
    agree(world, "chief", "records")
    by = {
        "You asked": open_thread(world, "chief", kind="question", title="own", anonymous=True),
        "You began it": open_thread(world, "chief", kind="discussion", title="begun"),
        "You took part": open_thread(world, "sheriff", title="part"),
        "Your subject": open_thread(world, "sheriff", kind="discussion", title="subject", subjects=["records"]),
        "Agencies like yours": open_thread(world, "moderator", title="alike"),
        "You watch it": open_thread(world, "sheriff", title="watched"),
        "New lesson": open_thread(world, "sheriff", title="lesson"),
        "New replies": open_thread(world, "sheriff", title="plain"),
        "You were asked": open_thread(world, "sheriff", **{**QUESTION, "title": "asked", "subjects": ["records"]}),
    }
    hidden = open_thread(world, "sheriff", title="canary-red", marking="TLP:RED", readers=[world.id("colleague")])
    reply(world, "chief", by["You took part"], "Here.")
    chief = world.browser("chief")
    for name in ("You took part", "You watch it", "New replies"):
        chief.get(f"/threads/{by[name]}")
    assert world.script("chief").call("PUT", f"/threads/{by['You watch it']}/watch", {"level": "watch"}).status_code == 200
    for name in ("You asked", "You began it", "You took part", "You watch it", "New replies"):
        reply(world, "analyst", by[name], "More.")
    world.later(minutes=2)
    run_once(world.db, world.settings, world.now)
    page = chief.get("/").text
    names = {"own": "You asked", "begun": "You began it",
             "part": "You took part", "subject": "Your subject", "alike": "Agencies like yours",
             "watched": "You watch it", "lesson": "New lesson", "plain": "New replies", "asked": "You were asked"}  # fmt: skip
    assert told(chief) == names
    assert "canary-red" not in page
    assert hidden
    waiting = page.partition('id="h-ask"')[2].partition('id="h-new"')[0]
    assert (titles(waiting), re.findall(r'class="why[^>]*>([^<]+)', waiting)) == (["asked"], ["You were asked"])
    # Who replied is not asked any more; and a masked question of one's own never says whose it is to others.
    reply(world, "chief", by["You were asked"], "We did.")
    assert titles(chief.get("/").text.partition('id="h-ask"')[2].partition('id="h-new"')[0]) == []
    assert told(world.browser("colleague"))["own"] == "New question"
    # Read from here: a thread, up to where it was listed; a forum; all.
    at = by["New lesson"]
    reply(world, "analyst", at, "Meanwhile.")
    assert chief.post(f"/threads/{at}/read", {"position": "0"}, page="/").status_code == 303
    assert told(chief)["lesson"] == "New replies"
    assert chief.post(f"/threads/{at}/read", {"position": "x"}, page="/").status_code == 422
    assert world.browser("chief").post(f"/threads/{hidden}/read", {"position": "0"}, page="/").status_code == 404
    strict = open_thread(world, "reviewer2", slug="command-staff", marking="TLP:AMBER", title="strict")
    assert chief.post("/forums/patrol/read", page="/").status_code == 303
    assert told(chief) == {"strict": "New lesson"}
    assert world.browser("analyst").post("/forums/command-staff/read", page="/").status_code == 404
    assert chief.post("/mark-all-read", page="/").status_code == 303
    assert (told(chief), strict > 0) == ({}, True)


def test_it_goes_on_where_it_ended_with_as_many_queries_for_many_as_for_one(world: World) -> None:
    chief = world.browser("chief")
    open_thread(world, "sheriff", title="t0")
    counts = []
    for n in range(1, 31):
        if n in (2, 30):
            chief.get("/")
            with world.count_queries() as queries:
                chief.get("/")
            counts.append(queries.count)
        open_thread(world, "sheriff", title=f"t{n}")
        world.later(seconds=1)
    assert counts[0] == counts[1]
    seen, path = [], "/"
    for _ in range(4):
        page = chief.get(path).text
        seen += titles(page.partition('id="h-new"')[2])
        following = re.search(r'href="(/\?after=[^"]+)"', page)
        if following is None:
            break
        path = following[1]
    assert seen == [f"t{n}" for n in range(30, -1, -1)]
    assert "Can you answer?" not in chief.get(path).text
    assert chief.get("/?after=xyz").status_code == 422


def test_no_statement_of_the_page_is_too_long_to_be_kept_prepared() -> None:
    for statement in (fresh._NEW, fresh._NEW_GOING_ON, fresh._WAITING):
        assert len(str(statement.statement.compile(dialect=postgresql.dialect()))) < 4_096
