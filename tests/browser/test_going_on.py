"""Reading on: single keys, what came while a page was open, and a thread on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site, Stage
from tests.browser.walks import press

THREAD = "Has anyone moved a 12-officer"
HURRIED = "const real = setTimeout; window.setTimeout = (act, ms, ...more) => real(act, 15e3 < ms && ms < 6e4 ? 200 : ms, ...more);"
"""What a page does after half a minute it does at once."""


@pytest.fixture
def reader(stage: Stage) -> Iterator[Page]:
    """In a profile of its own: that keys are off is kept in it."""
    page = stage.page("colleague")
    yield page
    page.context.close()


def test_keys_lead_through_lists_and_threads_and_can_be_turned_off(reader: Page, site: Site) -> None:  # X2
    reader.goto("/forums/patrol", wait_until="networkidle")
    reader.keyboard.press("j")
    rows = reader.locator(".rows .row-title a")
    expect(rows.nth(0)).to_be_focused()
    reader.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    reader.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    reader.keyboard.press("/")
    expect(reader.locator("#find")).to_be_focused()
    reader.keyboard.type("?")  # typed, not a key
    expect(reader.locator("dialog")).to_have_count(0)
    reader.goto(site.thread(THREAD), wait_until="networkidle")
    reader.keyboard.press("j")
    expect(reader.locator("#r0")).to_be_focused()
    reader.keyboard.press("r")
    expect(reader.locator(".composer textarea")).to_be_focused()
    reader.locator("h1").click()
    reader.keyboard.press("?")
    dialog = reader.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("Next unread thread")
    dialog.get_by_label("Single keys are on").uncheck()
    dialog.get_by_role("button", name="Close").click()
    reader.keyboard.press("r")
    expect(reader.locator(".composer textarea")).not_to_be_focused()
    reader.keyboard.press("?")
    reader.get_by_label("Single keys are on").check()
    reader.keyboard.press("Escape")
    with reader.expect_navigation():
        reader.keyboard.press("n")
    assert "/threads/" in reader.url or reader.url.endswith("said=nothing-new")


def test_a_page_that_stays_open_says_that_replies_came(reader: Page, stage: Stage, site: Site) -> None:
    path = site.thread(THREAD)
    reader.add_init_script(HURRIED)
    reader.goto(path)
    writer = stage.page_of("chief")
    writer.goto(path)
    writer.fill("#body", "While you were reading.")
    press(writer, "Post reply")
    news = reader.get_by_role("status").get_by_role("link", name="1 new reply")
    expect(news).to_be_visible()
    news.click()
    expect(reader.get_by_text("While you were reading.").first).to_be_visible()
    writer.close()


def test_a_thread_on_paper_has_its_marking_on_each_page(reader: Page, site: Site) -> None:  # C6
    reader.goto(site.thread(THREAD))
    marking = reader.locator(".thread-head .tlp").inner_text()
    reader.evaluate("document.querySelector('.posts').append(...[...Array(30)].map(() => document.querySelector('#r0').cloneNode(true)))")
    pages = pypdf.PdfReader(io.BytesIO(reader.pdf(format="Letter"))).pages
    assert len(pages) > 2
    texts = [" ".join(page.extract_text().split()) for page in pages]
    assert all(text.count(marking) >= 2 for text in texts), [text[:80] for text in texts]  # above and below
    assert "Next unread thread" not in "".join(texts)
    assert "Post reply" not in "".join(texts)
