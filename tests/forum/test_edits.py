"""Editing one's own message: nothing that was there is lost, and two people can't overwrite each other unseen."""

from __future__ import annotations

import re

from app.core.audit import AuditEvent
from app.forum.models import Reply, ReplyRevision
from tests.forum.steps import hide, open_thread, reply
from tests.world import World


def test_an_edit_shows_at_once_and_its_history_keeps_every_version(world: World) -> None:
    thread = open_thread(world, body="First words.")
    chief, at = world.browser("chief"), f"/threads/{thread}/replies/0"
    world.browser("sheriff").get(f"/threads/{thread}")
    for version, words in ((1, "Second words."), (2, "Third words.")):
        world.later(minutes=5)
        sent = {"title": "Redaction in one hour", "body": words, "version": str(version)}
        assert chief.post(f"{at}/edit", sent, page=f"{at}/edit").headers["location"] == f"/threads/{thread}?said=edited#r0"
    page = world.browser("sheriff").get(f"/threads/{thread}").text
    assert "<h1>Redaction in one hour</h1>" in page
    assert "Third words." in page
    assert "Second words." not in page
    assert f'href="{at}/revisions"' in page
    for version, changed, stands in (
        ("", ["Second", "Third"], "Third"),
        ("?version=2", ["First", "Second"], "Second"),
        ("?version=1", [], "First"),
    ):
        history = world.browser("sheriff").get(f"{at}/revisions{version}").text
        assert re.findall(r"</span>(First|Second|Third)<span", history) == changed
        assert re.findall(r"<p>(First|Second|Third) words\.</p>", history) == [stands]
    answer = world.script("sheriff").call("GET", f"{at}/revisions").json()
    assert [(r["version"], r["body"]) for r in answer["items"]] == [(2, "Second words."), (1, "First words.")]
    assert answer["items"][1]["replaced_at"] == answer["items"][0]["written_at"]
    assert world.count(AuditEvent, AuditEvent.verb == "reply.edit") == 2


def test_of_two_edits_the_second_gets_its_text_back_beside_what_stands_now(world: World) -> None:
    thread = open_thread(world, body="First words.")
    chief, at = world.browser("chief"), f"/threads/{thread}/replies/0"
    sent = {"title": "Redaction", "body": "From the first window.", "version": "1"}
    assert chief.post(f"{at}/edit", sent, page=f"{at}/edit").status_code == 303
    late = chief.post(f"{at}/edit", {**sent, "body": "From the <second> window."}, page=f"{at}/edit")
    assert late.status_code == 409
    assert "From the &lt;second&gt; window." in late.text
    assert "<p>From the first window.</p>" in late.text
    assert world.one(Reply.__table__.select()).body == "From the first window."
    version = re.search(r'name="version" value="(\d+)"', late.text)
    assert version
    again = chief.post(f"{at}/edit", {**sent, "body": "Both together.", "version": version[1]}, page=f"{at}/edit")
    assert again.status_code == 303
    assert world.one(Reply.__table__.select()).body == "Both together."


def test_a_script_with_a_stale_version_is_told_so(world: World) -> None:
    thread = open_thread(world)
    script, at = world.script("chief"), f"/threads/{thread}/replies/0"
    done = script.call("PATCH", at, {"body": "New.", "version": 1})
    assert (done.status_code, done.json()["version"], done.json()["body"]) == (200, 2, "New.")
    late = script.call("PATCH", at, {"body": "Late.", "version": 1})
    assert (late.status_code, late.headers["content-type"]) == (409, "application/problem+json")
    assert world.count(ReplyRevision) == 1


def test_only_the_author_edits_a_message(world: World) -> None:
    thread = open_thread(world)
    at = f"/threads/{thread}/replies/0"
    for key, status in (("sheriff", 403), ("moderator", 403), ("admin", 403), ("vendor", 404)):
        assert world.script(key).call("PATCH", at, {"body": "Not mine.", "version": 1}).status_code == status, key
        assert world.browser(key).get(f"{at}/edit").status_code == status, key
    assert world.script("chief").call("PATCH", at, {"body": "Mine.", "version": 1}).status_code == 200


def test_a_title_belongs_to_the_opening_message(world: World) -> None:
    thread = open_thread(world, title="The title")
    reply(world, "chief", thread, "A reply.")
    answer = world.script("chief").call("PATCH", f"/threads/{thread}/replies/1", {"body": "b", "version": 1, "title": "Other"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "title")
    assert world.script("sheriff").call("GET", f"/threads/{thread}").json()["title"] == "The title"


def test_what_was_typed_comes_back_where_it_can_no_longer_be_posted(world: World) -> None:
    thread = open_thread(world)
    reply(world, "sheriff", thread, "A reply.")
    sheriff, at = world.browser("sheriff"), f"/threads/{thread}/replies/1"
    edit_form, reply_form = sheriff.csrf(f"{at}/edit"), sheriff.csrf(f"/threads/{thread}")
    hide(world, thread, 1)
    world.browser("moderator").post(f"/threads/{thread}/lock", {"reason": "Settled."}, page=f"/threads/{thread}/lock")
    edited = sheriff.request("POST", f"{at}/edit", data={"csrf": edit_form, "body": "An edit that took long.", "version": "1"})
    replied = sheriff.request("POST", f"/threads/{thread}/replies", data={"csrf": reply_form, "body": "A reply that took long."})
    assert (edited.status_code, replied.status_code) == (409, 409)
    assert "An edit that took long." in edited.text
    assert "A reply that took long." in replied.text
