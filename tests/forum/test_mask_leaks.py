"""What is made of a message beside its page, and what that tells of who wrote it without a name: nothing, where the same under a name
does tell."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from sqlalchemy import update

from app.forum.models import Forum
from app.search.saved import matching
from app.worker import run_once
from tests.attachments.things import picture
from tests.forum.steps import open_thread, reply
from tests.forum.test_rounds import agree, subjects
from tests.mail.helpers import SLOT, digests, mails, whole
from tests.membership.papers import call
from tests.people import AGENCIES, CAST
from tests.world import World

ASKER, ADMIN = "sheriff", "read,write,moderate,admin"
NAME, AGENCY = CAST[ASKER].name, AGENCIES["bexley"][2]
SECRETS = (NAME, CAST[ASKER].email, AGENCIES["bexley"][0], AGENCIES["bexley"][1].split("'", maxsplit=1)[0], AGENCY)
READERS = ("chief", "moderator", "admin")
OPERATORS = (f'from:"{NAME}"', "from:okafor", f'agency:"{AGENCY}"', "falkonet state:CS", "falkonet size:100-249", "falkonet size:>100")


def written(world: World, *, masked: bool) -> int:
    """A question with a file and a poll, and a reply that was edited; both reported."""
    mine = world.script(ASKER)
    file = call(mine, "/attachments", {}, ("map.png", picture())).json()["id"]
    run_once(world.db, world.settings, world.now)  # the file is looked at
    words = {"kind": "question", "title": "Falkonet budget?", "body": "Ours drank.", "subjects": ["records"], "attachments": [file]}
    thread = open_thread(world, ASKER, **words, anonymous=masked)
    assert mine.call("POST", f"/threads/{thread}/poll", {"question": "Which?", "choices": ["One", "Two"]}).status_code == 201
    assert mine.call("POST", f"/threads/{thread}/replies", {"body": "More falkonet.", "anonymous": masked}).status_code == 201
    edit = {"body": "More falkonet, edited.", "version": 1}
    assert mine.call("PATCH", f"/threads/{thread}/replies/1", edit).status_code == 200
    for position in (0, 1):
        flag = {"reason": "conduct", "note": "Rude."}
        assert world.script("colleague").call("POST", f"/threads/{thread}/replies/{position}/flags", flag).status_code == 201
    return thread


def places(world: World, who: str, thread: int) -> dict[str, str]:
    """What somebody gets wherever the thread is told of."""
    browser, script, at = world.browser(who), world.script(who, ADMIN), f"/threads/{thread}"
    file = int(re.findall(r"/attachments/(\d+)/", browser.get(at).text)[0])
    pages = {
        "page": at, "quoted": f"{at}?quote=0", "reply quoted": f"{at}?quote=1", "history": f"{at}/replies/1/revisions", "first": "/",
        "list": "/forums/patrol", "waiting": "/forums/patrol?filter=unanswered", "told": "/notifications", "lessons": "/lessons",
        "search": "/search?q=falkonet", "all waiting": "/search?q=is:unanswered", "reporting": f"{at}/replies/0/flag",
        "reports": "/moderation/flags", "file": f"/attachments/{file}/map.png",
    }  # fmt: skip
    calls = {
        "api thread": at, "api replies": f"{at}/replies", "api history": f"{at}/replies/1/revisions", "api told": "/notifications",
        "api search": "/search?q=falkonet", "api similar": "/threads/similar?title=falkonet%20budget", "api reports": "/flags",
        "api list": "/forums/patrol/threads",
    }  # fmt: skip
    answers = {name: browser.get(path, follow=True) for name, path in pages.items()}
    answers |= {name: script.call("GET", path) for name, path in calls.items()}
    wrong = {name: one.status_code for name, one in answers.items() if one.status_code != 200 and "report" not in name}
    assert wrong == {}, who
    return {name: one.content.decode("utf-8", "replace") + repr(one.headers.raw) for name, one in answers.items()}


def told(world: World) -> dict[str, str]:
    """All mail so far by reader: letters, mail of saved searches, questions that go round, digests."""
    return {who: "\n".join(whole(mail) for kind in ("digest", "notification") for mail in mails(world, who, kind)) for who in CAST}


def met(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def found_by(world: World, q: str) -> list[int]:
    items = world.script("chief").call("GET", f"/search?q={quote(q)}").json()["items"]
    return [item["thread"] for item in items if item["type"] not in ("person", "agency")]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_is_made_of_a_masked_message_never_tells_whose_it_is(world: World) -> None:
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    subjects(world)
    matching.run(world.db, world.settings)
    for who in ("moderator", "colleague"):
        agree(world, who, "records")
    for q in (*OPERATORS, "falkonet"):
        for deliver, who in (("digest", "moderator"), ("each", "chief")):
            assert world.script(who).call("POST", "/saved-searches", {"q": q, "deliver": deliver}).status_code == 201
    masked = written(world, masked=True)
    gets = {who: places(world, who, masked) for who in READERS}
    assert {(who, name): met(text) for who, texts in gets.items() for name, text in texts.items() if met(text)} == {}
    assert [q for q in OPERATORS if found_by(world, q)] == []
    assert set(found_by(world, "falkonet")) == {masked}
    other = open_thread(world, "chief", title="Another's", body="Words.")
    for q in ("", "d", "okaf"):  # who is offered first does not tell who takes part
        offers = [world.browser("chief").get(f"/threads/{number}/mentions?q={q}").text for number in (masked, other)]
        assert offers[0] == offers[1], q
    work(world, minutes=3)
    digests(world, SLOT)
    mail = told(world)
    assert f"/threads/{masked}" in mail["moderator"]
    assert {who for who in ("moderator", "colleague") if "A question for you" in mail[who]} == {"moderator", "colleague"}
    assert {who: met(text.replace(CAST[who].email, "")) for who, text in mail.items() if who not in (ASKER, "analyst") and met(text)} == {}
    hits = [q for q in OPERATORS if q in mail["chief"]]
    assert hits == [], "a letter says which search found it"
    the_same_under_a_name(world)


def the_same_under_a_name(world: World) -> None:
    """It does tell, at each of these places: so there was something to hide there."""
    signed = written(world, masked=False)
    gets = {who: places(world, who, signed) for who in READERS}
    shows = {name for texts in gets.values() for name, text in texts.items() if met(text)}
    assert shows >= {"page", "quoted", "reply quoted", "list", "waiting", "search", "reports", "api thread", "api replies", "api search"}
    assert [q for q in OPERATORS if signed not in found_by(world, q)] == []
    reply(world, ASKER, signed, "And falkonet.")
    work(world, minutes=3)
    assert [q for q in OPERATORS if q not in told(world)["chief"]] == []


def work(world: World, **later: float) -> None:
    world.later(**later)
    run_once(world.db, world.settings, world.now)
    matching.run(world.db, world.settings)
    run_once(world.db, world.settings, world.now)
