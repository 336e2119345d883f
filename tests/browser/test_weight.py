"""What the first view costs, and what comes out of the printer."""

from __future__ import annotations

from playwright.sync_api import Request, expect

from tests.browser.site import Site, Stage
from tests.browser.walks import LONG_THREAD, RED_THREAD


def test_the_first_view_of_a_thread_is_light(stage: Stage, site: Site) -> None:
    page = stage.page("sheriff")
    cookies = page.context.cookies()
    page.context.close()
    page = stage.page()  # a profile without a cache
    page.context.add_cookies(cookies)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) or None)
    page.goto(site.thread(LONG_THREAD), wait_until="networkidle")
    sizes = {request.url: request.sizes()["responseBodySize"] for request in asked}
    assert len(asked) <= 8, sizes
    assert 20_000 < sum(sizes.values()) <= 60 * 1024, sizes
    page.context.close()


def test_paper_shows_the_marking_above_and_below(stage: Stage, site: Site) -> None:
    page = stage.page_of("moderator")
    page.goto(site.thread(RED_THREAD))
    expect(page.locator(".print-top")).to_be_hidden()
    page.emulate_media(media="print")
    for end in (".print-top", ".print-end"):
        expect(page.locator(f"{end} .tlp")).to_be_visible()
        expect(page.locator(f"{end} .tlp")).to_have_text("TLP:RED")
    for gone in (".topbar", ".composer", ".rail", ".foot"):
        expect(page.locator(gone).first).to_be_hidden()
    top, main, end = (page.locator(part).bounding_box() for part in (".print-top", "#main", ".print-end"))
    assert top
    assert main
    assert end
    assert top["y"] < main["y"] < end["y"]
    page.close()


def test_every_sheet_repeats_the_marking(stage: Stage, site: Site) -> None:
    """A browser repeats the head and the foot of a table on each sheet that it is broken over."""
    page = stage.page_of("chief")
    page.goto(site.thread(LONG_THREAD))
    page.emulate_media(media="print")
    how = page.evaluate("['.print-frame', '.print-top', '.print-end'].map(part => getComputedStyle(document.querySelector(part)).display)")
    assert how == ["table", "table-header-group", "table-footer-group"]
    assert page.pdf(format="Letter").count(b"/Type /Page\n") > 2
    page.close()
