"""Threads like one that is being written: the most alike first, and never one that the asker may not see."""

from __future__ import annotations

from sqlalchemy import update

from app.forum.models import Forum
from tests.forum.steps import hide, open_thread
from tests.people import CAST
from tests.world import World

TITLE = "Has anyone outsourced evidence storage?"


def similar(world: World, who: str, title: str = TITLE) -> list[str]:
    answer = world.script(who).call("GET", "/threads/similar?title=" + title)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_what_is_alike_is_offered_to_who_may_see_it(world: World) -> None:  # C3
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    titles = ("Outsourcing evidence storage", "Evidence storage fees", "Evidence dogs", "Storage of drones", "A county fair")
    for title in titles:
        open_thread(world, title=title)
    open_thread(world, "sheriff", title="Evidence storage, who outsourced?", kind="question", anonymous=True)
    open_thread(world, title="Outsourced evidence storage, closed", slug="command-staff", marking="TLP:AMBER")
    open_thread(world, title="Outsourced evidence storage, red", marking="TLP:RED", readers=[world.id("sheriff")])
    gone = open_thread(world, title="Outsourced evidence storage, hidden")
    hide(world, gone, 0)
    both = {"Outsourcing evidence storage", "Evidence storage, who outsourced?"}
    assert set(similar(world, "analyst")[:2]) == both
    assert set(similar(world, "analyst")) <= {*both, *titles[1:4]}
    assert {"Outsourced evidence storage, red", "Outsourced evidence storage, closed"} <= set(similar(world, "sheriff"))
    assert similar(world, "vendor") == similar(world, "chief", "the of and") == similar(world, "chief", "???") == []
    raw = world.script("analyst").call("GET", "/threads/similar?title=" + TITLE).text
    assert CAST["sheriff"].name not in raw
    assert "Bexley" not in raw
    # On the composer while it is typed, and without JavaScript after a preview; a forum in which one can't write has no composer.
    browser = world.browser("analyst")
    fragment = browser.get("/forums/patrol/new/similar?title=" + TITLE)
    assert fragment.text.count("<li>") == len(similar(world, "analyst"))
    assert "<html" not in fragment.text
    page = browser.post("/forums/patrol/new/preview", {"title": TITLE, "body": "x", "kind": "question"}, page="/forums/patrol/new")
    assert "Outsourcing evidence storage" in page.text
    assert "red" not in fragment.text + page.text.split('id="similar"')[1].split("</section>")[0]
    assert browser.get("/forums/command-staff/new/similar?title=x").status_code == 404
    assert world.browser("retired").get("/forums/patrol/new/similar?title=x").status_code == 403
