"""Members among themselves: reading and writing, their settings, a session that ended meanwhile, and the mail they get."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.steps import LONG_THREAD, QUESTION, end_sessions, letter, press, stops, unchecked


def chief(page: Page, site: Site) -> Iterator[str]:
    thread, question = site.thread(LONG_THREAD), site.thread(QUESTION)
    paths = {
        "home": "/", "forums": "/forums", "forum": "/forums/patrol", "forum, a tab": "/forums/patrol?tab=unanswered&sort=newest",
        "choose a forum": "/new", "thread": thread, "question": question,
        "quote": f"{question}?quote=0", "leaving": "/leaving?to=https%3A%2F%2Fexample.org%2Fa",
        "members": "/members", "members, none found": "/members?q=zzzzzz", "member": f"/members/{site.member('moderator')}",
        "own page": f"/members/{site.member('chief')}", "agencies": "/agencies?q=alderwood", "agency": "/agencies/1",
        "applicants who named me": "/sponsored", "rules": "/rules", "handling": "/handling",
    }  # fmt: skip
    yield from stops(page, paths)
    yield from stops(page, {"nothing here": "/threads/999999"}, status=404)
    yield from _writing(page, question)
    yield from _inviting(page)
    yield from _settings(page)
    page.goto("/")
    if page.get_by_role("button", name="Mark all read").count():
        press(page, "Mark all read")
    yield "home, all read"


def _writing(page: Page, question: str) -> Iterator[str]:
    page.goto("/forums/patrol/new")
    yield "new thread"
    page.fill("#body", "Half of a *thread*\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview .post-body, #preview p").first.wait_for()
    yield "new thread, preview"
    unchecked(page)
    page.fill("#title", "")
    press(page, "Post thread")
    yield "new thread, with errors"
    page.goto(question)
    page.fill("#body", "We did, with **ten** officers.")
    press(page, "Post reply")
    yield "thread, own reply"
    with page.expect_navigation():
        page.get_by_role("link", name="Edit #", exact=False).last.click()
    yield "edit"
    page.fill("#body", "We did, with **eleven** officers.")
    press(page, "Save the change")
    page.goto(f"{question}/replies/1/revisions")
    yield "history"


def _inviting(page: Page) -> Iterator[str]:
    page.goto("/invite")
    unchecked(page)
    press(page, "Send the invitation")
    yield "invite, with an error"
    page.fill("#email", "new.colleague@alderwoodpd.example")
    press(page, "Send the invitation")
    page.goto("/invite")
    yield "invite, whom I invited"


def _settings(page: Page) -> Iterator[str]:
    yield from stops(page, {"settings, what others see": "/settings/profile/preview?to=agency"})
    names = ("profile", "mail", "sign-in", "sessions", "tokens")
    yield from stops(page, {f"settings, {name}": f"/settings/{name}" for name in names})
    page.fill("#name", "Roster script")
    press(page, "Make the token")
    yield "settings, token made"
    page.goto("/step-up")
    yield "step up"
    unchecked(page)
    press(page, "Confirm")
    yield "step up, refused"
    page.goto("/step-up")
    press(page, "Demonstration: confirm without a code")
    inner = {
        "password": "password",
        "a new authenticator": "authenticators",
        "recovery codes": "recovery-codes",
        "a new passkey": "passkeys",
    }
    yield from stops(page, {f"settings, {name}": f"/settings/sign-in/{path}" for name, path in inner.items()})
    yield from stops(page, {"settings, sign-ins": "/settings/sessions/history", "settings, addresses": "/settings/sign-in/addresses"})
    page.fill("#email", "second.address@home.example")
    press(page, "Send the letter")
    yield "settings, an address to confirm"


def interrupted(page: Page, site: Site) -> Iterator[str]:
    """What was typed comes back: after a form's session had changed, and after it had ended."""
    page.goto(site.thread(QUESTION))
    page.fill("#body", "Four tens and one eight. The guild signed it in May, and overtime fell by a third in the first year.")
    page.evaluate("document.querySelector('.composer input[name=csrf]').value = 'of-another-session'")
    press(page, "Post reply")
    yield "a form of another session"
    page.goto(site.thread(QUESTION))
    page.fill("#body", "Four tens and one eight. The guild signed it in May, and overtime fell by a third in the first year.")
    end_sessions(site, "colleague")
    press(page, "Post reply")
    page.locator(f'button[name="member"][value="{site.member("colleague")}"]').click()
    page.get_by_role("heading", name="Nothing was lost").wait_for()
    yield "kept form"


def partner(page: Page, site: Site) -> Iterator[str]:
    yield from stops(page, {"home, partner": "/", "forum, partner": "/forums/vendors-and-products", "members, partner": "/members"})


def mail(page: Page, site: Site) -> Iterator[str]:
    page.goto("/demo/mail")
    yield "sent mail"
    page.locator("main a[href^='/demo/mail/']").first.click()
    yield "a letter"
    page.goto(letter(site, site.cast["sheriff"]["email"], "/unsubscribe/"))
    yield "stop link"
