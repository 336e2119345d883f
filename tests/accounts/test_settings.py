"""One's own password, authenticators, recovery codes and tokens; each change is told by mail."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update

from app.accounts import operations, totp
from app.accounts.models import Authenticator, BearerToken, RecoveryCode
from app.accounts.operations import TokenWish
from app.core.access import system
from app.core.audit import AuditEvent
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.ports import mail
from tests.accounts.person import PASSWORD, WRONG, person
from tests.world import World

SIGN_IN = "/settings/sign-in"


@pytest.fixture
def letters(world: World):
    """What was asked to be sent: the mail port's own memory, so that no mail package is needed here."""
    before, memory = mail._mail, mail.NullMail()
    mail.register(memory)
    yield memory.letters
    mail.register(before)


def test_every_change_asks_for_a_fresh_code_first(world: World) -> None:  # A10
    client = world.browser("chief", stepped_up=False)
    for page in ("password", "authenticators", "authenticators/1", "recovery-codes"):
        assert client.get(f"{SIGN_IN}/{page}").headers["location"].startswith("/step-up"), page
    for act in ("password", "authenticators", "authenticators/1", "authenticators/1/remove", "recovery-codes"):
        assert client.post(f"{SIGN_IN}/{act}", {"name": "x y"}, page=SIGN_IN).headers["location"].startswith("/step-up"), act
    assert client.post("/settings/tokens", {"name": "x y"}, page="/settings/tokens").headers["location"].startswith("/step-up")
    assert world.count(AuditEvent) == 0


def test_changing_the_password(world: World, letters: list[mail.Letter]) -> None:  # A10 A11
    chief = person(world)
    elsewhere = chief.signed_in()
    world.later(seconds=30)
    client = chief.signed_in()
    before, page = client.cookies["squadroom"], f"{SIGN_IN}/password"
    fields = {"current_password": WRONG, "new_password": "walnut ferry 88 compass"}
    assert client.post(page, fields, page=page).status_code == 422
    weak = client.post(page, {"current_password": PASSWORD, "new_password": "alderwood2026"}, page=page)
    assert weak.status_code == 422
    assert 'id="new_password-error"' in weak.text
    assert PASSWORD not in weak.text
    assert letters == []
    done = client.post(page, {**fields, "current_password": PASSWORD}, page=page)
    assert done.headers["location"] == f"{SIGN_IN}?said=password-changed"
    assert client.get(SIGN_IN).status_code == 200
    assert client.cookies["squadroom"] != before
    assert elsewhere.get(SIGN_IN).status_code == 303
    assert [(one.kind, one.to) for one in letters] == [("account", chief.email)]
    assert chief.show_password(world.outsider()).status_code == 422
    assert chief.show_password(world.outsider(), "walnut ferry 88 compass").status_code == 303


def test_a_stolen_session_can_not_guess_the_password(world: World) -> None:  # A6
    chief = person(world)
    client, page = chief.signed_in(), f"{SIGN_IN}/password"
    for _ in range(5):
        client.post(page, {"current_password": WRONG, "new_password": "walnut ferry 88 compass"}, page=page)
    locked = client.post(page, {"current_password": PASSWORD, "new_password": "walnut ferry 88 compass"}, page=page)
    assert locked.status_code == 422
    assert world.count(AuditEvent, AuditEvent.verb == "password.set") == 0


def added(world: World, client, name: str = "Work phone") -> tuple[str, str]:
    """Add an authenticator through the pages: its page and its secret."""
    page = client.post(f"{SIGN_IN}/authenticators", {"name": name}, page=f"{SIGN_IN}/authenticators").headers["location"]
    found = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', client.get(page).text)
    assert found
    secret = found[1].replace(" ", "")
    done = client.post(page, {"code": totp.code_at(secret, totp.step_of(world.now))}, page=page)
    assert done.headers["location"] == f"{SIGN_IN}?said=authenticator-added"
    return page, secret


def test_a_second_authenticator_works_beside_the_first(world: World, letters: list[mail.Letter]) -> None:  # A10
    chief = person(world)
    client = chief.signed_in()
    page, secret = added(world, client)
    assert "Work phone" in client.get(SIGN_IN).text
    assert "Work phone" in letters[0].values["what"]
    assert secret not in client.get(page).text, "shown while it is set up and never again"
    world.later(seconds=30)
    other = world.outsider()
    chief.show_password(other)
    assert chief.show_code(other, totp.code_at(secret, totp.step_of(world.now))).status_code == 303
    third = chief.signed_in()
    assert third.get(SIGN_IN).status_code == 200


def test_an_authenticator_that_was_never_confirmed_opens_nothing(world: World) -> None:
    chief = person(world)
    client = chief.signed_in()
    page = client.post(f"{SIGN_IN}/authenticators", {"name": "Tablet"}, page=f"{SIGN_IN}/authenticators").headers["location"]
    secret = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', client.get(page).text)[1].replace(" ", "")
    assert client.post(page, {"code": "000000"}, page=page).status_code == 422
    other = world.outsider()
    chief.show_password(other)
    assert chief.show_code(other, totp.code_at(secret, totp.step_of(world.now))).status_code == 422
    assert world.browser("sheriff").get(page).status_code == 404
    world.later(minutes=31)
    assert world.browser("chief").get(page).status_code == 404, "its secret is not shown for ever"


def test_the_last_authenticator_stays(world: World) -> None:
    chief = person(world)
    client = chief.signed_in()
    number = world.one(select(Authenticator.id)).id
    only = client.post(f"{SIGN_IN}/authenticators/{number}/remove", page=f"{SIGN_IN}/authenticators/{number}")
    assert only.status_code == 409
    assert "only authenticator" in only.text
    page, _ = added(world, client)
    gone = client.post(f"{page}/remove", page=page)
    assert gone.headers["location"] == f"{SIGN_IN}?said=authenticator-removed"
    assert world.count(Authenticator) == 1
    sheriff = world.browser("sheriff")
    assert sheriff.post(f"{SIGN_IN}/authenticators/{number}/remove", page=SIGN_IN).status_code == 404


def test_two_that_remove_each_other_at_once_leave_one(world: World) -> None:  # L6
    chief = person(world)
    added(world, chief.signed_in())
    with world.db.read() as conn:
        ids = [row.id for row in conn.execute(select(Authenticator.id))]
    start = Barrier(2)

    def remove(number: int) -> bool:
        start.wait()
        try:
            with world.db.write() as session:
                operations.remove_authenticator(session, world.actor("chief"), number)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, ids)) == [False, True]
    assert world.count(Authenticator) == 1


def test_new_recovery_codes_take_the_place_of_the_old(world: World, letters: list[mail.Letter]) -> None:  # A10
    chief = person(world)
    client, page = chief.signed_in(), f"{SIGN_IN}/recovery-codes"
    made = re.findall(r"<code>([A-Z2-7-]{19})</code>", client.post(page, page=page).text)
    assert len(made) == 10
    assert not set(made) & set(chief.codes)
    assert world.count(RecoveryCode) == 10
    assert made[0] not in str(letters[0].values)
    other = world.outsider()
    chief.show_password(other)
    assert chief.show_code(other, chief.codes[0]).status_code == 422
    assert "Your recovery code is used up" in chief.show_code(other, made[0]).text


def test_a_token_is_shown_once_works_and_ends(world: World, letters: list[mail.Letter]) -> None:
    client = world.browser("chief")
    page = client.post("/settings/tokens", {"name": "Monthly report", "scope": "read", "days": "7"}, page="/settings/tokens")
    token = re.search(r'<code id="token">([\w-]{43})</code>', page.text)[1]
    script = world._client(Authorization=f"Bearer {token}")
    assert script.call("GET", "/nothing").status_code == 404
    assert script.call("POST", "/nothing").status_code in (403, 404)
    listed = client.get("/settings/tokens").text
    assert "Monthly report" in listed
    assert token not in listed
    assert token not in str(letters)
    assert letters[0].to == "chief@alderwood.example"
    assert world.browser("sheriff").post("/settings/tokens/1/end", page="/settings/tokens").status_code == 404
    assert client.post("/settings/tokens/1/end", page="/settings/tokens").headers["location"] == "/settings/tokens?said=token-ended"
    assert script.call("GET", "/nothing").status_code == 401


def test_a_token_dies_with_its_day(world: World) -> None:
    with world.db.write() as session:
        token = operations.create_token(session, world.actor("chief"), world.id("chief"), TokenWish("a", ("read",), 1))
    script = world._client(Authorization=f"Bearer {token}")
    assert script.call("GET", "/nothing").status_code == 404
    world.later(days=1)
    assert script.call("GET", "/nothing").status_code == 401


@pytest.mark.parametrize(
    "fields", [{"scope": "admin"}, {"scope": "read,moderate"}, {"days": "91"}, {"days": "0"}, {"days": "x"}, {"name": " "}]
)
def test_the_page_makes_small_tokens_alone(world: World, fields: dict[str, str]) -> None:
    answer = world.browser("admin").post("/settings/tokens", {"name": "a", "scope": "read", "days": "7", **fields}, page="/settings/tokens")
    assert answer.status_code == 422
    assert world.count(BearerToken) == 0


def test_larger_tokens_come_from_the_command_line(world: World) -> None:
    admin, line = world.actor("admin"), system("command-line")
    with world.db.write() as session:
        for actor, wish in ((admin, TokenWish("a", ("read", "admin"))), (world.actor("chief"), TokenWish("a", ("read",)))):
            with pytest.raises(Forbidden):
                operations.create_token(session, actor, world.id("admin") if actor is admin else world.id("sheriff"), wish)
        with pytest.raises(Invalid):
            operations.create_token(session, line, world.id("admin"), TokenWish("a", ("read", "root")))
        with pytest.raises(Invalid):
            operations.create_token(session, line, world.id("admin"), TokenWish("a", ("read",), 91))
        operations.create_token(session, line, world.id("admin"), TokenWish("a", ("admin", "read", "moderate", "write"), 90))
    assert world.one(select(BearerToken.scopes)).scopes == "read,write,moderate,admin"


def test_who_is_no_member_any_more_has_no_settings(world: World) -> None:
    from app.membership.models import Member, MemberStatus

    client = world.browser("chief")
    assert client.get(SIGN_IN).status_code == 200
    with world.db.write() as session:
        session.execute(update(Member).where(Member.id == world.id("chief")).values(status=MemberStatus.SEPARATED))
    assert client.get(SIGN_IN).status_code == 303
