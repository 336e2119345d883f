"""What a member is told on the site, and in one mail for what comes within ten minutes."""

from __future__ import annotations

import re
from email.message import EmailMessage

from sqlalchemy import delete, select

from app.core.signing import Signer
from app.mail import envelope
from app.mail.inbound.envelope import Answer
from app.mail.models import OutboxMessage
from app.mail.notices.models import Notification
from app.membership.models import GroupMember
from tests.forum.steps import hide, open_thread, reply
from tests.mail.helpers import digests, mails, text, whole
from tests.mail.letters import bring
from tests.mail.test_at_once import single, subscribe, watch, work
from tests.mail.test_returned import complaint
from tests.world import World


def told(world: World, key: str) -> list[dict]:
    answer = world.script(key).call("GET", "/notifications")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def bell(world: World, key: str) -> str:
    page = world.browser(key).get("/members").text
    found = re.search(r'class="bell".*?</a>', page, re.S)
    assert found
    return re.sub(r"<[^>]+>", " ", found[0]).split("Notifications")[1].replace("unread", "").strip()


def test_a_reply_is_told_to_who_opened_the_thread_and_to_who_watches_it(world: World) -> None:
    thread = open_thread(world, "chief", title="Redaction", marking="TLP:GREEN")
    watch(world, "analyst", thread, "watch")
    work(world)
    assert told(world, "chief") == []
    reply(world, "sheriff", thread, "What did it cost?")
    work(world)
    [mine] = told(world, "chief")
    assert (mine["kind"], mine["thread"], mine["position"], mine["read"]) == ("reply", thread, 1, False)
    assert mine["text"] == "Sheriff Dale Okafor, Bexley County SO replied in “Redaction”"
    assert [n["kind"] for n in told(world, "analyst")] == ["watched"]
    assert told(world, "sheriff") == told(world, "moderator") == []
    assert (bell(world, "chief"), bell(world, "moderator")) == ("1", "")
    page = world.browser("chief").get("/notifications").text
    assert f'href="/threads/{thread}/replies/1"' in page


def test_reading_the_thread_is_reading_the_notification(world: World) -> None:
    thread = open_thread(world, "chief")
    reply(world, "sheriff", thread, "One.")
    work(world)
    assert bell(world, "chief") == "1"
    assert world.browser("chief").get(f"/threads/{thread}").status_code == 200
    assert bell(world, "chief") == ""
    assert [n["read"] for n in told(world, "chief")] == [True]
    work(world, minutes=11)
    assert not mails(world, "chief", "notification")  # nothing that was read already


def test_five_replies_in_ten_minutes_are_one_mail_and_none_is_in_the_digest(world: World) -> None:
    thread = open_thread(world, "chief", title="Redaction", marking="TLP:GREEN")
    work(world)
    for n in range(5):
        reply(world, "sheriff", thread, f"Answer number {n}.")
        world.later(minutes=1)
        work(world)
    assert not mails(world, "chief", "notification")
    work(world, minutes=6)
    work(world, minutes=20)
    [message] = mails(world, "chief", "notification")
    assert message["Subject"] == "[TLP:GREEN] 5 new replies: Redaction"
    for n in range(5):
        assert f"Answer number {n}." in text(message)
    assert re.fullmatch(r"reply\+[a-z2-7]{32}@localhost", str(message["Reply-To"]))
    digests(world)
    assert "Answer number" not in "".join(whole(m) for m in mails(world, "chief"))
    assert "Answer number 4." in whole(mails(world, "moderator")[0])


def test_what_may_not_be_seen_any_more_is_neither_shown_nor_mailed(world: World) -> None:  # C3 M13
    thread = open_thread(world, "chief", "command-staff", title="canary-title")
    watch(world, "sheriff", thread, "watch")
    reply(world, "moderator", thread, "canary-words")
    work(world)
    assert "canary-title" in told(world, "sheriff")[0]["text"]
    with world.db.write() as session:
        session.execute(delete(GroupMember).where(GroupMember.member_id == world.id("sheriff")))
    assert told(world, "sheriff") == []
    assert "canary" not in world.browser("sheriff").get("/notifications").text
    work(world, minutes=11)
    assert not mails(world, "sheriff", "notification")
    assert world.count(Notification, Notification.member_id == world.id("sheriff")) == 1


def test_a_hidden_reply_is_named_no_more(world: World) -> None:
    thread = open_thread(world, "chief")
    reply(world, "sheriff", thread, "canary-words")
    work(world)
    hide(world, thread, 1)
    [one] = told(world, "chief")
    assert "taken away" in one["text"]
    assert "Okafor" not in one["text"]
    work(world, minutes=11)
    assert not mails(world, "chief", "notification")


def test_kinds_are_switched_but_for_what_concerns_security(world: World) -> None:
    browser = world.browser("chief")
    page = "/settings/mail/notifications"
    assert browser.post(page, {"site-watched": "yes", "mail-watched": "yes"}, page=page).status_code == 303
    thread = open_thread(world, "chief")
    reply(world, "sheriff", thread, "One.")
    work(world, minutes=11)
    assert told(world, "chief") == []
    assert not mails(world, "chief", "notification")
    shown = browser.get(page).text
    assert "Always told" in shown
    assert "site-security" not in shown
    assert world.script("chief").call("POST", "/notifications/read", {"ids": [1], "up_to": None, "other": 1}).status_code == 422


def test_letters_about_the_account_stand_there_too(world: World) -> None:
    browser = world.browser("chief")
    assert browser.post("/settings/sessions/end-others", page="/settings/sessions").status_code < 500
    from app.core.ports import mail
    from app.core.ports.mail import Letter

    with world.db.write() as session:
        for to in ("chief@alderwood.example", "chief@home.example"):
            values = {"what": "Your password was changed.", "at": world.now, "network": "", "path": "", "page": ""}
            mail.queue(session, Letter("account", to, "account_notice", "Your password was changed", "k1", values, world.id("chief")))
    [one] = [n for n in told(world, "chief") if n["text"] == "Your password was changed"]
    assert one["kind"] == "security"


def test_what_waits_for_a_reviewer_is_told_there_unless_switched_off(world: World) -> None:
    from app.core.ports import mail
    from app.core.ports.mail import Letter

    def remind(day: str) -> None:
        to = (world.id("reviewer1"), "reviewer1@association.example")
        with world.db.write() as session:
            mail.queue(session, Letter("application", to[1], "review-reminder", f"Waits since {day}", day, {"count": 1, "most": 9}, to[0]))

    remind("Monday")
    assert [n["kind"] for n in told(world, "reviewer1") if "Monday" in n["text"]] == ["application"]
    browser, page = world.browser("reviewer1"), "/settings/mail/notifications"
    assert 'name="mail-application"' in browser.get(page).text
    assert 'name="mail-application"' not in world.browser("chief").get(page).text  # no switch for what they are never told
    assert browser.post(page, {}, page=page).status_code == 303
    remind("Tuesday")
    assert [n["text"] for n in told(world, "reviewer1") if "Waits since" in n["text"]] == ["Waits since Monday"]
    work(world)
    assert [m["Subject"] for m in mails(world, kind="application")] == ["Waits since Monday"]
    assert browser.post(page, {"mail-application": "yes"}, page=page).status_code == 303
    remind("Wednesday")
    work(world)
    assert [m["Subject"] for m in mails(world, kind="application")] == ["Waits since Monday", "Waits since Wednesday"]


def test_marking_as_read_leaves_what_came_meanwhile_and_what_is_others(world: World) -> None:
    thread = open_thread(world, "chief")
    for n in range(3):
        reply(world, "sheriff", thread, f"Reply {n}.")
    work(world)
    items = told(world, "chief")
    script = world.script("chief")
    assert script.call("POST", "/notifications/read", {"ids": [items[0]["id"]]}).json() == {"unread": 2}
    assert script.call("POST", "/notifications/read", {"up_to": items[1]["id"]}).json() == {"unread": 0}
    assert world.script("sheriff").call("POST", "/notifications/read", {"ids": [items[0]["id"]]}).json() == {"unread": 0}
    first = script.call("GET", "/notifications?limit=2").json()
    rest = script.call("GET", f"/notifications?limit=2&cursor={first['next']}").json()
    assert [n["position"] for n in first["items"] + rest["items"]] == [3, 2, 1]
    assert rest["next"] is None


def test_the_page_costs_the_same_for_one_and_for_thirty(world: World) -> None:
    thread = open_thread(world, "chief")
    reply(world, "sheriff", thread, "One.")
    work(world)
    browser = world.browser("chief")

    def queries() -> int:
        with world.count_queries() as counted:
            browser.get("/notifications")
        return counted.count

    browser.get("/notifications")
    one = queries()
    for n in range(12):
        reply(world, "sheriff", thread, f"Reply {n}.")
    work(world)
    assert queries() == one <= 5


def test_who_wants_each_message_is_not_mailed_twice(world: World) -> None:
    subscribe(world, "chief")
    thread = open_thread(world, "chief")
    reply(world, "sheriff", thread, "One.")
    work(world)
    work(world, minutes=11)
    assert len(single(world, "chief")) == 1
    assert not mails(world, "chief", "notification")
    assert len(told(world, "chief")) == 1


def both_kinds(world: World) -> EmailMessage:
    """The chief's one mail of a reply in a thread of theirs and of one in a thread that they watch; both are answered anew after it."""
    mine, other = open_thread(world, "chief", title="Mine"), open_thread(world, "sheriff", title="Watched")
    watch(world, "chief", other, "watch")
    for thread in (mine, other):
        reply(world, "analyst", thread, "One.")
    work(world)
    work(world, minutes=11)
    [message] = mails(world, "chief", "notification")
    for thread in (mine, other):
        reply(world, "analyst", thread, "Two.")
    return message


OTHERS = {"answer", "asked", "bookmark", "flag", "lesson", "mention", "outcome", "quote", "search"}
"""Kinds that no bundle of replies holds."""


def by_mail(world: World, key: str) -> set[str]:
    """The kinds that this person is mailed, of those that can be switched."""
    page = world.browser(key).get("/settings/mail/notifications").text
    return {tag.split('name="mail-')[1].split('"')[0] for tag in re.findall(r'<input[^>]*name="mail-[^>]*>', page) if " checked" in tag}


def test_the_stop_link_of_a_mail_with_both_kinds_ends_both(world: World) -> None:  # M1
    message = both_kinds(world)
    link = str(message["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    assert link in text(message)
    outsider = world.outsider()
    assert "Stop these notices" in outsider.get(link).text
    assert by_mail(world, "chief") == {"reply", "watched"} | OTHERS  # looking ends nothing
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        assert outsider.request("POST", link, content="List-Unsubscribe=One-Click", headers=headers).status_code == 200
    assert by_mail(world, "chief") == OTHERS
    work(world)
    work(world, minutes=11)
    assert len(mails(world, "chief", "notification")) == 1
    assert [n["kind"] for n in told(world, "chief") if not n["read"]] == ["watched", "reply"] * 2  # on the site as before


def test_a_complaint_about_a_mail_with_both_kinds_ends_both(world: World) -> None:  # M10
    both_kinds(world)
    sent = world.one(select(OutboxMessage.id).where(OutboxMessage.kind == "notification", OutboxMessage.member_id == world.id("chief")))
    back = envelope.sender(Signer(world.settings.keys), sent.id, "localhost")
    assert bring(world, complaint(back), back, "fbl@mx.example") is Answer.TAKEN
    assert by_mail(world, "chief") == OTHERS


def test_the_stop_link_of_a_mail_with_one_kind_ends_that_one(world: World) -> None:  # M1
    thread = open_thread(world, "sheriff")
    watch(world, "chief", thread, "watch")
    reply(world, "analyst", thread, "One.")
    work(world)
    work(world, minutes=11)
    link = str(mails(world, "chief", "notification")[0]["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost:8000")
    assert world.outsider().request("POST", link, content=b"").status_code == 200
    assert by_mail(world, "chief") == {"reply"} | OTHERS
