"""Getting back in: two proofs by different ways, never one; and a page that tells nobody who is a member (A9, A15)."""

from __future__ import annotations

import re

import httpx
import pytest

from app.accounts.models import BearerToken, RecoveryCode, SignInSession
from app.accounts.recover.models import Recovery
from app.accounts.recover.operations import FROM_NETWORK, LETTERS
from app.association.operations import recover_admin
from app.core.audit import AuditEvent
from app.core.errors import Conflict
from tests.accounts.person import PASSWORD, Person, person
from tests.accounts.test_enrolment import first_page, second_page
from tests.membership.cases import code_on, letters, link_in, text_of
from tests.world import ORIGIN, Client, World

NEW = "orchard lantern 83 gravel"


def ask(world: World, address: str, client: Client | None = None) -> httpx.Response:
    return (client or world.outsider()).post("/recover", {"email": address}, page="/recover")


def link(world: World, one: Person) -> str:
    """The newest link that was mailed to someone who asked."""
    ask(world, one.email)
    return link_in(letters(world, one.email)[-1], "/recover/")


def show(world: World, path: str, code: str, password: str = NEW, client: Client | None = None) -> httpx.Response:
    return (client or world.outsider()).post(path, {"code": code, "new_password": password}, page=path)


def signs_in(one: Person, password: str) -> bool:
    client = one.world.outsider()
    return one.show_password(client, password).headers.get("location") == "/sign-in/factor"


def test_a_letter_and_a_saved_code_set_a_new_password(world: World) -> None:  # A9 A10
    chief = person(world)
    browser, script = chief.signed_in(), world.script("chief")
    path = link(world, chief)
    answer = show(world, path, chief.codes[0])
    assert answer.status_code == 200
    fresh = re.findall(r"<li><code>([A-Z2-7-]+)</code>", answer.text)
    assert len(fresh) == 10  # replaced at recovery
    assert not set(fresh) & set(chief.codes)
    assert (signs_in(chief, PASSWORD), signs_in(chief, NEW)) == (False, True)
    assert (browser.get("/").status_code, script.call("GET", "/me").status_code) == (303, 401)
    assert "saved recovery code" in text_of(letters(world, chief.email)[-1])
    assert world.count(AuditEvent, AuditEvent.verb == "account.recover", AuditEvent.outcome == "done") == 1
    assert world.outsider().get(path).status_code == 404  # used once


def test_a_letter_and_the_app_do_too(world: World) -> None:  # A9
    chief = person(world)
    answer = show(world, link(world, chief), chief.code())
    assert answer.headers["location"] == "/sign-in?said=recovered"
    assert signs_in(chief, NEW)
    assert world.count(RecoveryCode, RecoveryCode.used_at.is_(None)) == 10


def test_a_letter_alone_or_a_code_alone_does_nothing(world: World) -> None:  # A9
    chief, sheriff = person(world), person(world, "sheriff")
    screen = code_on(ask(world, chief.email))
    mailed = link_in(letters(world, chief.email)[0], "/recover/")
    assert world.outsider().get(mailed).status_code == 200  # the link is good, and opens no more than the question
    for code in ("", screen, mailed.rpartition("/")[2], sheriff.codes[0], sheriff.code()):
        assert show(world, mailed, code).status_code == 422
    for dead in ("/recover/" + "x" * 43, "/recover/" + chief.codes[0]):
        answer = world.outsider().post(dead, {"code": chief.codes[0], "new_password": NEW}, page="/recover")
        assert answer.status_code == 404
    assert (signs_in(chief, PASSWORD), signs_in(chief, NEW)) == (True, False)
    assert world.count(RecoveryCode, RecoveryCode.used_at.is_not(None)) == 0


def test_five_wrong_codes_end_the_link_and_count_against_the_factor(world: World) -> None:  # A9 A6
    chief = person(world)
    path = link(world, chief)
    for _ in range(4):
        assert show(world, path, "000000").status_code == 422
    assert world.outsider().get(path).status_code == 200
    show(world, path, "000000")
    assert world.outsider().get(path).status_code == 404
    assert not show(world, link(world, chief), chief.code()).headers.get("location")  # the factor is locked for a while


@pytest.mark.parametrize(("late", "status"), [(-1, 303), (0, 404), (1, 404)])
def test_the_link_lives_a_day_to_the_second(world: World, late: int, status: int) -> None:  # A9
    chief = person(world)
    path = link(world, chief)
    client = world.outsider()
    token = client.csrf(path)
    world.later(hours=24, seconds=late)
    fields = {"code": chief.code(), "new_password": NEW, "csrf": token}
    answer = client.request("POST", path, data=fields, headers={"origin": ORIGIN})
    assert answer.status_code == status
    assert signs_in(chief, NEW) == (status == 303)


def test_a_weak_password_is_refused_before_any_code_is_used(world: World) -> None:
    chief = person(world)
    answer = show(world, link(world, chief), chief.codes[0], "password1234")
    assert answer.status_code == 422
    assert "most common" in answer.text
    assert world.count(RecoveryCode, RecoveryCode.used_at.is_not(None)) == 0


def test_a_used_code_is_replaced_at_once(world: World) -> None:  # A9
    chief, client = person(world), world.outsider()
    chief.show_password(client, next="/forums")
    page = chief.show_code(client, chief.codes[0], next="/forums")
    fresh = re.search(r"<li><code>([A-Z2-7-]+)</code>", page.text)[1]  # type: ignore[index]
    assert 'href="/forums"' in page.text
    assert client.get("/forums").status_code == 200
    assert world.count(RecoveryCode, RecoveryCode.used_at.is_(None)) == 10
    other = world.outsider()
    chief.show_password(other)
    assert chief.show_code(other, chief.codes[0]).status_code == 422
    assert chief.show_code(other, fresh).status_code == 200


def test_the_last_administrator_comes_back_by_the_servers_console(world: World) -> None:  # A9
    admin = person(world, "admin")
    browser = admin.signed_in()
    with world.db.write() as session:
        link = "/enrol/" + recover_admin(session, admin.email)
    assert "server’s console" in text_of(letters(world, admin.email)[-1])
    client = world.outsider()
    assert first_page(client, link, code="").status_code == 303
    assert second_page(world, client, link).status_code == 200
    assert browser.get("/").status_code == 303
    for other in ("chief@alderwood.example", "nobody@larkspur.example", "reviewer1@association.example"):
        with pytest.raises(Conflict), world.db.write() as session:
            recover_admin(session, other)


def neutral(answer: httpx.Response, address: str) -> tuple[int, dict[str, str], str]:
    own = {"content-security-policy", "set-cookie", "content-length"}
    page = re.sub(
        r'(nonce|content|value|hx-headers:inherited|data-csrf)=("[^"]*"|\'[^\']*\')', r"\1", answer.text.replace(address, "ADDRESS")
    )
    return answer.status_code, {k: v for k, v in answer.headers.items() if k not in own}, re.sub(r"[\w-]{20,}", "TOKEN", page)


def test_nobody_learns_who_is_a_member(world: World) -> None:  # A15
    chief = person(world)
    everyone = (chief.email, "sheriff@bexley.example", "suspended@corvane.example", "nobody@larkspur.example")  # the sheriff never enrolled
    seen, written = [], []
    for address in everyone:
        with world.count_queries() as queries:
            seen.append(neutral(ask(world, address), address))
        written.append([s.split()[0] for s in queries.statements if not s.lstrip().upper().startswith("SELECT")])
    assert seen[0][0] == 200
    assert all(one == seen[-1] for one in seen)
    assert all(one == written[-1] for one in written)  # the same is written for each
    assert "/recover/" in text_of(letters(world, chief.email)[0])
    for address in everyone[1:]:
        assert "no sign-in that this address can recover" in text_of(letters(world, address)[0]).replace("\n", " ")
        assert not re.search(r"/recover/\w", text_of(letters(world, address)[0]))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_letters_and_requests_are_few(world: World) -> None:  # A9 A6
    chief, client = person(world), world.outsider()
    pages = [neutral(ask(world, chief.email, client), chief.email) for _ in range(LETTERS + 1)]
    assert pages[0] == pages[-1]
    assert len(letters(world, chief.email)) == LETTERS
    answers = [ask(world, f"n{n}@larkspur.example", client).status_code for n in range(FROM_NETWORK)]
    assert answers.index(429) == FROM_NETWORK - LETTERS - 1
    world.later(hours=1, seconds=1)
    assert ask(world, chief.email).status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_odd_address_is_refused_beside_its_field(world: World) -> None:  # V6
    for odd in ("alice", "a@b.example,c@d.example", "", "a@b.example\r\nBcc: c@d.example"):
        assert ask(world, odd).status_code == 422
    assert world.count(Recovery) == 0


def test_no_mail_holds_the_code_and_no_row_the_address(world: World) -> None:  # A9
    code = code_on(ask(world, person(world).email))
    assert len(code.replace("-", "")) == 20  # 100 bits
    assert code not in letters(world, "chief@alderwood.example")[0].as_string()
    row = world.one(Recovery.__table__.select())
    assert code.replace("-", "").encode() not in row.code_hash
    assert (world.count(SignInSession), world.count(BearerToken)) == (0, 0)
