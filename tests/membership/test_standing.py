"""The applicant's own page: where it stands, how long cases take, why it was declined and when to apply again."""

from __future__ import annotations

import datetime as dt

import pytest

from app.core.signing import token_hash
from app.membership.models import Application
from tests.membership.cases import FIELDS, apply, case_id, decide, letters, link_in, status_link
from tests.membership.papers import png, send
from tests.membership.test_evidence import own_page
from tests.world import World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def decided(world: World, hours: list[float], purpose: str = "join") -> None:
    """Earlier cases that took so long, the oldest first."""
    with world.db.write() as session:
        for n, took in enumerate(hours):
            at = world.now - dt.timedelta(days=40 - n)
            session.add(
                Application(
                    purpose=purpose, state="declined", name="A", email=f"{purpose}{n}@a.example", member_class="sworn", created_at=at,
                    submitted_at=at - dt.timedelta(hours=took), decided_at=at, status_token_hash=token_hash(f"{purpose} s{n}"),
                    confirm_token_hash=token_hash(f"{purpose} c{n}"),
                )
            )  # fmt: skip


def test_it_says_how_long_the_last_30_took_and_nothing_with_fewer_than_5(world: World) -> None:
    _, link = own_page(world)
    decided(world, [500] * 2 + [30, 40, 50])
    with world.db.write() as session:
        for row in session.query(Application).where(Application.email.in_(["join0@a.example"])):
            row.state = "withdrawn"
    assert "Half of the last" not in world.outsider().get(link).text
    decided(world, [9] * 6, "recover")  # of another kind
    assert "Half of the last" not in world.outsider().get(link).text
    with world.db.write() as session:
        for row in session.query(Application).where(Application.purpose == "recover"):
            row.purpose = "join"
    assert "Half of the last 10 applications were decided within 9 hours." in world.outsider().get(link).text


@ONE_ENGINE
def test_only_the_last_30_count(world: World) -> None:
    _, link = own_page(world)
    decided(world, [1000] * 5 + [50] * 30)
    assert "Half of the last 30 applications were decided within 2 days." in world.outsider().get(link).text


def test_declined_says_why_and_from_when_and_sooner_is_taken(world: World) -> None:
    number, link = own_page(world)
    decide(world, "reviewer1", number, "decline", "The agency does not know you.")
    page = world.outsider().get(link).text
    assert "The agency does not know you." in page
    assert 'You may apply again from <time datetime="2026-12-23">Dec 23</time>, or sooner if something changed.' in page
    client = world.outsider()
    apply(world, client)
    again = link_in(letters(world, FIELDS["email"])[-1], "/apply/confirm/")
    assert client.post(again, page=again).status_code == 303
    case = world.script("reviewer1", "read,write,moderate").call("GET", f"/applications/{case_id(world)}").json()
    assert [earlier["id"] for earlier in case["earlier"]] == [number]


def test_an_application_brings_its_file_along(world: World) -> None:
    client = world.outsider()
    values = FIELDS | {"agency": str(world.ids.agencies["corvane"])}
    page = send(client, "/apply", values, ("card.png", png()), page="/apply")
    assert page.status_code == 200
    assert "card.png" in client.get(status_link(page)).text
    case = world.script("reviewer1", "read,write,moderate").call("GET", f"/applications/{case_id(world)}").json()
    assert [(e["by_applicant"], e["file"]["name"]) for e in case["evidence"]] == [(True, "card.png")]


@ONE_ENGINE
def test_a_file_that_is_not_what_it_says_keeps_the_rest_of_the_form(world: World) -> None:  # H6
    client = world.outsider()
    values = FIELDS | {"agency": str(world.ids.agencies["corvane"])}
    page = send(client, "/apply", values, ("card.png", b"MZ\x90\0 forged"), page="/apply")
    assert page.status_code == 422
    assert 'id="file-error"' in page.text
    assert "This is not a PNG" in page.text
    assert 'value="Chief Adele Norgaard"' in page.text
    assert world.count(Application) == 0
    found = send(client, "/apply/find", values | {"agency_q": "alderwood"}, ("card.png", png()), page="/apply")
    assert found.status_code == 200  # the button beside the search brings the chosen file, too
    assert 'value="Chief Adele Norgaard"' in found.text
    assert not world.settings.evidence_folder.exists() or not list(world.settings.evidence_folder.iterdir())
