"""What members do with each other's words: searching them, asking with subjects and a poll, voting, quoting, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.site import Site
from tests.browser.walks.steps import LONG_THREAD, QUESTION, press, stops, unchecked

OWN = "Who pays for the winter tires"
ASKED = "INSERT INTO asked_members (thread_id, member_id, number, at) SELECT ?, id, 1, datetime('now') FROM members WHERE id != ? LIMIT 9"


def seeker(page: Page, site: Site) -> Iterator[str]:
    yield from stops(page, {
        "search": "/search?q=officers", "search, filtered": "/search?q=officers&kind=lesson", "search, nothing": "/search?q=zzzzqq",
        "search, help": "/search", "search, names": "/search?q=alderwood", "files, none": "/settings/files",
        "forum, like mine": "/forums/patrol?like=mine", "members, like mine": "/members?like=mine",
        "agencies, like mine": "/agencies?like=mine", "lessons, like mine": "/lessons?like=mine", "saved searches, none": "/saved-searches",
    })  # fmt: skip
    unchecked(page)
    press(page, "Keep this search")
    yield "saved searches, with an error"
    page.fill("#q", '"body worn" kind:lesson')
    press(page, "Keep this search")
    yield "saved searches"
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    yield "keys"


def asker(page: Page, site: Site) -> Iterator[str]:
    page.goto("/")
    yield "home, first steps"
    page.goto("/forums/patrol/new")
    page.check("input[name='kind'][value='question']")
    page.locator("#title").press_sequentially("Ten-hour shifts for a small agency")
    page.locator("#h-similar").wait_for()
    for part in ("Subjects", "A poll"):
        page.locator("details > summary", has_text=part).last.click()
    yield "new thread, a question with a poll"
    page.fill("#title", OWN)
    page.fill("#body", "We are asked to decide by **March**.")
    page.fill("[name='poll.question']", "Who should pay?")
    page.fill("[name='poll.choices']", "The county, out of its own budget\nEach agency")
    press(page, "Post thread")
    yield "thread, may be undone"
    number = int(site.thread(OWN).rpartition("/")[2])
    page.get_by_role("link", name="Edit #", exact=False).first.click()
    page.fill("#body", "We are asked to decide by **April**, and soon.")
    press(page, "Save the change")
    page.goto(f"/threads/{number}/replies/0/revisions")
    yield "history, with what changed"
    me = site.member("sheriff")
    site.rows("INSERT OR IGNORE INTO question_courses (thread_id, first_at, outcome) VALUES (?, datetime('now'), '')", number)
    site.rows("UPDATE question_courses SET outcome_asked_at = datetime('now') WHERE thread_id = ?", number)
    site.rows(ASKED, number, me)
    page.goto(f"/threads/{number}")
    yield "question, who was asked"
    page.fill("#outcome-text", "The county pays.\nAsk again in a year.")
    page.locator("#outcome").get_by_role("button", name="Save").click()
    page.locator("#h-outcome").wait_for()
    yield "question, what came of it"
    page.goto("/forums/patrol/new")
    page.fill("#title", "Salt or sand on a county road")
    page.fill("#body", "Both are dear.")
    press(page, "Post thread")
    page.goto(f"{site.thread('Salt or sand')}/poll")
    yield "poll"
    unchecked(page)
    press(page, "Add the poll")
    yield "poll, with errors"


def voter(page: Page, site: Site) -> Iterator[str]:
    page.goto(site.thread(OWN))
    yield "thread, to vote"
    page.locator("#poll input[name='choices']").first.check()
    press(page, "Vote")
    yield "thread, voted"
    page.locator("#poll summary").click()
    yield "thread, vote to change"
    page.goto(f"{site.thread(LONG_THREAD)}?quote=0")
    yield "thread, a quote"
    page.goto(f"{site.thread(QUESTION)}?said=nothing-new")
    yield "thread, nothing new"
