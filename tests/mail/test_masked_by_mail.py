"""Answers by mail into a thread where their author is masked: masked too, and what is kept of them tells nobody who it was."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.core.audit import AuditEvent
from app.forum.models import Forum
from app.mail.inbound.models import InboundMessage
from tests.mail.letters import answer_address, bring, letter, notices, replies
from tests.mail.test_at_once import subscribe, work
from tests.people import CAST
from tests.world import World

SIGNED = "We tried it.\n\n-- \nDale Okafor\nSheriff, Bexley County\n"


@pytest.fixture
def thread(world: World) -> int:
    """The sheriff's question without a name, which the chief has answered and the sheriff was mailed."""
    with world.db.write() as session:
        session.execute(update(Forum).values(anonymous_ok=True))
    made = world.script("sheriff").call(
        "POST", "/forums/patrol/threads", {"kind": "question", "title": "Osprey drill", "body": "How?", "anonymous": True}
    )
    number = int(made.json()["id"])
    subscribe(world, "sheriff")
    world.script("chief").call("POST", f"/threads/{number}/replies", {"body": "By day."})
    work(world)
    return number


def test_an_answer_of_the_asker_s_is_masked_and_its_signature_is_shown_to_nobody_else(world: World, thread: int) -> None:  # M9
    to = answer_address(world, "sheriff")
    bring(world, letter("sheriff", to, SIGNED), to, CAST["sheriff"].email)
    mine = replies(world, thread)[-1]
    assert (mine["author"], mine["anonymous"], mine["body"]) == (None, True, "We tried it.")
    cut = f"/threads/{thread}/replies/{mine['position']}/cut"
    assert "Dale Okafor" in world.browser("sheriff").get(cut).text
    assert world.browser("moderator").get(cut).status_code == 404
    assert cut not in world.browser("moderator").get(f"/threads/{thread}").text
    number = world.one(select(InboundMessage.id)).id
    assert CAST["sheriff"].email not in world.browser("admin").get("/admin/mail/received").text
    assert world.browser("admin").get(f"/admin/mail/received/{number}").status_code == 404
    with world.db.read() as conn:
        rows = conn.execute(select(AuditEvent.actor_id, AuditEvent.actor_name).where(AuditEvent.verb.in_(("inbound.post", "reply.post"))))
        assert {row.actor_name for row in rows if row.actor_id != world.id("chief")} == {"a member, masked"}


@pytest.mark.parametrize("words", ["Okafor here: we tried it.", f"Write to me at {CAST['sheriff'].email.upper()}."])
def test_what_names_its_author_is_kept_and_not_posted(world: World, thread: int, words: str) -> None:  # M9
    to, before = answer_address(world, "sheriff"), len(replies(world, thread))
    bring(world, letter("sheriff", to, words), to, CAST["sheriff"].email)
    assert len(replies(world, thread)) == before
    assert "not posted" in notices(world, "sheriff")[0] or "could not be posted" in notices(world, "sheriff")[0]
    assert "You write there without your name" in world.browser("sheriff").get("/settings/mail/received").text
