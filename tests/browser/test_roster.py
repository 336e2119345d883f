"""The agency contact's yearly page: a letter, a sign-in, a tick taken away, and somebody's access is over."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.site import Site, Stage
from tests.browser.walks import letter, press


def test_a_letter_a_sign_in_and_a_tick_end_access(stage: Stage, site: Site) -> None:  # V10
    """Somebody who is in no other walk works at Alderwood today."""
    alderwood, number, name = *site.rows("SELECT agency_id FROM members WHERE id = ?", site.member("colleague"))[0], *_somebody(site)
    before = site.rows("SELECT agency_id FROM members WHERE id = ?", number)[0][0]
    site.rows("UPDATE members SET agency_id = ? WHERE id = ?", alderwood, number)
    reviewer = stage.page("reviewer1")
    reviewer.goto(f"/agencies/{alderwood}/roster")
    expect(reviewer.locator("main")).to_contain_text(name)
    press(reviewer, "Ask now")
    reviewer.context.close()

    page = stage.context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(letter(site, site.cast["colleague"]["email"], f"/agencies/{alderwood}/"))
    expect(page).to_have_url(re.compile("/sign-in"))  # the link alone opens nothing
    page.locator(f'button[name="member"][value="{site.member("colleague")}"]').click()
    expect(page.get_by_role("heading", name="Who works at")).to_be_visible()
    person = page.locator(".roster > li", has_text=name)
    expect(person.get_by_label("What happened")).to_be_hidden()  # one tick each, and nothing else to read
    assert page.locator('.roster input[name="here"]:not(:checked)').count() == 0
    person.get_by_role("checkbox").uncheck()
    expect(person.get_by_label("What happened")).to_be_visible()
    person.get_by_label("What happened").select_option("left")
    press(page, "Send the answer")
    expect(page.locator(".flash")).to_contain_text("Your answer is recorded")
    expect(page.locator("main")).not_to_contain_text(name)
    assert site.rows("SELECT status FROM members WHERE id = ?", number) == [("separated",)]
    assert page.goto(f"/members/{number}").status == 404  # type: ignore[union-attr]
    page.context.close()
    site.rows("UPDATE members SET agency_id = ?, status = 'active' WHERE id = ?", before, number)


def _somebody(site: Site) -> tuple[int, str]:
    """A member who is nobody of the cast."""
    cast = {site.member(key) for key in site.members}
    rows = site.rows("SELECT id, name FROM members WHERE status = 'active' AND member_class = 'sworn' ORDER BY id DESC")
    return next((int(number), str(name)) for number, name in rows if number not in cast)
