"""The keys of the reviewers' queue: j and k move, Enter opens, c claims, ? tells; and who speaks to the computer turns them off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site, Stage
from tests.browser.walks.casework import case_of

ANYBODY = ("ada.finch", "ben.orchard", "cleo.hart")
QUEUE = "/moderation?view=unclaimed"


@pytest.fixture(scope="module", autouse=True)
def _cases(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three cases that nobody holds; what is left of them is taken back at the end."""
    file = tmp_path_factory.mktemp("roster") / "three.csv"
    rows = [f"{key}@bexleysheriff.example,{key.replace('.', ' ').title()},Deputy,CS0030000,sworn,active" for key in ANYBODY]
    file.write_text("\n".join(["email,name,rank,ori,member_class,status", *rows]), "utf-8")
    done = site.run("import", "roster", str(file), "--apply", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    yield
    assert site.run("import", "undo", str(json.loads(done.stdout)["import_id"])).returncode == 0


@pytest.fixture
def queue(stage: Stage) -> Iterator[Page]:
    """The queue in a profile of its own: the switch is kept in it."""
    page = stage.page("reviewer2")
    page.goto(QUEUE, wait_until="networkidle")
    yield page
    page.context.close()


def links(page: Page) -> Locator:
    return page.locator(".queue .row-title a")


def pressed(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def in_row_of(page: Page, name: str) -> None:
    links(page).filter(has_text=name).focus()


def holder_of(site: Site, key: str) -> int | None:
    found: int | None = site.rows("SELECT claimed_by FROM applications WHERE email = ?", f"{key}@bexleysheriff.example")[0][0]
    return found


def test_j_and_k_go_down_and_up_and_stay_at_the_ends(queue: Page) -> None:  # X2
    rows = links(queue)
    assert rows.count() >= len(ANYBODY)
    pressed(queue, "j")
    expect(rows.first).to_be_focused()
    pressed(queue, "k")
    expect(rows.first).to_be_focused()
    pressed(queue, "jj")
    expect(rows.nth(2)).to_be_focused()
    pressed(queue, "k")
    expect(rows.nth(1)).to_be_focused()
    pressed(queue, "j" * 60)
    expect(rows.last).to_be_focused()
    queue.evaluate("document.activeElement.blur()")
    pressed(queue, "k")
    expect(rows.last).to_be_focused()


def test_enter_opens_the_case_that_the_keys_reached(queue: Page) -> None:  # X2
    pressed(queue, "jj")
    name = links(queue).nth(1).inner_text()
    with queue.expect_navigation(url=re.compile(r"/moderation/applications/\d+$")):
        queue.keyboard.press("Enter")
    expect(queue.get_by_role("heading", level=1)).to_contain_text(name.split(",")[0])


def test_c_claims_the_case_in_whose_row_the_focus_is(queue: Page, site: Site) -> None:  # X2
    pressed(queue, "c")  # nothing is reached yet, so there is nothing to claim
    expect(queue).to_have_url(re.compile(re.escape(QUEUE)))
    in_row_of(queue, "Cleo Hart")
    with queue.expect_navigation(url=re.compile(case_of(site, "cleo.hart@bexleysheriff.example"))):
        pressed(queue, "c")
    expect(queue.locator("main")).to_contain_text("Yours until")
    assert [holder_of(site, key) for key in ANYBODY] == [None, None, site.member("reviewer2")]
    queue.goto("/moderation?view=mine", wait_until="networkidle")
    in_row_of(queue, "Cleo Hart")
    pressed(queue, "c")  # held already: no button, and so nothing happens
    expect(links(queue).filter(has_text="Cleo Hart")).to_be_focused()


def test_a_question_mark_shows_the_keys_and_hides_them(queue: Page) -> None:  # X2
    keys = queue.get_by_text("Next case, case before")
    expect(keys).to_be_hidden()
    pressed(queue, "?")
    expect(keys).to_be_visible()
    expect(queue.get_by_text("Keys on this page")).to_be_focused()
    pressed(queue, "?")
    expect(keys).to_be_hidden()


def test_they_can_be_turned_off_for_good_on_this_device(queue: Page, site: Site) -> None:  # X1 (WCAG 2.1.4)
    pressed(queue, "?")
    queue.get_by_label("Use these keys on this device").uncheck()
    in_row_of(queue, "Ada Finch")
    for moment in ("now", "after a reload"):
        pressed(queue, "?")
        expect(queue.locator("#keys"), moment).to_have_js_property("open", moment == "now")  # as it was
        pressed(queue, "jkc")
        assert queue.evaluate("document.activeElement.textContent").startswith("Ada Finch") == (moment == "now")
        queue.reload(wait_until="networkidle")
    assert holder_of(site, "ada.finch") is None
    expect(queue.locator("#keys-on")).not_to_be_checked()
    queue.get_by_text("Keys on this page").click()
    queue.get_by_label("Use these keys on this device").check()
    pressed(queue, "j")  # at once, with the switch still focused
    expect(links(queue).first).to_be_focused()


@pytest.mark.parametrize("field", ["<input>", "<textarea></textarea>", '<div contenteditable="true"></div>', "<select><option>j</select>"])
def test_what_is_typed_in_a_field_is_text(queue: Page, site: Site, field: str) -> None:  # X1 (WCAG 2.1.4)
    """The page has no such field of its own; a translator's or a dictation program's may stand in a row all the same."""
    row = queue.locator(".queue .row", has_text="Ben Orchard")
    row.evaluate("(row, field) => { row.insertAdjacentHTML('beforeend', field); row.lastElementChild.focus(); }", field)
    pressed(queue, "jkc?")
    assert row.evaluate("row => document.activeElement === row.lastElementChild")
    if "select" not in field:
        assert row.evaluate("row => row.lastElementChild.value ?? row.lastElementChild.textContent") == "jkc?"
    expect(queue.locator("#keys")).to_have_js_property("open", False)
    assert holder_of(site, "ben.orchard") is None


@pytest.mark.parametrize("held", ["Control", "Alt", "Meta"])
def test_keys_of_the_browser_stay_its_own(queue: Page, held: str) -> None:  # X1 (WCAG 2.1.4)
    queue.keyboard.press(f"{held}+j")
    expect(queue.locator("body")).to_be_focused()
    pressed(queue, "j")
    expect(links(queue).first).to_be_focused()
