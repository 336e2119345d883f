"""Who runs it: moderators and administrators."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.steps import LONG_THREAD, QUESTION, RED_THREAD, press, stops, unchecked


def moderator(page: Page, site: Site) -> Iterator[str]:
    thread = site.thread(LONG_THREAD)
    paths = {
        "thread, moderator": f"{thread}?from=20", "red thread": site.thread(RED_THREAD), "marking": f"{thread}/marking",
        "subjects": f"{thread}/subjects",
        "hide": f"{thread}/replies/3/hide", "lock": f"{thread}/lock", "hidden, read": f"{thread}/replies/37/revisions",
    }  # fmt: skip
    yield from stops(page, paths)
    page.goto(f"{site.thread(QUESTION)}/lock")
    page.fill("#reason", "Answered elsewhere.")
    press(page, "Lock this thread")
    yield "thread, locked"


def admin(page: Page, site: Site) -> Iterator[str]:
    paths = {
        "admin": "/admin", "first steps": "/admin/first-steps", "admin, forums": "/admin/forums", "admin, forum": "/admin/forums/2",
        "admin, groups": "/admin/groups", "admin, group": "/admin/groups/1", "admin, subjects": "/admin/subjects",
        "admin, members": "/admin/members?q=a",
        "admin, member": f"/admin/members/{site.member('colleague')}", "admin, agencies": "/admin/agencies?q=alder",
        "admin, agency": "/admin/agencies/1", "admin, new agency": "/admin/agencies/new",
        "admin, agency's history": "/admin/agencies/1/history?q=county", "admin, agency's contact": "/admin/agencies/1/contact",
        "roster, looked on": "/agencies/1/roster", "waiver": "/moderation/applications/1/waiver", "admin, settings": "/admin/settings",
        "admin, texts": "/admin/settings/texts",
        "admin, safety": "/admin/safety",
    }  # fmt: skip
    yield from stops(page, paths)
    unchecked(page)
    press(page, "Record the drill")
    yield "admin, safety, with errors"
    page.goto("/admin/forums")
    unchecked(page)
    press(page, "Make the forum")
    yield "admin, forums, with an error"
    page.goto("/admin/forums/2")
    page.locator('input[name^="right-"][value="0"]').first.check()
    press(page, "Show what this changes")
    yield "admin, effect before saving"
    page.goto(f"/admin/members/{site.member('colleague')}")
    unchecked(page)
    page.locator("#reason-leaving").press("Enter")
    page.locator(".error-summary").wait_for()
    yield "admin, member, with an error"
