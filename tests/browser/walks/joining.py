"""Coming in: the door, an application up to the recovery codes, the two reviewers between, and who can't sign in any more."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.casework import add_evidence, approve, call_back, case_of
from tests.browser.walks.steps import letter, press, stops, unchecked
from tests.membership.papers import png

APPLICANT = {
    "name": "Avery Quill", "rank": "Captain", "email": "a.quill@alderwoodpd.example", "phone": "555-0166", "member_class": "sworn",
    "agency_q": "alderwood", "supervisor": "Chief Renata Holloway",
}  # fmt: skip


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
    views = {f"moderation, {view}": f"/moderation?view={view}" for view in ("mine", "unclaimed", "asked", "second")}
    paths = {
        "moderation": "/moderation", "moderation, agencies": "/moderation/agencies", "moderation, renewals": "/moderation/renewals",
        "moderation, by state": "/moderation/applications?state=approved", "case": case_of(site, APPLICANT["email"]),
    }  # fmt: skip
    yield from stops(page, views | paths)
    unchecked(page)
    press(page, "Approve membership")
    yield "case, with an error"
    reason = "Called back through the county's number. Rank and duty confirmed."
    approve(page, reason)
    yield "case, not ready for an approval"
    call_back(page)
    add_evidence(page, "letter", "On letterhead, signed by the chief.")
    page.fill("#question", "Which unit, and since when?")
    press(page, "Ask")
    yield "case, called back"
    approve(page, reason)
    yield "case, signed"


def second_reviewer(page: Page, site: Site) -> Iterator[str]:
    page.goto(case_of(site, APPLICANT["email"]))
    approve(page, "The roster lists her; the supervisor confirmed it.")
    yield "case, approved"


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
