"""Forms: what may be pasted, what comes back, how an error is told."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site, Stage
from tests.browser.walks import QUESTION, press, unchecked


def _paste(page: Page, selector: str, text: str) -> None:
    """As from a password manager: through the clipboard, by the keyboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator(selector).focus()
    page.keyboard.press("ControlOrMeta+v")
    expect(page.locator(selector)).to_have_value(text)


def test_passwords_and_codes_can_be_pasted_and_filled_in(stage: Stage, site: Site) -> None:  # X4
    page = stage.page()
    page.goto("/sign-in")
    expect(page.locator("#email")).to_have_attribute("autocomplete", "username")
    expect(page.locator("#password")).to_have_attribute("autocomplete", "current-password")
    _paste(page, "#email", site.cast["analyst"]["email"])
    _paste(page, "#password", site.cast["analyst"]["password"])
    press(page, "Agree and sign in")
    expect(page.locator("#code")).to_have_attribute("autocomplete", "one-time-code")
    _paste(page, "#code", "123456")
    page.context.close()


def test_an_error_is_announced_and_stands_beside_its_field(stage: Stage) -> None:  # X7
    page = stage.page_of("chief")
    page.goto("/forums/patrol/new")
    page.fill("#body", "What I wrote stays.")
    unchecked(page)
    press(page, "Post thread")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Title: ")
    expect(page.locator("#title")).to_have_attribute("aria-invalid", "true")
    told = page.locator("#title").get_attribute("aria-describedby") or ""
    assert "title-error" in told.split()
    expect(page.locator("#title-error")).to_be_visible()
    error, field = page.locator("#title-error").bounding_box(), page.locator("#title").bounding_box()
    assert error
    assert field
    assert 0 <= field["y"] - error["y"] < 60
    expect(page.locator("#body")).to_have_value("What I wrote stays.")
    summary.get_by_role("link").first.click()
    expect(page.locator("#title")).to_be_focused()
    page.close()


def test_a_success_is_said_in_the_live_region(stage: Stage) -> None:  # X7
    page = stage.page_of("colleague")
    page.goto("/settings/profile")
    page.fill("#about", "Nights, and the field training program.")
    press(page, "Save your profile")
    expect(page.locator(".flash")).to_be_visible()
    expect(page.locator("#say")).to_have_text(page.locator(".flash").inner_text().strip())
    page.close()


def test_the_preview_comes_without_leaving_the_page(stage: Stage, site: Site) -> None:
    page = stage.page_of("chief")
    page.goto(site.thread(QUESTION) + "?quote=0")
    page.fill("#body", "A **bold** plan <script>alert(1)</script>")
    before = page.url
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview strong")).to_have_text("bold")
    assert page.url == before
    expect(page.locator("#body")).to_have_value("A **bold** plan <script>alert(1)</script>")
    assert page.locator("#preview").get_attribute("aria-live") == "polite"
    page.close()


def test_the_toolbar_makes_text_bold(stage: Stage, site: Site) -> None:
    page = stage.page_of("chief")
    page.goto(site.thread(QUESTION))
    page.fill("#body", "careful")
    page.locator("#body").select_text()
    page.get_by_role("button", name="Bold").click()
    expect(page.locator("#body")).to_have_value("**careful**")
    page.close()
