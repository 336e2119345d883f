"""Asking and replying without one's name: nobody meets it, the author keeps all that is theirs, and two officers together may look."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest
from sqlalchemy import select, update

from app.accounts.models import Account
from app.agencies.models import Agency
from app.core import jobs
from app.core.audit import AuditEvent
from app.forum.masks.models import Mask
from app.forum.models import Forum
from app.membership.models import Member, MemberRole, Role
from tests.closedness.crawler import addresses, crawl
from tests.forum.steps import open_thread
from tests.mail.helpers import SLOT, digests, mails, whole
from tests.membership.cases import letters
from tests.people import AGENCIES, CAST, LONG_AGO
from tests.world import World

ADMIN = "read,write,moderate,admin"
ASKER = "sheriff"
SECRETS = (CAST[ASKER].name, CAST[ASKER].email, AGENCIES["bexley"][0], AGENCIES["bexley"][1], AGENCIES["bexley"][2])
CRAWLERS = ("chief", "moderator", "admin")
STARTS = ["/", "/forums", "/notifications", "/admin", "/admin/audit", "/moderation"]
QUESTION = {"kind": "question", "title": "Has anyone let a deputy go?", "body": "Ours drank.", "anonymous": True}


@pytest.fixture
def maskable(world: World) -> World:
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    return world


def ask(world: World, who: str = ASKER) -> int:
    return open_thread(world, who, **QUESTION)


def answer(world: World, who: str, thread: int, body: str = "We did.", **fields: object) -> int:
    made = world.script(who).call("POST", f"/threads/{thread}/replies", {"body": body, **fields})
    assert made.status_code == 201, made.text
    return int(made.json()["position"])


def crowd(world: World, count: int, sworn: int, member_class: str) -> None:
    """So many more agencies of this size, with one member each."""
    with world.db.write() as session:
        for n in range(world.count(Agency), world.count(Agency) + count):
            agency = Agency(
                ori=f"CS9{n:06}", name=f"Agency {n}", short_name=f"Agency {n}", agency_type="city", state="CS", county="Alder", sworn=sworn,
                search_text="", updated_at=LONG_AGO,
            )  # fmt: skip
            account = Account(email=f"crowd{n}@agency{n}.example", created_at=LONG_AGO)
            session.add_all([agency, account])
            session.flush()
            who = {"agency_id": agency.id, "name": f"Member {n}", "member_class": member_class}
            session.add(Member(id=account.id, read_before=LONG_AGO, approved_at=LONG_AGO, **who))


def met(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def test_a_masked_question_shows_nobody_who_asked(maskable: World) -> None:
    world = maskable
    signed = open_thread(world, ASKER, kind="question", title="Under my name", body="Signed.")
    assert len(met(world.browser("chief").get(f"/threads/{signed}").text)) == 2, "a signed one shows it: there is something to hide"
    thread = ask(world)
    answer(world, ASKER, thread, "More of it.", anonymous=True)
    answer(world, "chief", thread)
    for who in ("chief", "colleague", "moderator", "retired"):
        page = world.browser(who).get(f"/threads/{thread}").text
        assert ("Ours drank." in page, met(page)) == (True, []), who
        assert f'href="/members/{world.id(ASKER)}"' not in page
        made = [world.script(who).call("GET", f"/threads/{thread}").json()]
        made += world.script(who).call("GET", f"/threads/{thread}/replies").json()["items"]
        assert [one.get("starter", one.get("author")) is None for one in made] == [True, True, True, False]
        assert [one["anonymous"] for one in made] == [True, True, True, False]
        assert met(json.dumps(made)) == []


def paths_that_name(world: World, who: str, thread: int) -> set[str]:
    """Where the asker's name or address is met, by pages, links and JSON."""
    ids: dict[str, list[object]] = {
        **{key: [1] for key in ("id", "member", "agency", "forum", "group", "application", "token", "code")},
        "thread_id": [thread], "position": [0, 1], "slug": ["patrol"],
    }  # fmt: skip
    found = set()
    wanted = [
        path
        for path in addresses(world, defaultdict(lambda: [1], ids))
        if path.startswith(("/threads", "/forums", "/api/v1/threads", "/api/v1/forums"))
    ]
    clients = (world.browser(who), [*(p for p in wanted if not p.startswith("/api/")), *STARTS]), (world.script(who, ADMIN), wanted)
    for client, starts in clients:
        for path, page in crawl(client, starts):
            if path.endswith("/marking"):  # everyone who can be named as a reader is listed there, and the asker like all others
                continue
            if any(secret in page.text for secret in (CAST[ASKER].name, CAST[ASKER].email)):
                found.add(path)
    return found


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_crawl_never_meets_the_asker_where_it_did_not_before(maskable: World) -> None:
    world = maskable
    before = {who: paths_that_name(world, who, 1) for who in CRAWLERS}
    thread = ask(world)
    answer(world, ASKER, thread, "More of it.", anonymous=True)
    world.later(seconds=11)
    jobs.run_due(world.db)
    assert {who: paths_that_name(world, who, thread) - before[who] for who in CRAWLERS} == {who: set() for who in CRAWLERS}
    answer(world, ASKER, thread, "Under my name.")
    assert all(paths_that_name(world, who, thread) - before[who] for who in CRAWLERS), "the crawl reaches the thread"


def test_the_log_says_that_it_was_written_and_not_by_whom(maskable: World) -> None:
    world = maskable
    thread = ask(world)
    answer(world, ASKER, thread, "More.", anonymous=True)
    world.script(ASKER).call("PATCH", f"/threads/{thread}/replies/1", {"body": "More of it.", "version": 1})
    with world.db.read() as conn:
        about = select(AuditEvent).where(AuditEvent.subject_kind == "thread", AuditEvent.subject_id == thread)
        rows = conn.execute(about.order_by(AuditEvent.id)).all()
    assert [row.verb for row in rows] == ["thread.open", "reply.post", "reply.edit"]
    assert {(row.actor_id, row.actor_name, row.address) for row in rows} == {(None, "a member, masked", "")}


def test_the_asker_keeps_what_is_theirs(maskable: World) -> None:
    world = maskable
    thread = ask(world)
    browser, script = world.browser(ASKER), world.script(ASKER)
    page = browser.get(f"/threads/{thread}").text
    assert f'/threads/{thread}/replies/0/edit"' in page
    assert f'/threads/{thread}/marking"' in page
    assert f'/threads/{thread}/replies/0/edit"' not in world.browser("colleague").get(f"/threads/{thread}").text
    assert script.call("PATCH", f"/threads/{thread}/replies/0", {"body": "Ours drank twice.", "version": 1}).status_code == 200
    assert world.script("colleague").call("PATCH", f"/threads/{thread}/replies/0", {"body": "Mine.", "version": 2}).status_code == 403
    assert "Reply without my name" in page
    assert re.search(r'name="anonymous"[^>]* checked', page)
    assert not re.search(r'name="anonymous"[^>]* checked', world.browser("chief").get(f"/threads/{thread}").text)
    assert thread not in [row["id"] for row in script.call("GET", "/forums/patrol/threads?filter=unread").json()["items"]]
    assert "Has anyone let" not in browser.get("/").text.partition("Can you answer?")[2].partition("Unread in")[0]
    marked = {"marking": "TLP:RED", "readers": str(world.id("chief"))}
    assert browser.post(f"/threads/{thread}/marking", marked, page=f"/threads/{thread}/marking").status_code == 303
    assert [world.browser(who).get(f"/threads/{thread}").status_code for who in (ASKER, "chief", "colleague")] == [200, 200, 404]


def test_masked_members_of_one_thread_are_told_apart_and_not_across_threads(maskable: World) -> None:
    world = maskable
    thread, other = ask(world), ask(world, "colleague")
    for who in ("chief", ASKER, "colleague", "chief"):
        answer(world, who, thread, anonymous=True)
    answer(world, "chief", other, anonymous=True)
    page = world.browser("moderator").get(f"/threads/{thread}").text
    names = re.findall(r"<h3>([^<]+)</h3>", page)
    assert names == ["A member", "Masked member 1", "The asker", "Masked member 2", "Masked member 1"]
    assert re.findall(r"<h3>([^<]+)</h3>", world.browser("moderator").get(f"/threads/{other}").text) == ["A member", "Masked member 1"]
    assert world.count(Mask) == 5


def test_the_asker_hears_of_answers_and_nobody_of_their_own(maskable: World) -> None:
    world = maskable
    thread = ask(world)
    answer(world, "chief", thread, "We did, in March.")
    answer(world, ASKER, thread, "Thank you.", anonymous=True)
    world.later(seconds=11)
    jobs.run_due(world.db)
    told = [note["text"] for note in world.script(ASKER).call("GET", "/notifications").json()["items"]]
    assert told == ["Chief Ellen Marchetti, Alderwood PD replied in “Has anyone let a deputy go?”"]
    world.now = SLOT
    digests(world)
    own = [whole(mail) for mail in mails(world, ASKER)]
    assert not any("Thank you." in mail for mail in own)
    for who in ("chief", "colleague"):
        texts = [whole(mail) for mail in mails(world, who)]
        assert any("Has anyone let a deputy go?" in text for text in texts), who
        assert [met(text) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize(("fields", "field"), [({"kind": "lesson"}, "lesson"), ({"kind": "question", "marking": "TLP:RED"}, "red")])
def test_what_can_not_be_masked_is_refused_at_the_field(maskable: World, fields: dict[str, object], field: str) -> None:
    world = maskable
    more = {"readers": [world.id("chief")]} if field == "red" else {}
    refused = world.script(ASKER).call("POST", "/forums/patrol/threads", {**QUESTION, **fields, **more})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "anonymous")


def test_a_forum_that_wants_names_takes_nothing_without(world: World) -> None:
    refused = world.script(ASKER).call("POST", "/forums/patrol/threads", QUESTION)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "anonymous")
    thread = open_thread(world, ASKER)
    refused = world.script("chief").call("POST", f"/threads/{thread}/replies", {"body": "x", "anonymous": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "anonymous")
    assert "without my name" not in world.browser("chief").get(f"/threads/{thread}").text
    assert world.count(Mask) == 0


def test_of_the_asker_is_said_only_what_fits_five_agencies(maskable: World) -> None:
    world = maskable

    def said(thread: int) -> str:
        return re.findall(r"<h3>A member</h3>\s*(?:<div>([^<]*)</div>)?", world.browser("chief").get(f"/threads/{thread}").text)[0]

    assert said(ask(world)) == ""  # three agencies in all
    crowd(world, 4, sworn=150, member_class="sworn")  # with the asker's, five of its size here
    assert said(ask(world)) == "At an agency of 100-249 sworn in CS"
    crowd(world, 4, sworn=150, member_class="head")
    assert said(ask(world)) == "Head of an agency of 100-249 sworn in CS"
    assert said(ask(world, "colleague")) == "At an agency in CS"  # of 25-49 there is one


def test_two_officers_with_reasons_learn_it_and_the_author_is_told(maskable: World) -> None:
    world = maskable
    thread = ask(world)
    path = f"/threads/{thread}/replies/0/unmask"
    with world.db.write() as session:
        session.add(MemberRole(member_id=world.id("chief"), role=Role.ADMIN))
        session.add(MemberRole(member_id=world.id("reviewer1"), role=Role.ADMIN))
    assert world.script("moderator", ADMIN).call("POST", path, {"reason": "Curious."}).status_code == 404
    assert world.browser("colleague").get(path).status_code == 404
    first, second, third = (world.script(who, ADMIN) for who in ("chief", "admin", "reviewer1"))
    assert first.call("POST", path, {"reason": " "}).status_code == 422
    asked = first.call("POST", path, {"reason": "A threat."})
    assert (asked.status_code, "author" in asked.json()) == (202, False)
    assert first.call("POST", path, {"reason": "Again."}).status_code == 409
    assert CAST[ASKER].name not in world.browser("chief").get(path).text
    lifted = second.call("POST", path, {"reason": "The court's order 12."})
    assert (lifted.status_code, lifted.json()["author"]["name"]) == (200, CAST[ASKER].name)
    assert CAST[ASKER].name in world.browser("chief").get(path).text
    assert CAST[ASKER].name not in world.browser("reviewer1").get(path).text
    assert third.call("POST", path, {"reason": "Me too."}).status_code == 202
    told = [letter for letter in letters(world, CAST[ASKER].email) if "without a name" in str(letter["Subject"])]
    assert len(told) == 1
    with world.db.read() as conn:
        rows = conn.execute(
            select(AuditEvent.verb, AuditEvent.actor_id).where(AuditEvent.verb.like("mask.%")).order_by(AuditEvent.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("mask.ask", world.id("chief")),
        ("mask.lift", world.id("admin")),
        ("mask.ask", world.id("reviewer1")),
    ]
    world.later(days=8)
    assert CAST[ASKER].name not in world.browser("chief").get(path).text


def test_unmasking_needs_a_second_factor_and_not_ones_own_message(maskable: World) -> None:
    world = maskable
    thread = open_thread(world, "admin", **QUESTION)
    path = f"/threads/{thread}/replies/0/unmask"
    away = world.browser("admin", stepped_up=False).post(path, {"reason": "Mine."}, page=path)
    assert away.headers["location"].startswith("/step-up")
    assert world.browser("admin").post(path, {"reason": "Mine."}, page=path).status_code == 403
    signed = open_thread(world, "chief")
    assert world.browser("admin").get(f"/threads/{signed}/replies/0/unmask").status_code == 404
