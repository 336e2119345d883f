"""A search over HTTP: found as soon as it stands, gone as soon as it must not be seen; names; bad input; the page."""

from __future__ import annotations

import json
import re
import threading
import time
from urllib.parse import urlencode

from sqlalchemy import event, select, update

from app.attachments.models import Attachment, AttachmentText, State
from app.forum.attached.access import MESSAGE
from app.forum.masks.models import Mask
from app.forum.models import Forum, Grant, Reply
from app.membership.models import GroupMember
from app.search import indexing, pages
from tests.forum.steps import hide, open_thread, reply
from tests.people import CAST
from tests.search.steps import found, places, threads
from tests.world import World

HOSTILE = [
    '"', '"""', "'",
    "' OR 1=1 --", "*", "-", "- - -", "AND", "OR OR", "NEAR(", "a NEAR b", "(", "((((((((((", "a:b", "title:", ":::", "from:",
    "agency: state: size:", "before:yesterday", "after:9999-99-99", "before:0000-00-00", "before:0001-01-01", "after:9999-12-31",
    "size:-5..x", "has:nothing", "kind:sermon", "forum:../../etc", "a & b | !c", "a <-> b", "\\", "%", "_" * 300, "\u202e\ufffd",
    "é̸̡̢" * 60, "🚓" * 200, "a " * 1500, "x" * 9000, '-"' * 400, "{}[]^~+?", "\x1b[31m\x07", "<script>alert(1)</script>", "-alone",
    "-kind:lesson", 'from:"', "is:", "state:ohio", "tag:nothing", "the", '"the"', "ｆｕｌｌ", "中文", "½", "words : tags", "tags:f1",
]  # fmt: skip


def test_what_is_posted_is_found_at_once_and_what_is_hidden_is_not(world: World) -> None:  # C3 R10
    first = open_thread(
        world, "chief", title="Blue sanderling ledger", body="Alpha beta gamma, <b>quiet</b> sanderlings.", kind="discussion"
    )
    other = open_thread(world, "sheriff", title="Red sanderling ledger", body="Beta alpha delta.", kind="question")
    reply(world, "colleague", first, "A sanderling was seen in Chief Muñoz's ledgers, and [here](https://birds.example/x).")
    assert places(found(world, "analyst", "sanderling")) == [(other, 0), (first, 0), (first, 1)]
    assert places(found(world, "analyst", '"alpha beta" -delta')) == [(first, 0)]
    assert threads(world, "analyst", "munoz kind:discussion forum:patrol from:reyes state:cs size:25-49") == {first}
    assert threads(world, "analyst", "sanderling", state="TX") == threads(world, "analyst", "sanderling", since="2999-01-01") == set()
    assert threads(world, "analyst", "sanderling", agency=str(world.ids.agencies["bexley"])) == {other}
    assert threads(world, "analyst", "sanderling is:unanswered") == {other}
    whole, closed = found(world, "analyst", "sanderling"), found(world, "vendor", "sanderling")
    assert (whole["total"], whole["facets"]["kind"]) == (3, {"discussion": 2, "question": 1})
    assert (closed["total"], closed["items"], closed["facets"]) == (0, [], {})
    assert whole["items"][1]["snippet"] == "Alpha beta gamma, &lt;b&gt;quiet&lt;/b&gt; <mark>sanderlings</mark>."
    assert set(whole["items"][0]) == {
        "type",
        "id",
        "thread",
        "position",
        "title",
        "snippet",
        "forum",
        "kind",
        "author",
        "agency",
        "state",
        "at",
    }
    # An answer that was accepted comes before what is newer; an edit is found by its new words alone.
    reply(world, "colleague", other, "A sanderling, surely.")
    world.script("sheriff").call("PUT", f"/threads/{other}/answer", {"position": 1})
    reply(world, "colleague", first, "Another sanderling.")
    assert places(found(world, "analyst", "sanderling from:reyes"))[0] == (other, 1)
    world.script("colleague").call("PATCH", f"/threads/{first}/replies/2", {"body": "A dunlin, on second thoughts.", "version": 1})
    assert places(found(world, "analyst", "dunlins")) == [(first, 2)]
    assert (first, 2) not in places(found(world, "analyst", "sanderling"))
    # Hidden, also by a report of CJI, it is gone for everyone; a title that was taken away with it comes back with it.
    hide(world, first, 2)
    assert found(world, "analyst", "dunlin")["total"] == found(world, "colleague", "dunlin")["total"] == 0
    flag = world.script("analyst").call("POST", f"/threads/{first}/replies/0/flags", {"reason": "cji", "note": ""})
    assert threads(world, "chief", '"blue sanderling"') == set()
    decided = {"resolution": "dismiss", "reason": "It is a bird."}
    moderator = world.script("moderator", "read,write,moderate")
    assert moderator.call("POST", f"/flags/{flag.json()['id']}/resolution", decided).status_code == 200
    assert threads(world, "chief", '"blue sanderling"') == {first}


def test_markings_grants_and_masks_hold_in_the_index_too(world: World) -> None:  # C3
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    red = open_thread(world, "chief", title="Red whimbrel", body="Whimbrel.", marking="TLP:RED", readers=[world.id("sheriff")])
    green = open_thread(world, "chief", title="Green whimbrel", body="Whimbrel.")
    for number in range(3):
        reply(world, "colleague", green, f"Whimbrel {number}.")
    masked = open_thread(world, "sheriff", title="Masked whimbrel?", body="Whimbrel.", kind="question", anonymous=True)
    reply(world, "sheriff", green, "Whimbrel under my name.")
    assert threads(world, "sheriff", "whimbrel") == {red, green, masked}
    assert threads(world, "colleague", "whimbrel") == threads(world, "moderator", "whimbrel") == {green, masked}
    for q in ("whimbrel from:okafor", 'whimbrel agency:"bexley"', "whimbrel size:100+", "from:me whimbrel"):
        who = "sheriff" if "me" in q else "colleague"
        assert places(found(world, who, q)) == [(green, 4)], q
    item = next(i for i in found(world, "colleague", "whimbrel")["items"] if i["thread"] == masked)
    assert (item["author"], item["agency"], item["state"]) == (None, None, None)
    assert not {CAST["sheriff"].name, "Bexley"} & set(re.findall(r"Bexley|" + CAST["sheriff"].name, json.dumps(item)))
    # A marking that is narrowed and widened again, and a group that is left, are seen in the next search.
    chief = world.browser("chief")
    form = {"marking": "TLP:RED", "readers": str(world.id("sheriff")), "reason": "x"}
    assert chief.post(f"/threads/{green}/marking", form, page=f"/threads/{green}/marking").status_code == 303
    assert found(world, "colleague", "whimbrel")["total"] == 1
    assert threads(world, "sheriff", "whimbrel") == {red, green, masked}
    assert (
        chief.post(f"/threads/{green}/marking", {"marking": "TLP:GREEN", "reason": "x"}, page=f"/threads/{green}/marking").status_code
        == 303
    )
    assert threads(world, "colleague", "whimbrel") == {green, masked}
    with world.db.write() as session:
        group = session.execute(select(GroupMember).where(GroupMember.member_id == world.id("colleague"))).scalars().one()
        session.delete(group)
    assert found(world, "colleague", "whimbrel") == {"items": [], "next": None, "total": 0, "facets": {}}
    assert world.count(Grant) > world.count(Mask) == 1


def test_files_names_and_a_broken_index(world: World) -> None:  # L13 C14
    thread = open_thread(world, "chief", title="Storage of evidence", body="See the file.")
    with world.db.write() as session:
        message = session.execute(select(Reply.id).where(Reply.thread_id == thread)).scalar_one()
        common = {
            "media_type": "application/pdf",
            "size": 1,
            "sha256": b"",
            "stored_as": "x",
            "uploaded_by": world.id("chief"),
            "created_at": world.now,
        }
        for number, state in ((71, State.READY), (72, State.HELD)):
            session.add(
                Attachment(id=number, name=f"locker-plan-{number}.pdf", state=state, owner_kind=MESSAGE, owner_id=message, **common)
            )
            session.flush()
            session.add(AttachmentText(attachment_id=number, text="Humidity in the evidence lockers, by month."))
        indexing.take_in(session, [message])
    answer = found(world, "sheriff", "humidity locker")
    assert [(i["type"], i["id"], i["thread"], i["title"]) for i in answer["items"]] == [("attachment", 71, thread, "locker-plan-71.pdf")]
    assert found(world, "vendor", "humidity")["total"] == 0
    assert threads(world, "sheriff", "evidence has:attachment") == {thread}
    # People and agencies by their own lists' rules: a partner sees neither an agency nor who works there.
    both = found(world, "chief", "bexley")
    assert {(i["type"], i["title"]) for i in both["items"]} == {
        ("agency", "Bexley County Sheriff's Office"), ("person", "Sheriff Dale Okafor"), ("person", "Crime Analyst Priya Nair"),
    }  # fmt: skip
    assert found(world, "vendor", "bexley")["items"] == found(world, "vendor", "okafor")["items"] == []
    assert [i["title"] for i in found(world, "chief", "okafor", **{"in": "people"})["items"]] == ["Sheriff Dale Okafor"]
    page = world.browser("chief").get("/search?q=okafro").text
    assert '<a href="/search?q=okafor">okafor</a>' in page
    assert "Did you mean" not in world.browser("vendor").get("/search?q=okafro").text
    # Without its index the forum reads and posts; the command makes it anew.
    if world.settings.is_sqlite:
        with world.db.writer.begin() as conn:
            conn.exec_driver_sql("DROP TABLE search_index")
        lost = open_thread(world, "chief", title="While it was broken", body="Godwit.")
        indexing.empty(world.db)
        assert indexing.everything(world.db) == 2
        assert threads(world, "sheriff", "godwit") == {lost}


def test_the_page_says_what_is_wrong_and_runs_nothing(world: World) -> None:  # C10
    thread = open_thread(world, "chief", title="Blue turnstone", body="A turnstone. <script>alert(1)</script>")
    for number in range(30):
        reply(world, "colleague", thread, f"Turnstone number {number}.")
    browser = world.browser("sheriff")
    slowest = 0.0
    for q in HOSTILE:
        for client, path in ((browser, "/search?"), (world.script("sheriff"), "/api/v1/search?")):
            began = time.perf_counter()
            answer = client.request("GET", path + urlencode({"q": q}))
            slowest = max(slowest, time.perf_counter() - began)
            assert answer.status_code in (200, 422), (q, answer.text[:200])
            assert "json" in answer.headers["content-type"] or "<script>alert" not in answer.text
    assert slowest < 2
    page = browser.get("/search?q=turnstone").text
    assert "Blue <mark>turnstone</mark>" in page
    assert "31 results" in page
    assert page.count('class="row found-row"') == 25
    second = browser.get(re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")).text  # type: ignore[index]
    assert second.count('class="row found-row"') == 6
    assert 'rel="next"' not in second
    for path, said in (
        ("?q=turnstone+before:yesterday", "yesterday is not a day"),
        ("?q=-turnstone", "A minus takes away"),
        ("?q=forum:command", "You read no forum"),
        ("?q=turnstone&since=soon", "soon is not a day"),
        ("", "What can be asked"),
    ):
        text = browser.get(f"/search{path}").text
        assert said in text, path
        assert "31 results" not in text
    assert browser.get("/search?q=turnstone&kind=question").text.count("found-row") == 0
    assert (
        browser.get("/search?q=x", sec_fetch_site="cross-site").status_code
        == browser.get("/members", sec_fetch_site="cross-site").status_code
    )
    assert browser.get("/search?q=x&cursor=zzz").status_code == 422


def test_the_index_is_asked_in_a_thread_and_a_known_order_shown_on_the_loop(world: World) -> None:
    """A budget counts no steps within FTS5: so what is long says so itself."""
    open_thread(world, title="Pied avocet", body="Avocets, two of them.")
    seen: list[tuple[bool, bool]] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append((threading.current_thread().name.startswith("read"), "MATCH" in statement or "@@" in statement))

    browser = world.browser("chief")
    for engine in world.db.engines:
        event.listen(engine, "before_cursor_execute", note)
    first = browser.get("/search?q=avocets")
    assert {in_thread for in_thread, of_index in seen if of_index} == {True}
    assert seen[0] == (False, False)  # tried on the loop
    seen.clear()
    again = browser.get("/search?q=avocets")
    assert set(seen) == {(False, False)}
    assert first.text.count("found-row") == again.text.count("found-row") == 1
    assert first.text.count("<mark>Avocets</mark>") == again.text.count("<mark>Avocets</mark>") == 1
    reply(world, "sheriff", 1, "An avocet more.")
    assert browser.get("/search?q=avocets").text.count("found-row") == 2


def test_what_is_kept_of_a_long_message_counts_as_such(world: World) -> None:
    """Else a few thousand hits would hold hundreds of megabytes."""
    body = "Whimbrel. " + "Many words more. " * 2_000
    open_thread(world, "chief", body=body)
    assert "Whimbrel" in world.browser("sheriff").get("/search?q=whimbrel").text
    assert any(size > len(body) for key, (_, size) in pages._kept._kept.items() if body in key)
    whole = world.platform.renderer._pages._kept
    assert len(whole) == 1
    assert not any(body in repr(key) for key in whole)
