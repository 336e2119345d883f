"""With the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site, Stage
from tests.browser.walks import LONG_THREAD, QUESTION

# One name for each thing that can be focused; a group of radio buttons is one stop, and so is the toolbar (arrow keys go on within them).
CONTROLS = """() => [...new Set([...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0).map(e => window.nameOf(e)))]"""
NAME_OF = """() => { window.nameOf = e => e.closest('markdown-toolbar') ? 'toolbar' :
  e.type === 'radio' ? `radio ${e.name}` : [e.tagName, e.id, e.name, e.value,
  e.getAttribute('href'), e.getAttribute('aria-label'), e.textContent.trim().slice(0, 40)].join('|'); }"""
FOCUSED = """() => { const e = document.activeElement; if (e === document.body) return null;
  const own = e.matches('.seg input') ? e.nextElementSibling : e, style = getComputedStyle(own), box = own.getBoundingClientRect();
  return {name: window.nameOf(e), outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
          seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.width > 0}; }"""


def _missed(page: Page) -> set[str]:
    """Tab through the whole page: which controls are not reached. The focus can be seen at each that is."""
    page.wait_for_load_state("networkidle")
    page.evaluate(NAME_OF)
    wanted, reached = set(page.evaluate(CONTROLS)), set()
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)")
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        if here is None:
            break
        assert here["outline"], f"no visible focus on {here['name']}"
        assert here["seen"], f"out of sight: {here['name']}"
        reached.add(here["name"])
    assert len(reached) > 3
    return wanted - reached


def test_all_of_the_sign_in_page_is_reached(stage: Stage) -> None:  # X2
    page = stage.page()
    page.goto("/sign-in")
    assert _missed(page) == set()
    page.context.close()


@pytest.mark.parametrize("who", ["chief", "moderator"])
def test_all_of_a_thread_is_reached(stage: Stage, site: Site, who: str) -> None:  # X2
    page = stage.page_of(who)
    page.goto(site.thread(QUESTION))
    assert _missed(page) == set()
    page.close()


def test_the_first_tab_skips_to_the_text(stage: Stage, site: Site) -> None:  # X2
    page = stage.page_of("chief")
    page.goto(site.thread(LONG_THREAD))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")
    page.close()


def test_arrow_keys_move_within_the_toolbar(stage: Stage, site: Site) -> None:  # X2
    page = stage.page_of("chief")
    page.goto(site.thread(QUESTION), wait_until="networkidle")
    page.get_by_role("button", name="Bold").focus()
    expect(page.locator("markdown-toolbar:defined")).to_be_visible()
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#body")).to_be_focused()
    page.close()


def test_a_reply_is_written_and_sent_by_keyboard(stage: Stage, site: Site) -> None:  # X2
    page = stage.page_of("sheriff")
    page.goto(site.thread("Two-person office"))
    page.locator("#body").focus()
    page.keyboard.type("We trade hours with the next county.")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Post reply":
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".post-body").last).to_have_text("We trade hours with the next county.")
    page.close()
