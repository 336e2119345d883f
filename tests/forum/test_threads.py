"""Opening threads and replying, as a person and as a script."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.forum.models import Forum, ReadMark, Reply, Thread
from app.membership.models import Member
from tests.forum.test_subjects import is_waited_for
from tests.world import World

LESSON = {
    "kind": "lesson",
    "title": "Redaction in two hours",
    "body": "We cut it from **41 days** to 6.\n\n| step | hours |\n|---|---|\n| triage | 0.5 |",
}


def post_thread(world: World, who: str = "chief", slug: str = "patrol", **fields: object) -> int:
    answer = world.script(who).call("POST", f"/forums/{slug}/threads", {**LESSON, **fields})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_a_chief_posts_a_lesson_and_a_sheriff_replies(world: World) -> None:
    chief, sheriff = world.browser("chief"), world.browser("sheriff")
    done = chief.post("/forums/patrol/new", {**LESSON, "marking": "TLP:GREEN"}, page="/forums/patrol/new", follow=True)
    assert done.status_code == 200
    assert LESSON["title"] in done.text
    path = done.url.path
    page = sheriff.get(path)
    assert "<table" in page.text
    assert "<strong>41 days</strong>" in page.text
    replied = sheriff.post(f"{path}/replies", {"body": "Same here, with *two* people."}, page=path, follow=True)
    assert "with <em>two</em> people" in replied.text
    items = world.script("colleague").call("GET", f"{path}/replies").json()["items"]
    assert [(r["position"], r["author"]["name"]) for r in items] == [(0, "Ellen Marchetti"), (1, "Dale Okafor")]


def test_text_comes_back_with_the_error_at_its_field(world: World) -> None:
    page = world.browser("chief").post(
        "/forums/patrol/new", {"kind": "lesson", "title": "", "body": "A long text <kept>"}, page="/forums/patrol/new"
    )
    assert page.status_code == 422
    assert "A long text &lt;kept&gt;" in page.text
    assert 'id="title-error"' in page.text
    assert world.count(Thread) == 0


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "T" * 201}, "title"),
        ({"kind": "sermon"}, "kind"),
        ({"body": " \n "}, "body"),
        ({"body": "nul \x00"}, "body"),
        ({"body": 5}, "body"),
        ({"marking": "TLP:PURPLE"}, "marking"),
        ({"marking": "TLP:WHITE"}, "marking"),
        ({"marking": "tlp:green"}, "marking"),
        ({"is_admin": True}, "is_admin"),
        ({"readers": [1]}, "readers"),
    ],
)
def test_bad_input_names_its_field(world: World, payload: dict[str, object], field: str) -> None:  # H1
    answer = world.script("chief").call("POST", "/forums/patrol/threads", {**LESSON, **payload})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [e["field"] for e in answer.json()["errors"]] == [field]


def test_a_marking_stands_at_or_above_the_forums_floor(world: World) -> None:  # H1
    chief = world.script("chief")
    too_wide = chief.call("POST", "/forums/command-staff/threads", {**LESSON, "marking": "TLP:GREEN"})
    assert (too_wide.status_code, too_wide.json()["errors"][0]["field"]) == (422, "marking")
    default = chief.call("POST", "/forums/command-staff/threads", LESSON)
    assert default.json()["marking"] == "TLP:AMBER"
    assert chief.call("POST", "/forums/patrol/threads", LESSON).json()["marking"] == "TLP:CLEAR"


def test_who_may_not_see_the_forum_cannot_tell_that_it_is_there(world: World) -> None:  # C3
    thread = post_thread(world)
    assert world.browser("chief").get(f"/threads/{thread}").status_code == 200
    for path in (f"/threads/{thread}", "/forums/patrol", "/forums/patrol/new", f"/threads/{thread}/replies/0/edit"):
        real, none = (
            world.browser("vendor").get(path),
            world.browser("vendor").get(path.replace(str(thread), "99").replace("patrol", "none")),
        )
        assert real.status_code == none.status_code == 404
        assert len(real.text) == len(none.text)
    script = world.script("vendor")
    assert script.call("POST", f"/threads/{thread}/replies", {"body": "hello"}).status_code == 404
    assert script.call("GET", f"/threads/{thread}/replies").status_code == 404
    assert "patrol" not in script.call("GET", "/forums").text


def test_who_may_read_but_not_post_is_told_so(world: World) -> None:
    thread = post_thread(world)
    retired = world.script("retired")
    assert retired.call("GET", f"/threads/{thread}").status_code == 200
    assert retired.call("POST", f"/threads/{thread}/replies", {"body": "hello"}).status_code == 403
    assert retired.call("POST", "/forums/patrol/threads", LESSON).status_code == 403
    assert "not post in it" in world.browser("retired").get(f"/threads/{thread}").text


def test_a_red_thread_is_its_authors_and_named_readers_alone(world: World) -> None:  # H1
    thread = post_thread(world, slug="command-staff", marking="TLP:RED", readers=[world.id("sheriff")], title="canary-red")
    for key in ("chief", "sheriff"):
        assert world.script(key).call("GET", f"/threads/{thread}").status_code == 200
    for key in ("colleague", "other_moderator", "moderator", "admin", "reviewer1"):
        script = world.script(key, "read,write,moderate")
        assert script.call("GET", f"/threads/{thread}").status_code == 404, key
        assert "canary-red" not in script.call("GET", "/forums/command-staff/threads").text
        assert "canary-red" not in world.browser(key).get("/").text
    listed = world.script("sheriff").call("GET", "/forums/command-staff/threads").json()["items"]
    assert [t["title"] for t in listed] == ["canary-red"]


def test_only_who_can_see_the_forum_can_be_named(world: World) -> None:
    answer = world.script("chief").call(
        "POST", "/forums/command-staff/threads", {**LESSON, "marking": "TLP:RED", "readers": [world.id("vendor")]}
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "readers")


def test_reading_a_red_thread_is_logged(world: World) -> None:  # R1
    thread = post_thread(world, slug="command-staff", marking="TLP:RED", readers=[world.id("sheriff")])
    world.browser("sheriff").get(f"/threads/{thread}")
    assert world.count(AuditEvent, AuditEvent.verb == "thread.read", AuditEvent.actor_id == world.id("sheriff")) == 1


def test_the_same_post_twice_is_one_post(world: World) -> None:  # L5
    thread = post_thread(world)
    script = world.script("sheriff")
    send = lambda body: script.call("POST", f"/threads/{thread}/replies", {"body": body}, idempotency_key="k-1")  # noqa: E731
    first, again, other = send("Once."), send("Once."), send("Another.")
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert world.count(Reply) == 2


def test_a_form_sent_twice_is_one_post(world: World) -> None:  # L5
    thread = post_thread(world)
    sheriff = world.browser("sheriff")
    for _ in range(2):
        sheriff.post(f"/threads/{thread}/replies", {"body": "Pressed twice.", "once": "abc"}, page=f"/threads/{thread}")
    assert world.count(Reply, Reply.position > 0) == 1


def test_many_at_once_keep_their_order(world: World) -> None:  # L6
    thread = post_thread(world)
    scripts = [world.script(key) for key in ("chief", "sheriff", "colleague", "analyst")]
    statuses: list[int] = []

    def post(n: int) -> None:
        for i in range(5):
            statuses.append(scripts[n].call("POST", f"/threads/{thread}/replies", {"body": f"{n} {i}"}).status_code)

    threads = [threading.Thread(target=post, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert statuses == [201] * 20
    items = scripts[0].call("GET", f"/threads/{thread}/replies?limit=100").json()["items"]
    assert [r["position"] for r in items] == list(range(21))


def test_a_replys_signature_stays_and_the_name_is_todays(world: World) -> None:
    from sqlalchemy import update

    from app.membership.models import Member

    thread = post_thread(world)
    assert "Alderwood PD" in world.browser("sheriff").get(f"/threads/{thread}").text
    with world.db.write() as session:
        changes = {"name": "Ellen Marchetti-Cole", "rank": "Commissioner", "agency_id": None, "version": Member.version + 1}
        session.execute(update(Member).where(Member.id == world.id("chief")).values(changes))
    page = world.browser("sheriff").get(f"/threads/{thread}").text
    assert "Ellen Marchetti-Cole" in page
    assert "Chief, Alderwood PD" in page
    assert "Commissioner" not in page


def test_unread_counts_follow_what_was_seen(world: World) -> None:
    thread = post_thread(world)
    script = world.script("colleague")
    unread = lambda: script.call("GET", f"/threads/{thread}").json()["unread"]  # noqa: E731
    forum = lambda: script.call("GET", "/forums").json()["items"][0]["unread"]  # noqa: E731
    assert (unread(), forum()) == (1, 1)
    world.browser("colleague").get(f"/threads/{thread}")
    assert (unread(), forum()) == (0, 0)
    world.script("sheriff").call("POST", f"/threads/{thread}/replies", {"body": "New."})
    assert (unread(), forum()) == (1, 1)
    assert "New since your last visit" in world.browser("colleague").get(f"/threads/{thread}").text
    assert "New since your last visit" not in world.browser("colleague").get(f"/threads/{thread}").text
    assert world.count(ReadMark, ReadMark.member_id == world.id("colleague")) == 1


def test_mark_all_read(world: World) -> None:
    thread = post_thread(world)
    colleague = world.browser("colleague")
    assert LESSON["title"] in colleague.get("/").text
    colleague.post("/mark-all-read", page="/")
    assert LESSON["title"] not in colleague.get("/").text
    world.later(minutes=1)
    world.script("sheriff").call("POST", f"/threads/{thread}/replies", {"body": "New."})
    assert world.script("colleague").call("GET", f"/threads/{thread}").json()["unread"] == 1


def test_a_muted_thread_is_never_new(world: World) -> None:
    thread = post_thread(world)
    script = world.script("colleague")
    assert script.call("PUT", f"/threads/{thread}/watch", {"level": "mute"}).status_code == 200
    assert script.call("GET", "/forums").json()["items"][0]["unread"] == 0
    assert LESSON["title"] not in world.browser("colleague").get("/").text


@pytest.mark.parametrize("path", ["/", "/forums", "/forums/patrol", "/threads/{thread}"])
def test_a_page_takes_at_most_five_queries_however_long_it_is(world: World, path: str) -> None:
    first = post_thread(world)
    browser = world.browser("colleague")
    path = path.format(thread=first)

    def queries() -> int:
        browser.get("/healthz")
        with world.count_queries() as counted:
            assert browser.get(path).status_code == 200
        return len([s for s in counted.statements if s.startswith("SELECT") or s.startswith("WITH")])

    browser.get(path)
    one = queries()
    for _ in range(2):
        post_thread(world, "sheriff")
        world.script("sheriff").call("POST", f"/threads/{first}/replies", {"body": "More."})
    browser.get(path)
    three = queries()
    assert one <= 5
    assert three == one


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_new_thread_takes_its_authors_row_before_its_forums(world: World) -> None:
    """As a reply does: a member who does both at the same moment must not wait for themself."""
    with ThreadPoolExecutor(1) as pool:
        with world.db.write() as session:
            session.execute(select(Member.id).where(Member.id == world.id("chief")).with_for_update(key_share=True))
            opened = pool.submit(post_thread, world)
            while not is_waited_for(world):
                assert not opened.done()
            free = select(Forum.id).where(Forum.slug == "patrol").with_for_update(key_share=True, nowait=True)
            assert session.execute(free).first() is not None
        assert opened.result() > 0
