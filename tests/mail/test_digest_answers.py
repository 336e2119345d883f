"""The addresses beside a digest's threads, and the answers that come to them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import delete, select

from app.core.signing import token_hash
from app.forum.markings import Marking
from app.forum.models import Forum, Thread
from app.mail.digest.run import queue_digests
from app.mail.inbound.envelope import Answer
from app.mail.inbound.models import ReplyToken
from app.membership.models import GroupMember, Member, MemberStatus
from tests.mail.helpers import SLOT, change, digests, mails, reply, text, thread, whole
from tests.mail.letters import bring, letter, notices, replies
from tests.world import World

HOUR = dt.timedelta(hours=1)
ADDRESS = re.compile(r"reply\+([a-z2-7]{32})-([0-9]+)@localhost")


def addresses(world: World, key: str, kind: str = "plain") -> dict[int, str]:
    """Of their newest digest, by thread."""
    return {int(found[2]): found[0] for found in ADDRESS.finditer(text(mails(world, key)[-1], kind))}


@pytest.fixture
def two(world: World) -> tuple[int, int]:
    """Two threads that the sheriff got in one digest."""
    found = thread(world, "Osprey drill"), thread(world, "Heron ledger")
    digests(world)
    return found


def test_each_thread_has_an_address_and_a_mail_has_one_token(world: World, two: tuple[int, int]) -> None:  # M7
    shown = addresses(world, "sheriff")
    assert set(shown) == set(two)
    assert shown == addresses(world, "sheriff", "html")
    assert f'href="mailto:{shown[two[0]]}"' in text(mails(world, "sheriff")[-1], "html")
    token = {ADDRESS.fullmatch(one)[1] for one in shown.values()}  # type: ignore[index]
    assert len(token) == 1
    row = world.one(select(ReplyToken.__table__).where(ReplyToken.token_hash == token_hash(token.pop())))
    assert (row.member_id, set(row.threads)) == (world.id("sheriff"), set(two))
    assert not set(addresses(world, "colleague").values()) & set(shown.values())
    assert max(len(line) for line in mails(world, "sheriff")[-1].as_bytes().split(b"\n")) < 100


def test_an_answer_becomes_a_reply_in_the_right_thread(world: World, two: tuple[int, int]) -> None:  # M7
    first, second = two
    to = addresses(world, "sheriff")[second]
    assert bring(world, letter("sheriff", to, "We tried it, habichtel."), to) == Answer.TAKEN
    assert [r["body"] for r in replies(world, second)[1:]] == ["We tried it, habichtel."]
    assert replies(world, second)[1]["author"]["name"] == "Dale Okafor"
    assert len(replies(world, first)) == 1
    upper = addresses(world, "sheriff")[first].upper().replace("LOCALHOST", "localhost")
    assert bring(world, letter("sheriff", upper, "And here, sperberin."), upper) == Answer.TAKEN
    assert [r["body"] for r in replies(world, first)[1:]] == ["And here, sperberin."]


def test_a_thread_that_was_not_in_the_mail_or_is_closed_to_them_takes_none(world: World, two: tuple[int, int]) -> None:  # M7
    first, second = two
    other = thread(world, "Not in it")
    to = addresses(world, "sheriff")[first].replace(f"-{first}@", f"-{other}@")
    assert bring(world, letter("sheriff", to, "smuggled"), to) == Answer.NO_SUCH_ADDRESS
    moved = addresses(world, "sheriff")[second]
    change(world, Thread, Thread.id == second, marking=Marking.RED)
    assert bring(world, letter("sheriff", moved, "smuggled"), moved) == Answer.REFUSED
    assert bring(world, letter("colleague", to := addresses(world, "sheriff")[first], "smuggled"), to) == Answer.REFUSED
    with world.db.write() as session:
        session.execute(delete(GroupMember).where(GroupMember.member_id == world.id("sheriff")))
    assert bring(world, letter("sheriff", to, "smuggled"), to) == Answer.REFUSED
    assert "was not posted" in " ".join(notices(world, "sheriff"))
    for thread_id in (first, other):
        assert len(replies(world, thread_id)) == 1
    change(world, Thread, Thread.id == second, marking=Marking.GREEN)
    assert len(replies(world, second)) == 1


def test_only_who_may_answer_there_is_given_an_address(world: World) -> None:
    notice = thread(world, "A notice", by="admin", forum="notices")
    locked = thread(world, "Locked")
    change(world, Thread, Thread.id == locked, locked_at=world.now)
    amber = thread(world, "Amber", marking=Marking.AMBER)
    open_one = thread(world, "Open")
    change(world, Member, Member.id == world.id("colleague"), status=MemberStatus.RESTRICTED)
    world.script("sheriff").call("PUT", "/me/subscriptions", {"digest": {"content": "headlines"}})
    digests(world)
    assert addresses(world, "sheriff").keys() == {open_one}
    assert addresses(world, "moderator").keys() == {open_one, locked}
    assert f"/threads/{amber}" in whole(mails(world, "sheriff")[-1])
    assert f"/threads/{notice}" in whole(mails(world, "sheriff")[-1])
    for key in ("retired", "colleague", "vendor"):
        assert mails(world, key), key
        assert "reply+" not in whole(mails(world, key)[-1]), key
        assert "TO REPLY BY E-MAIL" not in text(mails(world, key)[-1])
    assert "TO REPLY BY E-MAIL" in text(mails(world, "sheriff")[-1])


def test_the_right_to_answer_is_asked_again_before_it_is_sent(world: World) -> None:  # M13
    first, second = thread(world, "Osprey drill"), thread(world, "Heron ledger")
    queue_digests(world.db, world.settings, SLOT)
    change(world, Thread, Thread.id == first, locked_at=world.now)
    digests(world)
    shown = addresses(world, "sheriff")
    assert shown.keys() == {second}
    assert bring(world, letter("sheriff", shown[second], "Still good."), shown[second]) == Answer.TAKEN
    assert replies(world, second)[1]["body"] == "Still good."


def test_replies_where_one_took_part_come_first_then_questions_then_lessons(world: World) -> None:
    mine = thread(world, "Mine", by="colleague", kind="discussion", at=world.now - SLOT.resolution)
    joined = thread(world, "Joined", kind="discussion", at=SLOT.replace(day=1))
    reply(world, joined, "My word.", by="colleague", at=SLOT.replace(day=1))
    for other in (mine, joined):
        reply(world, other, "An answer.")
    lesson, asked, answered = thread(world, "A lesson"), thread(world, "Asked", kind="question"), thread(world, "Answered", kind="question")
    notice = thread(world, "Lonely notice", by="admin", forum="notices", kind="notice")
    reply(world, answered, "So it is.", by="sheriff")
    digests(world)
    got = text(mails(world, "colleague")[-1])
    order = [got.index(f"/threads/{n}") for n in (joined, mine, asked, lesson, answered, notice)]
    assert order == sorted(order)
    heads = [
        got.index(head) for head in ("WHERE YOU TOOK PART", "CAN YOU ANSWER THIS?", "PATROL & OPERATIONS (6)", "ASSOCIATION NOTICES (1)")
    ]
    assert heads == sorted(heads)
    assert order[1] < heads[1] < order[2] < heads[2] < order[3]
    preview = "2 threads where you took part, 1 question to answer, 1 lesson"
    assert preview in text(mails(world, "colleague")[-1], "html")


def test_a_forum_that_sends_links_only_stands_below_what_is_told(world: World) -> None:
    change(world, Forum, Forum.slug == "notices", mail_most="links")
    thread(world, "Asked there", by="admin", forum="notices", kind="question", at=world.now + HOUR)
    thread(world, "Asked", kind="question")
    thread(world, "A lesson")
    digests(world)
    got = text(mails(world, "colleague")[-1])
    where = [got.index(words) for words in ("CAN YOU ANSWER", "/threads/", "1 new message in Association Notices", "PATROL &")]
    assert where == sorted(where)
    assert "Asked there" not in got
