"""An attachment goes to whoever sees its message, at the moment of asking, and to nobody else (C6, H8)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.attachments import owners
from app.attachments.models import Attachment
from app.core.audit import AuditEvent
from app.forum.attached.access import MESSAGE, Messages
from app.forum.models import ReplyRevision, Thread
from tests.attachments.things import CANARY, film, get, of_message, office, picture, state, upload, work
from tests.forum.steps import hide, open_thread, reply
from tests.membership.papers import pdf
from tests.membership.test_apply import neutral
from tests.world import World

ONE_ENGINE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_a_file_is_checked_released_and_goes_to_who_reads_its_thread(world: World) -> None:  # C6 H8
    up = upload(world, "chief", "map of desk.png", picture())
    assert (up["media_type"], up["state"]) == ("image/png", "checking")
    thread = open_thread(world, attachments=[up["id"]])
    assert get(world.browser("colleague"), up).status_code == 404  # not yet
    page = world.browser("colleague").get(f"/threads/{thread}").text
    assert "Is being checked" in page
    work(world, seconds=5)
    shown = of_message(world, thread)
    assert shown[0]["state"] == "ready"
    got = get(world.browser("colleague"), shown[0])
    assert got.status_code == 200
    assert got.content[:4] == b"\x89PNG"
    assert CANARY.encode() not in got.content
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-disposition"] == "attachment; filename=\"map of desk.png\"; filename*=UTF-8''map%20of%20desk.png"
    assert (got.headers["x-content-type-options"], got.headers["cache-control"]) == ("nosniff", "no-store")
    assert "sandbox" in got.headers["content-security-policy"]
    assert int(got.headers["content-length"]) == len(got.content) == shown[0]["size"]
    page = world.browser("colleague").get(f"/threads/{thread}").text  # the kept fragment is drawn anew
    assert f'href="{shown[0]["url"]}"' in page
    assert f'src="{shown[0]["url"]}/thumb"' in page
    assert get(world.browser("colleague"), up, "/thumb").content[8:12] == b"WEBP"


def test_for_all_others_there_is_nothing(world: World) -> None:  # C6 C4
    up = upload(world, "chief", "order.pdf", pdf())
    thread = open_thread(world, slug="command-staff", attachments=[up["id"]])
    work(world, seconds=5)
    assert get(world.browser("chief"), up).status_code == 200
    readers = [
        key
        for key in ("colleague", "sheriff", "vendor", "moderator", "admin")
        if world.browser(key).get(f"/threads/{thread}").status_code == 404
    ]
    assert "vendor" in readers
    for key in readers:
        browser = world.browser(key)
        real, none, wrong = (
            get(browser, up),
            get(browser, up | {"id": 999_999_999}),
            get(world.browser("chief"), up | {"name": "other.pdf"}),
        )
        assert real.status_code == none.status_code == wrong.status_code == 404
        assert neutral(real.text, "") == neutral(none.text, "")
        assert get(browser, up, "/thumb").status_code == 404
    assert get(world.outsider(), up).status_code == 303


def test_what_the_thread_loses_the_file_loses(world: World) -> None:  # C6 H4
    up = upload(world, "chief", "order.pdf", pdf())
    thread = open_thread(world, body="See below.")
    answer = world.script("chief").call("POST", f"/threads/{thread}/replies", {"body": "Here.", "attachments": [up["id"]]})
    assert answer.json()["attachments"][0]["name"] == "order.pdf"
    work(world, seconds=5)
    assert get(world.browser("colleague"), up).status_code == 200
    hide(world, thread, 1)
    assert get(world.browser("colleague"), up).status_code == 404
    assert of_message(world, thread, 1) == []
    assert get(world.browser("moderator"), up).status_code == 200  # who may read what it said
    world.browser("moderator").post(f"/threads/{thread}/replies/1/show", {}, page=f"/threads/{thread}")
    assert get(world.browser("colleague"), up).status_code == 200
    with world.db.write() as session:
        session.execute(update(Thread).where(Thread.id == thread).values(marking=4))
    assert get(world.browser("colleague"), up).status_code == 404
    assert get(world.browser("chief"), up).status_code == 200


@ONE_ENGINE
def test_a_kind_of_owner_that_nobody_registered_is_denied(world: World) -> None:  # C6
    up = upload(world, "chief", "order.pdf", pdf())
    open_thread(world, attachments=[up["id"]])
    work(world, seconds=5)
    assert get(world.browser("chief"), up).status_code == 200
    owners._owners.pop(MESSAGE)
    try:
        assert get(world.browser("chief"), up).status_code == 404
    finally:
        owners.register(MESSAGE, Messages())


def test_looks_at_files_of_strict_threads_are_logged(world: World) -> None:  # R1
    files = {}
    for marking in ("TLP:GREEN", "TLP:AMBER+STRICT"):
        files[marking] = upload(world, "chief", "order.pdf", pdf())
        thread = open_thread(world, marking=marking, attachments=[files[marking]["id"]])
    work(world, seconds=5)
    for up in files.values():
        assert get(world.browser("colleague"), up).status_code == 200
    with world.db.read() as conn:
        looks = conn.execute(select(AuditEvent).where(AuditEvent.verb == "attachment.read")).all()
    assert [(look.actor_id, look.subject_kind, look.subject_id) for look in looks] == [(world.id("colleague"), "thread", thread)]
    assert f'"attachment": {files["TLP:AMBER+STRICT"]["id"]}' in looks[0].detail


@ONE_ENGINE
def test_a_film_is_had_in_pieces(world: World) -> None:  # C6 H7
    data = film()
    up = upload(world, "chief", "night.mp4", data)
    open_thread(world, attachments=[up["id"]])
    work(world, seconds=5)
    browser = world.browser("colleague")
    whole = get(browser, up)
    assert (whole.status_code, whole.headers["accept-ranges"], len(whole.content)) == (200, "bytes", len(data))
    assert CANARY.encode() not in whole.content
    for wanted, first, last in (
        ("bytes=0-", 0, len(data) - 1),
        ("bytes=100-199", 100, 199),
        ("bytes=-50", len(data) - 50, len(data) - 1),
        ("bytes=4000-999999", 4000, len(data) - 1),
    ):
        piece = get(browser, up, range=wanted)
        assert (piece.status_code, piece.headers["content-range"]) == (206, f"bytes {first}-{last}/{len(data)}")
        assert piece.content == whole.content[first : last + 1]
    for wanted in ("bytes=999999-", "bytes=9-3", "bytes=-0", "bytes=0-1,5-9", "lines=1-2", "bytes=a-b"):
        bad = get(browser, up, range=wanted)
        assert (bad.status_code, bad.headers["content-range"], bad.content) == (416, f"bytes */{len(data)}", b"")
    assert get(world.browser("vendor"), up | {"name": "x.mp4"}, range="bytes=0-1").status_code == 404


@ONE_ENGINE
def test_only_ones_own_unused_files_can_be_attached(world: World) -> None:  # C6
    mine, theirs, bad = (upload(world, who, "order.pdf", pdf(who)) for who in ("chief", "sheriff", "chief"))
    thread = open_thread(world)
    with world.db.write() as session:
        session.execute(update(Attachment).where(Attachment.id == bad["id"]).values(state="refused"))
    for ids in ([theirs["id"]], [bad["id"]], [999_999_999], [mine["id"], theirs["id"]], list(range(1, 22))):
        answer = world.script("chief").call("POST", f"/threads/{thread}/replies", {"body": "Here.", "attachments": ids})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "attachments"
    assert (
        world.script("chief").call("POST", f"/threads/{thread}/replies", {"body": "Here.", "attachments": [mine["id"]]}).status_code == 201
    )
    again = world.script("chief").call("POST", f"/threads/{thread}/replies", {"body": "Here.", "attachments": [mine["id"]]})
    assert again.status_code == 422
    assert world.count(ReplyRevision) == 0
    assert state(world, thread, 1) == "checking"


def test_a_masked_message_says_nothing_of_who_sent_its_file(world: World) -> None:  # H4
    from app.forum.models import Forum

    with world.db.write() as session:
        session.execute(update(Forum).where(Forum.slug == "patrol").values(anonymous_ok=True))
    up = upload(world, "chief", "order.docx", office())
    thread = open_thread(world, kind="question", anonymous=True, attachments=[up["id"]])
    work(world, seconds=5)
    assert get(world.browser("colleague"), up).status_code == 200
    row = world.one(select(Attachment).where(Attachment.id == up["id"]))
    assert row.uploaded_by != world.id("chief")
    with world.db.read() as conn:
        logged = conn.execute(select(AuditEvent).where(AuditEvent.detail.contains(str(up["id"])))).all()
    assert {event.actor_id for event in logged} == {None}
    page = world.browser("colleague").get(f"/threads/{thread}").text
    assert "order.docx" in page
    assert world.actor("chief").name not in page + str(of_message(world, thread))


@ONE_ENGINE
def test_a_page_of_replies_asks_for_all_files_at_once(world: World) -> None:
    thread = open_thread(world)
    for number in range(6):
        up = upload(world, "chief", f"{number}.pdf", pdf(str(number)))
        world.script("chief").call("POST", f"/threads/{thread}/replies", {"body": "Here.", "attachments": [up["id"]]})
    reply(world, "chief", thread, "None.")
    script = world.script("colleague")
    with world.count_queries() as queries:
        script.call("GET", f"/threads/{thread}/replies")
    assert len([s for s in queries.statements if "FROM attachments" in s]) == 1
