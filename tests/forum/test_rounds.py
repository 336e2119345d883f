"""A question goes to those who agreed to be asked, twice at the most, and its asker says in the end what came of it."""

from __future__ import annotations

import re
from email.message import EmailMessage

from sqlalchemy import select, update

from app.accounts.models import Account
from app.agencies.models import Agency
from app.core.audit import AuditEvent
from app.forum.models import Forum, Thread
from app.forum.practices.models import Subject
from app.forum.rounds import going_round
from app.forum.rounds.models import Asked
from app.mail.notices.models import Notification
from app.membership.models import GroupMember, Member
from app.worker import run_once
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import mails, whole
from tests.mail.test_at_once import subscribe
from tests.people import CAST, LONG_AGO
from tests.races import at_once
from tests.world import World

QUESTION = {"kind": "question", "title": "canary-title", "body": "Has anyone?", "marking": "TLP:GREEN"}
PROFILE = "/settings/profile"


def subjects(world: World) -> None:
    with world.db.write() as session:
        session.add_all(Subject(slug=name.lower(), name=name, sort=n) for n, name in enumerate(("Records", "Pursuits")))


def agree(world: World, who: str, *about: str, may_ask: bool = True) -> None:
    fields = [("subjects", slug) for slug in about] + ([("may_ask", "yes")] if may_ask else [])
    assert world.browser(who).post(f"{PROFILE}/asking", fields, page=PROFILE).status_code == 303


def join(world: World, count: int, sworn: int) -> list[int]:
    """So many more sworn members who may be asked, each at a city's agency of this size."""
    made = []
    with world.db.write() as session:
        for n in range(count):
            serial = world.ids.agencies["corvane"] * 1000 + sworn * 10 + n
            agency = Agency(
                ori=f"CS{serial:07}", name=f"Town {serial}", short_name=f"Town {serial} PD", agency_type="city", state="CS", sworn=sworn,
                search_text="", updated_at=LONG_AGO,
            )  # fmt: skip
            account = Account(email=f"m{serial}@town.example", created_at=LONG_AGO)
            session.add_all([agency, account])
            session.flush()
            who = {"agency_id": agency.id, "name": f"Member {serial}", "member_class": "sworn"}
            session.add(Member(id=account.id, read_before=LONG_AGO, approved_at=LONG_AGO, **who))
            session.flush()
            session.add(GroupMember(member_id=account.id, group_id=world.ids.groups["sworn"], since=LONG_AGO))
            session.execute(going_round.Askable.__table__.insert(), {"member_id": account.id, "may_ask": True})
            made.append(account.id)
    return made


def work(world: World, **later: float) -> None:
    world.later(**later)
    run_once(world.db, world.settings, world.now)


def letters(world: World, key: str) -> list[EmailMessage]:
    return [one for one in mails(world, key, "notification") if "question" in one["Subject"]]


def asked(world: World, thread: int, number: int | None = None) -> set[int]:
    with world.db.read() as conn:
        rows = conn.execute(select(Asked.member_id, Asked.number).where(Asked.thread_id == thread)).all()
    return {row.member_id for row in rows if number in (None, row.number)}


def test_a_question_goes_round_once_and_once_more_and_ends_with_an_outcome(world: World) -> None:
    subjects(world)
    for who in ("sheriff", "colleague", "other_moderator", "reviewer2", "retired"):
        agree(world, who, "records")
    agree(world, "analyst", "records", may_ask=False)
    agree(world, "moderator", "pursuits")  # at an agency of another size
    [alike] = join(world, 1, 40)
    subscribe(world, "other_moderator", paused_until="2026-12-24")
    subscribe(world, "reviewer2", "none")
    assert "Records" in world.browser("chief").get(f"/members/{world.id('sheriff')}").text
    assert "Records" not in world.browser("chief").get(f"/members/{world.id('moderator')}").text
    chief = world.browser("chief")
    wrong = chief.post("/forums/patrol/new", {**QUESTION, "subjects": "nothing"}, page="/forums/patrol/new")
    assert (wrong.status_code, "There is no subject nothing." in wrong.text, "Has anyone?" in wrong.text) == (422, True, True)
    posted = chief.post("/forums/patrol/new", {**QUESTION, "subjects": "records"}, page="/forums/patrol/new")
    thread = int(re.findall(r"\d+", posted.headers["location"])[0])
    work(world)
    assert asked(world, thread) == set(), "it can still be taken back"
    work(world, minutes=2)
    work(world, minutes=2)
    # Not: colleagues, who is away, who wants nothing of the forum, who only reads it, who did not agree, who knows something else.
    assert asked(world, thread) == {world.id("sheriff"), alike}
    [letter] = letters(world, "sheriff")
    assert letter["Subject"] == "A question for you: you agreed to be asked about Records"
    assert f"/threads/{thread}" in whole(letter)
    assert "canary-title" not in whole(letter)
    told = world.script("sheriff").call("GET", "/notifications").json()["items"]
    assert [(one["kind"], one["text"]) for one in told] == [("asked", letter["Subject"])]
    other = world.one(select(Notification.text).where(Notification.member_id == alike)).text
    assert other == "A question for you: your agency is like the one asking"
    page = chief.get(f"/threads/{thread}").text
    assert "Asked of 2 members at agencies like yours" in page
    assert "About Records" in page
    assert CAST["sheriff"].name not in page.partition("<main")[2].partition('class="posts')[0]
    assert "You were asked." in world.browser("sheriff").get(f"/threads/{thread}").text
    assert "agencies like yours" not in world.browser("analyst").get(f"/threads/{thread}").text
    # A colleague's reply is no answer of another agency: it goes round once more, to others.
    reply(world, "colleague", thread, "You know we did.")
    agree(world, "analyst", "records")
    work(world, days=3)
    work(world, days=2)
    assert asked(world, thread, 2) == {world.id("analyst")}
    assert len(letters(world, "sheriff")) == 1
    reply(world, "sheriff", thread, "We did, too.")
    subscribe(world, "chief", paused_until="2026-12-11")
    page = world.browser("chief").get(f"/threads/{thread}").text
    assert '1 of 3 answered"' in page
    assert "What came of it?" not in page
    work(world, days=9, minutes=5)
    assert letters(world, "chief") == [], "away: asked when back"
    work(world, days=9)
    work(world, days=9)
    assert [one["Subject"] for one in letters(world, "chief")].count("What came of your question?") == 1
    at = f"/threads/{thread}/outcome"
    chief = world.browser("chief")
    assert chief.post(at, {"outcome": "x" * 301}, page=f"/threads/{thread}").status_code == 422
    assert chief.post(at, {"outcome": "We hired <two>.\nIt works."}, page=f"/threads/{thread}").status_code == 303
    assert world.browser("sheriff").post(at, {"outcome": "Mine"}, page=f"/threads/{thread}").status_code == 403
    said = world.script("sheriff").call("GET", f"/threads/{thread}").json()
    assert (said["subjects"], said["asked"], said["outcome"]) == (["records"], 3, "We hired <two>.\nIt works.")
    assert world.script("sheriff").call("PUT", f"/threads/{thread}/outcome", {"outcome": "Mine"}).status_code == 403
    assert world.script("sheriff").call("GET", "/me/asking").json() == {"may_ask": True, "subjects": ["records"]}
    assert world.script("sheriff").call("PUT", "/me/asking", {"subjects": ["nothing"]}).status_code == 422
    assert world.script("sheriff").call("PUT", "/me/asking", {"may_ask": False}).json() == {"may_ask": False, "subjects": []}
    seen = world.browser("sheriff").get(f"/threads/{thread}").text
    assert "We hired &lt;two&gt;." in seen
    assert "Change what came of it" not in seen


def test_what_is_hidden_answered_locked_or_no_question_goes_to_nobody(world: World) -> None:
    subjects(world)
    agree(world, "sheriff", "records")
    some = [open_thread(world, **{**QUESTION, "subjects": ["records"]}) for _ in range(4)]
    hide(world, some[0], 0)
    lock = f"/threads/{some[1]}/lock"
    assert world.browser("moderator").post(lock, {"reason": "Settled."}, page=lock).status_code == 303
    reply(world, "sheriff", some[2], "So.")
    assert world.script("chief").call("PUT", f"/threads/{some[2]}/answer", {"position": 1}).status_code == 200
    some.append(open_thread(world, **{**QUESTION, "subjects": ["records"]}))
    with world.db.write() as session:  # as if a firm that sells to agencies asked
        session.execute(update(Thread).where(Thread.id == some[4]).values(author_class="partner"))
    some.append(open_thread(world, **{**QUESTION, "kind": "discussion", "subjects": ["records"]}))
    some.append(open_thread(world, slug="command-staff", **{**QUESTION, "marking": "TLP:AMBER", "subjects": ["records"]}))
    refused = world.script("chief").call("POST", "/forums/patrol/threads", {**QUESTION, "kind": "lesson", "subjects": ["records"]})
    assert refused.status_code == 422
    work(world, minutes=2)
    assert [len(asked(world, thread)) for thread in some] == [0, 0, 0, 1, 0, 0, 1]
    # Of a strict marking not even the subject leaves.
    assert {one["Subject"].rpartition(" about ")[2] for one in letters(world, "sheriff")} == {"Records", "its subject"}
    # A reply of another agency within three days: nobody else is asked.
    agree(world, "moderator", "records")
    reply(world, "analyst", some[3], "We know.")
    work(world, days=3, minutes=5)
    assert asked(world, some[3]) == {world.id("sheriff")}
    assert asked(world, some[6]) == {world.id("sheriff"), world.id("moderator")}


def test_nobody_is_asked_more_than_twice_in_seven_days_however_many_ask_at_once(world: World) -> None:  # L6
    [one] = join(world, 1, 40)
    some = [open_thread(world, **QUESTION) for _ in range(6)]
    at_once([lambda thread=thread: going_round.go_round(world.db, thread, 1) for thread in some])
    assert sum(len(asked(world, thread)) for thread in some) == 2
    world.later(days=6, hours=23)
    more = [open_thread(world, **QUESTION) for _ in range(2)]
    going_round.go_round(world.db, more[0], 1)
    assert asked(world, more[0]) == set()
    world.later(hours=1)
    at_once([lambda thread=thread: going_round.go_round(world.db, thread, 1) for thread in more])
    assert sorted(len(asked(world, thread)) for thread in more) == [1, 1]
    # Up to twenty, and who were not asked for longest come first.
    world.later(days=1)
    rest = join(world, 22, 41)
    last = open_thread(world, **QUESTION)
    at_once([lambda: going_round.go_round(world.db, last, 1)] * 2)
    assert len(asked(world, last)) == 20
    assert asked(world, last) < set(rest)
    assert world.count(Asked, Asked.member_id == one) == 4


def test_whom_a_masked_question_goes_to_tells_no_more_than_its_head(world: World) -> None:
    subjects(world)
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    same, close = join(world, 5, 110), join(world, 2, 90)  # the sheriff's band, and agencies of another that are like the sheriff's
    agree(world, "colleague", "records")
    agree(world, "analyst")  # the sheriff's own colleague, asked like anyone
    agree(world, "sheriff", "records")
    named = open_thread(world, "sheriff", **QUESTION)
    thread = open_thread(world, "sheriff", **{**QUESTION, "subjects": ["records"], "anonymous": True})
    work(world, minutes=2)
    assert asked(world, named) == set(), "no county is like the sheriff's"
    assert asked(world, thread) == {*same, world.id("analyst"), world.id("colleague")}
    assert not asked(world, thread) & set(close)
    reasons = {row.text for row in world_rows(world, select(Notification.text).where(Notification.kind == "asked"))}
    about = "A question for you: you agreed to be asked about Records"
    assert reasons == {"A question for you: your agency is of the size that it names", about}
    reply(world, "analyst", thread, "Same here.")
    agree(world, "moderator", "records")
    work(world, days=3, minutes=2)
    assert world.id("moderator") not in asked(world, thread), "a colleague's reply counts like any, or it would tell where it is from"
    work(world, days=12)
    assert (
        world.browser("sheriff").post(f"/threads/{thread}/outcome", {"outcome": "It went well."}, page=f"/threads/{thread}").status_code
        == 303
    )
    page = world.browser("chief").get(f"/threads/{thread}").text
    assert "It went well." in page
    assert CAST["sheriff"].name not in page
    rows = world_rows(world, select(AuditEvent.actor_name).where(AuditEvent.verb == "question.outcome"))
    assert [row.actor_name for row in rows] == ["a member, masked"]


def world_rows(world: World, statement: object) -> list:
    with world.db.read() as conn:
        return list(conn.execute(statement).all())
