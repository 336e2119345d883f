"""Answers by mail: posted for whom they prove to be from, once, by the rules of the site; refused and kept otherwise."""

from __future__ import annotations

import random
import re
import time
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, func, select

from app.core.audit import AuditEvent
from app.forum.models import Forum, Reply, Thread
from app.mail.inbound import proof as proofs
from app.mail.inbound.automatic import is_automatic
from app.mail.inbound.envelope import MOST_BYTES, Answer
from app.mail.inbound.models import InboundMessage, InboundState
from app.mail.inbound.parsing import parse
from app.membership.models import Member, MemberStatus
from tests.attachments.things import picture
from tests.forum.steps import open_thread
from tests.mail.broken import mutated
from tests.mail.helpers import change
from tests.mail.letters import answer_address, bring, letter, mails, notices, proof, replies
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

TEXT = (
    "We tried it with two people, habichtel.\n\nThe second paragraph stays too.\n\n-- \nSheriff, Bexley County\nOffice 555-0100\n\n"
    "On Mon, Nov 23, 2026 at 7:10 AM Squadroom <squadroom@localhost> wrote:\n> quoted-canary\n> more of it\n"
)


@pytest.fixture
def thread(world: World) -> int:
    """A thread that the sheriff was mailed, with an address to answer to."""
    subscribe(world, "sheriff")
    number = open_thread(world, "chief", title="Osprey drill", body="The word is falkonet.")
    work(world)
    return number


def test_an_answer_becomes_a_reply_once_with_its_own_words_alone(world: World, thread: int) -> None:  # M7 M9
    to = answer_address(world, "sheriff")
    message = letter("sheriff", to, TEXT)
    assert [bring(world, message, to) for _ in range(3)] == [Answer.TAKEN] * 3
    _opening, mine = replies(world, thread)
    assert mine["author"]["name"] == "Dale Okafor"
    assert "habichtel" in mine["body"]
    assert "The second paragraph stays too." in mine["body"]
    assert "quoted-canary" not in mine["body"]
    assert "555-0100" not in mine["body"]
    assert world.count(AuditEvent, AuditEvent.verb == "inbound.post") == 1
    row = world.one(select(InboundMessage.__table__).where(InboundMessage.state == InboundState.POSTED))
    assert (row.member_id, row.thread_id, row.position) == (world.id("sheriff"), thread, 1)
    assert to.split("@")[0] not in row.recipient  # no token is kept in the clear
    assert world.one(select(Member.heard_at).where(Member.id == world.id("sheriff"))).heard_at is not None  # V11


def test_what_was_cut_is_shown_to_its_author_and_moderators_alone(world: World, thread: int) -> None:  # M9
    to = answer_address(world, "sheriff")
    bring(world, letter("sheriff", to, TEXT), to)
    path = f"/threads/{thread}/replies/1/cut"
    for key in ("sheriff", "moderator"):
        page = world.browser(key).get(path)
        assert page.status_code == 200, key
        assert "quoted-canary" in page.text
        assert path in world.browser(key).get(f"/threads/{thread}").text
    for key in ("chief", "colleague", "other_moderator", "admin"):
        assert world.browser(key).get(path).status_code == 404, key
        assert path not in world.browser(key).get(f"/threads/{thread}").text
    mine = world.browser("sheriff").get("/settings/mail/received")
    link = re.search(r"/settings/mail/received/\d+", mine.text)
    assert link
    assert "quoted-canary" in world.browser("sheriff").get(link[0]).text
    assert b"quoted-canary" in world.browser("sheriff").get(link[0] + "/raw").content
    for key in ("moderator", "admin", "chief"):
        assert world.browser(key).get(link[0]).status_code == 404
        assert world.browser(key).get(link[0] + "/raw").status_code == 404


def _forgeries(to: str) -> dict[str, tuple[EmailMessage | bytes, str]]:
    me, evil = CAST["sheriff"].email, "mallory@evil.example"
    domain = me.split("@")[1]
    good = letter("sheriff", to, "smuggled").as_bytes()
    fail = f"localhost; dmarc=fail header.from={domain}; dkim=none"
    return {
        "another member with this token": (letter("colleague", to, "smuggled"), CAST["colleague"].email),
        "an outsider": (letter("sheriff", to, "smuggled", From=evil), evil),
        "a display name": (letter("sheriff", to, "smuggled", From=f'"{me}" <{evil}>'), evil),
        "an address in front": (b"From: " + f"{me}, Mallory <{evil}>".encode() + b"\n" + good.split(b"\n", 1)[1], evil),
        "two From lines": (b"From: " + evil.encode() + b"\n" + good, me),
        "no proof": (letter("sheriff", to, "smuggled", Authentication_Results=None), me),
        "another server's word": (letter("sheriff", to, "smuggled", Authentication_Results=proof(me, "mx.evil.example")), me),
        "our word below a failure": (f"Authentication-Results: {fail}\n".encode() + good, me),
        "our word in a comment": (
            letter("sheriff", to, "smuggled", Authentication_Results=f"evil.example (localhost; {proof(me)[11:]})"),
            me,
        ),
        "our word in a comment within one": (
            letter(
                "sheriff", to, "smuggled", Authentication_Results=f"localhost; spf=pass (of (any) ; {proof(me)[11:]} ) smtp.mailfrom=a@b"
            ),
            me,
        ),
        "our word in a comment that never ends": (
            letter("sheriff", to, "smuggled", Authentication_Results=f"localhost; spf=pass (of ; {proof(me)[11:]}"),
            me,
        ),
        "proof for another domain": (letter("sheriff", to, "smuggled", Authentication_Results=proof("a@evil.example")), me),
        "dkim of another": (letter("sheriff", to, "smuggled", Authentication_Results="localhost; dkim=pass header.d=evil.example"), me),
        "a private answer": (letter("sheriff", f"Chief <{CAST['chief'].email}>", "smuggled"), me),
        "an automatic answer": (letter("sheriff", to, "smuggled", Auto_Submitted="auto-replied"), me),
        "bulk": (letter("sheriff", to, "smuggled", Precedence="bulk"), me),
        "out of office": (letter("sheriff", to, "smuggled", Subject="Automatic reply: Osprey drill"), me),
        "no envelope sender": (letter("sheriff", to, "smuggled"), ""),
        "our own": (letter("sheriff", to, "smuggled", X_Squadroom_Kind="reply"), me),
    }


def test_nobody_else_can_post_by_mail(world: World, thread: int) -> None:  # M7 M8 V6
    to, before = answer_address(world, "sheriff"), len(replies(world, thread))
    exits = {name: bring(world, message, to, sender) for name, (message, sender) in _forgeries(to).items()}
    assert set(exits.values()) <= {Answer.REFUSED, Answer.TAKEN}, exits
    assert {name for name, code in exits.items() if code is Answer.TAKEN} == {
        "an automatic answer", "bulk", "out of office", "no envelope sender", "our own",
    }  # fmt: skip  # so that no server answers a machine
    changed = to.replace("+" + to[6], "+" + ("a" if to[6] != "a" else "b"), 1)
    assert bring(world, letter("sheriff", changed, "smuggled"), changed) is Answer.NO_SUCH_ADDRESS
    assert bring(world, letter("sheriff", "reply+@localhost", "smuggled"), "reply+@localhost") is Answer.NO_SUCH_ADDRESS
    assert bring(world, letter("sheriff", to, "smuggled"), to.replace("localhost", "elsewhere.example")) is Answer.NO_SUCH_ADDRESS
    assert len(replies(world, thread)) == before
    work(world)
    told = [m["To"] for m in mails(world, kind="account") if "not posted" in m["Subject"]]
    assert told == [CAST["sheriff"].email]  # nobody is answered by mail, but who proved to be a member: the private answer's author
    assert bring(world, letter("sheriff", to, "The same address was good all along."), to) is Answer.TAKEN
    assert len(replies(world, thread)) == before + 1


def test_a_refused_message_is_kept_and_its_sender_told_on_the_site(world: World, thread: int) -> None:
    to = answer_address(world, "sheriff")
    assert bring(world, letter("sheriff", to, "Kept words.", Authentication_Results=None), to) is Answer.REFUSED
    [text] = notices(world, "sheriff")
    assert "did not prove" in text
    row = world.one(select(InboundMessage.id, InboundMessage.state, InboundMessage.reason))
    assert (row.state, row.reason) == ("refused", "unproven")
    page = world.browser("sheriff").get(f"/settings/mail/received/{row.id}")
    assert "did not prove that it came from you" in page.text
    assert b"Kept words." in world.browser("sheriff").get(f"/settings/mail/received/{row.id}/raw").content


def test_of_one_that_is_too_large_its_sender_hears_too(world: World, thread: int) -> None:  # M16
    to = answer_address(world, "sheriff")
    large = letter("sheriff", to, "With all the photographs.").as_bytes() + b"\n" + b"x" * MOST_BYTES
    for trace in (b"", b"Received: again\n"):  # the server in front tries again
        assert bring(world, trace + large, to, CAST["sheriff"].email) is Answer.REFUSED
    assert notices(world, "sheriff") == ["A message that came by mail was not posted. The message is too large or has too many parts."]
    assert world.one(select(func.length(InboundMessage.raw)))[0] < 100_000
    assert bring(world, large, "nobody@localhost") is Answer.NO_SUCH_ADDRESS


def test_the_account_is_asked_at_the_moment_the_mail_comes(world: World, thread: int) -> None:  # M7
    to, before = answer_address(world, "sheriff"), len(replies(world, thread))
    for status in (MemberStatus.SUSPENDED, MemberStatus.RESTRICTED):
        change(world, Member, Member.id == world.id("sheriff"), status=status)
        assert bring(world, letter("sheriff", to, "smuggled"), to) is Answer.REFUSED, status
    change(world, Member, Member.id == world.id("sheriff"), status=MemberStatus.ACTIVE)
    change(world, Thread, Thread.id == thread, locked_at=world.now)
    assert bring(world, letter("sheriff", to, "smuggled"), to) is Answer.REFUSED
    change(world, Thread, Thread.id == thread, locked_at=None, forum_id=world.ids.forums["notices"])
    assert bring(world, letter("sheriff", to, "smuggled"), to) is Answer.REFUSED  # reads notices, and can't post there
    change(world, Thread, Thread.id == thread, forum_id=world.ids.forums["patrol"])
    world.later(days=30, seconds=12)
    assert bring(world, letter("sheriff", to, "smuggled"), to) is Answer.REFUSED  # the address has ended
    world.later(days=-1)
    assert bring(world, letter("sheriff", to, "In time."), to) is Answer.TAKEN
    assert len(replies(world, thread)) == before + 1


def test_any_case_of_the_address_and_dkim_without_dmarc(world: World, thread: int) -> None:
    to = answer_address(world, "sheriff").upper()
    word = "localhost; dmarc=none header.from=bexley.example; dkim=pass header.d=mail.bexley.example"
    assert bring(world, letter("sheriff", to, "Upper case.", Authentication_Results=word), to) is Answer.TAKEN
    assert replies(world, thread)[-1]["body"] == "Upper case."


def test_twenty_an_hour_and_no_more(world: World, thread: int) -> None:  # M8
    to = answer_address(world, "sheriff")
    answers = [bring(world, letter("sheriff", to, f"Answer {n}."), to) for n in range(21)]
    assert answers == [Answer.TAKEN] * 20 + [Answer.REFUSED]
    world.later(minutes=61)
    assert bring(world, letter("sheriff", to, "An hour later."), to) is Answer.TAKEN


def test_a_thread_by_mail_waits_for_its_authors_word_where_the_forum_takes_them(world: World) -> None:
    to = "forum+patrol@localhost"
    first = letter("sheriff", to, "Has anyone tried four tens?", Subject="=?utf-8?q?Four_tens_=E2=80=93_who=3F?=")
    first.add_attachment(picture(), maintype="image", subtype="png", filename="roster.png")
    assert bring(world, letter("sheriff", to, "Before the forum takes any."), to) is Answer.REFUSED
    assert "was not posted" in notices(world, "sheriff")[0]
    change(world, Forum, Forum.slug.in_(("patrol", "command-staff")), mail_threads=True)
    assert bring(world, first, to) is Answer.TAKEN
    assert world.count(Thread) == 0
    closed = "forum+command-staff@localhost"
    assert bring(world, letter("analyst", closed, "smuggled"), closed) is Answer.REFUSED
    assert bring(world, letter("sheriff", to, "smuggled", From="mallory@evil.example"), to) is Answer.REFUSED
    assert ["waits for your word" in text for text in notices(world, "sheriff")] == [True, False]
    held = world.one(select(InboundMessage.id).where(InboundMessage.state == InboundState.HELD)).id
    path, browser = f"/settings/mail/received/{held}", world.browser("sheriff")
    page = browser.get(path).text
    assert "Four tens – who?" in page
    for key in ("chief", "moderator"):
        assert world.browser(key).get(path).status_code == 404
    blank = browser.post(path + "/post", {"title": "", "kind": "question", "marking": "TLP:GREEN", "body": "Has anyone?"}, page=path)
    assert blank.status_code == 422
    assert "Has anyone?" in blank.text
    values = {"title": "Four tens", "kind": "question", "marking": "TLP:GREEN", "body": "Has anyone tried four tens?"}
    done = browser.post(path + "/post", values, page=path)
    assert done.status_code == 303
    assert world.one(select(Thread.title, Thread.kind, Thread.author_id)) == ("Four tens", "question", world.id("sheriff"))
    assert [file["name"] for file in replies(world, world.one(select(Thread.id)).id)[0]["attachments"]] == ["roster.png"]
    assert browser.post(path + "/throw-away", page="/settings/mail").status_code == 409


def test_two_processes_with_the_same_message_post_it_once(world: World, thread: int) -> None:  # L7
    from concurrent.futures import ThreadPoolExecutor

    to = answer_address(world, "sheriff")
    message = letter("sheriff", to, "Once.").as_bytes()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bring(world, message, to), range(16)))
    assert set(answers) <= {Answer.TAKEN, Answer.TRY_LATER}
    assert Answer.TAKEN in answers
    assert world.count(Reply, Reply.thread_id == thread, Reply.position > 0) == 1


def test_broken_messages_break_nothing(world: World, thread: int) -> None:  # M16
    to, dice = answer_address(world, "sheriff"), random.Random(20261128)
    for n in range(300):
        world.later(minutes=3)  # so that each is kept and judged
        assert bring(world, mutated(letter("sheriff", to, f"A line, {n}.").as_bytes(), dice), to) in (Answer.TAKEN, Answer.REFUSED)
    world.later(hours=2)
    assert bring(world, letter("sheriff", to, "After the storm."), to) is Answer.TAKEN
    assert replies(world, thread)[-1]["body"] == "After the storm."
    assert world.count(InboundMessage, InboundMessage.state == InboundState.RECEIVED) == 0


@pytest.mark.parametrize("name", ["From", "To", "Authentication-Results", "Subject"])
@pytest.mark.parametrize("words", ['"' + '\\"' * 30_000, "header.d=a." * 5_000, "(" * 30_000 + ")" * 30_000, "<" * 60_000, "a@b" * 20_000])
def test_no_header_takes_long(name: str, words: str) -> None:  # M16
    message, began = parse(f"{name}: {words}\n\nhello".encode()), time.process_time()
    proofs.author(message)
    proofs.addressed_to(message)
    proofs.is_proven(message, "a@b.example", "localhost")
    assert not is_automatic(message, "a@b.example", "localhost")
    assert time.process_time() - began < 2


def test_what_nobody_sees_is_left_out_and_the_words_are_posted(world: World, thread: int) -> None:  # M16
    """NUL is a character that PostgreSQL does not hold; the others are refused in a form, where their author can see it."""
    to = answer_address(world, "sheriff")
    words = b"One\0 thing,\x0b another.\x7f\n\nOn Mon, Nov 23, 2026 at 7:10 AM Squad\0room <a@b.example> wrote:\n> \0 quoted"
    message = letter("sheriff", to, "placeholder").as_bytes().replace(b"placeholder", words)
    assert bring(world, message.replace(b"Message-ID: <", b"Message-ID: <\0"), to) is Answer.TAKEN
    assert replies(world, thread)[-1]["body"] == "One thing, another."


def test_what_was_kept_and_not_judged_is_taken_up_again(world: World, thread: int) -> None:  # L12
    """As after a process that died between the two transactions."""
    from app.core import clock
    from app.mail.inbound.accept import go_on

    to = answer_address(world, "sheriff")
    private = letter("sheriff", f"Chief <{CAST['chief'].email}>", "smuggled")
    for message in (letter("sheriff", to, "Kept through a crash."), private):
        bring(world, message, to)
    change(world, InboundMessage, InboundMessage.id > 0, state=InboundState.RECEIVED, position=None)
    with world.db.write() as session:
        session.execute(delete(Reply).where(Reply.thread_id == thread, Reply.position > 0))
    change(world, Thread, Thread.id == thread, last_position=0)
    with clock.at(lambda: world.now):
        assert go_on(world.db, world.settings) == 0  # it may still be in hand
    world.later(minutes=6)
    with clock.at(lambda: world.now):
        assert go_on(world.db, world.settings) == 2
    assert [r["body"] for r in replies(world, thread)[1:]] == ["Kept through a crash."]
