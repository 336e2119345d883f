"""The corpus of attacks on the markup, posted by a member and read by another, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import Site, Stage
from tests.browser.survey import foreign
from tests.browser.walks import press
from tests.core.markup_corpus import PAYLOADS

SEND = """async ([path, texts]) => {
  const csrf = document.body.dataset.csrf, taken = [];
  for (const body of texts) {
    const answer = await fetch(path, {method: 'POST', headers: {'X-CSRF-Token': csrf}, body: new URLSearchParams({csrf, body})});
    taken.push(answer.status);
  }
  return taken;
}"""
RUN_ALL = """() => document.querySelectorAll('.post-body *').forEach(e => {
  for (const kind of ['click', 'mouseover', 'focus', 'error', 'load', 'toggle', 'pointerrawupdate']) e.dispatchEvent(new Event(kind));
})"""
LIVE = """() => [...document.querySelectorAll('.post-body *')].filter(e =>
  /^(SCRIPT|STYLE|IFRAME|OBJECT|EMBED|SVG|MATH|FORM|INPUT|IMG|VIDEO|AUDIO|LINK|META|BASE)$/i.test(e.tagName) ||
  [...e.attributes].some(a => /^on|^style$|^hx-|^srcdoc$/i.test(a.name)) || (e.href && !/^(https?|mailto):/.test(e.href)))
  .map(e => e.outerHTML.slice(0, 120))"""


def _thread(page: Page) -> str:
    page.goto("/forums/patrol/new")
    page.get_by_label("Discussion").check()
    page.fill("#title", "<script>alert(1)</script><img src=x onerror=alert(1)>")
    page.fill("#body", PAYLOADS[0])
    press(page, "Post thread")
    return page.url.split("?")[0].split("#")[0]


def test_nothing_in_a_message_runs_or_asks_for_anything(stage: Stage, site: Site) -> None:  # H5
    writer = stage.page_of("chief")
    thread = _thread(writer)
    taken = writer.evaluate(SEND, [f"{thread}/replies", PAYLOADS])
    assert set(taken) <= {200, 422}, taken
    assert taken.count(200) > len(PAYLOADS) * 0.9
    stage.requests.clear()
    stage.complaints.clear()
    reader, dialogs = stage.page_of("moderator"), []
    reader.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for start in range(0, taken.count(200), 20):
        reader.goto(f"{thread}?from={start + 1 if start else 0}")
        reader.evaluate(RUN_ALL)
        assert reader.evaluate(LIVE) == []
    expect(reader.locator(".posts .post").first).to_be_visible()
    reader.close()
    writer.close()
    assert dialogs == []
    assert foreign(stage) == []
    assert stage.complaints == []  # not even the policy had to stop anything


def test_a_member_s_link_asks_before_it_leaves(stage: Stage, site: Site) -> None:  # C8
    page = stage.page_of("chief")
    page.goto(site.thread("Has anyone moved a 12-officer"))
    page.fill("#body", "See https://evil.example/page for it.")
    press(page, "Post reply")
    with page.expect_navigation():
        page.locator(".post-body a", has_text="evil.example").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("evil.example")
    on = page.get_by_role("link", name="Go to evil.example")
    assert {"noopener", "noreferrer"} <= set((on.get_attribute("rel") or "").split())
    page.close()
