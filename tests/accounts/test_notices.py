"""The letter that tells an account's owner what was done with it: fixed words, no secret, where to turn (A10)."""

from __future__ import annotations

import email
import email.policy

from sqlalchemy import select

from app.accounts import operations
from app.accounts.operations import TokenWish
from app.mail.models import OutboxMessage
from tests.world import World


def test_the_owner_is_told_in_plain_words(world: World) -> None:  # A10 M15
    with world.db.write() as session:
        token = operations.create_token(session, world.actor("chief"), world.id("chief"), TokenWish("Report <b> & co", ("read",), 30))
    row = world.one(select(OutboxMessage.raw, OutboxMessage.recipient, OutboxMessage.kind))
    letter = email.message_from_bytes(row.raw, policy=email.policy.default)
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert (row.recipient, row.kind) == ("chief@alderwood.example", "account")
    assert letter["X-Squadroom-Kind"] == "account"
    assert "Report <b> & co" in text
    assert "Report &lt;b&gt; &amp; co" in html
    assert "If this was not you" in text
    assert f"{world.settings.origin}/settings/sessions" in text
    assert token not in row.raw.decode()


def test_two_changes_are_two_letters(world: World) -> None:
    with world.db.write() as session:
        for name in ("a", "a"):
            operations.create_token(session, world.actor("chief"), world.id("chief"), TokenWish(name, ("read",), 30))
    assert world.count(OutboxMessage) == 2
