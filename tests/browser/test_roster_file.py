"""The association's roster as a file: the command shows what it would do, does it and undoes it, and the pages show each of the three."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.site import Site, Stage
from tests.browser.walks.casework import case_of

JOINS, LEAVES, MOVES = "zoe.rowe@bexleysheriff.example", "g.faulk@harlanbaypd.example", "k.doyle-price@cascadestatepatrol.example"
ROSTER = f"""email,name,rank,ori,member_class,status
{JOINS},Zoë Rowe,Deputy,CS0030000,sworn,active
{MOVES},Kathleen Doyle-Price,Major,CS0010000,sworn,active
{LEAVES},Gordon Faulk,Chief,CS0050200,retired,separated
"""


def test_shown_applied_and_undone(stage: Stage, site: Site, tmp_path: Path) -> None:  # V11
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, "utf-8")
    admin, reviewer, leaver = (stage.page(who) for who in ("admin", "reviewer1", "retired"))
    shows_them_at_work(site, admin, reviewer)

    shown = site.run("import", "roster", str(file))
    assert (shown.returncode, shown.stderr) == (0, "")
    for title, email in (("Joins", JOINS), ("Moves", MOVES), ("Leaves", LEAVES)):
        assert email in shown.stdout.partition(f"{title}: ")[2].partition("\n\n")[0]
    assert "Nothing is changed yet." in shown.stdout
    shows_them_at_work(site, admin, reviewer)
    leaver.goto("/")
    expect(leaver.locator(".me").first).to_contain_text("Faulk")

    done = site.run("import", "roster", str(file), "--apply", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    leaver.reload()
    expect(leaver.get_by_role("button", name="Agree and sign in", exact=True)).to_be_visible()
    shows_what_the_file_did(site, admin, reviewer)

    undone = site.run("import", "undo", str(json.loads(done.stdout)["import_id"]))
    assert (undone.returncode, undone.stderr) == (0, "")
    assert "2 members put back, 1 cases withdrawn." in undone.stdout
    shows_them_at_work(site, admin, reviewer)
    reviewer.goto(case_of(site, JOINS))
    expect(reviewer.locator("main")).to_contain_text("Withdrawn")
    stage.sign_in(leaver, "retired")
    expect(leaver.locator(".me").first).to_contain_text("Faulk")
    for page in (admin, reviewer, leaver):
        page.context.close()


def shows_them_at_work(site: Site, admin: Page, reviewer: Page) -> None:
    """Nobody waits, and two members are where they always were."""
    reviewer.goto("/moderation?view=unclaimed")
    expect(reviewer.get_by_role("heading", level=1)).to_be_visible()
    expect(reviewer.locator("main")).not_to_contain_text("Zoë Rowe")
    for email, agency in ((MOVES, "State Patrol"), (LEAVES, "Harlan Bay PD")):
        shows(admin, site, email, agency, "Active")
        assert reviewer.goto(f"/members/{number(site, email)}").status == 200  # type: ignore[union-attr]


def shows_what_the_file_did(site: Site, admin: Page, reviewer: Page) -> None:
    reviewer.goto("/moderation?view=unclaimed")
    reviewer.get_by_role("link", name="Zoë Rowe").click()
    evidence = reviewer.get_by_role("region", name="Evidence (1)")
    expect(evidence).to_contain_text("Named in the roster roster.csv, line 2")
    expect(evidence).to_contain_text("by the association's roster.")
    shows(admin, site, MOVES, "Alder County SO", "Suspended")
    shows(admin, site, LEAVES, "Harlan Bay PD", "Separated")
    for email in (MOVES, LEAVES):
        assert reviewer.goto(f"/members/{number(site, email)}").status == 404  # type: ignore[union-attr]


def shows(admin: Page, site: Site, email: str, agency: str, status: str) -> None:
    admin.goto(f"/admin/members/{number(site, email)}")
    expect(admin.locator(".pagehead")).to_contain_text(agency)
    expect(admin.locator(".pagehead .mark")).to_have_text(status)


def number(site: Site, email: str) -> int:
    return int(site.rows("SELECT id FROM accounts WHERE email = ?", email)[0][0])
