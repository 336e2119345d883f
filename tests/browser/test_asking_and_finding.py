"""A question finds somebody who agreed to be asked, and a search that is kept finds what comes: both by the mail that follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.later import Hands
from tests.browser.site import Demo, Site, Stage, running
from tests.browser.walks import press
from tests.browser.walks.steps import letters

ASKED, ASKER, KEEPER = "sheriff", "chief", "colleague"


@pytest.fixture
def later(demo: Demo, chromium: Browser, tmp_path: Path) -> Iterator[tuple[Stage, Site]]:
    hands = Hands(tmp_path / "now")
    hands.set(dt.datetime.now(dt.UTC))
    with running(demo, tmp_path / "data", hands) as site:
        yield Stage(chromium, site), site


def go_on(site: Site, **time: float) -> None:
    """So much later, the worker has done what waits."""
    assert site.hands is not None
    site.hands.set(site.now + dt.timedelta(**time))
    done = site.run("jobs", "run", "--at", site.now.isoformat())
    assert (done.returncode, done.stderr) == (0, "")


def said(site: Site, who: str, subject: str) -> str:
    """The newest letter to somebody whose subject holds this."""
    found = [one for one in letters(site, site.cast[who]["email"]) if subject in str(one["Subject"])]
    assert found, [str(one["Subject"]) for one in letters(site, site.cast[who]["email"])]
    body = found[-1].get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def posted(page: Page, title: str, subject: str) -> str:
    page.goto("/forums/patrol/new")
    page.locator('input[name="kind"][value="question"]').check()
    page.fill("#title", title)
    page.fill("#body", "Has anyone a plan for the ospreys on our radio mast?")
    page.evaluate("document.querySelector('#subjects').closest('details').open = true")
    page.locator("#subjects").get_by_label(subject, exact=True).check()
    press(page, "Post thread")
    return page.url


def test_a_question_reaches_who_agreed_and_a_kept_search_the_digest(later: tuple[Stage, Site]) -> None:
    stage, site = later
    asked = stage.page(ASKED)
    asked.goto("/settings/profile#asking")
    box = asked.get_by_role("region", name="What you may be asked about")
    box.get_by_label("You may ask me").check()
    subject = box.locator("#subjects label").first.inner_text().strip()
    box.get_by_label(subject, exact=True).check()
    press(asked, "Save what you may be asked")
    keeper = stage.page(KEEPER)
    keeper.goto("/settings/mail")  # a digest names a thread once: where it brings the forum's threads anyway, no search does
    for one in keeper.locator('label[for^="forum-"][for$="-none"]').all():
        one.click()
    press(keeper, "Save mail settings")
    keeper.goto("/saved-searches?q=ospreys")
    press(keeper, "Keep this search")
    expect(keeper.get_by_role("region", name="Your saved searches")).to_contain_text("ospreys")
    go_on(site, minutes=1)

    asker = stage.page(ASKER)
    where = posted(asker, "Who has had birds on a mast?", subject)
    go_on(site, minutes=3)
    go_on(site, minutes=1)
    path = where.split(site.origin)[1].split("?")[0].split("#")[0]
    assert path in said(site, ASKED, "A question for you")
    asked.goto(path)
    expect(asked.locator("main")).to_contain_text("You were asked.")
    asker.goto(path)
    expect(asker.locator("main")).to_contain_text("Asked of")
    go_on(site, hours=24)
    assert path in said(site, KEEPER, "").partition("YOUR SAVED SEARCHES")[2]
    for page in (asked, asker, keeper):
        page.context.close()
