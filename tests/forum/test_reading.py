"""How far someone read, what they follow, and how they find their way in long threads and lists."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from app.core.audit import AuditEvent
from app.forum.models import Reply, Thread, Watch
from tests.forum.steps import LESSON, open_thread, reply, titles, unread
from tests.mail.helpers import reply as write_reply
from tests.mail.helpers import thread as write_thread
from tests.world import World


def grow(world: World, thread: int, count: int) -> None:
    for n in range(count):
        write_reply(world, thread, f"Words number {n + 1}.")


# Marks and watches ----------------------------------------------------------------------------------------------------------


def test_a_script_moves_its_mark_forward_and_back(world: World) -> None:
    thread = open_thread(world)
    grow(world, thread, 4)
    script = world.script("colleague")
    put = lambda position: script.call("PUT", f"/threads/{thread}/read", {"position": position})  # noqa: E731
    assert unread(script, thread) == 5
    for asked, position, left in ((2, 2, 2), (4, 4, 0), (1, 1, 3), (99, 4, 0), (0, 0, 4)):
        assert put(asked).json() == {"position": position}
        assert unread(script, thread) == left
        assert script.call("GET", "/forums").json()["items"][0]["unread"] == left
    assert [put(wrong).status_code for wrong in (-1, 2**31, 2**70, "many", None, 1.5)] == [422] * 6
    assert unread(world.script("analyst"), thread) == 5


def test_a_thread_set_unread_is_new_again_also_without_replies(world: World) -> None:
    thread = open_thread(world)
    colleague = world.browser("colleague")
    colleague.get(f"/threads/{thread}")
    assert titles(colleague.get("/forums/patrol?tab=unread").text) == []
    assert colleague.post(f"/threads/{thread}/unread", page="/").status_code == 303
    assert unread(world.script("colleague"), thread) == 1
    assert titles(colleague.get("/forums/patrol?tab=unread").text) == [LESSON["title"]]
    assert colleague.get(f"/threads/{thread}").status_code == 200
    assert unread(world.script("colleague"), thread) == 0


def test_who_replies_has_read_only_what_they_saw(world: World) -> None:
    thread = open_thread(world)
    sheriff = world.browser("sheriff")
    sheriff.get(f"/threads/{thread}")
    reply(world, "sheriff", thread, "Read and answered.")
    assert unread(world.script("sheriff"), thread) == 0
    reply(world, "analyst", thread, "Unseen by the sheriff.")
    reply(world, "sheriff", thread, "Written without looking.")
    assert unread(world.script("sheriff"), thread) == 2


@pytest.mark.parametrize(("level", "counted"), [("mute", 0), ("watch", 1), ("each", 1), ("normal", 1)])
def test_each_watch_level_is_kept_and_shown(world: World, level: str, counted: int) -> None:
    thread = open_thread(world)
    colleague, script = world.browser("colleague"), world.script("colleague")
    assert colleague.post(f"/threads/{thread}/watch", {"level": level}, page=f"/threads/{thread}").status_code == 303
    colleague.post(f"/threads/{thread}/unread", page="/")
    assert script.call("GET", f"/threads/{thread}").json()["watch"] == level
    assert f'<option value="{level}" selected>' in colleague.get(f"/threads/{thread}").text
    colleague.post(f"/threads/{thread}/unread", page="/")
    assert script.call("GET", "/forums").json()["items"][0]["unread"] == counted
    assert titles(colleague.get("/").text) == [LESSON["title"]] * counted
    assert world.count(Watch, Watch.level == level) == (level != "normal")
    assert script.call("PUT", f"/threads/{thread}/watch", {"level": "loud"}).status_code == 422


def test_tabs_show_what_they_say(world: World) -> None:
    for kind in ("lesson", "question", "discussion"):
        open_thread(world, kind=kind, title=f"A {kind}")
        world.later(minutes=1)
    answered = open_thread(world, kind="question", title="An answered question")
    reply(world, "sheriff", answered, "Yes.")
    assert world.script("chief").call("PUT", f"/threads/{answered}/answer", {"position": 1}).status_code == 200
    open_thread(world, kind="question", title="canary-red", marking="TLP:RED", readers=[world.id("sheriff")])
    colleague = world.browser("colleague")
    colleague.get(f"/threads/{answered}")
    wanted = {
        "all": ["An answered question", "A discussion", "A question", "A lesson"],
        "lessons": ["A lesson"],
        "questions": ["An answered question", "A question"],
        "unanswered": ["A question"],
        "unread": ["A discussion", "A question", "A lesson"],
    }
    for tab, expected in wanted.items():
        page = colleague.get(f"/forums/patrol?tab={tab}").text
        assert titles(page) == expected, tab
        counts = re.findall(r">(All|Lessons|Questions|Unanswered) <span>(\d+)</span>", page)
        assert counts == [("All", "4"), ("Lessons", "1"), ("Questions", "2"), ("Unanswered", "1")]
    listed = world.script("colleague").call("GET", "/forums/patrol/threads?kind=question&filter=unanswered").json()["items"]
    assert [t["title"] for t in listed] == ["A question"]
    assert "Can you answer?" in colleague.get("/").text
    for wrong in ("tab=none", "sort=none", "after=xyz", "after=" + "W" * 3000):
        assert colleague.get(f"/forums/patrol?{wrong}").status_code in (404, 422), wrong


# Paging -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["active", "newest"])
def test_paging_meets_every_thread_once_while_new_ones_arrive(world: World, sort: str) -> None:
    there = []
    for n in range(11):
        if n % 3:  # three share each moment: the id decides
            world.later(minutes=1)
        there.append(write_thread(world, f"Thread {n}"))
    world.browser("moderator").post(f"/threads/{there[2]}/pin", page=f"/threads/{there[2]}")
    script, met, cursor = world.script("colleague"), [], ""
    for turn in range(20):
        answer = script.call("GET", f"/forums/patrol/threads?limit=3&sort={sort}" + (f"&cursor={cursor}" if cursor else "")).json()
        met += [t["id"] for t in answer["items"]]
        cursor = answer["next"]
        if not cursor:
            break
        world.later(minutes=1)
        write_thread(world, f"Arrived {turn}", by="sheriff")
    assert cursor is None
    assert sorted(met) == sorted(there)
    assert met[0] == (there[2] if sort == "active" else there[-1])
    assert script.call("GET", "/forums/patrol/threads?limit=101").status_code == 422


def test_the_pages_of_a_list_lead_through_all_of_it(world: World) -> None:
    for n in range(30):
        world.later(minutes=1)
        write_thread(world, f"Thread {n}")
    colleague = world.browser("colleague")
    first = colleague.get("/forums/patrol").text
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    assert onward
    second = colleague.get(onward[1].replace("&amp;", "&")).text
    assert titles(first) + titles(second) == [f"Thread {n}" for n in reversed(range(30))]
    assert 'rel="next"' not in second


def test_a_long_thread_is_cut_into_pages_that_addresses_find(world: World) -> None:
    thread = open_thread(world)
    grow(world, thread, 45)
    colleague = world.browser("colleague")
    shown = lambda at: [int(n) for n in re.findall(r'<li id="r(\d+)">', colleague.get(at).text)]  # noqa: E731
    pages = {
        0: range(20),
        19: range(20),
        20: range(20, 40),
        30: range(20, 40),
        41: range(40, 46),
        45: range(40, 46),
        2**31 - 1: range(40, 46),
    }
    for start, positions in pages.items():
        assert shown(f"/threads/{thread}?from={start}") == list(positions), start
    for position, where in ((0, "#r0"), (19, "#r19"), (20, "?from=20#r20"), (39, "?from=20#r39"), (45, "?from=40#r45")):
        assert colleague.get(f"/threads/{thread}/replies/{position}").headers["location"] == f"/threads/{thread}{where}"
    for nowhere in (46, 2**31, 2**64, -1, "x"):
        assert colleague.get(f"/threads/{thread}/replies/{nowhere}").status_code == 404, nowhere
    links = re.findall(rf'href="/threads/{thread}\?from=(\d+)"', colleague.get(f"/threads/{thread}").text)
    assert set(links) == {"20", "40"}
    posted = world.browser("sheriff").post(f"/threads/{thread}/replies", {"body": "More."}, page=f"/threads/{thread}")
    assert posted.headers["location"] == f"/threads/{thread}?from=40#r46"
    script = world.script("analyst")
    answer = script.call("GET", f"/threads/{thread}/replies?from=40&limit=5").json()
    assert ([r["position"] for r in answer["items"]], answer["next"]) == ([40, 41, 42, 43, 44], 45)
    assert script.call("GET", f"/threads/{thread}/replies?from=45").json()["next"] is None
    assert script.call("GET", f"/threads/{thread}/replies?from=2047483647&limit=100").json()["items"] == []


def test_reading_a_page_marks_up_to_its_end_and_the_next_visit_starts_there(world: World) -> None:
    thread = open_thread(world)
    grow(world, thread, 30)
    colleague, script = world.browser("colleague"), world.script("colleague")
    colleague.get(f"/threads/{thread}")
    assert unread(script, thread) == 11
    assert f"/threads/{thread}?from=20#new" in colleague.get("/forums/patrol").text
    page = colleague.get(f"/threads/{thread}?from=20").text
    assert re.search(r'id="new"><span>New since your last visit</span></li>\s*<li id="r20">', page)
    assert unread(script, thread) == 0
    colleague.get(f"/threads/{thread}")
    assert unread(script, thread) == 0


# The composer -------------------------------------------------------------------------------------------------------------------


def test_a_quote_names_whom_it_quotes(world: World) -> None:
    thread = open_thread(world, body="First line.\n\nSecond <b>line</b>.")
    sheriff = world.browser("sheriff")
    assert f'href="/threads/{thread}?quote=0#reply"' in sheriff.get(f"/threads/{thread}").text
    page = sheriff.get(f"/threads/{thread}?quote=0").text
    heading = f"&gt; **Chief Ellen Marchetti** wrote in [#0](http://localhost:8000/threads/{thread}/replies/0):"
    assert heading + "\n&gt;\n&gt; First line.\n&gt;\n&gt; Second &lt;b&gt;line&lt;/b&gt;." in page
    assert "wrote in" not in sheriff.get(f"/threads/{thread}?quote=7").text
    assert sheriff.get(f"/threads/{thread}?quote=-1").status_code == 422


@pytest.mark.parametrize("where", ["thread", "reply"])
def test_a_preview_shows_the_text_and_keeps_it_and_posts_nothing(world: World, where: str) -> None:
    thread = open_thread(world)
    page = f"/threads/{thread}" if where == "reply" else "/forums/patrol/new"
    sheriff = world.browser("sheriff")
    once = re.search(r'name="once" value="([^"]+)"', sheriff.get(page).text)
    assert once
    for words in ("**First** draft", "**Second** draft <script>"):  # the same form is previewed, changed and previewed again
        fields = {"once": once[1], "kind": "question", "title": "A title that stays", "marking": "TLP:AMBER", "body": words}
        shown = sheriff.post(f"{page}/preview", fields, page=page)
        assert shown.status_code == 200
        assert re.search(r"<strong>\w+</strong> draft", shown.text)
        assert words.replace("<", "&lt;").replace(">", "&gt;") in shown.text
        assert "<script>" not in shown.text
        assert once[1] in shown.text
    headers = {"hx-request": "true", "x-csrf-token": sheriff.csrf(page), "origin": "http://localhost:8000"}
    fragment = sheriff.request("POST", f"{page}/preview", data={"once": once[1], "body": "**Third** draft"}, headers=headers)
    assert fragment.text.strip() == '<div class="post-body"><p><strong>Third</strong> draft</p>\n</div>'
    assert (world.count(Thread), world.count(Reply)) == (1, 1)
    assert world.count(AuditEvent) == 1
    posted = sheriff.post(page if where == "thread" else f"{page}/replies", fields, page=page)
    assert posted.status_code == 303


@pytest.mark.parametrize("where", ["thread", "reply"])
def test_who_may_not_post_is_shown_no_preview(world: World, where: str) -> None:
    thread = open_thread(world)
    page = f"/threads/{thread}" if where == "reply" else "/forums/patrol/new"
    retired = world.browser("retired")
    assert retired.get(f"/threads/{thread}").status_code == 200
    assert retired.post(f"{page}/preview", {"body": "**Words**"}, page="/forums").status_code == 403


# Links that lead away -----------------------------------------------------------------------------------------------------------

LEAD_NOWHERE = (
    "", "javascript:alert(1)", "data:text/html,x", "//evil.example/", "/forums", "ftp://files.example/", "mailto:a@b.example", "https:",
    "https://", "http:///path", "https:evil.example", "https://good.example\\@evil.example/", " https://evil.example", "https://[::1",
    "https://good.example\n.evil.example/", "HTTPS:\\\\evil.example",
)  # fmt: skip


def test_a_link_out_names_the_host_that_the_browser_will_go_to(world: World) -> None:  # C8
    chief = world.browser("chief")
    leaving = lambda to: chief.get("/leaving?" + urlencode({"to": to}))  # noqa: E731
    for to, host in (
        ("https://www.justice.example/report?a=1&b=2", "www.justice.example"),
        ("https://trusted.example@evil.example/", "evil.example"),
        ("https://" + "trusted.example." * 30 + "@evil.example/", "evil.example"),
        ("http://evil.example?trusted.example/", "evil.example"),
    ):
        page = leaving(to)
        assert page.status_code == 200
        assert f"<h1>You are leaving for {host}</h1>" in page.text
        assert 'rel="noopener noreferrer nofollow"' in page.text
    for to in LEAD_NOWHERE:
        assert leaving(to).status_code == 404, to
    assert leaving("https://evil.example/" + "a" * 5000).status_code == 422


def test_a_link_to_our_own_pages_stays_inside(world: World) -> None:  # C8
    chief = world.browser("chief")
    for to, where in (
        ("http://localhost:8000/forums?a=1#x", "/forums?a=1#x"),
        ("http://localhost:8000/", "/"),
        ("http://localhost:8000//evil.example/", "/evil.example/"),
        ("http://localhost:8000///evil.example/", "/evil.example/"),
    ):
        answer = chief.get("/leaving?" + urlencode({"to": to}))
        assert (answer.status_code, answer.headers["location"]) == (303, where)
    assert chief.get("/leaving?" + urlencode({"to": "http://localhost:8000.evil.example/"})).status_code == 200
