"""Rules of use by version: accepted with the enrolment, and asked before anything else when a new version must be."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.accounts.terms.models import TermsAcceptance
from app.core.audit import AuditEvent
from app.core.site import SiteRow
from tests.accounts.person import Person, person
from tests.accounts.test_enrolment import first_page, invited, second_page
from tests.world import World

SITE = {"name": "The Association", "address": "1 Street", "time_zone": "America/Los_Angeles", "welcome": ""}


def write(world: World, rules: str, must: bool = False) -> None:
    fields = {**SITE, "rules": rules, **({"rules_must_accept": "true"} if must else {})}
    assert world.browser("admin").post("/admin/settings", fields, page="/admin/settings").status_code == 303
    world.platform.site.forget()


def versions(world: World) -> tuple[int, int]:
    row = world.one(select(SiteRow.rules_version, SiteRow.rules_required))
    return int(row.rules_version), int(row.rules_required)


def come_in(world: World, one: Person):
    world.later(minutes=1)
    client = world.outsider()
    assert one.show_password(client).headers["location"].startswith("/sign-in/factor")
    return client, one.show_code(client)


def test_a_version_counts_the_changes_of_the_words(world: World) -> None:
    write(world, "Be kind.")
    assert versions(world) == (1, 0)
    write(world, "Be kind.")
    assert versions(world) == (1, 0)
    write(world, "Be kind and brief.")
    assert versions(world) == (2, 0)
    write(world, "Be kind and brief.", must=True)
    assert versions(world) == (2, 2)
    write(world, "")
    assert versions(world) == (3, 2)


def test_new_rules_are_asked_at_the_next_sign_in_before_anything_else(world: World) -> None:
    chief, script = person(world), world.script("chief")
    write(world, "Be kind.")
    open_one, answer = come_in(world, chief)
    assert answer.headers["location"] == "/"  # nobody must accept these
    write(world, "Be **brief**.", must=True)
    assert open_one.get("/").status_code == 200  # an open session goes on to its end
    assert script.call("GET", "/me").status_code == 200  # and so does a script
    client, answer = come_in(world, chief)
    assert answer.headers["location"] == "/sign-in/terms"
    for path in ("/", "/forums", "/settings/sign-in"):
        assert client.get(path).headers["location"].startswith("/sign-in")
    assert "<strong>brief</strong>" in client.get("/sign-in/terms").text
    assert client.post("/sign-in/terms", page="/sign-in/terms").headers["location"] == "/"
    assert client.get("/").status_code == 200
    row = world.one(select(TermsAcceptance))
    assert (row.account_id, row.version, row.accepted_at) == (chief.id, 2, world.now)
    assert world.count(AuditEvent, AuditEvent.verb == "terms.accept") == 1
    assert come_in(world, chief)[1].headers["location"] == "/"  # once


def test_nobody_else_reaches_the_page_and_where_one_wanted_to_go_is_kept(world: World) -> None:
    write(world, "Be kind.", must=True)
    assert world.outsider().get("/sign-in/terms").headers["location"] == "/sign-in"
    assert world.browser("chief").get("/sign-in/terms").headers["location"] == "/sign-in"
    chief, client = person(world), world.outsider()
    chief.show_password(client, next="/forums")
    assert chief.show_code(client, next="/forums").headers["location"] == "/sign-in/terms?next=%2Fforums"
    assert "/forums" in client.get("/sign-in/terms?next=%2Fforums").text


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_whoever_enrols_accepts_what_the_page_shows(world: World) -> None:
    write(world, "Be kind.", must=True)
    link, client = invited(world, "sheriff"), world.outsider()
    assert "Be kind." in client.get(link).text
    assert first_page(client, link).status_code == 303
    assert second_page(world, client, link).status_code == 200
    assert client.get("/").status_code == 200
    assert world.one(select(TermsAcceptance.account_id, TermsAcceptance.version)) == (world.id("sheriff"), 1)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_ordinary_page_asks_nothing_more_of_the_database(world: World) -> None:
    client = person(world).signed_in()
    client.get("/rules")
    with world.count_queries() as before:
        client.get("/rules")
    write(world, "Be kind.", must=True)
    client.get("/rules")
    with world.count_queries() as after:
        client.get("/rules")
    assert before.count == after.count
    assert not [s for s in after.statements if re.search("terms_acceptances", s)]
