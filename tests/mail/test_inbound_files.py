"""Files that come in a message."""

from __future__ import annotations

import email
import email.policy

from sqlalchemy import select

from app.mail.inbound.envelope import Answer
from app.mail.inbound.models import InboundMessage
from app.worker import run_once
from tests.attachments.things import picture
from tests.mail.letters import answer_address, bring, letter, notices, replies
from tests.mail.test_inbound import thread
from tests.world import World

__all__ = ["thread"]


def test_files_pass_the_forums_gate(world: World, thread: int) -> None:  # H6
    """A picture is taken; what lies about its kind is not, and its author is told; a signature's logo is neither."""
    to = answer_address(world, "sheriff")
    message = letter("sheriff", to, "With a picture.")
    message.add_attachment(b"MZ\x90\x00" + bytes(400), maintype="application", subtype="pdf", filename="policy.pdf")
    message.add_attachment(picture(), maintype="image", subtype="png", filename="map of the desk.png")
    message.add_attachment(picture(), maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<logo@agency>")
    message.add_attachment(b"proof", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    inner = letter("sheriff", to, "Somebody else's.")
    inner.add_attachment(picture(), maintype="image", subtype="png", filename="forwarded.png")
    message.add_attachment(inner)
    assert bring(world, message, to) is Answer.TAKEN
    posted = replies(world, thread)[-1]
    assert posted["body"] == "With a picture."
    assert [file["name"] for file in posted["attachments"]] == ["map of the desk.png"]
    assert world.browser("chief").get(posted["attachments"][0]["url"]).status_code == 404  # nothing is handed out before it was looked at
    run_once(world.db, world.settings, world.now)
    assert world.browser("chief").get(posted["attachments"][0]["url"]).status_code == 200
    assert "1 file was not taken: policy.pdf" in notices(world, "sheriff")[0]
    row = world.one(select(InboundMessage.id))
    browser = world.browser("sheriff")
    assert "policy.pdf" in browser.get(f"/settings/mail/received/{row.id}").text
    raw = browser.get(f"/settings/mail/received/{row.id}/raw").content
    names = [p.get_filename() for p in email.message_from_bytes(raw, policy=email.policy.default).walk()]
    assert {"policy.pdf", "logo.png"} <= set(names)
