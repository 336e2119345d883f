"""What a forum's own moderators may do in it, and nobody else; and a thread's marking."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.forum.models import Thread, ThreadReader
from app.membership.models import Member, MemberStatus
from tests.forum.steps import LESSON, open_thread, reply, titles
from tests.world import World

ACTS = {
    "pin": {},
    "unpin": {},
    "lock": {"reason": "It is settled."},
    "unlock": {},
    "replies/0/hide": {"reason": "Off the point."},
    "replies/0/show": {},
    "marking": {"marking": "TLP:AMBER"},
}


@pytest.mark.parametrize(
    ("key", "status"), [("other_moderator", 403), ("admin", 403), ("sheriff", 403), ("retired", 403), ("vendor", 404), ("moderator", 303)]
)
def test_only_the_forums_own_moderators_act(world: World, key: str, status: int) -> None:  # C2
    thread = open_thread(world)
    browser = world.browser(key)
    for act, fields in ACTS.items():
        assert browser.post(f"/threads/{thread}/{act}", fields, page="/forums").status_code == status, act
    done = world.count(AuditEvent, AuditEvent.actor_id == world.id(key), AuditEvent.subject_id == thread)
    assert done == (len(ACTS) if status == 303 else 0)
    for act in ("lock", "replies/0/hide", "marking"):
        assert browser.get(f"/threads/{thread}/{act}").status_code == (200 if status == 303 else status), act


def test_a_locked_thread_takes_replies_of_its_moderators_alone(world: World) -> None:
    thread = open_thread(world)
    moderator = world.browser("moderator")
    moderator.post(f"/threads/{thread}/lock", {"reason": "The question is <settled>."}, page=f"/threads/{thread}/lock")
    page = world.browser("sheriff").get(f"/threads/{thread}").text
    assert "Locked by Captain Teresa Bohannon.</b> The question is &lt;settled&gt;." in page
    assert 'name="body"' not in page
    late = world.script("sheriff").call("POST", f"/threads/{thread}/replies", {"body": "Late."})
    assert (late.status_code, "locked" in late.json()["detail"]) == (409, True)
    own = world.script("chief").call("PATCH", f"/threads/{thread}/replies/0", {"body": "Late.", "version": 1})
    assert own.status_code == 409
    assert moderator.post(f"/threads/{thread}/replies", {"body": "Closing words."}, page=f"/threads/{thread}").status_code == 303
    assert world.script("sheriff").call("GET", f"/threads/{thread}").json()["locked"] is True
    moderator.post(f"/threads/{thread}/unlock", page=f"/threads/{thread}")
    assert world.script("sheriff").call("POST", f"/threads/{thread}/replies", {"body": "Open."}).status_code == 201


def test_pinned_threads_stand_first(world: World) -> None:
    old = open_thread(world, title="Old")
    world.later(minutes=1)
    open_thread(world, title="New")
    assert titles(world.browser("chief").get("/forums/patrol").text) == ["New", "Old"]
    world.browser("moderator").post(f"/threads/{old}/pin", page=f"/threads/{old}")
    assert titles(world.browser("chief").get("/forums/patrol").text) == ["Old", "New"]
    assert titles(world.browser("chief").get("/forums/patrol?sort=newest").text) == ["New", "Old"]
    listed = world.script("chief").call("GET", "/forums/patrol/threads").json()["items"]
    assert [(t["title"], t["pinned"]) for t in listed] == [("Old", True), ("New", False)]


def test_notices_are_the_staffs_and_the_moderators(world: World) -> None:
    notice = {**LESSON, "kind": "notice"}
    for key, slug, status in (
        ("chief", "patrol", 422), ("other_moderator", "patrol", 422), ("reviewer1", "patrol", 201), ("admin", "notices", 201),
        ("chief", "notices", 403), ("moderator", "patrol", 422),
    ):  # fmt: skip
        assert world.script(key).call("POST", f"/forums/{slug}/threads", notice).status_code == status, (key, slug)
    scoped = world.script("moderator", "read,write,moderate").call("POST", "/forums/patrol/threads", notice)
    assert scoped.status_code == 201
    assert 'value="notice"' in world.browser("moderator").get("/forums/patrol/new").text
    assert 'value="notice"' not in world.browser("chief").get("/forums/patrol/new").text


# Markings ---------------------------------------------------------------------------------------------------------------------


def mark(world: World, who: str, thread: int, label: str, *readers: str) -> int:
    fields = [("marking", label), *[("readers", str(world.id(r))) for r in readers]]
    return world.browser(who).post(f"/threads/{thread}/marking", fields, page="/forums").status_code


def label(world: World, thread: int) -> int:
    return int(world.one(select(Thread.marking).where(Thread.id == thread)).marking)


def test_a_moderator_makes_it_stricter_and_only_the_author_widens_it(world: World) -> None:  # H1
    thread = open_thread(world, marking="TLP:GREEN")
    assert mark(world, "moderator", thread, "TLP:AMBER") == 303
    assert mark(world, "moderator", thread, "TLP:GREEN") == 403
    assert label(world, thread) == 2
    assert mark(world, "sheriff", thread, "TLP:AMBER+STRICT") == 403
    assert mark(world, "chief", thread, "TLP:GREEN") == 303
    assert label(world, thread) == 1
    assert world.count(AuditEvent, AuditEvent.verb == "thread.marking") == 2
    offered = world.browser("moderator").get(f"/threads/{thread}/marking").text
    assert 'value="TLP:GREEN"' in offered
    assert 'value="TLP:CLEAR"' not in offered


def test_nobody_marks_below_the_forums_floor(world: World) -> None:  # H1
    thread = open_thread(world, slug="command-staff", marking="TLP:AMBER+STRICT")
    assert mark(world, "chief", thread, "TLP:AMBER") == 303
    assert mark(world, "chief", thread, "TLP:GREEN") == 422
    assert label(world, thread) == 2


def test_named_readers_come_and_go_with_red(world: World) -> None:  # H1
    thread = open_thread(world, slug="command-staff")
    see = lambda key: world.script(key).call("GET", f"/threads/{thread}").status_code  # noqa: E731
    assert mark(world, "chief", thread, "TLP:RED") == 422
    assert mark(world, "chief", thread, "TLP:RED", "vendor") == 422
    assert mark(world, "chief", thread, "TLP:AMBER", "sheriff") == 422
    assert mark(world, "chief", thread, "TLP:RED", "sheriff") == 303
    assert [see(key) for key in ("chief", "sheriff", "colleague", "other_moderator", "admin")] == [200, 200, 404, 404, 404]
    assert "Named readers: Dale Okafor." in world.browser("sheriff").get(f"/threads/{thread}").text
    assert mark(world, "chief", thread, "TLP:RED", "colleague") == 303
    assert [see(key) for key in ("sheriff", "colleague")] == [404, 200]
    assert mark(world, "chief", thread, "TLP:AMBER") == 303
    assert [see(key) for key in ("sheriff", "colleague", "other_moderator")] == [200, 200, 200]
    assert world.count(ThreadReader) == 0


def test_a_moderator_who_is_named_names_nobody_else(world: World) -> None:  # H1
    """To name another reader is to widen; that is the author's alone."""
    thread = open_thread(world, slug="command-staff", marking="TLP:RED", readers=[world.id("other_moderator"), world.id("sheriff")])
    assert mark(world, "other_moderator", thread, "TLP:RED", "other_moderator", "colleague") == 403
    assert world.script("colleague").call("GET", f"/threads/{thread}").status_code == 404
    assert mark(world, "other_moderator", thread, "TLP:RED", "other_moderator") == 303
    assert world.script("sheriff").call("GET", f"/threads/{thread}").status_code == 404


def test_a_moderator_who_makes_a_thread_red_is_told_that_it_leaves_them_too(world: World) -> None:  # H1
    thread = open_thread(world, marking="TLP:AMBER")
    warning = "If you choose it and don't name yourself"
    assert warning in world.browser("moderator").get(f"/threads/{thread}/marking").text
    assert warning not in world.browser("chief").get(f"/threads/{thread}/marking").text
    moderator = world.browser("moderator")
    page = moderator.get(f"/threads/{thread}/marking").text
    assert f'name="readers" value="{world.id("moderator")}"' in page
    fields = {"marking": "TLP:RED", "readers": [str(world.id("sheriff"))]}
    gone = moderator.post(f"/threads/{thread}/marking", fields, page=f"/threads/{thread}/marking")
    assert gone.headers["location"] == "/forums/patrol?said=marking-changed", "not to a page that isn't there for them"
    assert moderator.get(f"/threads/{thread}").status_code == 404


def test_whoever_is_restricted_reads_and_changes_nothing(world: World) -> None:
    thread = open_thread(world, marking="TLP:AMBER")
    reply(world, "moderator", thread, "Words.")
    with world.db.write() as session:
        ids = [world.id("chief"), world.id("moderator")]
        session.execute(update(Member).where(Member.id.in_(ids)).values(status=MemberStatus.RESTRICTED))
    assert mark(world, "chief", thread, "TLP:GREEN") == 403
    for act, fields in ACTS.items():
        assert world.browser("moderator").post(f"/threads/{thread}/{act}", fields, page="/forums").status_code == 403, act
    for key in ("chief", "moderator"):
        assert world.browser(key).get(f"/threads/{thread}").status_code == 200
        assert world.script(key).call("POST", f"/threads/{thread}/replies", {"body": "No."}).status_code == 403
    assert world.script("chief").call("PATCH", f"/threads/{thread}/replies/0", {"body": "No.", "version": 1}).status_code == 403


MEANS = {
    "TLP:CLEAR": "No limit: may be shared with anyone.",
    "TLP:GREEN": "Share inside the law-enforcement community, not through public channels.",
    "TLP:AMBER": "Share only inside your own agency and with those it serves, on a need-to-know basis.",
    "TLP:AMBER+STRICT": "Share only inside your own agency, on a need-to-know basis.",
    "TLP:RED": "For the named readers only. Do not pass it on to anyone.",
}


def test_each_marking_says_what_it_means_beside_it(world: World) -> None:  # H2 H3
    composer = world.browser("chief").get("/forums/patrol/new").text
    for name, meaning in MEANS.items():
        thread = open_thread(world, marking=name, readers=[world.id("sheriff")] if name == "TLP:RED" else [])
        page = world.browser("chief").get(f"/threads/{thread}").text
        assert page.index(name) < page.index("<h1>"), "the label stands before what it marks"
        assert meaning in page
        assert f'value="{name}"' in composer
        assert meaning in composer
