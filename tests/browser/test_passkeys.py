"""Passkeys in a real Chromium, with the virtual authenticator that its developer tools have."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.device import plug_in
from tests.browser.site import Site, Stage
from tests.browser.walks import press


@pytest.fixture
def page(stage: Stage) -> Iterator[Page]:
    page = stage.page()
    yield page
    page.context.close()


def test_a_passkey_is_added_signs_in_with_one_tap_and_confirms(stage: Stage, site: Site, page: Page) -> None:  # A2 A8 X4
    stage.sign_in(page, "vendor")
    plug_in(page)
    page.goto("/settings/sign-in")
    page.get_by_role("link", name="Add a passkey").click()
    page.fill("#name", "Blue phone")
    press(page, "Add a passkey")
    expect(page.locator(".flash")).to_have_text("Your new passkey is ready.")
    expect(page.get_by_role("link", name="Blue phone")).to_be_visible()
    press(page, "Sign out")
    page.goto("/members")
    press(page, "Agree and sign in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Members")
    site.rows("UPDATE sessions SET stepped_up_at = NULL WHERE account_id = ?", site.member("vendor"))
    page.goto("/settings/sign-in/passkeys")
    expect(page).to_have_url(re.compile("/step-up"))
    press(page, "Use your passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a passkey")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("This device holds a passkey for your account already.")


def test_a_reviewer_adds_one_before_anything_else(site: Site, page: Page) -> None:  # A2
    plug_in(page)
    page.goto("/moderation/applications")
    page.fill("#email", site.cast["reviewer2"]["email"])
    page.fill("#password", site.cast["reviewer2"]["password"])
    press(page, "Agree and sign in")
    page.fill("#code", pyotp.TOTP(site.cast["reviewer2"]["totp_secret"]).now())
    press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a passkey")
    press(page, "Add a passkey")
    expect(page).to_have_url(re.compile("/moderation/applications"))


def test_a_device_that_knows_nobody_says_so_in_words(page: Page) -> None:
    plug_in(page)
    page.goto("/sign-in")
    page.get_by_role("button", name="Agree and sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Try again")
    expect(page.get_by_role("button", name="Agree and sign in with a passkey")).to_be_enabled()


def test_without_javascript_no_passkey_is_offered(stage: Stage) -> None:
    page = stage.page(java_script_enabled=False)
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Agree and sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Agree and sign in", exact=True)).to_be_visible()
    page.context.close()
