"""How much of the directory one member may take, and how fast it answers when it is large."""

from __future__ import annotations

import threading
import time

from sqlalchemy import insert, select

from app.accounts.models import Account
from app.core.audit import AuditEvent
from app.membership import directory
from app.membership.directory import Ask
from app.membership.models import Member
from app.membership.watch import counting
from tests.people import LONG_AGO
from tests.world import World


def test_sixty_pages_an_hour_and_no_more(world: World) -> None:  # C14
    browser, script = world.browser("chief"), world.script("chief")
    others = [world.id("sheriff"), world.id("analyst"), 999_999]
    for n in range(counting.PAGES_AN_HOUR // 2):
        assert browser.get(f"/members/{others[n % 2]}").status_code == 200
        assert script.call("GET", f"/members/{others[n % 3]}").status_code in (200, 404)
    refused = browser.get(f"/members/{others[0]}")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    assert "Dale Okafor" not in refused.text
    assert script.call("GET", f"/members/{others[0]}").status_code == 429
    assert browser.get("/members/999999").status_code == 429  # what is there and what isn't look alike
    assert browser.get(f"/members/{world.id('chief')}").status_code == 200  # one's own
    assert world.browser("colleague").get(f"/members/{others[0]}").status_code == 200
    assert world.count(AuditEvent, AuditEvent.verb == "directory.alert", AuditEvent.actor_id == world.id("chief")) == 1
    world.later(minutes=59)
    assert world.browser("chief").get(f"/members/{others[0]}").status_code == 429
    world.later(minutes=2)
    assert world.browser("chief").get(f"/members/{others[0]}").status_code == 200


def test_many_at_once_count_as_many(world: World) -> None:  # C14 L6
    actor, counts, barrier = world.actor("chief"), [], threading.Barrier(12)

    def look() -> None:
        barrier.wait()
        for _ in range(6):
            with world.db.write() as session:
                counts.append(counting.count_page(session, actor, world.now))

    threads = [threading.Thread(target=look) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 73))
    assert world.count(AuditEvent, AuditEvent.verb == "directory.alert") == 1


def test_finding_reads_ten_thousand_members_in_a_moment(world: World) -> None:
    with world.db.write() as session:
        session.execute(
            insert(Account.__table__), [{"id": 1000 + n, "email": f"m{n}@x.example", "created_at": LONG_AGO} for n in range(10_000)]
        )
        rows = [
            {"id": 1000 + n, "name": f"Member Number{n}", "member_class": "sworn", "agency_id": world.ids.agencies["bexley"],
             "read_before": LONG_AGO, "approved_at": LONG_AGO}
            for n in range(10_000)
        ]  # fmt: skip
        session.execute(insert(Member.__table__), rows)
    actor, best = world.actor("chief"), 1.0
    with world.db.read() as conn:
        for _ in range(8):
            started = time.perf_counter()
            items = directory.find(conn, actor, Ask("bexley number9999")).items
            best = min(best, time.perf_counter() - started)
    assert [row.name for row in items] == ["Member Number9999"]
    assert best < 0.1, f"{best * 1000:.1f} ms"
    assert conn.execute(select(Member.search_text).where(Member.id == 1000)).scalar_one() == " member number0 "
