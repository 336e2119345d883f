"""A drill each quarter: administrators see on their pages and read by mail that one is due, until it is recorded (V14)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from app.accounts.models import Account
from app.association import drills
from app.mail.models import OutboxMessage
from app.worker import run_once
from tests.membership.cases import letters, text_of
from tests.world import World

PAGES = ("/admin", "/admin/safety")
ADMIN = "admin@association.example"
SAYS = "An impersonation drill is due."


def record(world: World, day: dt.date) -> None:
    typed = {"held_on": day.isoformat(), "outcome": "stopped", "note": "Stopped at the call-back."}
    assert world.browser("admin").post("/admin/safety/drills", typed, page="/admin/safety").status_code == 303


def due_letters(world: World, to: str = ADMIN) -> list[str]:
    return [text_of(letter) for letter in letters(world, to) if letter["Subject"] == "An impersonation drill is due"]


def shown(world: World) -> list[bool]:
    return [SAYS in world.browser("admin").get(path).text for path in PAGES]


def test_the_pages_say_that_none_was_held_until_one_is_recorded(world: World) -> None:  # V14
    assert shown(world) == [True, True]
    assert "None was ever recorded" in world.browser("admin").get("/admin").text
    record(world, world.now.date() - dt.timedelta(days=93))
    assert shown(world) == [True, True], "one of longer ago than a quarter changes the day, and no more"
    assert "Aug 22, 2026" in world.browser("admin").get("/admin").text
    record(world, world.now.date())
    assert shown(world) == [False, False]
    world.later(days=92)
    assert shown(world) == [False, False]
    world.later(days=1)
    assert shown(world) == [True, True]


def test_administrators_get_a_letter_a_month_until_one_is_recorded(world: World) -> None:  # V14
    record(world, world.now.date())
    world.later(days=92)
    assert drills.remind(world.db) is False
    assert due_letters(world) == []
    world.later(days=1)
    for _ in range(2):
        assert drills.remind(world.db) is True
    assert len(due_letters(world)) == 1, "run twice, it writes once"
    assert "http://localhost:8000/admin/safety" in due_letters(world)[0]
    assert due_letters(world, "reviewer1@association.example") == []
    world.later(days=30)
    drills.remind(world.db)
    assert len(due_letters(world)) == 2
    record(world, world.now.date())
    world.later(days=31)
    assert drills.remind(world.db) is False
    assert len(due_letters(world)) == 2


def test_an_association_that_has_just_begun_has_a_quarter_for_the_first(world: World) -> None:  # V14
    with world.db.write() as session:
        session.execute(update(Account).values(created_at=world.now - dt.timedelta(days=92)))
    assert shown(world) == [False, False]
    assert drills.remind(world.db) is False
    world.later(days=1)
    assert shown(world) == [True, True]
    assert drills.remind(world.db) is True


def test_the_worker_looks(world: World) -> None:  # V14
    sent = (OutboxMessage.recipient == ADMIN, OutboxMessage.key.startswith("drill-due:"))
    assert world.count(OutboxMessage, *sent) == 0
    run_once(world.db, world.settings, world.now)
    assert world.count(OutboxMessage, *sent) == 1
