"""A session that is about to end, and one that has ended while somebody wrote."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.site import Site, Stage
from tests.browser.walks import end_sessions, press

THREAD = "Twelve-hour nights"


def test_a_warning_comes_a_minute_before_the_end_and_one_key_extends(stage: Stage) -> None:  # X5
    page = stage.page("analyst")
    page.clock.install()
    page.goto("/")
    page.clock.fast_forward("57:00")
    expect(page.locator("dialog.ask")).to_have_count(0)
    page.clock.fast_forward("02:30")
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("you will be signed out at")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    with page.expect_response("**/session/extend") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 204
    page.context.close()


def test_text_sent_after_the_end_comes_back_after_signing_in_again(stage: Stage, site: Site) -> None:  # X5
    page = stage.page("analyst")
    page.goto(site.thread(THREAD))
    text = "We measured it: the second half of the night is where the crashes are. Our numbers for two years follow."
    page.fill("#body", text)
    end_sessions(site, "analyst")
    press(page, "Post reply")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.locator(f'button[name="member"][value="{site.member("analyst")}"]').click()
    expect(page.locator("main textarea")).to_have_value(text)
    press(page, "Send it now")
    expect(page.locator(".post-body").last).to_have_text(text)
    page.context.close()


def test_text_not_sent_yet_is_brought_back_too(stage: Stage, site: Site) -> None:  # X5
    page = stage.page("analyst")
    page.goto(site.thread(THREAD))
    page.fill("#body", "Half a thought")
    end_sessions(site, "analyst")
    page.reload()
    stage.sign_in(page, "analyst", page.url)
    expect(page.locator("#body")).to_have_value("Half a thought")
    expect(page.locator(".restored")).to_have_text("Your unsent text was brought back.")
    page.context.close()
