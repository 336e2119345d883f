"""Searches that a member keeps: their own alone, and what they find anew is told once, to who may see it."""

from __future__ import annotations

import datetime as dt
import re
from email.message import EmailMessage

from sqlalchemy import select, update

from app.forum.models import Forum
from app.mail.models import OutboxMessage
from app.search.saved import matching
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import SLOT, digests, mails, text
from tests.membership.cases import letters, text_of
from tests.people import CAST
from tests.world import World


def keep(world: World, who: str, q: str, deliver: str = "each") -> int:
    answer = world.script(who).call("POST", "/saved-searches", {"q": q, "deliver": deliver})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def look(world: World) -> int:
    world.later(seconds=30)
    return matching.run(world.db, world.settings)


def plain(message: EmailMessage) -> str:
    return " ".join(text(message).split())


def waiting(world: World, who: str) -> list[str]:
    """Subjects of letters about saved searches."""
    with world.db.read() as conn:
        rows = conn.execute(
            select(OutboxMessage.kind).where(OutboxMessage.member_id == world.id(who), OutboxMessage.kind == "notification")
        )
        return list(rows.scalars())


def test_a_find_is_told_once_and_only_to_who_may_see_it(world: World) -> None:  # C3 M13
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    open_thread(world, title="An old plover", body="Plover.")
    assert look(world) == 0
    for who in ("chief", "analyst", "vendor", "sheriff"):
        keep(world, who, "plovers -golden")
    keep(world, "analyst", "kind:question is:unanswered")
    thread = open_thread(world, "chief", title="Ringed plover", body="A plover.", kind="discussion")
    open_thread(world, "chief", title="Red plover", body="A plover.", marking="TLP:RED", readers=[world.id("sheriff")])
    open_thread(world, "chief", title="Command plover", body="A plover.", slug="command-staff", marking="TLP:AMBER")
    open_thread(world, "sheriff", title="Whose plover?", body="A plover.", kind="question", anonymous=True)
    reply(world, "chief", thread, "A golden plover.")
    gone = reply(world, "sheriff", thread, "A plover that is hidden at once.")
    hide(world, thread, gone)
    assert matching.run(world.db, world.settings) == 0  # too young: a lower id may still come
    # The chief hears of the masked one alone; its writer of the three others, not of their own; the analyst of what they may see.
    assert look(world) == 1 + 3 + 2 + 1
    assert look(world) == 0
    assert [len(waiting(world, who)) for who in ("chief", "sheriff", "analyst", "vendor")] == [1, 1, 2, 0]
    items = world.script("sheriff").call("GET", "/notifications").json()["items"]
    assert [(i["kind"], i["text"]) for i in items] == [("search", "A search that you keep found something new")]
    reply(world, "colleague", thread, "Another plover.")
    assert look(world) == 3
    texts = [text_of(letter) for letter in letters(world, CAST["analyst"].email)]
    assert [text for text in texts if "plovers -golden found 2 new messages" in " ".join(text.split())]
    assert not re.search("Ringed|Whose|Red plover", "".join(texts))


def test_the_digest_brings_what_was_found_since_the_last(world: World) -> None:  # M6 M13
    assert look(world) == 0
    for who in ("analyst", "vendor", "sheriff"):
        keep(world, who, "knot", "digest")
        everything = dict.fromkeys(("patrol", "command-staff", "notices"), "none")
        mine = world.script(who).call("GET", "/me/subscriptions").json()["forums"]
        chosen = {"forums": {slug: "none" for slug in mine if slug in everything}}
        assert world.script(who).call("PUT", "/me/subscriptions", chosen).status_code == 200
    open_thread(world, "chief", title="Red knot counts", body="A knot.")
    amber = open_thread(world, "chief", title="Amber knot secret", body="A knot.", marking="TLP:AMBER")
    gone = open_thread(world, "chief", title="Knot hidden later", body="A knot.")
    assert look(world) == 6
    hide(world, gone, 0)
    digests(world)
    [message] = mails(world, "analyst")
    said = plain(message)
    assert "YOUR SAVED SEARCHES" in said
    assert "[TLP:GREEN] Red knot counts" in said or "[TLP:CLEAR] Red knot counts" in said
    assert f"[TLP:AMBER] Sent as a link only Read: http://localhost:8000/threads/{amber}/replies/0" in said
    assert not re.search("knot secret|Knot hidden", said + text(message, "html"))
    assert mails(world, "vendor") == []
    world.later(hours=24)
    reply(world, "chief", amber, "A second knot.")
    look(world)
    digests(world, SLOT + dt.timedelta(days=1))
    said = plain(mails(world, "analyst")[1])
    assert f"/threads/{amber}/replies/1" in said
    assert "Red knot" not in said
    assert len(mails(world, "sheriff")) == 2


def test_saved_searches_are_ones_own_and_few(world: World) -> None:
    mine, browser = world.script("sheriff"), world.browser("sheriff")
    number = keep(world, "sheriff", "dunlin budget", "none")
    assert mine.call("POST", "/saved-searches", {"q": "before:never"}).status_code == 422
    assert mine.call("POST", "/saved-searches", {"q": " "}).status_code == 422
    assert "dunlin" in browser.get("/saved-searches").text
    assert "dunlin" not in world.script("chief").call("GET", "/saved-searches").text
    assert browser.get(f"/saved-searches/{number}").headers["location"] == "/search?q=dunlin+budget"
    other = world.browser("chief")
    assert other.get(f"/saved-searches/{number}").status_code == other.get("/saved-searches/999").status_code == 404
    assert other.post(f"/saved-searches/{number}/remove", {}, page="/saved-searches").status_code == 404
    assert browser.post(f"/saved-searches/{number}", {"deliver": "each"}, page="/saved-searches").status_code == 303
    assert mine.call("GET", "/saved-searches").json()["items"][0]["deliver"] == "each"
    for place in range(19):
        keep(world, "sheriff", f"dunlin {place}", "none")
    assert mine.call("POST", "/saved-searches", {"q": "one more"}).status_code == 409
    page = browser.post("/saved-searches", {"q": "one more", "deliver": "none"}, page="/saved-searches")
    assert (page.status_code, "one more" in page.text) == (409, True)
    assert browser.post(f"/saved-searches/{number}/remove", {}, page="/saved-searches").status_code == 303
    assert len(mine.call("GET", "/saved-searches").json()["items"]) == 19
    assert world.script("chief").call("DELETE", "/saved-searches/2").status_code == 404
