"""From the application on a phone to the first page: confirmed by mail, claimed, called back, signed by two, and a passkey at the end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.device import plug_in
from tests.browser.site import PHONE, Site, Stage
from tests.browser.walks import letter, press

WHO = {
    "name": "Imara Sefton", "rank": "Chief", "email": "i.sefton@bexleycounty.example", "phone": "555-0134", "member_class": "sworn",
    "agency_q": "bexley", "supervisor": "Sheriff",
}  # fmt: skip
CALL = {"number": "206-555-0177", "found_at": "The county's own site", "person": "Dispatcher Ona Reyes", "spoke_at": "2026-11-20T09:00"}


def test_from_a_phone_to_the_first_page(stage: Stage, site: Site) -> None:  # V1, V2, V3, A8
    phone = stage.page(viewport=PHONE, has_touch=True)
    code = applied(phone)
    phone.goto(letter(site, WHO["email"], "/apply/confirm/"))
    press(phone, "Confirm my address")
    case = f"/moderation/applications/{site.rows('SELECT id FROM applications WHERE email = ?', WHO['email'])[0][0]}"

    first = stage.page_of("reviewer1")
    first.goto(case)
    press(first, "Claim for 30 minutes")
    for name, words in CALL.items():
        first.fill(f"#{name}", words)
    press(first, "Record the call")
    first.select_option("#kind", "roster")
    first.fill("#note", "The county's staff page lists her.")
    press(first, "Add evidence")
    approve(first)
    second = stage.page_of("reviewer2")
    second.goto(case)
    approve(second)
    first.close()
    second.close()

    phone.goto(letter(site, WHO["email"], "/enrol/"))
    phone.fill("#enrolment_code", code)
    phone.fill("#password", "lantern orchard gravel mitten")
    press(phone, "Go on")
    plug_in(phone)
    press(phone, "Set up a passkey")
    expect(phone.get_by_role("heading", level=1)).to_contain_text("recovery codes")
    phone.goto("/")
    expect(phone.locator(".me").first).to_contain_text("Sefton")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def applied(phone: Page) -> str:
    """The code that the page after applying shows, and no mail holds."""
    phone.goto("/apply")
    for name, value in WHO.items():
        (phone.select_option if name == "member_class" else phone.fill)(f"#{name}", value)
    phone.get_by_role("button", name="Find").tap()
    phone.locator('input[name="agency"]').first.check()
    phone.check("#statement")
    press(phone, "Send application")
    return phone.inner_text("#enrolment-code")


def approve(page: Page) -> None:
    page.fill("#reason", "Called back; the roster lists her.")
    press(page, "Approve membership")
