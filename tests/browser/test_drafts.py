"""Words are kept on the server while they are typed, and stand there on another device."""

from __future__ import annotations

import re
from pathlib import Path

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


def test_a_whole_composer_stands_on_another_device(stage: Stage, site: Site, tmp_path: Path) -> None:
    """Kind, subjects, record, poll and a file that is sent already; of the message itself not a word yet."""
    picture = tmp_path / "map.txt"
    picture.write_text("North is up.")
    one, other = stage.page("sheriff"), stage.page("sheriff")
    one.goto("/forums/patrol/new")
    one.get_by_label("Lesson").check()
    one.get_by_text("Practice record, for a lesson").click()
    one.locator('[name="practice.problem"]').fill("Six cars stood at the jail for fifty minutes each night, all winter long.")
    one.get_by_text("A poll", exact=True).click()
    one.locator('[name="poll.question"]').fill("Which?")
    expect(one.locator("#say")).to_have_text("Draft kept.")
    one.locator("#say").evaluate("part => { part.textContent = '' }")
    one.locator("#file").hover()
    one.locator("file-attachment:defined").wait_for()
    one.locator("#file").set_input_files(picture)
    expect(one.locator("ul.sent b")).to_have_text("map.txt")
    expect(one.locator("#say")).to_have_text("Draft kept.")
    other.goto("/forums/patrol/new")
    expect(other.get_by_label("Lesson")).to_be_checked()
    expect(other.locator('[name="practice.problem"]')).to_have_value(re.compile("Six cars"))
    expect(other.locator('[name="poll.question"]')).to_have_value("Which?")
    expect(other.locator("ul.sent b")).to_have_text("map.txt")
    other.locator("#file").hover()
    other.get_by_role("button", name="Take away map.txt").click()
    expect(other.locator("#say")).to_have_text("Draft kept.")
    one.goto("/drafts")
    expect(one.get_by_role("region", name="Your drafts")).to_contain_text("Six cars")
    expect(one.get_by_role("region", name="Your drafts")).not_to_contain_text("1 file")
    one.get_by_role("button", name="Delete").click()
    one.context.close()
    other.context.close()
