"""A message that a moderator hid: others see a stub and the reason, its author and the moderators may still read it."""

from __future__ import annotations

import pytest

from app.core.audit import AuditEvent
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import SLOT, digests, mails, whole
from tests.world import World

SECRET = "canary-hidden-words"
READERS = {"chief": False, "analyst": False, "retired": False, "other_moderator": False, "admin": False, "sheriff": True, "moderator": True}


@pytest.fixture
def thread(world: World) -> int:
    thread = open_thread(world, body="Not hidden.")
    reply(world, "sheriff", thread, SECRET)
    assert SECRET in world.browser("chief").get(f"/threads/{thread}").text
    assert SECRET in world.script("chief").call("GET", f"/threads/{thread}/replies").text
    return thread


def test_others_see_a_stub_and_the_reason(world: World, thread: int) -> None:
    hide(world, thread, 1, "Names a <juvenile>.")
    for key, may_read in READERS.items():
        page = world.browser(key).get(f"/threads/{thread}").text
        assert SECRET not in page, key
        assert "hidden by a moderator" in page
        assert "Reason: Names a &lt;juvenile&gt;. Captain Teresa Bohannon" in page
        answer = world.script(key, "read,write,moderate").call("GET", f"/threads/{thread}/replies").json()["items"][1]
        assert (answer["hidden"], answer["hidden_reason"]) == (True, "Names a <juvenile>.")
        assert (SECRET in answer["body"], SECRET in answer["html"]) == (may_read, may_read), key
        history = world.browser(key).get(f"/threads/{thread}/replies/1/revisions")
        assert (history.status_code, SECRET in history.text) == ((200, True) if may_read else (403, False)), key
        quoted = world.browser(key).get(f"/threads/{thread}?quote=1").text
        assert SECRET not in quoted, key
    assert world.count(AuditEvent, AuditEvent.verb == "reply.hide") == 1


def test_what_it_said_before_an_edit_is_hidden_too(world: World, thread: int) -> None:
    world.script("sheriff").call("PATCH", f"/threads/{thread}/replies/1", {"body": "Milder words.", "version": 1})
    revisions = f"/threads/{thread}/replies/1/revisions"
    assert SECRET in world.script("chief").call("GET", revisions).text
    hide(world, thread, 1)
    assert world.script("chief").call("GET", revisions).status_code == 403
    assert SECRET in world.script("sheriff").call("GET", revisions).text


def test_a_token_without_the_scope_is_no_moderator(world: World, thread: int) -> None:
    hide(world, thread, 1)
    read_only = world.script("moderator", "read").call("GET", f"/threads/{thread}/replies").text
    assert SECRET not in read_only


def test_a_hidden_message_is_in_no_digest(world: World, thread: int) -> None:  # M13
    reply(world, "sheriff", thread, "canary-shown-words")
    hide(world, thread, 1)
    world.now = SLOT
    assert digests(world) > 0
    sent = "\n".join(whole(mail) for mail in mails(world))
    assert "canary-shown-words" in sent
    assert SECRET not in sent


def test_it_can_be_shown_again(world: World, thread: int) -> None:
    hide(world, thread, 1)
    moderator = world.browser("moderator")
    assert moderator.get(f"/threads/{thread}/replies/1/hide").status_code == 200
    twice = moderator.post(f"/threads/{thread}/replies/1/hide", {"reason": "Again."}, page=f"/threads/{thread}/replies/0/hide")
    assert twice.status_code == 409
    moderator.post(f"/threads/{thread}/replies/1/show", page=f"/threads/{thread}")
    assert SECRET in world.browser("chief").get(f"/threads/{thread}").text
    assert SECRET in world.browser("chief").get(f"/threads/{thread}/replies/1/revisions").text


def test_hiding_asks_for_a_reason(world: World, thread: int) -> None:
    path = f"/threads/{thread}/replies/1/hide"
    answer = world.browser("moderator").post(path, {"reason": " "}, page=path)
    assert (answer.status_code, 'id="reason-error"' in answer.text) == (422, True)
    assert SECRET in world.browser("chief").get(f"/threads/{thread}").text


def test_only_who_may_read_it_is_offered_to(world: World) -> None:
    """Who asked has buttons under each reply, and none of a hidden one."""
    asked = open_thread(world, "chief", kind="question")
    reply(world, "sheriff", asked, SECRET)
    hide(world, asked, 1)
    pages = {key: world.browser(key).get(f"/threads/{asked}").text for key in READERS}
    assert {key: f"/threads/{asked}/replies/1/revisions" in page for key, page in pages.items()} == READERS
