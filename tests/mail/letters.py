"""Mail as members' own servers hand it over, and what our side makes of it."""

from __future__ import annotations

import email.headerregistry
import email.message
import email.utils
import itertools
from typing import Any

from app.core import clock
from app.mail.inbound.accept import accept
from app.mail.inbound.envelope import Answer, Envelope
from tests.mail.helpers import mails
from tests.mail.test_at_once import single
from tests.people import CAST
from tests.world import World

SERVER = "localhost"  # what our own mail server calls itself where nothing is set
_number = itertools.count(1)


def proof(address: str, server: str = SERVER) -> str:
    domain = address.split("@")[1]
    return f"{server}; dmarc=pass header.from={domain}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain}"


def letter(key: str, to: str, text: str, **other: Any) -> email.message.EmailMessage:
    """A member's answer, its sender verified; further headers by name, None takes one away."""
    address, m = CAST[key].email, email.message.EmailMessage()
    m["Authentication-Results"] = proof(address)
    m["From"] = email.headerregistry.Address(CAST[key].name, addr_spec=address)
    m["To"], m["Subject"] = to, "Re: your thread"
    m["Date"], m["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 -0800", f"<{next(_number)}.{key}@{address.split('@')[1]}>"
    for name, value in other.items():
        del m[name.replace("_", "-")]
        if value is not None:
            m[name.replace("_", "-")] = value
    m.set_content(text)
    return m


def bring(world: World, message: email.message.EmailMessage | bytes, to: str, sender: str = "someone@agency.example") -> Answer:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    with clock.at(lambda: world.now):
        return accept(world.db, world.settings, Envelope(sender, to, raw))


def answer_address(world: World, key: str) -> str:
    """Where the newest mail of a message to this person is answered."""
    return str(single(world, key)[-1]["Reply-To"])


def notices(world: World, key: str) -> list[str]:
    return [n["text"] for n in world.script(key).call("GET", "/notifications").json()["items"]]


def replies(world: World, thread: int) -> list[dict[str, Any]]:
    return world.script("chief").call("GET", f"/threads/{thread}/replies?limit=100").json()["items"]


__all__ = ["answer_address", "bring", "letter", "mails", "notices", "proof", "replies"]
