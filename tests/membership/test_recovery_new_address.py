"""Back without a mailbox: a new address on the form, reviewers who call, and a word to every address that we know (A9)."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select, update

from app.accounts.addresses.models import AccountAddress
from app.accounts.models import Account, SignInSession
from app.accounts.recover.models import Recovery
from app.core.audit import AuditEvent
from app.membership.models import Application, Member
from tests.accounts.person import PASSWORD, person
from tests.accounts.test_recover import signs_in
from tests.membership.cases import act, case_id, code_on, decide, letters, link_in, state_of, text_of
from tests.membership.test_apply import neutral
from tests.membership.test_recovery import NEW, SAID, enrol
from tests.people import CAST
from tests.world import World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
MINE, HOME = "ellen.marchetti@newmail.example", "ellen@home.example"


def ask(world: World, old: str, new: str = MINE) -> httpx.Response:
    return world.outsider().post("/recover", {"email": old, "new_email": new}, page="/recover")


def opened(world: World, old: str, new: str = MINE) -> tuple[int, str, str]:
    """A case with a new address: its number, the code from the screen, the status page."""
    code = code_on(ask(world, old, new))
    page = link_in(letters(world, new)[-1], "/recover/") + "/case"
    answer = world.outsider().post(page, SAID, page=page)
    assert answer.status_code == 303, answer.text
    return case_id(world, new), code, answer.headers["location"].partition("?")[0]


def email_of(world: World, key: str) -> str:
    return str(world.one(select(Account.email).where(Account.id == world.id(key))).email)


def test_two_reviewers_bring_back_who_has_no_mailbox_left(world: World) -> None:  # A9 A10 V1 V2
    chief = person(world)
    with world.db.write() as session:
        session.add(AccountAddress(account_id=chief.id, email=HOME, confirmed_at=world.now))
    browser = chief.signed_in()
    case, code, _ = opened(world, chief.email)
    for address in (chief.email, HOME):  # who still reads one of them can stop it
        told = letters(world, address)
        assert len(told) == 1
        assert "at another address" in " ".join(text_of(told[0]).split())
        assert link_in(told[0], "/not-me/")
        assert MINE not in text_of(told[0])
    page = world.browser("reviewer1").get(f"/moderation/applications/{case}").text
    assert "The address of this request is none of the member" in page
    assert f"as it was typed: {chief.email}" in page
    bare = act(world, "reviewer1", case, "decisions", verdict="approve", reason="It sounds like her.")
    assert bare.status_code == 422  # nobody called
    assert decide(world, "reviewer1", case).status_code == 201
    assert email_of(world, "chief") == chief.email
    assert not any("/enrol/" in text_of(letter) for letter in letters(world, MINE))
    assert decide(world, "reviewer2", case).status_code == 201
    assert not any("/enrol/" in text_of(letter) for address in (chief.email, HOME) for letter in letters(world, address))
    path = next(link_in(letter, "/enrol/") for letter in letters(world, MINE) if "/enrol/" in text_of(letter))
    assert world.outsider().post(path, {"enrolment_code": "", "password": NEW}, page=path).status_code == 422  # the mailbox alone
    assert browser.get("/").status_code == 200  # nothing ends before the member is back
    client, _ = enrol(world, path, code)
    assert client.get("/").status_code == 200
    assert browser.get("/").status_code == 303
    assert email_of(world, "chief") == MINE
    assert not signs_in(chief, PASSWORD)
    held = select(AccountAddress.email).where(AccountAddress.account_id == chief.id)
    with world.db.read() as conn:
        assert set(conn.execute(held).scalars()) == {chief.email, HOME, MINE}
    assert world.count(Member, Member.id == chief.id) == 1
    verbs = ("recovery.ask", "recovery.open", "address.add", "address.primary", "account.invite", "account.enrol")
    assert all(world.count(AuditEvent, AuditEvent.verb == verb, AuditEvent.outcome == "done") == 1 for verb in verbs)


def test_a_stranger_learns_nothing_of_who_is_a_member(world: World) -> None:  # A15
    person(world)
    pages: list[list[str]] = []
    for n, old in enumerate((CAST["chief"].email, "nobody@nowhere.example")):
        new = f"stranger{n}@newmail.example"
        asked = ask(world, old, new)
        [letter] = letters(world, new)
        case = link_in(letter, "/recover/") + "/case"
        form = world.outsider().get(case)
        sent = world.outsider().post(case, SAID, page=case, follow=True)
        token, status = case.split("/")[2], str(sent.url.path).split("/")[2]
        texts = [neutral(text, token) for text in (asked.text.replace(code_on(asked), ""), form.text, text_of(letter))]
        number = str(case_id(world, new))
        pages.append([*texts, neutral(sent.text, status).replace(f"<b>{number}</b>", ""), str(sent.status_code)])
        assert sent.status_code == 200
    assert pages[0] == pages[1]
    real, none = case_id(world, "stranger0@newmail.example"), case_id(world, "stranger1@newmail.example")
    assert world.one(select(Application.member_id).where(Application.id == real)).member_id == world.id("chief")
    page = world.browser("reviewer1").get(f"/moderation/applications/{none}").text
    assert "No member found" in page
    assert "as it was typed: nobody@nowhere.example" in page
    assert decide(world, "reviewer1", none).status_code == 422  # with all else that an approval takes
    assert "No member has the address" in world.browser("reviewer1").get(f"/moderation/applications/{none}").text
    assert decide(world, "reviewer1", none, "decline", "Nobody here has this address.").status_code == 201
    assert world.browser("reviewer1").get("/moderation/applications?state=declined").status_code == 200


def test_the_link_to_a_new_address_opens_no_shorter_way(world: World) -> None:  # A9
    chief = person(world)
    ask(world, chief.email)
    path = link_in(letters(world, MINE)[-1], "/recover/")
    assert world.outsider().get(f"{path}/case").status_code == 200  # the link is good
    assert world.outsider().get(path).status_code == 404
    answer = world.outsider().post(path, {"code": chief.codes[0], "new_password": NEW}, page="/recover")
    assert answer.status_code == 404
    assert signs_in(chief, PASSWORD)
    assert letters(world, chief.email) == []  # asking alone writes to the new address alone


def test_any_old_address_stops_it(world: World) -> None:  # A10
    chief = person(world)
    case, _, _ = opened(world, chief.email)
    link = link_in(letters(world, chief.email)[-1], "/not-me/")
    assert decide(world, "reviewer1", case).status_code == 201
    assert world.outsider().post(link, page=link).status_code in (200, 303)
    assert state_of(world, case) == "withdrawn"
    assert decide(world, "reviewer2", case).status_code == 409
    assert email_of(world, "chief") == chief.email


def test_an_address_that_somebody_else_has_is_not_given(world: World) -> None:  # A10
    chief = person(world)
    case, _, _ = opened(world, chief.email, CAST["sheriff"].email)
    assert decide(world, "reviewer1", case).status_code == 201
    answer = decide(world, "reviewer2", case)
    assert (answer.status_code, "Somebody else here has the new address" in answer.text) == (422, True)
    assert (email_of(world, "chief"), email_of(world, "sheriff")) == (chief.email, CAST["sheriff"].email)
    assert state_of(world, case) == "first_decision"


@ONE_ENGINE
def test_who_may_not_be_let_in_has_no_case_to_approve(world: World) -> None:  # A9
    chief = person(world)
    ask(world, chief.email)
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == chief.id).values(status="separated"))
    page = link_in(letters(world, MINE)[-1], "/recover/") + "/case"
    assert world.outsider().post(page, SAID, page=page).status_code == 303
    assert decide(world, "reviewer1", case_id(world, MINE)).status_code == 422
    assert letters(world, chief.email) == []


@ONE_ENGINE
def test_the_same_address_is_refused_and_few_letters_go_out(world: World) -> None:  # A15 V9
    same = ask(world, CAST["chief"].email, CAST["chief"].email)
    assert (same.status_code, "This is the same address" in same.text) == (422, True)
    assert ask(world, CAST["chief"].email, "no address").status_code == 422
    assert world.count(Recovery) == 0
    for _ in range(5):
        assert ask(world, CAST["chief"].email).status_code == 200
    assert len(letters(world, MINE)) == 3
    assert world.count(SignInSession) == 0
