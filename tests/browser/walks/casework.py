"""What reviewers do with a case, whatever it is about."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.steps import press

CALL = {
    "number": "206-555-0111", "found_at": "The county's directory, page 12", "person": "Sgt. Dana Ridley", "spoke_at": "2026-11-20T09:00",
}  # fmt: skip


def case_of(site: Site, email: str) -> str:
    """The page of this person's newest case."""
    return f"/moderation/applications/{site.rows('SELECT max(id) FROM applications WHERE email = ?', email)[0][0]}"


def call_back(page: Page) -> None:
    for name, words in CALL.items():
        page.fill(f"#{name}", words)
    press(page, "Record the call")


def add_evidence(page: Page, kind: str, note: str) -> None:
    page.select_option("#kind", kind)
    page.fill("#note", note)
    press(page, "Add evidence")


def approve(page: Page, reason: str) -> None:
    page.fill("#reason", reason)
    press(page, "Approve membership")
