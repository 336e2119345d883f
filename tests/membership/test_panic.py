"""The panic button, a member's own and the administrator's: every session and token, and whatever was begun with one, is over by the
next request. The membership stays as it is, and so does what they see once they sign in again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from app.accounts import operations, sessions
from app.accounts.models import SignInSession
from app.mail.models import OutboxMessage
from tests.accounts.person import person
from tests.accounts.softkey import ADD, SoftKey, asked, with_passkey
from tests.accounts.test_addresses import PAGE, ask, code_for
from tests.membership.cases import REVIEW, submitted, version_of
from tests.membership.test_evidence import added
from tests.membership.test_leaving import ADMIN, a_thread, leave, member
from tests.races import at_once
from tests.world import ORIGIN, Client, World

WHO = "reviewer1"  # a reviewer has the most to lose: cases and their evidence
ANY_PAGE = "/settings/sessions"
APPS = "/settings/sign-in/authenticators"
Way = Callable[[], httpx.Response]
_number = itertools.count(1)


def somebody() -> str:
    """An address that nobody has used yet."""
    return f"n{next(_number)}@elsewhere.example"


# The buttons ----------------------------------------------------------------------------------------------------------------


def own(world: World) -> None:
    answer = world.browser(WHO, stepped_up=False).post("/settings/sessions/end-all", page=ANY_PAGE)
    assert answer.headers["location"].startswith("/sign-in?said=")


def by_the_administrator(world: World) -> None:
    page = f"/admin/members/{world.id(WHO)}"
    assert world.browser("admin").post(f"{page}/sessions/end", page=page).headers["location"].startswith(page)


def by_script(world: World) -> None:
    answer = world.script("admin", ADMIN).call("POST", f"/members/{world.id(WHO)}/sessions/end?tokens=true")
    assert answer.json()["sessions"] > 5
    assert answer.json()["tokens"] >= 2


BUTTONS = {"own": own, "administrator's": by_the_administrator, "by script": by_script}


# What is open or under way --------------------------------------------------------------------------------------------------


def ready(client: Client, path: str, **values: str) -> Way:
    """A form that is filled in and only waits to be sent."""
    csrf = client.csrf(ANY_PAGE)
    return lambda: client.request("POST", path, data=values | {"csrf": csrf}, headers={"origin": ORIGIN})


def a_page(world: World) -> Way:
    return partial(world.browser(WHO).get, "/forums")


def a_thread_read(world: World) -> Way:
    return partial(world.browser(WHO).get, f"/threads/{a_thread(world, 'chief')}")


def a_post(world: World) -> Way:
    return ready(world.browser(WHO), f"/threads/{a_thread(world, 'chief')}/replies", body="As me.")


def a_token(world: World) -> Way:
    return partial(world.script(WHO).call, "GET", "/me")


def a_token_that_reviews(world: World) -> Way:
    return partial(world.script(WHO, REVIEW).call, "GET", "/applications")


def an_evidence_file(world: World) -> Way:
    number = submitted(world, email=somebody())
    return partial(world.browser(WHO).get, f"/moderation/applications/{number}/evidence/{added(world, number)}")


def a_claim(world: World) -> Way:
    number = submitted(world, email=somebody())
    return ready(world.browser(WHO), f"/moderation/applications/{number}/claim", version=str(version_of(world, number)))


def staying_signed_in(world: World) -> Way:
    return ready(world.browser(WHO), "/session/extend")


def a_password_without_its_code(world: World) -> Way:
    who, client = person(world, WHO), world.outsider()
    assert who.show_password(client).headers["location"] == "/sign-in/factor"
    csrf = client.csrf("/sign-in/factor")
    fields = {"code": who.code(), "csrf": csrf}
    return lambda: client.request("POST", "/sign-in/factor", data=fields, headers={"origin": ORIGIN})


def a_passkey_being_added(world: World) -> Way:
    browser = world.browser(WHO)
    return ready(browser, ADD, name="Mine", credential=SoftKey().make(asked(browser, f"{ADD}/challenge", ADD)))


def a_passkey_being_shown(world: World) -> Way:
    key, browser = with_passkey(world.browser(WHO)), world.browser(WHO, stepped_up=False)
    return ready(browser, "/step-up", credential=key.show(asked(browser, "/step-up/challenge", "/step-up")))


def an_app_being_added(world: World) -> Way:
    browser = world.browser(WHO)
    return ready(browser, APPS, name="Mine")


def an_address_being_added(world: World) -> Way:
    browser, address = world.browser(WHO), somebody()
    assert ask(browser, address).status_code == 303
    return ready(browser, f"{PAGE}/confirm", code=code_for(world, address))


UNDER_WAY: dict[str, Callable[[World], Way]] = {
    "a page": a_page,
    "a thread": a_thread_read,
    "a post": a_post,
    "a token": a_token,
    "a token that reviews": a_token_that_reviews,
    "an evidence file": an_evidence_file,
    "a claim": a_claim,
    "staying signed in": staying_signed_in,
    "a password without its code": a_password_without_its_code,
    "a passkey being added": a_passkey_being_added,
    "a passkey being shown": a_passkey_being_shown,
    "an app being added": an_app_being_added,
    "an address being added": an_address_being_added,
}


def goes_through(answer: httpx.Response) -> bool:
    """Whether it did not lead back to the first page of signing in."""
    return answer.status_code < 400 and answer.headers.get("location", "").partition("?")[0] != "/sign-in"


@pytest.mark.parametrize("button", BUTTONS)
def test_whatever_was_open_or_under_way_is_over_by_the_next_request(world: World, button: str) -> None:  # V11 A11 A17
    for name, prepare in UNDER_WAY.items():
        assert goes_through(prepare(world)()), f"{name}: there is something to end"
    other = world.browser("colleague")
    prepared = {name: prepare(world) for name, prepare in UNDER_WAY.items()}
    before = what_stays(world)
    BUTTONS[button](world)
    assert [name for name, go_on in prepared.items() if goes_through(go_on())] == []
    assert what_stays(world) == before
    assert other.get("/forums").status_code == 200
    assert world.browser(WHO).get("/moderation").status_code == 200, "they sign in again and are who they were"


@pytest.mark.parametrize("way", ["suspended", "removed"])
def test_leaving_ends_the_same_and_the_mail_that_waits(world: World, way: str) -> None:  # V11
    prepared = {name: prepare(world) for name, prepare in UNDER_WAY.items()}
    waiting = (OutboxMessage.member_id == world.id(WHO), OutboxMessage.state == "queued", OutboxMessage.kind == "digest")
    with world.db.write() as session:
        row = {"recipient": "x@association.example", "member_id": world.id(WHO), "message_id": "<x>", "raw": b"x"}
        session.add(OutboxMessage(kind="digest", key="one", created_at=world.now, next_try_at=world.now, **row))
    assert (world.count(OutboxMessage, *waiting), world.script(WHO).call("GET", "/me").status_code) == (1, 200)
    assert leave(world, WHO, way).status_code == 200
    assert [name for name, go_on in prepared.items() if goes_through(go_on())] == []
    assert world.count(OutboxMessage, *waiting) == 0


def what_stays(world: World) -> dict[str, list[str]]:
    """The membership, its roles and groups, the way to sign in, and the letters to the member's own mailbox."""
    tables = ("members", "member_roles", "group_members", "accounts", "authenticators", "passkeys", "recovery_codes", "account_addresses")
    return {table: rows for table, rows in world.all_rows().items() if table in tables}


def test_who_is_in_the_middle_of_signing_in_gets_no_session_out_of_it(world: World) -> None:  # V11 L6
    """Twenty sign-ins have shown the password, and show their code at the very moment of the press."""
    begun = []
    with world.db.write() as session:
        for _ in range(20):
            begun.append(sessions.begin(session, world.id("chief"), world.now, sessions.Place())[0])

    def raised(number: int) -> str | None:
        with world.db.write() as session:
            return sessions.raise_to_full(session, number, world.now, sessions.LIMITS["standard"])

    def pressed() -> None:
        with world.db.write() as session:
            operations.sign_out_everywhere(session, world.actor("admin"), world.id("chief"))

    tokens = at_once([*(partial(raised, number) for number in begun[:10]), pressed, *(partial(raised, number) for number in begun[10:])])
    assert world.count(SignInSession, SignInSession.account_id == world.id("chief"), SignInSession.ended_at.is_(None)) == 0
    for token in filter(None, tokens):
        client = world.outsider()
        client.cookies.set("squadroom", str(token))
        assert client.get("/forums").status_code == 303


def test_one_button_ends_all_sessions_and_tokens_in_every_process(world: World, tmp_path: Path) -> None:  # V11
    second = World(world.settings.database_url or world.settings.url, world.ids, tmp_path / "second")
    try:
        browsers = [world.browser("chief"), world.browser("chief")]
        twins = [_twin(second, browser) for browser in browsers]
        scripts = [world.script("chief"), second.script("chief")]
        assert [b.get("/forums").status_code for b in (*browsers, *twins)] == [200] * 4
        assert [s.call("GET", "/me").status_code for s in scripts] == [200] * 2
        ended = second.script("admin", ADMIN).call("POST", f"/members/{world.id('chief')}/sessions/end?tokens=true")
        assert ended.json() == {"sessions": 2, "tokens": 2}
        assert [b.get("/forums").status_code for b in (*browsers, *twins)] == [303] * 4
        assert [s.call("GET", "/me").status_code for s in scripts] == [401] * 2
        assert member(world, "chief").status == "active"
        assert world.browser("chief").get("/forums").status_code == 200
    finally:
        second.close()


def _twin(world: World, browser: Client) -> Client:
    """The same browser, answered by another process."""
    twin = world.outsider()
    twin.cookies.set("squadroom", browser.cookies["squadroom"])
    return twin


def test_a_member_ends_all_of_their_own(world: World) -> None:
    here, there, script = world.browser("chief"), world.browser("chief"), world.script("chief")
    other = world.browser("colleague")
    assert there.get("/forums").status_code == script.call("GET", "/me").status_code == 200
    answer = here.post("/settings/sessions/end-all", page="/settings/sessions")
    assert answer.headers["location"].startswith("/sign-in?said=")
    assert [b.get("/forums").status_code for b in (here, there, other)] == [303, 303, 200]
    assert script.call("GET", "/me").status_code == 401
