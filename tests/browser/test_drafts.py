"""Words are kept on the server while they are typed, and stand there on another device."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.site import Site, Stage

WORDS = "We tried it with two people for ten weeks, and the calls came back to the day shift."


def test_what_is_typed_on_one_device_stands_on_another(stage: Stage, site: Site) -> None:
    path = site.thread("Bringing an officer back")
    one, other = stage.page("sheriff"), stage.page("sheriff")
    one.goto(path)
    one.locator("#body").press_sequentially("Too few words.")
    one.locator("#body").fill(WORDS)
    expect(one.locator("#say")).to_have_text("Draft kept.")
    other.goto(path)
    expect(other.locator("#body")).to_have_value(WORDS)
    other.goto("/drafts")
    expect(other.get_by_role("region", name="Your drafts")).to_contain_text("We tried it")
    other.get_by_role("button", name="Delete").click()
    expect(other.get_by_role("region", name="Your drafts")).to_contain_text("No drafts")
    one.context.close()
    other.context.close()
