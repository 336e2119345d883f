"""What a member shows of themselves, and to whom."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.membership.models import Member, SeenBy
from tests.membership.test_members import CURRENT, SECRET_PHONE, change
from tests.people import CAST
from tests.world import World

HIDDEN = {"email": CAST["sheriff"].email, "phone": SECRET_PHONE, "about": "Ask me about boats"}


def parts_seen(world: World, key: str) -> set[str]:
    """Which parts of the sheriff's entry someone meets: as a script, and, the same, as a person."""
    page = f"/members/{world.id('sheriff')}"
    entry, text = world.script(key).call("GET", page).json(), world.browser(key).get(page).text
    for part, words in HIDDEN.items():
        assert entry[part] in (None, words)
        assert (words in text) == (entry[part] is not None), (key, part)
    return {part for part in HIDDEN if entry[part] is not None}


@pytest.mark.parametrize("part", sorted(HIDDEN))
def test_each_part_is_seen_by_whom_its_owner_chose(world: World, part: str) -> None:
    """The analyst works at the sheriff's office, too; a retired one is no colleague any more."""
    nobody = {f"{name}_seen_by": SeenBy.NOBODY for name in HIDDEN}
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("retired")).values(agency_id=world.ids.agencies["bexley"]))
    may = {SeenBy.EVERYONE: {"analyst", "chief", "retired", "admin"}, SeenBy.AGENCY: {"analyst"}, SeenBy.NOBODY: set()}
    for choice, who in may.items():
        change(world, "sheriff", phone=SECRET_PHONE, about=HIDDEN["about"], **(nobody | {f"{part}_seen_by": choice}))
        for key in ("analyst", "chief", "retired", "admin"):
            assert parts_seen(world, key) == ({part} if key in who else set()), (choice, key)
        assert parts_seen(world, "sheriff") == set(HIDDEN)  # one's own


def test_nobody_without_an_agency_is_a_colleague(world: World) -> None:
    change(world, "reviewer1", phone=SECRET_PHONE, phone_seen_by=SeenBy.AGENCY)
    page = f"/members/{world.id('reviewer1')}"
    assert world.script("admin").call("GET", page).json()["phone"] is None  # neither of them has one
    change(world, "reviewer1", phone_seen_by=SeenBy.EVERYONE)
    assert world.script("admin").call("GET", page).json()["phone"] == SECRET_PHONE


def test_one_sees_what_others_see(world: World) -> None:
    change(world, "sheriff", phone=SECRET_PHONE, about=HIDDEN["about"], phone_seen_by=SeenBy.AGENCY, email_seen_by=SeenBy.NOBODY)
    browser = world.browser("sheriff")
    by_all, by_agency = (browser.get(f"/settings/profile/preview?to={to}").text for to in ("everyone", "agency"))
    assert [HIDDEN[part] in by_all for part in ("email", "phone", "about")] == [False, False, True]
    assert [HIDDEN[part] in by_agency for part in ("email", "phone", "about")] == [False, True, True]
    assert browser.get("/settings/profile/preview?to=me").status_code == 404


def test_the_page_says_since_when_and_when_last_verified(world: World) -> None:
    page = f"/members/{world.id('sheriff')}"
    assert world.browser("chief").get(page).text.count("Oct 19, 2025") == 2
    change(world, "sheriff", verified_at=world.now)
    text = world.browser("chief").get(page).text
    assert (text.count("Oct 19, 2025"), text.count("Nov 23")) == (1, 1)


def test_ones_own_page_shows_all(world: World) -> None:
    change(world, "sheriff", phone=SECRET_PHONE)
    page = world.browser("sheriff").get(f"/members/{world.id('sheriff')}").text
    assert CAST["sheriff"].email in page
    assert SECRET_PHONE in page


def test_lists_hold_no_address_even_where_it_is_shown(world: World) -> None:  # C14
    for key in CURRENT:
        change(world, key, email_seen_by=SeenBy.EVERYONE, phone_seen_by=SeenBy.EVERYONE, phone=SECRET_PHONE)
    script, browser = world.script("chief"), world.browser("chief")
    assert SECRET_PHONE in script.call("GET", f"/members/{world.id('sheriff')}").text
    for text in (script.call("GET", "/members?limit=100").text, browser.get("/members").text, browser.get("/agencies").text):
        assert "@" not in text
        assert SECRET_PHONE not in text
    assert SECRET_PHONE not in browser.get(f"/agencies/{world.ids.agencies['bexley']}").text


def test_the_shape_for_scripts(world: World) -> None:
    change(world, "sheriff", about="Ask me about rural patrol.")
    sheriff = world.script("chief").call("GET", f"/members/{world.id('sheriff')}").json()
    agency = {"id": world.ids.agencies["bexley"], "ori": "CS0020000", "name": "Bexley County Sheriff's Office", "state": "CS",
              "county": "Bexley", "sworn": 112}  # fmt: skip
    assert sheriff == {
        "id": world.id("sheriff"), "name": "Dale Okafor", "rank": "Sheriff", "member_class": "head", "agency": agency, "email": None,
        "phone": None, "about": "Ask me about rural patrol.", "approved_at": "2025-10-19T16:00:00Z",
        "verified_at": "2025-10-19T16:00:00Z",
    }  # fmt: skip


def test_what_a_member_wrote_is_text_on_the_page(world: World) -> None:
    change(world, "sheriff", about="<script>alert(1)</script>\n\n<b>bold</b>", rank='"><img src=x>')
    page = world.browser("chief").get(f"/members/{world.id('sheriff')}").text
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;bold" in page
    assert "<img src=x" not in page
