"""Writing with the mouse and the keyboard: a name from the list, a quote of what is selected, and taking it back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.site import Site, Stage

SELECT = """() => {
  const words = document.querySelector('article.post .post-body p');
  getSelection().setBaseAndExtent(words.firstChild, 0, words.firstChild, 12);
}"""


def test_a_name_a_quote_and_undo(stage: Stage, site: Site) -> None:
    page = stage.page("sheriff")
    page.goto(site.thread("Bringing an officer back"))
    start = page.locator("article.post .post-body p").first.inner_text()[:12]
    page.evaluate(SELECT)
    page.get_by_role("button", name="Quote", exact=True).last.click()
    body = page.locator("#body")
    expect(body).to_be_focused()
    assert f"\n> {start.strip()}\n" in body.input_value()
    assert "wrote in [#0](" in body.input_value()
    page.locator('#r1 a[href*="?quote="]').click()  # all of a message, after what is there
    page.wait_for_function("document.querySelector('#body').value.includes('wrote in [#1](')")
    assert "wrote in [#0](" in body.input_value()
    page.keyboard.type("As @hollow")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Holloway")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#body').value.includes('As @')")
    page.keyboard.type("said.")
    assert "Holloway said." in body.input_value()
    page.get_by_role("button", name="Post reply").click()
    mine = page.locator("article.post", has_text="said.").last
    expect(mine.locator("a.mention")).to_contain_text("Holloway")
    mine.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert "Holloway said." in page.locator("#body").input_value()
    page.locator("#body").fill("")
    page.context.close()
