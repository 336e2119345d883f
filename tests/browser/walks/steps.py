"""What every walk is made of: going to pages, pressing buttons, reading letters."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pyotp
from playwright.sync_api import Page

from tests.browser.site import Site

Walk = Callable[[Page, Site], Iterator[str]]
LONG_THREAD = "Phone and web desk"
RED_THREAD = "Intrusion at a shared"
QUESTION = "Has anyone moved a 12-officer"


def stops(page: Page, paths: dict[str, str], status: int = 200) -> Iterator[str]:
    for name, path in paths.items():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{name}: {path} answers {answer.status}"
        yield name


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def unchecked(page: Page) -> None:
    """Let the server find what is wrong, not the browser."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")


def end_sessions(site: Site, who: str) -> None:
    """As if this person had left the desk for hours."""
    site.rows("UPDATE sessions SET last_seen_at = datetime('now', '-3 hours') WHERE account_id = ?", site.member(who))


def letters(site: Site, to: str) -> list[EmailMessage]:
    """All letters to an address, sent or waiting, the newest last."""
    sent = [file.read_bytes() for file in sorted(site.folder.glob("mail/*.eml"))]
    waiting = [raw for (raw,) in site.rows("SELECT raw FROM outbox WHERE recipient = ? ORDER BY id", to) if raw]
    found = [email.message_from_bytes(raw, policy=email.policy.default) for raw in sent + waiting if to.encode() in raw]
    return [message for message in found if to in str(message["To"])]


def letter(site: Site, to: str, path: str) -> str:
    """The link of this kind in the newest letter to an address."""
    for message in reversed(letters(site, to)):
        body = message.get_body(("plain",))
        found = re.search(re.escape(path) + r"[\w-]+", body.get_content()) if body is not None else None
        if found:
            return found[0]
    raise AssertionError(f"no letter to {to} with {path}")


def with_password_and_code(page: Page, site: Site, who: str) -> None:
    """Sign in as people do, not with the demonstration's one click."""
    one = site.cast[who]
    page.goto("/sign-in")
    page.fill("#email", one["email"])
    page.fill("#password", one["password"])
    press(page, "Agree and sign in")
    page.fill("#code", pyotp.TOTP(one["totp_secret"]).at(site.now))
    press(page, "Sign in")
