"""From the application on a phone to the first page: confirmed by mail, claimed, called back, signed by two, and a passkey at the end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.device import plug_in
from tests.browser.site import PHONE, Site, Stage
from tests.browser.walks import letter, press
from tests.browser.walks.casework import add_evidence, approve, call_back, case_of

WHO = {
    "name": "Imara Sefton", "rank": "Chief", "email": "i.sefton@bexleycounty.example", "phone": "555-0134", "member_class": "sworn",
    "agency_q": "bexley", "supervisor": "Sheriff",
}  # fmt: skip


def test_from_a_phone_to_the_first_page(stage: Stage, site: Site) -> None:  # V1, V2, V3, A8
    phone = stage.page(viewport=PHONE, has_touch=True, is_mobile=True)
    code, status = applied(phone)
    phone.goto(letter(site, WHO["email"], "/apply/confirm/"))
    press(phone, "Confirm my address")
    first_reviewer_signs(stage.page("reviewer1"), case_of(site, WHO["email"]))
    phone.goto(status)
    expect(phone.locator(".progress")).to_contain_text("Two different people decide. One has.")
    assert site.rows("SELECT 1 FROM accounts WHERE email = ?", WHO["email"]) == []
    second_reviewer_signs(stage.page("reviewer2"), case_of(site, WHO["email"]))
    phone.reload()
    expect(phone.locator(".progress")).to_contain_text("Approved")

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
    press(phone, "Sign out")
    press(phone, "Agree and sign in with a passkey")
    expect(phone.locator(".me").first).to_contain_text("Sefton")
    phone.context.close()


def applied(phone: Page) -> tuple[str, str]:
    """The code that the page after applying shows, and no mail holds; and the status page's address."""
    phone.goto("/apply")
    for name, value in WHO.items():
        (phone.select_option if name == "member_class" else phone.fill)(f"#{name}", value)
    phone.get_by_role("button", name="Find").tap()
    phone.locator('input[name="agency"]').first.check()
    phone.check("#statement")
    press(phone, "Send application")
    return phone.inner_text("#enrolment-code"), phone.inner_text("#status-link")


def first_reviewer_signs(page: Page, case: str) -> None:
    """Claimed, called back and with a second kind of evidence: none of it may be missing."""
    page.goto(case)
    press(page, "Claim for 30 minutes")
    expect(page.locator("main")).to_contain_text("Yours until")
    approve(page, "She sounds right.")
    expect(page.get_by_role("alert")).to_be_visible()
    call_back(page)
    add_evidence(page, "roster", "The county's staff page lists her.")
    approve(page, "Called back; the roster lists her.")
    expect(page.get_by_role("region", name="Decision")).to_contain_text("1 of 2 signed")
    expect(page.get_by_role("button", name="Approve membership")).to_have_count(0)  # not twice by the same
    page.context.close()


def second_reviewer_signs(page: Page, case: str) -> None:
    page.goto(case)
    approve(page, "The call is recorded, and the agency's page lists her.")
    expect(page.get_by_role("region", name="Decision")).to_contain_text("2 of 2 signed")
    page.context.close()
