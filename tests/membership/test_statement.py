"""The statement that applicants accept: the association may change its words, and each case keeps those that its applicant accepted."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from app.core import jobs
from app.core.audit import AuditEvent
from app.membership.models import Application
from app.membership.statements.access import BUILT_IN
from app.membership.statements.models import Statement
from tests.membership.cases import REVIEW, apply, case_id, code_on, fields, letters, link_in, state_of, submitted
from tests.membership.test_roster_file import JOINS, applied
from tests.world import Client, World

SITE = {"name": "The Association", "address": "1 Street", "time_zone": "America/Los_Angeles"}
NEW = "I am who I say, and I obey the handling marks."


def change(world: World, text: str) -> None:
    assert world.browser("admin").post("/admin/settings", SITE | {"statement": text}, page="/admin/settings").status_code == 303


def shown(world: World, number: int) -> str:
    page = world.browser("reviewer1").get(f"/moderation/applications/{number}")
    assert page.status_code == 200
    found = re.search(r"<details[^>]*>\s*<summary>The statement that the applicant accepted</summary>(.*?)</details>", page.text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def version_on(client: Client) -> str:
    found = re.search(r'name="statement_version" value="([0-9a-f]{64})"', client.get("/apply").text)
    assert found
    return found[1]


def test_a_case_shows_the_words_that_its_applicant_accepted_after_they_changed(world: World) -> None:
    old = submitted(world)
    assert BUILT_IN in shown(world, old)
    world.later(days=3)
    change(world, NEW)
    assert BUILT_IN not in world.outsider().get("/apply").text
    new = submitted(world, email="later@larkspur.example", name="Kit Marlow")
    assert BUILT_IN in shown(world, old)
    assert NEW not in shown(world, old)
    assert NEW in shown(world, new)
    assert BUILT_IN not in shown(world, new)
    as_json = world.script("reviewer2", REVIEW).call("GET", f"/applications/{old}").json()["statement"]
    assert as_json["text"] == BUILT_IN
    assert as_json["version"] in world.one(select(Application.statement_version).where(Application.id == old))
    assert NEW in str(world.one(select(AuditEvent.detail).where(AuditEvent.verb == "site.edit"))), "who changed it stands in the log"


def test_each_version_is_kept_once_with_the_day_on_which_it_was_accepted_first(world: World) -> None:
    first = world.now
    submitted(world)
    change(world, NEW)
    world.later(days=1)
    submitted(world, email="b@larkspur.example", name="Kit Marlow")
    change(world, "")
    world.later(days=1)
    submitted(world, email="c@larkspur.example", name="Lou Vance")
    with world.db.read() as conn:
        kept = {row.text: row.first_accepted_at for row in conn.execute(select(Statement.text, Statement.first_accepted_at))}
    assert set(kept) == {BUILT_IN, NEW}
    assert kept[BUILT_IN] == first


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_nobody_accepts_words_that_they_did_not_read(world: World) -> None:
    client = world.outsider()
    read = version_on(client)
    change(world, NEW)
    answer = apply(world, client, statement_version=read)
    assert answer.status_code == 422
    assert 'id="statement-error"' in answer.text
    assert NEW in answer.text
    assert not re.search(r'name="statement"[^>]*checked', answer.text), "the tick stood beside other words"
    assert 'value="Hollis Crane"' in answer.text, "the rest is kept"
    assert world.count(Application) == 0
    assert apply(world, client, statement_version=version_on(client)).status_code == 200
    assert state_of(world, case_id(world)) == "unconfirmed"


def test_finding_an_agency_keeps_the_tick_that_stood_beside_these_words(world: World) -> None:
    client = world.outsider()
    values = fields(world, agency_q="alderwood", statement_version=version_on(client))
    assert re.search(r'name="statement"[^>]*checked', client.post("/apply/find", values, page="/apply").text)
    change(world, NEW)
    assert not re.search(r'name="statement"[^>]*checked', client.post("/apply/find", values, page="/apply").text)


def test_what_is_too_long_is_refused_and_an_administrator_alone_changes_it(world: World) -> None:
    admin = world.browser("admin")
    answer = admin.post("/admin/settings", SITE | {"statement": "x" * 2001}, page="/admin/settings")
    assert (answer.status_code, 'id="statement-error"' in answer.text) == (422, True)
    assert BUILT_IN in html.unescape(admin.get("/admin/settings").text)
    assert world.browser("reviewer1").get("/admin/settings").status_code == 404


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_whom_a_roster_names_accepts_the_words_of_now(world: World) -> None:
    applied(world, JOINS)
    jobs.run_due(world.db)
    jobs.run_due(world.db)
    link, client = link_in(letters(world, "zoe.rowe@bexley.example")[0], "/apply/confirm/"), world.outsider()
    read = re.search(r'name="statement_version" value="([^"]+)"', client.post(link, page=link).text)
    assert read
    change(world, NEW)
    again = client.post(link, {"statement": "yes", "statement_version": read[1]}, page=link)
    assert NEW in again.text
    assert (again.status_code, "This text was changed" in again.text) == (422, True), "it says why it is there again"
    assert "enrolment-code" not in again.text
    unticked = client.post(link, {"statement_version": read[1]}, page=link)
    assert (unticked.status_code, 'id="statement-error"' in unticked.text) == (422, True)
    now = re.search(r'name="statement_version" value="([^"]+)"', again.text)
    assert now
    assert code_on(client.post(link, {"statement": "yes", "statement_version": now[1]}, page=link))
    assert NEW in shown(world, case_id(world, "zoe.rowe@bexley.example"))
