"""Walks through every page in its main states. Each walk is one person's; it stops where there is something to look at and says where
it is. Pages that come only after an act (an error, a preview, a case that was signed) are reached by that act."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator

import pyotp
from playwright.sync_api import Page

from tests.browser.site import Site
from tests.membership.papers import png

Walk = Callable[[Page, Site], Iterator[str]]
LONG_THREAD = "Phone and web desk"
RED_THREAD = "Intrusion at a shared"
QUESTION = "Has anyone moved a 12-officer"
APPLICANT = {
    "name": "Avery Quill", "rank": "Captain", "email": "a.quill@alderwoodpd.example", "phone": "555-0166", "member_class": "sworn",
    "agency_q": "alderwood", "supervisor": "Chief Renata Holloway",
}  # fmt: skip


def stops(page: Page, paths: dict[str, str]) -> Iterator[str]:
    for name, path in paths.items():
        page.goto(path)
        yield name


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def unchecked(page: Page) -> None:
    """Let the server find what is wrong, not the browser."""
    page.evaluate("for (const form of document.forms) form.noValidate = true")


def outsider(page: Page, site: Site) -> Iterator[str]:
    yield from stops(page, {"sign-in": "/sign-in", "nothing here, signed out": "/no-such-page"})
    page.goto("/sign-in")
    page.fill("#email", "nobody@alderwoodpd.example")
    page.fill("#password", "wrong")
    press(page, "Agree and sign in")
    yield "sign-in refused"
    page.fill("#email", site.cast["sheriff"]["email"])
    page.fill("#password", site.cast["sheriff"]["password"])
    press(page, "Agree and sign in")
    yield "factor"
    page.fill("#code", "000000")
    press(page, "Sign in")
    yield "factor refused"
    site.rows("UPDATE sessions SET level = 'passkey' WHERE id = (SELECT max(id) FROM sessions)")  # as for who has a role
    page.goto("/sign-in/role")
    yield "a role asks for a passkey"


def lost(page: Page, site: Site) -> Iterator[str]:
    """Someone who can't sign in any more, up to the case about them, and the button for who says that it was not them."""
    address = site.cast["analyst"]["email"]
    page.goto("/recover")
    yield "recover"
    page.fill("#email", address)
    press(page, "Go on")
    yield "recover, the code"
    path = letter(site, address, "/recover/")
    page.goto(path)
    press(page, "Set the new password")
    yield "recover, with errors"
    page.goto(f"{path}/case")
    yield "recover, ask the reviewers"
    page.fill("#note", "My phone was replaced, and the recovery codes are gone.")
    press(page, "Send to the reviewers")
    yield "recover, status"
    page.goto(letter(site, address, "/not-me/"))
    yield "not me"
    press(page, "This was not me")
    yield "not me, done"


def applicant(page: Page, site: Site) -> Iterator[str]:
    """From the application to the recovery codes; two reviewers sign in between (see `approvals`)."""
    page.goto("/apply")
    yield "apply"
    press(page, "Send application")
    yield "apply, with errors"
    for name, value in APPLICANT.items():
        (page.select_option if name == "member_class" else page.fill)(f"#{name}", value)
    page.get_by_role("button", name="Find").click()
    page.locator('input[name="agency"]').first.check()
    page.check("#statement")
    yield "apply, agencies found"
    press(page, "Send application")
    yield "application received"
    code, status = page.inner_text("#enrolment-code"), page.inner_text("#status-link")
    page.goto(letter(site, APPLICANT["email"], "/apply/confirm/"))
    yield "confirm the address"
    press(page, "Confirm my address")
    page.goto(status)
    yield "status"
    page.fill("#note", "My card.")
    page.set_input_files("#file", {"name": "card.png", "mimeType": "image/png", "buffer": b"MZ"})
    press(page, "Send it")
    yield "status, a file refused"
    page.set_input_files("#file", {"name": "card.png", "mimeType": "image/png", "buffer": png()})
    press(page, "Send it")
    site.notes["enrolment code"] = code


def first_reviewer(page: Page, site: Site) -> Iterator[str]:
    paths = {"moderation": "/moderation", "moderation, by state": "/moderation/applications?state=approved", "case": case_of(site)}
    yield from stops(page, paths)
    unchecked(page)
    press(page, "Approve membership")
    yield "case, with an error"
    reason = "Called back through the county's number. Rank and duty confirmed."
    page.fill("#reason", reason)
    press(page, "Approve membership")
    yield "case, not ready for an approval"
    said = {
        "number": "206-555-0111",
        "found_at": "The county's directory, page 12",
        "person": "Sgt. Dana Ridley",
        "spoke_at": "2026-11-20T09:00",
    }
    for name, words in said.items():
        page.fill(f"#{name}", words)
    press(page, "Record the call")
    page.select_option("#kind", "letter")
    page.fill("#note", "On letterhead, signed by the chief.")
    press(page, "Add evidence")
    page.fill("#question", "Which unit, and since when?")
    press(page, "Ask")
    yield "case, called back"
    page.fill("#reason", reason)
    press(page, "Approve membership")
    yield "case, signed"


def second_reviewer(page: Page, site: Site) -> Iterator[str]:
    page.goto(case_of(site))
    page.fill("#reason", "The roster lists her; the supervisor confirmed it.")
    press(page, "Approve membership")
    yield "case, approved"


def case_of(site: Site) -> str:
    return f"/moderation/applications/{site.rows('SELECT id FROM applications WHERE email = ?', APPLICANT['email'])[0][0]}"


def enrolment(page: Page, site: Site) -> Iterator[str]:
    code = site.notes["enrolment code"]
    page.goto(letter(site, APPLICANT["email"], "/enrol/"))
    yield "enrol"
    page.fill("#enrolment_code", code)
    page.fill("#password", "short")
    press(page, "Go on")
    yield "enrol, with an error"
    page.fill("#enrolment_code", code)
    page.fill("#password", "lantern orchard gravel mitten")
    press(page, "Go on")
    yield "enrol, authenticator"
    page.fill("#code", pyotp.TOTP(page.inner_text("#secret").replace(" ", "")).now())
    press(page, "Confirm")
    yield "recovery codes"


def chief(page: Page, site: Site) -> Iterator[str]:
    thread, question = site.thread(LONG_THREAD), site.thread(QUESTION)
    paths = {
        "home": "/", "forums": "/forums", "forum": "/forums/patrol", "forum, a tab": "/forums/patrol?tab=unanswered&sort=replies",
        "choose a forum": "/new", "thread": thread, "question": question,
        "quote": f"{question}?quote=0", "leaving": "/leaving?to=https%3A%2F%2Fexample.org%2Fa",
        "members": "/members", "members, none found": "/members?q=zzzzzz", "member": f"/members/{site.member('moderator')}",
        "own page": f"/members/{site.member('chief')}", "agencies": "/agencies?q=alderwood", "agency": "/agencies/1",
        "rules": "/rules", "handling": "/handling", "nothing here": "/threads/999999",
    }  # fmt: skip
    yield from stops(page, paths)
    yield from _writing(page, question)
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


def _settings(page: Page) -> Iterator[str]:
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
        "a new passkey": "passkeys",
        "recovery codes": "recovery-codes",
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


def end_sessions(site: Site, who: str) -> None:
    """As if this person had left the desk for hours."""
    site.rows("UPDATE sessions SET last_seen_at = datetime('now', '-3 hours') WHERE account_id = ?", site.member(who))


def moderator(page: Page, site: Site) -> Iterator[str]:
    thread = site.thread(LONG_THREAD)
    paths = {
        "thread, moderator": f"{thread}?from=21", "red thread": site.thread(RED_THREAD), "marking": f"{thread}/marking",
        "hide": f"{thread}/replies/3/hide", "lock": f"{thread}/lock", "hidden, read": f"{thread}/replies/37/revisions",
    }  # fmt: skip
    yield from stops(page, paths)
    page.goto(f"{site.thread(QUESTION)}/lock")
    page.fill("#reason", "Answered elsewhere.")
    press(page, "Lock this thread")
    yield "thread, locked"


def admin(page: Page, site: Site) -> Iterator[str]:
    paths = {
        "admin": "/admin", "first steps": "/admin/first-steps", "admin, forums": "/admin/forums", "admin, forum": "/admin/forums/2",
        "admin, groups": "/admin/groups", "admin, group": "/admin/groups/1", "admin, members": "/admin/members?q=a",
        "admin, member": f"/admin/members/{site.member('colleague')}", "admin, agencies": "/admin/agencies?q=alder",
        "admin, agency": "/admin/agencies/1", "admin, new agency": "/admin/agencies/new", "admin, settings": "/admin/settings",
    }  # fmt: skip
    yield from stops(page, paths)
    page.goto("/admin/forums")
    unchecked(page)
    press(page, "Make the forum")
    yield "admin, forums, with an error"
    page.goto("/admin/forums/2")
    page.locator('input[name^="right-"][value="0"]').first.check()
    press(page, "Show what this changes")
    yield "admin, effect before saving"


def partner(page: Page, site: Site) -> Iterator[str]:
    yield from stops(page, {"home, partner": "/", "forum, partner": "/forums/vendors-and-products", "members, partner": "/members"})


def mail(page: Page, site: Site) -> Iterator[str]:
    page.goto("/demo/mail")
    yield "sent mail"
    page.locator("main a[href^='/demo/mail/']").first.click()
    yield "a letter"
    page.goto(letter(site, site.cast["sheriff"]["email"], "/unsubscribe/"))
    yield "stop link"


# Who goes it (nobody is signed in without a name), and the walk. The two without a name of the cast stay signed out.
WALKS: tuple[tuple[str, Walk], ...] = (
    ("outsider", outsider), ("outsider", lost), ("applicant", applicant), ("reviewer1", first_reviewer), ("reviewer2", second_reviewer),
    ("applicant", enrolment), ("chief", chief), ("colleague", interrupted), ("moderator", moderator),
    ("admin", admin), ("vendor", partner), ("outsider", mail),
)  # fmt: skip


def letter(site: Site, to: str, path: str) -> str:
    """The link of this kind in the newest letter to an address, sent or waiting."""
    waiting = [raw for (raw,) in site.rows("SELECT raw FROM outbox WHERE recipient = ? ORDER BY id", to) if raw]
    sent = [file.read_bytes() for file in sorted(site.folder.glob("**/*.eml"))]
    for raw in reversed(sent + waiting):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        body = message.get_body(("plain",))
        found = re.search(re.escape(path) + r"[\w-]+", body.get_content()) if body is not None and to in str(message["To"]) else None
        if found:
            return found[0]
    raise AssertionError(f"no letter to {to} with {path}")
