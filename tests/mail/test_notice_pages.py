"""What a member is told on the site leads to where they can do something about it."""

from __future__ import annotations

import ast
import datetime as dt
import re

from app.accounts import notices
from app.accounts.models import Account
from app.agencies.models import Agency
from app.core.access import system
from app.core.signing import Signer
from app.membership import alarms, departures
from app.membership.models import Member
from app.membership.roster import access as roster
from app.membership.roster import letters as roster_letters
from app.membership.staying import letters as staying
from tests.house.source import name, python_files, tree
from tests.mail.test_notices import told
from tests.world import World


def leads_to(world: World, key: str) -> list[str]:
    """Where this person's notifications lead, the newest first, each being a page that opens for them."""
    browser = world.browser(key)
    page = re.search(r'<ul class="list told".*?</ul>', browser.get("/notifications").text, re.S)
    assert page
    paths = re.findall(r'href="([^"]+)"', page[0])
    assert len(paths) == len(told(world, key))
    assert [browser.get(path).status_code for path in paths] == [200] * len(paths), paths
    return paths


def test_each_letter_to_a_member_leads_to_its_page(world: World) -> None:
    with world.db.write() as session:
        chief, by = world.id("chief"), system("test")
        member, email = session.get_one(Member, chief), session.get_one(Account, chief).email
        notices.tell(session, by, chief, "Your password was changed.")
        staying.ask_quiet(staying.Post(session, member, email), dt.date(2026, 11, 23))
        staying.warn_last_admin(staying.Post(session, member, email, Signer(world.settings.keys)), dt.date(2026, 11, 23))
        notices.tell(session, by, world.id("retired"), departures.RETIRED)
        alarms.disavowed(session, chief, "Your password was changed.")
        alarms.drill_due(session, "drill:2026-11")
        contact = roster.contact_of(session, world.ids.agencies["alderwood"])
        agency = session.get_one(Agency, world.ids.agencies["alderwood"])
        roster_letters.asked(session, contact, agency, 1, 0)
    assert leads_to(world, "chief") == ["/verify", "/verify", "/settings/sessions"]
    assert leads_to(world, "retired") == ["/settings/sign-in/addresses"]
    assert leads_to(world, "reviewer1") == [f"/members/{chief}"]
    assert leads_to(world, "admin") == ["/admin/safety", f"/members/{chief}"]
    assert leads_to(world, "colleague") == [f"/agencies/{agency.id}/roster"]


def test_no_letter_that_stands_on_the_site_leads_nowhere() -> None:
    """Read from the code: a letter that names its member, and is not kept off the site, names a page."""
    found = []
    for path in python_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Letter":
                words = {keyword.arg for keyword in node.keywords}
                if (len(node.args) > 6 or "member_id" in words) and not words & {"page", "on_site"}:
                    found.append(f"{name(path)}:{node.lineno}")
    assert found == []
