"""Lessons: found across forums, written with a record, taken up by agencies, and looked at again."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.steps import LONG_THREAD, press, stops, unchecked

OWN = "Outside review of a critical"


def author(page: Page, site: Site) -> Iterator[str]:
    thread, own = site.thread(LONG_THREAD), site.thread(OWN)
    yield from stops(page, {
        "lessons": "/lessons", "lessons, some": "/lessons?subject=patrol-and-staffing&again=with_changes",
        "lessons, none found": "/lessons?state=CS&size=1-9&again=no", "forum, lessons": "/forums/patrol?tab=lessons",
        "what agencies did": f"{thread}/adoptions", "what my agency did": f"{thread}/adoption", "lesson without a record": own,
    })  # fmt: skip
    page.goto(thread)
    page.locator("#adoption > summary").click()
    yield "lesson, my agency"
    yield from _record(page, own)
    page.goto("/forums/patrol/new")
    page.check("input[name='kind'][value='lesson']")
    page.locator(".only-lesson > summary").click()
    yield "new thread, a lesson"


def _record(page: Page, own: str) -> Iterator[str]:
    page.goto(f"{own}/practice")
    yield "record"
    page.fill("#problem", "Nobody knew who speaks to the family.")
    page.fill("#setup_weeks", "soon")
    unchecked(page)
    press(page, "Save the record")
    yield "record, with an error"
    page.fill("#setup_weeks", "9")
    press(page, "Save the record")
    yield "lesson, own record"
    page.goto(f"{own}/practice/review")
    yield "still true"
    press(page, "Yes, still true")
    page.goto(f"{own}/practice/revisions")
    yield "earlier records"
