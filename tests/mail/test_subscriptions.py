"""One's own mail settings: by script, on the page, and by the stop link of a digest."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.core.audit import AuditEvent
from app.core.signing import Signer
from app.mail import unsubscribe
from app.mail.digest.run import queue_digests
from app.mail.models import DigestSettings, ForumLevel
from tests.mail.helpers import SLOT, digests, mails, thread
from tests.world import ORIGIN, World

DEFAULTS = {
    "on": True, "hour": 7, "weekday": 0, "time_zone": "America/Los_Angeles", "content": "full", "quiet_weekend": False,
    "paused_until": None,
}  # fmt: skip


def test_the_defaults_and_the_forums_one_sees(world: World) -> None:
    mine = world.script("chief").call("GET", "/me/subscriptions").json()
    assert mine == {"digest": DEFAULTS, "forums": {"patrol": "daily", "command-staff": "daily", "notices": "daily"}}
    assert world.script("vendor").call("GET", "/me/subscriptions").json()["forums"] == {"notices": "daily"}


def test_any_part_can_be_put_and_the_rest_stays(world: World) -> None:
    script = world.script("chief")
    parts: list[dict[str, Any]] = [
        {"digest": {"hour": 18, "time_zone": "Pacific/Chatham"}}, {"forums": {"patrol": "weekly", "notices": "each"}},
        {"digest": {"quiet_weekend": True, "paused_until": "2026-12-24", "weekday": 4, "content": "links"}}, {},
        {"forums": {"patrol": "none"}},
    ]  # fmt: skip
    for part in parts:
        answer = script.call("PUT", "/me/subscriptions", part)
        assert answer.status_code == 200, answer.text
    expected = {
        "digest": {
            "on": True, "hour": 18, "weekday": 4, "time_zone": "Pacific/Chatham", "content": "links", "quiet_weekend": True,
            "paused_until": "2026-12-24",
        },
        "forums": {"patrol": "none", "command-staff": "daily", "notices": "each"},
    }  # fmt: skip
    assert answer.json() == expected == script.call("GET", "/me/subscriptions").json()
    assert script.call("PUT", "/me/subscriptions", expected).json() == expected
    assert script.call("PUT", "/me/subscriptions", {"digest": {"paused_until": None}}).json()["digest"]["paused_until"] is None
    assert world.count(AuditEvent, AuditEvent.verb == "subscriptions.change") == 5  # what changes nothing is no act
    assert world.script("sheriff").call("GET", "/me/subscriptions").json()["digest"] == DEFAULTS


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"digest": {"hour": 25}}, "digest.hour"), ({"digest": {"hour": "7"}}, "digest.hour"), ({"digest": {"hour": None}}, "digest.hour"),
        ({"digest": {"on": "yes"}}, "digest.on"), ({"digest": {"time_zone": "Mars/Olympus"}}, "digest.time_zone"),
        ({"digest": {"time_zone": "../../etc/passwd"}}, "digest.time_zone"), ({"digest": {"weekday": 7}}, "digest.weekday"),
        ({"digest": {"content": "everything"}}, "digest.content"), ({"digest": {"paused_until": "soon"}}, "digest.paused_until"),
        ({"digest": {"extra": 1}}, "digest.extra"), ({"digest": None}, "digest"), ({"forums": {"patrol": "hourly"}}, "forums.patrol"),
        ({"forums": {"nothing-here": "daily"}}, "forums.nothing-here"), ({"forums": ["patrol"]}, "forums"), ({"other": 1}, "other"),
    ],
)  # fmt: skip
def test_what_can_not_be_taken_is_named_by_field_and_nothing_is_kept(world: World, part: dict[str, Any], field: str) -> None:
    answer = world.script("chief").call("PUT", "/me/subscriptions", part)
    assert answer.status_code == 422, answer.text
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert world.count(DigestSettings) == world.count(ForumLevel) == 0


def test_a_forum_one_does_not_see_is_refused_like_one_that_is_not_there(world: World) -> None:
    assert "command-staff" in world.script("chief").call("GET", "/me/subscriptions").json()["forums"]
    hidden = world.script("analyst").call("PUT", "/me/subscriptions", {"forums": {"command-staff": "none"}})
    nothing = world.script("analyst").call("PUT", "/me/subscriptions", {"forums": {"command-stuff": "none"}})
    assert hidden.status_code == 422
    assert hidden.text.replace("command-staff", "command-stuff") == nothing.text


FORM = {
    "on": "yes", "hour": "18", "weekday": "4", "time_zone": "Pacific/Honolulu", "content": "headlines", "forum-patrol": "weekly",
    "forum-command-staff": "daily", "forum-notices": "none",
}  # fmt: skip


def test_the_page_shows_and_takes_what_acts(world: World) -> None:
    browser = world.browser("chief")
    page = browser.get("/settings/mail")
    assert page.status_code == 200
    assert "chief@alderwood.example" in page.text
    assert not re.search(r'name="quiet_weekend"[^>]*checked', page.text)
    assert re.search(r'name="forum-patrol"[^>]*value="daily" checked', page.text)
    done = browser.post("/settings/mail", FORM, page="/settings/mail", follow=True)
    assert "Your mail settings are saved" in done.text
    mine = world.script("chief").call("GET", "/me/subscriptions").json()
    assert mine["digest"] == {**DEFAULTS, "hour": 18, "weekday": 4, "time_zone": "Pacific/Honolulu", "content": "headlines"}
    assert mine["forums"] == {"patrol": "weekly", "command-staff": "daily", "notices": "none"}
    browser.post("/settings/mail", {k: v for k, v in FORM.items() if k != "on"}, page="/settings/mail")
    assert world.script("chief").call("GET", "/me/subscriptions").json()["digest"]["on"] is False


def test_the_page_takes_a_pause_quiet_weekends_and_each_message(world: World) -> None:
    browser, page = world.browser("chief"), "/settings/mail"
    given = {**FORM, "quiet_weekend": "yes", "paused_until": "2026-12-24", "forum-command-staff": "each"}
    browser.post(page, given, page=page)
    mine = world.script("chief").call("GET", "/me/subscriptions").json()
    assert (mine["digest"]["quiet_weekend"], mine["digest"]["paused_until"]) == (True, "2026-12-24")
    assert mine["forums"]["command-staff"] == "each"
    shown = browser.get(page).text
    assert re.search(r'name="quiet_weekend"[^>]*checked', shown)
    assert re.search(r'name="paused_until" value="2026-12-24"', shown)
    assert re.search(r'name="forum-command-staff"[^>]*value="each" checked', shown)
    wrong = browser.post(page, {**given, "paused_until": "soon"}, page=page)
    assert wrong.status_code == 422
    assert 'id="paused_until-error"' in wrong.text
    browser.post(page, {**FORM, "paused_until": ""}, page=page)
    mine = world.script("chief").call("GET", "/me/subscriptions").json()
    assert (mine["digest"]["quiet_weekend"], mine["digest"]["paused_until"]) == (False, None)


def test_the_page_gives_back_what_was_typed_with_the_error_beside_it(world: World) -> None:  # X7
    browser = world.browser("chief")
    answer = browser.post("/settings/mail", {**FORM, "hour": "99"}, page="/settings/mail")
    assert answer.status_code == 422
    assert 'id="hour-error"' in answer.text
    assert re.search(r'name="forum-patrol"[^>]*value="weekly" checked', answer.text)
    assert browser.post("/settings/mail", {**FORM, "forum-patrol": "x"}, page="/settings/mail").status_code == 422
    assert browser.post("/settings/mail", {**FORM, "forum-other": "none"}, page="/settings/mail").status_code == 422
    assert world.count(DigestSettings) == 0


def _link(world: World, key: str = "colleague") -> str:
    thread(world, "A thing")
    digests(world)
    return _stop_of(world, key)


def _stop_of(world: World, key: str) -> str:
    [message] = mails(world, key)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(rf"<{re.escape(ORIGIN)}(/unsubscribe/[\w-]+)>", str(message["List-Unsubscribe"]).replace(" ", ""))
    assert found
    return found[1]


def _is_on(world: World, key: str = "colleague") -> bool:
    return bool(world.script(key).call("GET", "/me/subscriptions").json()["digest"]["on"])


FORM_TYPE = "application/x-www-form-urlencoded"
MULTIPART = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "media_type"), [(b"List-Unsubscribe=One-Click", FORM_TYPE), (MULTIPART, "multipart/form-data; boundary=b"), (b"", "")]
)
def test_one_click_stops_the_digest_and_only_by_post(world: World, body: bytes, media_type: str) -> None:  # M1 M4
    path, outsider = _link(world), world.outsider()
    page = outsider.get(path)
    assert page.status_code == 200
    assert page.text.count("<button") == 1
    assert outsider.request("HEAD", path).status_code == 200
    assert _is_on(world)
    headers = {"origin": "https://mail.example", "sec-fetch-site": "cross-site"} | ({"content-type": media_type} if media_type else {})
    done = world.outsider().request("POST", path, content=body, headers=headers)
    assert done.status_code == 200
    assert "stopped" in done.text
    assert not _is_on(world)
    assert _is_on(world, "analyst")
    assert world.outsider().request("POST", path, content=body, headers=headers).status_code == 200
    assert world.count(AuditEvent, AuditEvent.verb == "digest.stop") == 1
    thread(world, "Another", at=SLOT + dt.timedelta(hours=3))
    digests(world, SLOT + dt.timedelta(days=1))
    assert len(mails(world, "colleague")) == 1
    assert len(mails(world, "analyst")) == 2


def test_a_link_that_is_not_genuine_does_nothing(world: World) -> None:  # M1
    path = _link(world)
    token = path.rpartition("/")[2]
    signer = world.platform.signer
    wrong = [
        token[:-2] + "zz", token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB"), token + "A", token[:-4], "x", "%00", "ä",
        ("A" if token[20] != "A" else "B").join((token[:20], token[21:])),
        unsubscribe.token(Signer(("another key",)), world.id("colleague"), 0), unsubscribe.token(signer, world.id("colleague"), 1),
    ]  # fmt: skip
    for bad in wrong:
        assert world.outsider().get(f"/unsubscribe/{bad}").status_code in (303, 404), bad
        assert world.outsider().request("POST", f"/unsubscribe/{bad}", content=b"").status_code in (303, 404), bad
    assert _is_on(world)


def test_links_in_earlier_mail_can_be_made_worthless(world: World) -> None:
    path, browser = _link(world), world.browser("colleague")
    browser.post("/settings/mail/links", page="/settings/mail")
    assert world.outsider().get(path).status_code == 404
    assert world.outsider().request("POST", path, content=b"").status_code == 404
    assert _is_on(world)
    with world.db.read() as conn:
        assert conn.execute(select(DigestSettings.serial)).scalar_one() == 1


def test_a_digest_that_waited_meanwhile_has_a_link_that_is_good(world: World) -> None:  # M1
    thread(world, "Something new")
    queue_digests(world.db, world.settings, SLOT)
    world.browser("colleague").post("/settings/mail/links", page="/settings/mail")
    digests(world)
    assert world.outsider().get(_stop_of(world, "colleague")).status_code == 200


def test_the_link_opens_no_session(world: World) -> None:
    path, outsider = _link(world), world.outsider()
    outsider.request("POST", path, content=b"")
    assert outsider.get("/settings/mail").status_code == 303
