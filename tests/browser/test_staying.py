"""Thirteen months under a clock that the test sets. Who answers the yearly letter stays. Who does not falls step by step, and comes back
through two reviewers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.later import Hands
from tests.browser.site import Demo, Site, Stage, running
from tests.browser.walks import QUESTION, letter, press
from tests.browser.walks.casework import add_evidence, approve, call_back, case_of
from tests.browser.walks.steps import letters, with_password_and_code

DAY = dt.timedelta(days=1)
ANSWERING, SILENT, CONTACT = ("sheriff", "reviewer1", "reviewer2"), "analyst", "colleague"


class Year:
    """The association as time goes by."""

    def __init__(self, stage: Stage, site: Site, hands: Hands) -> None:
        self.stage, self.site, self.hands = stage, site, hands
        self.page = stage.page()  # of the member who does not answer

    def go_to(self, day: dt.date, *, all_sign_in: bool = False) -> None:
        """It is the evening of that day, and the worker has done what it does each day."""
        self.hands.set(dt.datetime.combine(day, dt.time(18), dt.UTC))
        if all_sign_in:
            self.site.rows("UPDATE accounts SET last_sign_in_at = ?", f"{self.hands.now():%Y-%m-%d %H:%M:%S.%f}")
        done = self.site.run("jobs", "run", "--at", self.hands.now().isoformat())
        assert (done.returncode, done.stderr) == (0, "")

    def told(self, who: str) -> list[str]:
        """What letters about their membership said to this member so far."""
        all_of_them = [str(one["Subject"]) for one in letters(self.site, self.site.cast[who]["email"])]
        return [subject for subject in all_of_them if "membership" in subject or "access" in subject]

    def follow(self, page: Page, who: str) -> None:
        """Open the newest letter's link, and sign in."""
        page.goto(letter(self.site, self.site.cast[who]["email"], "/verify?key="))
        page.locator(f'button[name="member"][value="{self.site.member(who)}"]').click()
        page.get_by_role("heading", name="Confirm your membership").wait_for()

    def come_by(self) -> None:
        """The silent member signs in, and reads."""
        self.stage.sign_in(self.page, SILENT)
        self.page.goto(self.site.thread(QUESTION))
        expect(self.page.locator(".post-body").first).to_be_visible()


@pytest.fixture
def year(demo: Demo, chromium: Browser, tmp_path: Path) -> Iterator[Year]:
    hands = Hands(tmp_path / "now")
    hands.set(dt.datetime.now(dt.UTC))
    with running(demo, tmp_path / "data", hands) as site:
        year = Year(Stage(chromium, site), site, hands)
        yield year
        for context in chromium.contexts:
            if any(page.url.startswith(site.origin) for page in context.pages):
                context.close()


def test_thirteen_months(year: Year) -> None:  # V11
    begun = year.hands.now().date()
    due = nothing_comes_before_the_month(year, begun)
    by = f"{due:%B} {due.day}, {due.year}"
    year.go_to(due - 30 * DAY, all_sign_in=True)
    for who in ANSWERING:
        confirms_through_the_letter(year, who, by)
    year.go_to(due - 14 * DAY)
    year.go_to(due - 3 * DAY)
    assert year.told("sheriff") == [f"Please confirm your membership by {by}"]
    assert year.told(SILENT) == [f"Please confirm your membership by {by}"] * 3
    looks_and_does_not_answer(year, by)
    falls_step_by_step(year, due)
    asks_to_come_back(year)
    two_reviewers_let_them_in(year)
    year.come_by()
    expect(year.page.locator("#body")).to_be_visible()
    assert dt.timedelta(days=365) < year.hands.now().date() - begun < dt.timedelta(days=415)


def nothing_comes_before_the_month(year: Year, begun: dt.date) -> dt.date:
    """Each member's date is planned, and a year's letters wait for it; only the agency's contact is asked in between."""
    year.go_to(begun)
    due = dt.date.fromisoformat(year.site.rows("SELECT verify_by FROM members WHERE id = ?", year.site.member(SILENT))[0][0])
    for day in range(150, (due - begun).days - 31, 150):
        year.go_to(begun + day * DAY, all_sign_in=True)
    year.go_to(due - 31 * DAY, all_sign_in=True)
    assert year.told(SILENT) == year.told("sheriff") == []
    assert letter(year.site, year.site.cast[CONTACT]["email"], "/agencies/")
    return due


def confirms_through_the_letter(year: Year, who: str, by: str) -> None:
    page = year.stage.page()
    year.follow(page, who)
    expect(page.locator("main")).to_contain_text(f"Please do it by {by}")
    page.get_by_label("Yes, nothing has changed").check()
    press(page, "Send my answer")
    expect(page.locator(".flash")).to_contain_text("confirmed")
    page.goto("/verify")
    expect(page.locator("main")).to_contain_text("Nothing is asked of you before")
    page.context.close()


def looks_and_does_not_answer(year: Year, by: str) -> None:
    year.follow(year.page, SILENT)
    expect(year.page.locator("main")).to_contain_text(f"Please do it by {by}")
    year.page.get_by_role("link", name="Not now").click()
    expect(year.page.locator(".me").first).to_be_visible()


def falls_step_by_step(year: Year, due: dt.date) -> None:
    year.go_to(due + 1 * DAY)  # grace: nothing changes yet
    assert year.told(SILENT)[-1].startswith("Your membership is not confirmed: nothing changes until")
    year.come_by()
    expect(year.page.locator("#body")).to_be_visible()
    year.go_to(due + 15 * DAY)  # restricted: reads, can't post
    assert year.told(SILENT)[-1] == "You can read, but not post, until you confirm your membership"
    year.come_by()
    expect(year.page.locator("#body")).to_have_count(0)
    expect(year.page.locator("main")).to_contain_text("You can read this forum, but not post in it.")
    year.go_to(due + 38 * DAY)
    assert year.told(SILENT)[-1].startswith("Your access ends on")
    year.come_by()  # the session that is still good when access ends
    year.go_to(due + 45 * DAY)
    assert year.told(SILENT)[-1] == "Your access has ended, because your membership was not confirmed"
    year.page.reload()
    expect(year.page.get_by_role("button", name="Agree and sign in", exact=True)).to_be_visible()


def asks_to_come_back(year: Year) -> None:
    """The right password and code open one page."""
    page = year.page
    with_password_and_code(page, year.site, SILENT)
    expect(page.get_by_role("heading", level=1)).to_have_text("Come back")
    for path in ("/", year.site.thread(QUESTION), "/verify", "/settings/profile"):
        page.goto(path)
        expect(page.get_by_role("button", name="Agree and sign in", exact=True)).to_be_visible()
    page.goto("/return")
    page.fill("#words", "On long leave; back at my desk since Monday.")
    page.fill("#supervisor", "Sheriff Brockway")
    page.fill("#phone", "360-555-0133")
    press(page, "Ask to come back")
    expect(page.locator(".progress")).to_contain_text("You asked to come back")


def two_reviewers_let_them_in(year: Year) -> None:
    case = case_of(year.site, year.site.cast[SILENT]["email"])
    first = year.stage.page("reviewer1")
    first.goto("/moderation/renewals")
    person = first.locator("li", has_text=year.site.cast[SILENT]["name"])
    expect(person).to_contain_text("Access has ended. They can ask to come back.")
    first.goto(case)
    expect(first.locator("main")).to_contain_text("A suspended member who asks to come back")
    call_back(first)
    add_evidence(first, "roster", "The county's staff page lists him.")
    approve(first, "Called back: he is at his desk again.")
    year.page.reload()
    expect(year.page.locator(".progress")).to_contain_text("One has.")
    second = year.stage.page("reviewer2")
    second.goto(case)
    approve(second, "The call is recorded, and the sheriff knows him.")
    assert year.told(SILENT)[-1] == "Welcome back: your membership is active again"
    year.go_to(year.hands.now().date() + DAY)
