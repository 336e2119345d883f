"""Going on reading: the next unread thread, and what came while a page was open."""

from __future__ import annotations

import re

from sqlalchemy import select

from app.accounts.models import SignInSession
from tests.forum.steps import open_thread, reply
from tests.world import World


def test_one_after_the_other_until_nothing_is_unread(world: World) -> None:
    first, second = open_thread(world, title="First"), open_thread(world, title="Second")
    open_thread(world, "chief", slug="command-staff", title="Closed to them")
    browser = world.browser("analyst")
    assert browser.get("/next-unread").headers["location"] == f"/threads/{second}"
    assert browser.get(f"/next-unread?after={second}").headers["location"] == f"/threads/{first}"
    assert f'href="/next-unread?after={second}" data-key="n"' in browser.get(f"/threads/{second}").text
    assert browser.get("/next-unread").headers["location"] == f"/threads/{first}"
    browser.get(f"/threads/{first}")
    assert browser.get("/next-unread").headers["location"] == "/?said=nothing-new"
    reply(world, "chief", first, "More.")
    assert browser.get("/next-unread").headers["location"] == f"/threads/{first}#new"
    for odd in ("x", "-1", str(2**40)):
        assert browser.get(f"/next-unread?after={odd}").status_code in (400, 404, 422)


def test_a_page_that_stays_open_hears_of_replies_and_keeps_no_session_alive(world: World) -> None:  # A7
    thread = open_thread(world)
    browser = world.browser("sheriff")
    address = re.search(r'data-news="([^"]+)"', browser.get(f"/threads/{thread}").text)
    assert address is not None
    assert browser.get(address[1]).text.strip() == ""
    seen = world.one(select(SignInSession.last_seen_at).order_by(SignInSession.id.desc()).limit(1))
    world.later(minutes=5)
    for words in ("One.", "Two."):
        reply(world, "colleague", thread, words)
    with world.count_queries() as queries:
        page = browser.get(address[1]).text
    assert '<a class="btn" href="/threads/' in page
    assert "2 new replies" in page
    assert queries.count == 2  # the session, the thread
    assert world.one(select(SignInSession.last_seen_at).order_by(SignInSession.id).limit(1)) == seen
    assert world.browser("vendor").get(address[1]).status_code == 404
