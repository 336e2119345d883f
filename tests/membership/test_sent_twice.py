"""The form of an application that comes twice: one case, one letter, one code, and the same page for everybody."""

from __future__ import annotations

import html
import re
import threading

import httpx
import pytest

from app.membership.models import Application
from tests.membership.cases import FIELDS, apply, code_on, fields, letters, link_in, status_link
from tests.membership.test_apply import neutral
from tests.world import Client, World


def opened(client: Client) -> str:
    """The hidden token of a form that was opened."""
    found = re.search(r'name="once" value="([^"]+)"', client.get("/apply").text)
    assert found
    return html.unescape(found[1])


def both(world: World, **values: str) -> tuple[httpx.Response, httpx.Response]:
    client = world.outsider()
    once = opened(client)
    return apply(world, client, once=once, **values), apply(world, client, once=once, **values)


def test_a_form_sent_twice_is_one_case_and_one_letter(world: World) -> None:
    apply(world, email="other@larkspur.example")
    apply(world, email="other@larkspur.example")
    assert world.count(Application) == 2, "two forms are two applications"
    first, again = both(world)
    assert world.count(Application, Application.email == FIELDS["email"]) == 1
    assert len(letters(world, FIELDS["email"])) == 1
    assert (code_on(again), status_link(again)) == (code_on(first), status_link(first))
    token = link_in(letters(world, FIELDS["email"])[0], "/apply/confirm/").rpartition("/")[2]
    assert token not in first.text + again.text  # V9
    assert world.outsider().get(status_link(again)).status_code == 200


def test_a_form_with_another_word_in_it_is_another_application(world: World) -> None:
    client = world.outsider()
    once = opened(client)
    wrong, right = apply(world, client, once=once, email="typo@larkspur.example"), apply(world, client, once=once)
    assert code_on(wrong) != code_on(right)
    assert len(letters(world, FIELDS["email"])) == 1


@pytest.mark.parametrize("once", ["", "x", "x.y", "é.é", "a.b.c", "." * 90])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_token_that_is_not_ours_counts_for_nothing(world: World, once: str) -> None:
    first, again = apply(world, once=once), apply(world, once=once)
    assert code_on(first) != code_on(again), "nobody chooses what a code is made of"


def test_later_the_code_is_not_shown_again_and_the_page_says_what_to_do(world: World) -> None:
    client = world.outsider()
    once = opened(client)
    first = apply(world, client, once=once)
    world.later(minutes=61)
    again = apply(world, client, once=once)
    assert code_on(first) not in again.text
    assert "enrolment-code" not in again.text
    assert "withdraw the application, and apply again" in again.text
    assert status_link(again) == status_link(first)
    assert world.count(Application) == 1


def test_a_form_sent_twice_tells_nobody_who_is_a_member(world: World) -> None:  # A15
    seen = []
    for address in ("chief@alderwood.example", "suspended@corvane.example", "nobody@larkspur.example"):
        first, again = both(world, email=address)
        assert len(letters(world, address)) == 1
        seen.append((again.status_code, neutral(again.text, address), neutral(first.text, address) == neutral(again.text, address)))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][2], "and sent again it looks as it did"
    assert "already a member" in str(letters(world, "chief@alderwood.example")[0]["Subject"])


def test_two_at_the_same_moment_make_one(world: World) -> None:
    client = world.outsider()
    sent = fields(world, once=opened(client))
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(client.post("/apply", sent, page="/apply"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [200] * 4
    assert len({code_on(a) for a in answers}) == 1
    assert world.count(Application) == 1
    assert len(letters(world, FIELDS["email"])) == 1
