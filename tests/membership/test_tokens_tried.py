"""The links in letters, a session's cookie and a script's token hold 256 random bits. Whoever tries others learns nothing and changes
nothing, however often; and the right one works all the while, from wherever its owner is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import select

from app.accounts import totp
from app.accounts.models import Authenticator, Enrolment, RecoveryCode
from app.mail import unsubscribe
from app.membership.models import Application
from tests.accounts.person import PASSWORD, person
from tests.accounts.test_enrolment import CODE, first_page, invited
from tests.accounts.test_recover import link, show
from tests.membership.cases import apply, case_id, letters, link_in, state_of, status_link, submitted
from tests.membership.test_returning import at_the_door, left_behind
from tests.world import ORIGIN, Client, World

TRIES = {True: 1000, False: 100}  # on SQLite, and on PostgreSQL, where the same requests take three times as long
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"
NEW = "orchard lantern 83 gravel"


@dataclass(frozen=True)
class Door:
    """`made` gives the right token; `tries` are the requests that take one, each with the answer to a wrong one; `works` uses it."""

    made: Callable[[World], str]
    tries: tuple[tuple[str, str, dict[str, str], int], ...]
    works: Callable[[World, Client, str], None]
    carrier: str = "path"


# Each door's own ------------------------------------------------------------------------------------------------------------


def _unconfirmed(world: World) -> str:
    apply(world)
    return _last(link_in(letters(world, "h.crane@larkspur.example")[-1], "/apply/confirm/"))


def _confirms(world: World, owner: Client, token: str) -> None:
    assert state_of(world, case_id(world)) == "unconfirmed"
    assert owner.post(f"/apply/confirm/{token}", page=f"/apply/confirm/{token}").status_code == 303
    assert state_of(world, case_id(world)) == "submitted"


def _status(world: World) -> str:
    token = _last(status_link(apply(world)))
    confirm = link_in(letters(world, "h.crane@larkspur.example")[-1], "/apply/confirm/")
    assert world.outsider().post(confirm, page=confirm).status_code == 303
    return token


def _withdraws(world: World, owner: Client, token: str) -> None:
    assert state_of(world, case_id(world)) == "submitted"
    assert owner.post(f"/applications/{token}/withdraw", page=f"/applications/{token}").status_code == 303
    assert state_of(world, case_id(world)) == "withdrawn"


def _enrolment(world: World) -> str:
    return _last(invited(world))


def _enrols(world: World, owner: Client, token: str) -> None:
    assert world.count(Enrolment, Enrolment.failures > 0) == 0
    assert first_page(owner, f"/enrol/{token}", CODE).headers["location"] == f"/enrol/{token}/authenticator"


def _told(world: World) -> str:
    browser = person(world).signed_in()
    path = "/settings/sign-in/recovery-codes"
    assert browser.post(path, page=path).status_code == 200
    return _last(link_in(letters(world, "chief@alderwood.example")[-1], "/not-me/"))


def _stops_it(world: World, owner: Client, token: str) -> None:
    assert world.count(RecoveryCode) == 10
    assert owner.post(f"/not-me/{token}", page=f"/not-me/{token}").status_code == 200
    assert world.count(RecoveryCode) == 0


def _lost(world: World) -> str:
    return _last(link(world, person(world)))


def _recovers(world: World, owner: Client, token: str) -> None:
    sealed = world.one(select(Authenticator.sealed_secret)).sealed_secret
    code = totp.code_at(totp.unseal(world.platform.signer, sealed), totp.step_of(world.now))
    assert show(world, f"/recover/{token}", code, NEW, owner).headers["location"] == "/sign-in?said=recovered"


def _digest(world: World) -> str:
    return unsubscribe.token(world.platform.signer, world.id("chief"), 0)


def _unsubscribes(world: World, owner: Client, token: str) -> None:
    script = world.script("chief")
    assert script.call("GET", "/me/subscriptions").json()["digest"]["on"] is True
    assert owner.request("POST", f"/unsubscribe/{token}", content=b"").status_code == 200
    assert script.call("GET", "/me/subscriptions").json()["digest"]["on"] is False


def _suspended(world: World) -> str:
    return str(at_the_door(left_behind(world)).cookies["squadroom"])


def _asks_back(world: World, owner: Client, token: str) -> None:
    owner.cookies.set("squadroom", token)
    assert owner.post("/return", {"words": "Back since Monday.", "supervisor": "", "phone": ""}, page="/return").status_code == 303
    assert world.count(Application, Application.purpose == "return") == 1


def _sponsor(world: World) -> str:
    submitted(world, sponsor="chief@alderwood.example")
    return str(world.browser("chief").cookies["squadroom"])


def _answers(world: World, owner: Client, token: str) -> None:
    owner.cookies.set("squadroom", token)
    form = {"word": "yes"}
    assert "Hollis Crane" in owner.get("/sponsored").text
    assert owner.post(f"/sponsored/{case_id(world)}", form, page="/sponsored").status_code == 303


def _script(world: World) -> str:
    return str(world.script("chief").request("GET", "/api/v1/me").request.headers["authorization"].removeprefix("Bearer "))


def _calls(world: World, owner: Client, token: str) -> None:
    assert owner.request("GET", "/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 200


def _last(path: str) -> str:
    return path.rpartition("/")[2]


DOORS = {
    "apply/confirm": Door(_unconfirmed, (("POST", "/apply/confirm/{}", {}, 404),), _confirms),
    "applications": Door(
        _status,
        (
            ("GET", "/applications/{}", {}, 404), ("POST", "/applications/{}/withdraw", {}, 404),
            ("POST", "/applications/{}/answer", {"answer": "Yes."}, 404), ("POST", "/applications/{}/evidence", {"note": "A"}, 404),
        ),
        _withdraws,
    ),
    "enrol": Door(
        _enrolment,
        (
            ("GET", "/enrol/{}", {}, 404), ("POST", "/enrol/{}", {"enrolment_code": CODE, "password": PASSWORD}, 404),
            ("GET", "/enrol/{}/authenticator", {}, 404), ("POST", "/enrol/{}/authenticator", {"code": "000000"}, 404),
            ("POST", "/enrol/{}/challenge", {}, 404),
        ),
        _enrols,
    ),
    "not-me": Door(_told, (("GET", "/not-me/{}", {}, 200), ("POST", "/not-me/{}", {}, 404)), _stops_it),
    "recover": Door(
        _lost,
        (
            ("GET", "/recover/{}", {}, 404), ("POST", "/recover/{}", {"code": "000000", "new_password": NEW}, 404),
            ("GET", "/recover/{}/case", {}, 404), ("POST", "/recover/{}/case", {"note": "Lost."}, 404),
        ),
        _recovers,
    ),
    "unsubscribe": Door(_digest, (("GET", "/unsubscribe/{}", {}, 404), ("POST", "/unsubscribe/{}", {}, 404)), _unsubscribes),
    "return": Door(_suspended, (("GET", "/return", {}, 303), ("POST", "/return", {"words": "Let me in."}, 303)), _asks_back, "cookie"),
    "sponsored": Door(_sponsor, (("GET", "/sponsored", {}, 303), ("POST", "/sponsored/1", {"word": "yes"}, 303)), _answers, "cookie"),
    "api": Door(_script, (("GET", "/api/v1/me", {}, 401), ("POST", "/api/v1/notifications/read", {}, 401)), _calls, "bearer"),
}  # fmt: skip


# Trying ---------------------------------------------------------------------------------------------------------------------


def wrong(right: str, number: int) -> str:
    """One letter off at the front, then at the back, then anything."""
    if number >= 2:
        return secrets.token_urlsafe(32)
    place = (0, len(right) - 2)[number]
    return right[:place] + ("A" if right[place] != "A" else "B") + right[place + 1 :]


def tried(stranger: Client, door: Door, number: int, token: str, csrf: str) -> httpx.Response:
    method, path, fields, _ = door.tries[number % len(door.tries)]
    headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    if door.carrier == "bearer":
        headers["authorization"] = f"Bearer {token}"
    if door.carrier == "cookie":
        stranger.cookies.set("squadroom", token)
    body = urlencode(fields | {"csrf": csrf}) if method == "POST" else None
    return stranger.request(method, path.format(token), content=body, headers=headers)


@pytest.mark.parametrize("name", DOORS)
def test_a_token_tried_a_thousand_times_gives_one_answer_and_changes_nothing(world: World, name: str) -> None:  # V9 A11
    door = DOORS[name]
    right = door.made(world)
    stranger = world.outsider(HOME)
    csrf = stranger.csrf("/apply")
    before, answers = world.all_rows(), dict[tuple[str, str], set[tuple[int, str, str]]]()
    for number in range(TRIES[world.db.is_sqlite]):
        answer = tried(stranger, door, number, wrong(right, number), csrf)
        kind = door.tries[number % len(door.tries)]
        text = re.sub(r"[A-Za-z0-9_-]{20,}", "", answer.text)
        answers.setdefault(kind[:2], set()).add((answer.status_code, answer.headers.get("location", ""), text))
    assert {kind: [status for status, *_ in found] for kind, found in answers.items()} == {
        (method, path): [status] for method, path, _, status in door.tries
    }
    assert world.all_rows() == before
    door.works(world, world.outsider(ELSEWHERE), right)
