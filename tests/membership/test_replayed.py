"""A form that comes a second time, to the byte: a double press, a reload, a browser that lost the answer. Nothing is done twice, and
whoever sent it is told where things stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from app.accounts import totp
from tests.accounts.person import person
from tests.accounts.test_addresses import HOME, PAGE, ask, code_for
from tests.accounts.test_enrolment import CODE, first_page, invited, secret_on
from tests.accounts.test_recover import NEW, link
from tests.membership.cases import CALL, act, apply, case_id, letters, link_in, make_ready, status_link, submitted, version_of
from tests.membership.test_returning import ASK, at_the_door, case_of, left_behind
from tests.world import ORIGIN, Client, World

# What every request may write, whether or not it did anything.
BESIDE = {"audit_events", "audit_head", "throttles", "sessions", "kept_forms"}


@dataclass(frozen=True)
class Filled:
    """A form that is filled in."""

    client: Client
    path: str
    fields: dict[str, str] = field(default_factory=dict)
    page: str = ""

    def sent(self, csrf: str) -> httpx.Response:
        return self.client.request("POST", self.path, data=self.fields | {"csrf": csrf}, headers={"origin": ORIGIN})


# The applicant's ------------------------------------------------------------------------------------------------------------


def confirming(world: World) -> Filled:
    client = world.outsider()
    apply(world, client)
    return Filled(client, link_in(letters(world, "h.crane@larkspur.example")[-1], "/apply/confirm/"))


def _own_page(world: World) -> tuple[Client, str]:
    client = world.outsider()
    page = apply(world, client)
    confirm = link_in(letters(world, "h.crane@larkspur.example")[-1], "/apply/confirm/")
    assert client.post(confirm, page=confirm).status_code == 303
    return client, status_link(page)


def answering(world: World) -> Filled:
    client, page = _own_page(world)
    assert act(world, "reviewer1", case_id(world), "questions", text="Since when?").status_code == 201
    return Filled(client, f"{page}/answer", {"answer": "Since May."}, page)


def withdrawing(world: World) -> Filled:
    client, page = _own_page(world)
    return Filled(client, f"{page}/withdraw", {}, page)


# The reviewers' -------------------------------------------------------------------------------------------------------------


def _on_a_case(world: World, what: str, **values: str) -> Filled:
    number = make_ready(world, submitted(world))
    page = f"/moderation/applications/{number}"
    return Filled(world.browser("reviewer1"), f"{page}/{what}", {"version": str(version_of(world, number))} | values, page)


def _after_a_first_decision(world: World) -> Filled:
    number = make_ready(world, submitted(world))
    assert act(world, "reviewer1", number, "decisions", verdict="approve", reason="Called back.").status_code == 201
    page = f"/moderation/applications/{number}"
    fields = {"version": str(version_of(world, number)), "verdict": "approve", "reason": "The roster lists them."}
    return Filled(world.browser("reviewer2"), f"{page}/decisions", fields, page)


# The members' ---------------------------------------------------------------------------------------------------------------


def coming_back(world: World) -> Filled:
    return Filled(at_the_door(left_behind(world)), "/return", ASK)


def answering_on_the_way_back(world: World) -> Filled:
    client = at_the_door(left_behind(world))
    assert client.post("/return", ASK, page="/return").status_code == 303
    assert act(world, "reviewer1", case_of(world), "questions", text="Which unit?").status_code == 201
    return Filled(client, "/return/answer", {"answer": "Patrol."}, "/return")


def standing_by(world: World) -> Filled:
    number = submitted(world, sponsor="chief@alderwood.example")
    return Filled(world.browser("chief"), f"/sponsored/{number}", {"word": "yes"}, "/sponsored")


def inviting(world: World) -> Filled:
    browser = world.browser("chief")
    found = re.search(r'name="once" value="([^"]+)"', browser.get("/invite").text)
    assert found
    return Filled(browser, "/invite", {"email": "new@alderwood.example", "once": found[1]})


def enrolling(world: World) -> Filled:
    path, client = invited(world), world.outsider()
    assert first_page(client, path, CODE).status_code == 303
    code = totp.code_at(secret_on(client.get(f"{path}/authenticator").text), totp.step_of(world.now))
    return Filled(client, f"{path}/authenticator", {"code": code})


def recovering(world: World) -> Filled:
    chief = person(world)
    return Filled(world.outsider(), link(world, chief), {"code": chief.codes[0], "new_password": NEW})


def disavowing(world: World) -> Filled:
    browser, path = person(world).signed_in(), "/settings/sign-in/recovery-codes"
    assert browser.post(path, page=path).status_code == 200
    return Filled(world.outsider(), link_in(letters(world, "chief@alderwood.example")[-1], "/not-me/"))


def confirming_an_address(world: World) -> Filled:
    browser = world.browser("chief")
    assert ask(browser, HOME).status_code == 303
    return Filled(browser, f"{PAGE}/confirm", {"code": code_for(world, HOME)}, PAGE)


FORMS: dict[str, tuple[Callable[[World], Filled], int, str]] = {  # the answer to the second, and words of it
    "confirming": (confirming, 303, ""),
    "answering": (answering, 409, "Nothing is asked at the moment."),
    "withdrawing": (withdrawing, 409, "closed already"),
    "claiming": (lambda world: _on_a_case(world, "claim"), 409, "Somebody changed this case"),
    "noting": (lambda world: _on_a_case(world, "notes", text="Odd."), 409, "Somebody changed this case"),
    "asking": (lambda world: _on_a_case(world, "questions", text="Since when?"), 409, "Somebody changed this case"),
    "calling back": (lambda world: _on_a_case(world, "call-backs", **CALL), 409, "Somebody changed this case"),
    "adding evidence": (lambda world: _on_a_case(world, "evidence", kind="dues", note="Paid."), 409, "Somebody changed this case"),
    "a first decision": (
        lambda world: _on_a_case(world, "decisions", verdict="approve", reason="Called back."), 409, "Somebody changed this case",
    ),
    "a second decision": (_after_a_first_decision, 409, "Somebody changed this case"),
    "coming back": (coming_back, 409, "Reviewers have your request already."),
    "answering on the way back": (answering_on_the_way_back, 409, "Nothing is asked at the moment."),
    "standing by": (standing_by, 303, ""),
    "inviting": (inviting, 303, ""),
    "enrolling": (enrolling, 403, "out of date"),
    "recovering": (recovering, 404, "used already"),
    "disavowing": (disavowing, 404, "used already"),
    "confirming an address": (confirming_an_address, 422, "code"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_replayed_does_nothing_and_says_how_things_stand(world: World, name: str) -> None:
    prepare, status, says = FORMS[name]
    form = prepare(world)
    csrf, empty = form.client.csrf(form.page or form.path), world.all_rows()
    assert form.sent(csrf).status_code in (200, 303)
    done = world.all_rows()
    assert done != empty, "there is something to do twice"
    again = form.sent(csrf)
    assert again.status_code == status
    assert says in again.text
    changed = {table for table, rows in world.all_rows().items() if rows != done[table]}
    assert changed <= BESIDE
