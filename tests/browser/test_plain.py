"""Without JavaScript: reading, signing in, opening a thread, replying, previewing."""

from __future__ import annotations

import pyotp
from playwright.sync_api import expect

from tests.browser.site import Site, Stage
from tests.browser.walks import press


def test_signing_in_with_password_and_code(stage: Stage, site: Site) -> None:
    page = stage.page(java_script_enabled=False)
    page.goto("/members")
    page.fill("#email", site.cast["analyst"]["email"])
    page.fill("#password", site.cast["analyst"]["password"])
    press(page, "Agree and sign in")
    page.fill("#code", pyotp.TOTP(site.cast["analyst"]["totp_secret"]).now())
    press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Members")
    press(page, "Sign out")
    expect(page.get_by_role("button", name="Agree and sign in")).to_be_visible()
    page.context.close()


def test_a_thread_is_opened_previewed_and_answered(stage: Stage, site: Site) -> None:
    page = stage.page("chief", java_script_enabled=False)
    page.goto("/forums/patrol/new")
    page.get_by_label("Question").check()
    page.fill("#title", "Who keeps the spare radio batteries warm?")
    page.fill("#body", "We lose *a third* of them each January.")
    press(page, "Preview")
    expect(page.locator(".preview em").first).to_have_text("a third")
    expect(page.locator("#title")).to_have_value("Who keeps the spare radio batteries warm?")
    press(page, "Post thread")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who keeps the spare radio batteries warm?")
    page.fill("#body", "A heated drawer, it turns out.")
    press(page, "Post reply")
    expect(page.locator(".post-body").last).to_have_text("A heated drawer, it turns out.")
    page.context.close()


def test_an_agency_is_found_and_the_application_keeps_its_text(stage: Stage) -> None:
    page = stage.page(java_script_enabled=False)
    page.goto("/apply")
    page.fill("#name", "Rory Vance")
    page.fill("#agency_q", "alderwood")
    press(page, "Find")
    expect(page.get_by_role("radio", name="Alderwood Police Department")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Rory Vance")
    page.context.close()
