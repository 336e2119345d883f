"""Staying a member: the yearly question, the contact's roster, the way back, new rules, and a role that asks for its passkey."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.steps import press, stops, unchecked, with_password_and_code


def contact(page: Page, site: Site) -> Iterator[str]:
    agency = site.rows("SELECT agency_id FROM members WHERE id = ?", site.member("colleague"))[0][0]
    yield from stops(page, {"roster": f"/agencies/{agency}/roster"})
    page.locator('.roster input[name="here"]').first.uncheck()
    yield "roster, somebody gone"


def asked(page: Page, site: Site) -> Iterator[str]:
    """Nothing is asked, an answer is missing, and one waits for a reviewer."""
    yield from stops(page, {"verify": "/verify"})
    unchecked(page)
    press(page, "Send my answer")
    yield "verify, with errors"
    page.locator('input[name="says"][value="moved"]').check()
    page.fill("#words", "I lead the regional team since May.")
    press(page, "Send my answer")
    page.goto("/verify")
    yield "verify, answered"


def renewing(page: Page, site: Site) -> Iterator[str]:
    """The reviewer looks at that answer, and the record is as before."""
    answer = site.rows("SELECT id FROM confirmations WHERE member_id = ? ORDER BY id DESC", site.member("analyst"))[0][0]
    yield from stops(page, {"renewals, one waits": "/moderation/renewals", "renewal": f"/moderation/renewals/{answer}"})
    page.locator('input[name="verdict"][value="renew"]').check()
    page.fill("#note", "The sheriff confirmed it by telephone.")
    press(page, "Record this")
    page.goto(f"/moderation/renewals/{answer}")
    yield "renewal, settled"


def left_behind(page: Page, site: Site) -> Iterator[str]:
    """Suspended by the calendar alone: one page opens."""
    number = site.member("suspended")
    site.rows("UPDATE members SET way_back = 1, status_reason = 'The membership was not confirmed in time.' WHERE id = ?", number)
    with_password_and_code(page, site, "suspended")
    yield "return"
    unchecked(page)
    press(page, "Ask to come back")
    yield "return, with errors"
    page.fill("#words", "On long leave; back at my desk since Monday.")
    page.fill("#supervisor", "Captain Bohannon")
    page.fill("#phone", "360-555-0133")
    press(page, "Ask to come back")
    yield "return, asked"
    press(page, "Sign out")
    site.rows("UPDATE members SET way_back = 0 WHERE id = ?", number)


def role(page: Page, site: Site) -> Iterator[str]:
    with_password_and_code(page, site, "moderator")
    yield "the role's passkey"


def retired(page: Page, site: Site) -> Iterator[str]:
    """At the door of who has retired: a passkey, and then an address of their own."""
    site.rows("DELETE FROM account_addresses WHERE account_id = ?", site.member("retired"))
    with_password_and_code(page, site, "retired")
    press(page, "Demonstration: go on without a passkey")
    yield "an address of one's own"
    unchecked(page)
    press(page, "Send the letter")
    yield "an address of one's own, with an error"
    page.fill("#email", "marian@home.example")
    press(page, "Send the letter")
    yield "an address of one's own, to confirm"


def rules(page: Page, site: Site) -> Iterator[str]:
    """New rules, asked of whoever signs in until they are no longer required."""
    site.rows("UPDATE site SET rules_required = rules_version")
    with_password_and_code(page, site, "sheriff")
    yield "new rules"
    site.rows("UPDATE site SET rules_required = 0")
