"""Writing with the mouse and the keyboard: a name from the list, a quote of what is selected, and taking it back."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.attachments.things import picture
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
    page.get_by_role("button", name="Quote this").click()
    body = page.locator("#body")
    expect(body).to_be_focused()
    assert f"\n> {start.strip()}\n" in body.input_value()
    assert "wrote in [#0](" in body.input_value()
    page.locator('#r1 a[href*="?quote="]').click()  # all of a message, after what is there
    expect(page.locator("#body")).to_have_value(re.compile(re.escape("wrote in [#1](")))
    assert "wrote in [#0](" in body.input_value()
    page.keyboard.type("As @hollow")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Holloway")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_have_value(re.compile(re.escape("As @")))
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


DROP = """([name, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name));
  const part = document.querySelector('file-attachment');
  const how = {dataTransfer: transfer, bubbles: true, cancelable: true};
  for (const type of ['dragenter', 'drop']) part.dispatchEvent(new DragEvent(type, how));
}"""
PASTE = """() => {
  const transfer = new DataTransfer();
  transfer.setData('text/plain', 'Town\\tCalls | a day\\nAlder\\t"4\\n""5"" to 6"\\n');
  transfer.setData('text/html', '<html><style>td {}</style><table><tr><td>Town</td></tr></table></html>');
  transfer.items.add(new File([new Uint8Array([1])], 'image.png', {type: 'image/png'}));
  document.querySelector('#body').dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true}));
}"""
TABLE = '| Town | Calls \\| a day |\n| --- | --- |\n| Alder | 4 "5" to 6 |\n'


def test_files_are_dragged_in_and_a_table_is_pasted(stage: Stage, site: Site) -> None:
    page = stage.page("sheriff")
    page.goto(site.thread("Bringing an officer back"))
    page.locator("#body").focus()
    expect(page.locator("file-attachment:defined")).to_be_visible()
    page.locator("#body").fill("")
    page.evaluate(DROP, ["map.png", list(picture())])
    sent = page.get_by_role("list", name="Files of this message")
    expect(sent.get_by_role("button", name="Take away map.png")).to_be_visible()
    page.evaluate(DROP, ["tool.exe", list(b"MZ" + bytes(100))])
    expect(sent.locator(".error")).to_be_visible()
    sent.locator(".error button").click()
    page.evaluate(PASTE)
    expect(page.locator("#body")).to_have_value(re.compile(re.escape(TABLE)))
    expect(sent.locator("li")).to_have_count(1)  # of the cells no picture
    page.locator("#body").press_sequentially(" Cells and a map.")
    page.get_by_role("button", name="Post reply").click()
    mine = page.locator("article.post", has_text="Cells and a map.")
    expect(mine.get_by_role("list", name="Attachments")).to_contain_text("map.png")
    mine.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    page.locator("#body").fill("")
    page.context.close()
