"""The link, the code that never comes by mail, the password, the authenticator, the recovery codes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from app.accounts import codes, enrolment, operations, totp
from app.accounts.enrolment import Guest
from app.accounts.models import Account, Authenticator, Enrolment, RecoveryCode, SignInSession
from app.core.access import Origin, system
from app.core.errors import Forbidden, NotFound
from app.membership.models import Member, MemberStatus
from tests.accounts.person import PASSWORD, person
from tests.accounts.test_tries import door
from tests.world import Client, World

CODE = "ABCD-EFGH-IJKL-MNOP"


def invited(world: World, key: str = "chief", code: str | None = CODE) -> str:
    with world.db.write() as session:
        return "/enrol/" + operations.invite(session, system("test"), world.id(key), code)


def first_page(client: Client, link: str, code: str = CODE, password: str = PASSWORD):
    return client.post(link, {"enrolment_code": code, "password": password}, page=link)


def secret_on(page: str) -> str:
    found = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


def second_page(world: World, client: Client, link: str):
    page = client.get(f"{link}/authenticator")
    assert 'src="data:image/svg+xml' in page.text
    code = totp.code_at(secret_on(page.text), totp.step_of(world.now))
    return client.post(f"{link}/authenticator", {"code": code}, page=f"{link}/authenticator")


def test_from_the_link_to_the_forum(world: World) -> None:
    link, client = invited(world), world.outsider()
    assert 'name="enrolment_code"' in client.get(link).text
    assert first_page(client, link, code="abcd efgh ijkl mnop").headers["location"] == f"{link}/authenticator"
    done = second_page(world, client, link)
    assert done.status_code == 200
    shown = re.findall(r"<code>([A-Z2-7-]{19})</code>", done.text)
    assert len(shown) == 10
    assert client.get("/settings/sign-in").status_code == 200, "signed in at once: both factors were shown"
    with world.db.read() as conn:
        assert {row[0] for row in conn.execute(select(RecoveryCode.code_hash))} == {codes.code_hash(code) for code in shown}
    assert client.get("/settings/sign-in").text.count(shown[0]) == 0
    assert world.outsider().get(link).status_code == 404, "once"
    assert client.get(f"{link}/authenticator").status_code == 404


def test_nothing_of_the_account_changes_before_the_end(world: World) -> None:
    link, client = invited(world), world.outsider()
    first_page(client, link)
    client.post(f"{link}/authenticator", {"code": "000000"}, page=f"{link}/authenticator")
    account = world.one(select(Account.password_hash, Account.last_sign_in_at).where(Account.id == world.id("chief")))
    assert tuple(account) == (None, None)
    assert world.count(Authenticator, Authenticator.confirmed_at.is_not(None)) == 0
    assert world.count(SignInSession) == 0
    assert second_page(world, client, link).status_code == 200, "a wrong code ends nothing"


def test_who_holds_the_link_alone_never_sees_the_secret(world: World) -> None:
    link, owner, thief = invited(world), world.outsider(), world.outsider()
    first_page(owner, link)
    assert secret_on(owner.get(f"{link}/authenticator").text)
    assert thief.get(f"{link}/authenticator").headers["location"] == link
    answer = thief.post(f"{link}/authenticator", {"code": "000000"}, page=link)
    assert answer.status_code == 404
    assert first_page(thief, link, code="WRONG").status_code == 422
    assert world.count(Enrolment, Enrolment.browser_hash.is_not(None)) == 1


def test_five_wrong_codes_end_the_link(world: World) -> None:  # A6
    link, client = invited(world), world.outsider()
    for number in range(4):
        refused = first_page(client, link, code=f"WRONG{number}")
        assert refused.status_code == 422
        assert 'id="enrolment_code-error"' in refused.text
        assert PASSWORD not in refused.text
    assert first_page(client, link, code="WRONG5").status_code == 404
    assert client.get(link).status_code == 404
    assert world.count(Enrolment, Enrolment.failures == 5) == 1


def test_wrong_codes_at_once_count_exactly(world: World) -> None:  # A6 L6
    link, start = invited(world), Barrier(20)
    token = link.removeprefix("/enrol/")

    def one(number: int) -> str:
        start.wait()
        try:
            enrolment.begin(door(world), Guest(token, b"x" * 32, Origin()), f"WRONG{number}", PASSWORD)
        except Exception as error:
            return type(error).__name__
        return "passed"

    with ThreadPoolExecutor(20) as pool:
        outcomes = sorted(pool.map(one, range(20)))
    assert outcomes == ["Dead"] * 15 + ["Invalid"] * 5


def test_the_link_is_used_once_also_by_twenty_at_once(world: World) -> None:  # L6
    link, client = invited(world), world.outsider()
    first_page(client, link)
    token, key = link.removeprefix("/enrol/"), world.one(select(Enrolment.browser_hash)).browser_hash
    code = totp.code_at(secret_on(client.get(f"{link}/authenticator").text), totp.step_of(world.now))
    start = Barrier(20)

    def one(_: int) -> bool:
        start.wait()
        try:
            enrolment.complete(door(world), Guest(token, key, Origin()), code)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(one, range(20))) == 1
    assert world.count(RecoveryCode) == 10
    assert world.count(SignInSession) == 1


@pytest.mark.parametrize(("hours", "status"), [(71.99, 200), (72.01, 404)])
def test_the_link_lives_72_hours(world: World, hours: float, status: int) -> None:
    link = invited(world)
    world.later(hours=hours)
    assert world.outsider().get(link).status_code == status


def test_every_dead_link_answers_alike(world: World) -> None:  # A15
    link = invited(world)
    again = invited(world)
    assert world.outsider().get(again).status_code == 200
    older, never = (
        re.sub(r'(nonce=|csrf" value=|data-csrf=|Token": )"[^"]+"', "", world.outsider().get(p).text) for p in (link, "/enrol/never")
    )
    assert older == never
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("chief")).values(status=MemberStatus.SUSPENDED))
    assert world.outsider().get(again).status_code == 404


def test_the_password_is_looked_at_beside_its_field(world: World) -> None:  # A4
    link, client = invited(world), world.outsider()
    refused = first_page(client, link, password="EllenMarchetti1")
    assert refused.status_code == 422
    assert 'id="password-error"' in refused.text
    assert "EllenMarchetti1" not in refused.text
    assert 'autocomplete="new-password"' in refused.text


def test_without_a_code_the_link_is_enough(world: World) -> None:
    link, client = invited(world, code=None), world.outsider()
    assert "enrolment_code" not in client.get(link).text
    assert client.post(link, {"password": PASSWORD}, page=link).status_code == 303
    assert second_page(world, client, link).status_code == 200


def test_enrolling_again_replaces_all_that_was(world: World) -> None:  # A9 A11
    chief = person(world)
    before = chief.signed_in()
    link, client = invited(world), world.outsider()
    first_page(client, link)
    assert before.get("/settings/sessions").status_code == 200, "a half-done enrolment changes nothing"
    second_page(world, client, link)
    assert before.get("/settings/sessions").status_code == 303
    world.later(minutes=1)
    other = world.outsider()
    assert chief.show_password(other).status_code == 303
    assert chief.show_code(other).status_code == 422, "the old authenticator"
    assert chief.show_code(other, chief.codes[0]).status_code == 422, "an old recovery code"


def test_a_reviewer_lets_new_people_in_and_resets_nobody(world: World) -> None:
    chief = person(world)
    with world.db.write() as session:
        assert operations.invite(session, world.actor("reviewer1"), world.id("sheriff"), code_hash=codes.code_hash(CODE))
        with pytest.raises(Forbidden):
            operations.invite(session, world.actor("reviewer1"), chief.id)
        with pytest.raises(Forbidden):
            operations.invite(session, world.actor("chief"), world.id("sheriff"))
